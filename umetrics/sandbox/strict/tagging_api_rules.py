"""The tagging API's lists: all kinds of resources, and what is gone already.

moto's own answers have fewer kinds. Compliance with tag policies, which need an organization, is
left out; tagging is `bulk_tagging_rules.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource, make_tag_matcher, match_resource_type
from moto.core.responses import ActionResult

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.backend import backend_in
from umetrics.sandbox.strict.pages import page_of
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, refuse, rule
from umetrics.sandbox.strict.taggable import existing, left_out

SERVICE = "resourcegroupstaggingapi"
SUPPORTED = (
    "https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html"
)
REFERENCE = "Resource Groups Tagging API reference, "

PAGE = 50
MOST_ON_A_PAGE = 100


@dataclass(slots=True)
class Ghosts:
    """What is gone from a region: each with the moment of the clock when it went."""

    seen: dict[str, tuple[TaggedResource, float]] = field(default_factory=dict)


@rule(
    "deleted-resources-are-listed",
    service="ec2",
    actions=EVERY_ACTION,
    source="boto/boto3#3341, aws/aws-sdk#676: deleted resources are listed for hours",
)
@alone
def ghosts_rise(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """What a call deletes is remembered, with its tags, if ghosts are wanted."""
    if not call.world.settings.ghosts:
        return proceed()
    region = call.response.region
    before = {each.arn: each for each in existing(call, region)}
    answer = proceed()
    alive = {each.arn for each in existing(call, region)}
    seen = call.world.memory(backend_in(call, SERVICE, region), Ghosts).seen
    for arn in before.keys() - alive:
        seen[arn] = (before[arn], call.world.clock())
    return answer


@rule(
    "all-kinds-are-listed",
    service=SERVICE,
    actions="get_resources",
    source=f"{SUPPORTED}: GetResources supports all resource types, but not IAM users and roles; "
    "global ones in us-east-1: cloud-custodian/cloud-custodian#2729",
)
@alone
def all_kinds(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto lists fewer
    """Addresses, endpoints, rules of security groups, network ACLs and policies are listed, too."""
    named, types = call.parameter("ResourceARNList"), call.parameter("ResourceTypeFilters")
    size = int(call.parameter("ResourcesPerPage", PAGE))
    if named and (types or call.parameter("TagFilters") or call.parameter("ResourcesPerPage")):
        refuse("InvalidParameterException", "ResourceARNList cannot be used with other filters.")
    if not 1 <= size <= MOST_ON_A_PAGE:
        refuse("InvalidParameterException", f"ResourcesPerPage must be 1 to {MOST_ON_A_PAGE}.")
    matches = make_tag_matcher(call.parameter("TagFilters"))
    page, token = page_of(
        [
            each
            for each in _listed(call)
            if match_resource_type(each.resource_type, types)
            and matches(each.tags)
            and (not named or each.arn in named)
        ],
        lambda each: each.arn,
        size,
        call.parameter("PaginationToken"),
        "PaginationTokenExpiredException",
    )
    told = [{"ResourceARN": each.arn, "Tags": _tags(each)} for each in page]
    return ActionResult({"ResourceTagMappingList": told, "PaginationToken": token or ""})


def _listed(call: Call) -> Iterator[TaggedResource]:
    """What has tags, and what had some when it went."""
    region, world = call.response.region, call.world
    for each in existing(call, region):
        if each.tags or each.extra.get("include_untagged"):
            yield each
    for ghost, went in world.memory(call.backend, Ghosts).seen.values():
        if ghost.tags and world.clock() - went < world.settings.ghosts:
            yield ghost


def _tags(resource: TaggedResource) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in resource.tags.items()]


@rule(
    "all-keys-are-listed",
    service=SERVICE,
    actions=("get_tag_keys", "get_tag_values"),
    source=f"{SUPPORTED}: GetTagKeys and GetTagValues support all resource types",
)
@alone
def all_keys(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The keys and values of the kinds that moto leaves out follow, once each, on the last page."""
    answer = proceed()
    if answer.result.get("PaginationToken"):
        return answer
    if call.action == "get_tag_keys":
        listed = "TagKeys"
        found = [key for each in left_out(call, call.response.region) for key in each.tags]
    else:
        listed, key = "TagValues", call.parameter("Key")
        resources = left_out(call, call.response.region)
        found = [each.tags[key] for each in resources if key in each.tags]
    answer.result[listed] = list(dict.fromkeys([*answer.result[listed], *found]))
    return answer


@rule(
    "compliance-needs-an-organization",
    service=SERVICE,
    actions="get_compliance_summary",
    source=f"{REFERENCE}GetComplianceSummary: ConstraintViolationException; from the management "
    "account only",
)
def compliance(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """Without an organization and its tag policies there is nothing to comply with."""
    refuse(
        "ConstraintViolationException",
        "You must meet the prerequisites for using tag policies.",
    )


RULES: tuple[Rule, ...] = (ghosts_rise, all_kinds, all_keys, compliance)
