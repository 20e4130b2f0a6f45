"""Backfills of cost allocation tags: asked for once a day, and over after a day.

What a backfill changes in reports is left out: there are none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.cost_allocation_rules import (
    PAGE,
    REFERENCE,
    cost_tags,
    month,
    zoned,
)
from umetrics.sandbox.strict.pages import page_of
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule

HISTORY = timedelta(days=366)
"""Twelve months, the longest that they can be."""


@rule(
    "cost-allocation-tag-backfill",
    service="ce",
    actions="start_cost_allocation_tag_backfill",
    source=f"{REFERENCE}StartCostAllocationTagBackfill: once every 24 hours, from the first day of "
    "a month, at most twelve months back",
)
@alone
def backfill(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """A backfill is begun; it is over before the next may be asked for."""
    start, backfills = call.parameter("BackfillFrom"), cost_tags(call).backfills
    if not _is_backfill_date(start, call.world.now()):
        refuse(
            "ValidationException",
            "The date can only be a first day of the month, and neither precede the previous "
            "twelve months nor lie in the future.",
        )
    if backfills and call.world.days_since(backfills[-1][1]) < 1:
        refuse(
            "BackfillLimitExceededException",
            "A request to backfill is already in progress. Once the previous request is complete, "
            "you can create another request.",
        )
    backfills.append((start, call.world.clock()))
    return ActionResult({"BackfillRequest": _request(call, *backfills[-1])})


@rule(
    "cost-allocation-tag-backfill-history",
    service="ce",
    actions="list_cost_allocation_tag_backfill_history",
    source=f"{REFERENCE}ListCostAllocationTagBackfillHistory",
)
def backfill_history(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """All backfills that were asked for, the last one first."""
    page, token = page_of(
        [_request(call, *each) for each in reversed(cost_tags(call).backfills)],
        lambda request: request["RequestedAt"],
        int(call.parameter("MaxResults", PAGE)),
        call.parameter("NextToken"),
        "InvalidNextTokenException",
    )
    return ActionResult({"BackfillRequests": page, "NextToken": token})


def _request(call: Call, start: str, asked: float) -> dict[str, str]:
    requested = call.world.date_of(asked)
    told = {"BackfillFrom": start, "RequestedAt": zoned(requested)}
    if call.world.days_since(asked) < 1:
        return {**told, "BackfillStatus": "PROCESSING", "LastUpdatedAt": zoned(requested)}
    done = zoned(requested + timedelta(days=1))
    return {**told, "BackfillStatus": "SUCCEEDED", "LastUpdatedAt": done, "CompletedAt": done}


def _is_backfill_date(text: str, now: datetime) -> bool:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return False
    first_of_month = start.tzinfo is not None and start == month(start)
    return first_of_month and month(now) - HISTORY <= start <= now


RULES: tuple[Rule, ...] = (backfill, backfill_history)
