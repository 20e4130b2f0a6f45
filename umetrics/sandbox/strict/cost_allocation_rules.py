"""Cost allocation tags, which moto lacks: keys show a day after their use, and are activated.

What AWS does daily takes `Settings.day` seconds; dates are told as if such days were real ones.
Keys are noted when EC2 applies them; those of other services when Cost Explorer is first asked.
Tags of IAM do not count: AWS sees keys on what is billed. Backfills are `cost_backfill_rules.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.resource_tagging import iter_taggable_backends
from moto.core.responses import ActionResult

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.backend import HOME, backend_in
from umetrics.sandbox.strict.pages import page_of
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, refuse, rule

GUIDE = "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html"
REFERENCE = "Cost Explorer API reference, "

MOST_AT_ONCE = 20
PAGE = 100
RESERVED = "aws:"


@dataclass(slots=True)
class Key:
    """A tag key that somebody applied; moments are the clock's."""

    first_used: float
    last_used: float
    active: bool = False
    updated: float | None = None


@dataclass(slots=True)
class CostTags:
    """What Cost Explorer knows of an account's tags; backfills are (from, asked at) in order."""

    keys: dict[str, Key] = field(default_factory=dict)
    backfills: list[tuple[str, float]] = field(default_factory=list)


def cost_tags(call: Call) -> CostTags:
    """The caller's account's."""
    return call.world.memory(backend_in(call, "ce", call.response.partition), CostTags)


def _note(call: Call, keys: Iterator[str]) -> None:
    known, now = cost_tags(call).keys, call.world.clock()
    for name in keys:
        if not name.startswith(RESERVED):
            known.setdefault(name, Key(now, now)).last_used = now


@rule(
    "tag-keys-are-noticed",
    service="ec2",
    actions=EVERY_ACTION,
    source=f"{GUIDE}: the keys of tags that were applied to resources appear",
)
def noticed(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """When a key is applied to a resource for the first time, its day begins."""
    answer = proceed()
    _note(call, _applied(call))
    return answer


def _applied(call: Call) -> Iterator[str]:
    """The tag keys that an EC2 call puts on something."""
    given = [each.get("Tags", ()) for each in call.parameter("TagSpecifications") or ()]
    if call.action == "create_tags":
        given.append(call.parameter("Tags") or ())
    return (tag["Key"] for tags in given for tag in tags)


@rule(
    "linked-account",
    service="ce",
    actions=(
        "list_cost_allocation_tags",
        "update_cost_allocation_tags_status",
        "start_cost_allocation_tag_backfill",
        "list_cost_allocation_tag_backfill_history",
    ),
    source="billing guide, custom-tags: only the management account; code and words: "
    "terraform-provider-aws#37636, 2i2c-org/infrastructure#4932",
)
def linked(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A member of an organization has no access, whatever its permissions."""
    if call.world.settings.linked_account:
        updating = call.action.startswith("update_")
        what = "update Cost Allocation Tag" if updating else "list Cost Allocation Tags"
        refuse(
            "AccessDeniedException",
            f"Failed to {what}: Linked account doesn't have access to cost allocation tags.",
        )
    return proceed()


@rule(
    "cost-allocation-tags",
    service="ce",
    actions="list_cost_allocation_tags",
    source=f"{REFERENCE}ListCostAllocationTags; {GUIDE}: up to 24 hours until a key appears",
)
@alone
def listed(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """Keys are listed, inactive, a day after their first use."""
    wanted = {name: call.parameter(name) for name in ("Status", "Type")}
    keys = call.parameter("TagKeys")
    tags = [
        tag
        for tag in (_told(call, name, key) for name, key in sorted(_seen(call).items()))
        if all(value in {None, tag[name]} for name, value in wanted.items())
        and (keys is None or tag["TagKey"] in keys)
    ]
    page, token = page_of(
        tags,
        lambda tag: tag["TagKey"],
        int(call.parameter("MaxResults", PAGE)),
        call.parameter("NextToken"),
        "InvalidNextTokenException",
    )
    return ActionResult({"CostAllocationTags": page, "NextToken": token})


def _seen(call: Call) -> Mapping[str, Key]:
    """The keys that Cost Explorer has got to know."""
    account = call.response.current_account
    _note(
        call,
        (
            key
            for backend in iter_taggable_backends(account, HOME)
            for resource in backend.iter_tagged_resources()
            for key in resource.tags
            if key not in cost_tags(call).keys
        ),
    )
    known = cost_tags(call).keys
    return {name: key for name, key in known.items() if call.world.days_since(key.first_used) >= 1}


def _told(call: Call, name: str, key: Key) -> dict[str, str]:
    told = {
        "TagKey": name,
        "Type": "UserDefined",
        "Status": "Active" if key.active else "Inactive",
        "LastUsedDate": zoned(month(call.world.date_of(key.last_used))),
    }
    if key.updated is not None:
        told["LastUpdatedDate"] = zoned(call.world.date_of(key.updated))
    return told


@rule(
    "cost-allocation-tag-activation",
    service="ce",
    actions="update_cost_allocation_tags_status",
    source=f"{REFERENCE}UpdateCostAllocationTagsStatus; at once: terraform-provider-aws, "
    "internal/service/ce/cost_allocation_tag_test.go; unknown keys: 2i2c-org/infrastructure, "
    "docs/howto/cost-attribution/aws.md",
)
@alone
def updated(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """The status of keys is changed at once; one that is not seen yet refuses the whole call."""
    entries = call.parameter("CostAllocationTagsStatus")
    if not 1 <= len(entries) <= MOST_AT_ONCE:
        refuse("ValidationException", f"Between 1 and {MOST_AT_ONCE} tag keys can be updated.")
    seen = _seen(call)
    if unknown := [each["TagKey"] for each in entries if each["TagKey"] not in seen]:
        refuse(
            "ValidationException",
            f"Failed to update Cost Allocation Tag: Tag keys not found: {','.join(unknown)}",
        )
    for each in entries:
        key, active = seen[each["TagKey"]], each["Status"] == "Active"
        if key.active != active:
            key.active, key.updated = active, call.world.clock()
    return ActionResult({"Errors": []})


def month(date: datetime) -> datetime:
    """The first moment of a date's month."""
    return date.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def zoned(date: datetime) -> str:
    """As Cost Explorer writes dates."""
    return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


RULES: tuple[Rule, ...] = (noticed, linked, listed, updated)
