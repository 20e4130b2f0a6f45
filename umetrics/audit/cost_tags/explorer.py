"""Cost Explorer's calls about cost allocation tags, with what each may answer taken apart.

It never waits and decides nothing. The calls:
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_UpdateCostAllocationTagsStatus.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from umetrics.audit.cost_tags.state import KEYS, Told
from umetrics.errors import AwsError, UsageError

if TYPE_CHECKING:
    from umetrics.aws import CostAllocation

MOST_AT_ONCE = 20
"""Keys that one call may activate."""

MONTHS_BACK = 12

INVALID = "ValidationException"
TOO_SOON = "BackfillLimitExceededException"
"""A backfill may be asked for once in 24 hours."""

_MONTH = re.compile(r"(?P<year>[1-9]\d{3})-(?P<month>0[1-9]|1[0-2])", re.ASCII)
_UNKNOWN = re.compile(r"not found: (?P<keys>.+)")
"""AWS's words for keys that it does not know yet; one of them refuses the whole call."""


def told(client: CostAllocation) -> dict[str, Told]:
    """What Cost Explorer knows of finance's keys, by key."""
    return {
        each["TagKey"]: Told(each["Status"] == "Active", _moment(each.get("LastUpdatedDate")))
        for each in _listed(client)
    }


def _listed(client: CostAllocation) -> Iterator[Mapping[str, Any]]:
    asked: dict[str, object] = {"TagKeys": list(KEYS), "Type": "UserDefined"}
    while True:
        answer = client.list_cost_allocation_tags(**asked)
        yield from answer["CostAllocationTags"]
        if not answer.get("NextToken"):
            return
        asked["NextToken"] = answer["NextToken"]


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def activate(client: CostAllocation, keys: Sequence[str]) -> dict[str, str]:
    """Activate keys, 20 at a time; by key, what AWS has against those that it would not.

    Activating an active key changes nothing, so this may be repeated. Raises `AccessDenied` for
    want of a permission, and where this is not the payer's account.
    """
    failures: dict[str, str] = {}
    batches = [list(keys[at : at + MOST_AT_ONCE]) for at in range(0, len(keys), MOST_AT_ONCE)]
    while batches:
        batch = batches.pop(0)
        entries = [{"TagKey": key, "Status": "Active"} for key in batch]
        try:
            answer = client.update_cost_allocation_tags_status(CostAllocationTagsStatus=entries)
        except AwsError as error:
            if error.aws_code != INVALID:
                raise
            if len(batch) == 1:
                failures[batch[0]] = error.message
            else:
                batches[:0] = _without_the_unknown(batch, error.message)
        else:
            failures |= {
                each["TagKey"]: f"{each['Code']}: {each['Message']}" for each in answer["Errors"]
            }
    return failures


def _without_the_unknown(batch: list[str], words: str) -> list[list[str]]:
    """The batch in smaller ones: each key that AWS blames alone, or else in halves."""
    named = _UNKNOWN.search(words)
    blamed = {key.strip() for key in named["keys"].split(",")} if named else set()
    alone = [[key] for key in batch if key in blamed]
    others = [key for key in batch if key not in blamed]
    if alone and others:
        return [others, *alone]
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]


def backfill_start(month: str, now: datetime) -> str:
    """`2026-03` as AWS wants the beginning of a backfill.

    Raises `UsageError` unless that month has begun and is not more than twelve months ago.
    """
    match = _MONTH.fullmatch(month)
    months_ago = (
        (now.year - int(match["year"])) * MONTHS_BACK + now.month - int(match["month"])
        if match
        else -1
    )
    if not 0 <= months_ago <= MONTHS_BACK:
        raise UsageError(
            f"a backfill cannot begin with {month!r}",
            hint=f"name one of the last twelve months, such as {now:%Y-%m}",
        )
    return f"{month}-01T00:00:00Z"


def start_backfill(client: CostAllocation, start: str) -> str:
    """Have past costs told apart by what is active now; empty, or why AWS does not do so today."""
    try:
        client.start_cost_allocation_tag_backfill(BackfillFrom=start)
    except AwsError as error:
        if error.aws_code != TOO_SOON:
            raise
        return "AWS takes one backfill in 24 hours, and there was one: ask again tomorrow"
    return ""
