"""Waiting for cost allocation keys, and having past costs told apart once they are active."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.billed import CARRIED, DAY, NOON, BilledAccount, states
from tests.support.plain import client
from umetrics.audit.cost_tags.activation import Report
from umetrics.audit.cost_tags.explorer import backfill_start
from umetrics.audit.cost_tags.state import Status
from umetrics.errors import CredentialsError, Interrupted, Throttled, UsageError


def test_waiting_ends_when_all_are_active_and_looks_seldom_and_seldomer(
    billed: BilledAccount,
) -> None:
    billed.use(*CARRIED)
    seen: list[Report] = []
    activation = billed.activation
    report = activation.wait(activation.look(), at_most=3 * DAY, notice=seen.append)
    assert report.is_done
    assert NOON + 2 * DAY <= billed.now() <= NOON + 2 * DAY + timedelta(minutes=31)
    assert len(seen) < 350
    assert {status for each in seen for status in states(each).values()} == {
        Status.UNUSED,
        Status.NOT_SEEN,
        Status.ACTIVATING,
        Status.ACTIVE,
    }


def test_waiting_ends_in_time_with_what_is_pending_then(billed: BilledAccount) -> None:
    billed.use(*CARRIED)
    activation = billed.activation
    report = activation.wait(activation.look(), at_most=DAY / 2, notice=lambda _report: None)
    assert not report.is_done
    assert billed.now() == NOON + DAY / 2


@pytest.mark.thorough
def test_what_somebody_deactivates_while_one_waits_is_left_so_and_not_waited_for(
    billed: BilledAccount,
) -> None:
    billed.use(*CARRIED)
    costs, deactivated = client("ce"), list[str]()

    def deactivate(report: Report) -> None:
        keys = [key for key, status in states(report).items() if status is Status.ACTIVATING]
        if not deactivated and keys:
            deactivated.append(keys[0])
            inactive = [{"TagKey": keys[0], "Status": "Inactive"}]
            costs.update_cost_allocation_tags_status(CostAllocationTagsStatus=inactive)

    activation = billed.activation
    report = activation.wait(activation.look(), at_most=9 * DAY, notice=deactivate)
    assert billed.now() < NOON + 3 * DAY
    (left,) = report.pending
    assert (left.key, left.status) == (deactivated[0], Status.INACTIVE)
    assert left.note == "somebody has deactivated it meanwhile"


def test_waiting_survives_a_throttled_look(billed: BilledAccount) -> None:
    billed.use(*CARRIED)
    activation = billed.activation
    report = activation.look()
    billed.refuse("ListCostAllocationTags", "ThrottlingException")
    with pytest.raises(Throttled):
        activation.wait(report, at_most=timedelta(minutes=1), notice=lambda _report: None)
    assert billed.line.clock.now >= 60


def test_waiting_ends_at_once_where_credentials_have_expired(billed: BilledAccount) -> None:
    billed.use(*CARRIED)
    activation = billed.activation
    report = activation.look()
    billed.refuse("ListCostAllocationTags", "ExpiredTokenException")
    with pytest.raises(CredentialsError):
        activation.wait(report, at_most=DAY, notice=lambda _report: None)


def test_waiting_can_be_broken_off(billed: BilledAccount) -> None:
    billed.use(*CARRIED)
    activation = billed.activation
    with pytest.raises(Interrupted):
        activation.wait(
            activation.look(),
            at_most=DAY,
            notice=lambda _report: activation.patience.stopping.set(),
        )


def test_a_backfill_begins_when_all_are_active_and_once_a_day(billed: BilledAccount) -> None:
    billed.use(*CARRIED)
    start = backfill_start("2026-01", billed.now())
    assert start == "2026-01-01T00:00:00Z"
    early = billed.activation.backfill(billed.activation.look(), start)
    assert not early.backfill_from
    assert "not all" in early.backfill_refusal

    activation = billed.activation
    report = activation.wait(activation.look(), at_most=3 * DAY, notice=lambda _report: None)
    begun = activation.backfill(report, start)
    assert (begun.backfill_from, begun.backfill_refusal, begun.is_done) == (start, "", True)
    again = activation.backfill(report, start)
    assert "24 hours" in again.backfill_refusal
    assert not again.is_done


@pytest.mark.parametrize("month", ["2026-04", "2025-02", "2026-3", "2026-13", "March", "0000-01"])
def test_a_backfill_cannot_begin_in_a_month_that_aws_would_refuse(month: str) -> None:
    with pytest.raises(UsageError, match="cannot begin"):
        backfill_start(month, NOON)


def test_with_nothing_built_no_key_is_needed_and_nothing_is_backfilled(
    billed: BilledAccount,
) -> None:
    activation = billed.activation
    activation.carried = ()
    report = activation.look()
    assert set(states(report).values()) == {Status.UNUSED}
    assert activation.backfill(report, "2026-01-01T00:00:00Z").backfill_refusal
