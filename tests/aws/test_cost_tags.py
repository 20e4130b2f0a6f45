"""Cost allocation keys on their way to active, where days pass when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.support.deployments import Line, line
from tests.support.plain import client
from tests.support.wire import Call, Moment
from umetrics.audit.cost_tags.activation import Activation, Report
from umetrics.audit.cost_tags.explorer import MOST_AT_ONCE, activate, backfill_start
from umetrics.audit.cost_tags.state import KEYS, Status
from umetrics.errors import CredentialsError, Interrupted, Throttled, UsageError
from umetrics.sandbox.strict import Settings, World, strict
from umetrics.state import Sightings

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CARRIED = tuple(key for key in KEYS if key != "DataType")


@dataclass
class Account:
    line: Line
    folder: Path

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.line.clock.now)

    def pass_time(self, time: timedelta) -> None:
        self.line.clock.now += time.total_seconds()

    def use(self, *keys: str) -> None:
        client("ec2").create_vpc(
            CidrBlock="10.0.0.0/24",
            TagSpecifications=[
                {"ResourceType": "vpc", "Tags": [{"Key": key, "Value": "any"} for key in keys]}
            ],
        )

    @property
    def activation(self) -> Activation:
        """As each run makes it anew."""
        aws = self.line.aws
        sightings = Sightings(self.folder, "dev", "123456789012")
        return Activation(aws.cost_allocation, CARRIED, sightings, aws.patience, self.now)

    def refuse(self, operation: str, code: str, words: str = "no") -> None:
        answer = {"Error": {"Code": code, "Message": words}}

        def fault(call: Call, moment: Moment) -> None:
            if call.operation == operation and moment is Moment.BEFORE_SENDING:
                raise ClientError(answer, operation)  # type: ignore[arg-type]

        self.line.wire.fault = fault


@pytest.fixture
def linked() -> bool:
    return False


@pytest.fixture
def account(tmp_path: Path, linked: bool) -> Iterator[Account]:
    there = line()
    there.reset()
    there.clock.now = 0.0
    settings = Settings(day=DAY.total_seconds(), linked_account=linked)
    with mock_aws(), strict(World(settings, clock=there.clock, born=NOON)):
        yield Account(there, tmp_path / "state")
    there.reset()


def states(report: Report) -> dict[str, Status]:
    return {each.key: each.status for each in report.keys}


def all_but_data_type(status: Status) -> dict[str, Status]:
    return {key: Status.UNUSED if key == "DataType" else status for key in KEYS}


def test_keys_go_from_not_seen_to_active_day_by_day(account: Account) -> None:
    account.use(*CARRIED)
    first = account.activation.activate(account.activation.look())
    assert states(first) == all_but_data_type(Status.NOT_SEEN)
    assert {each.due for each in first.pending} == {NOON + DAY}
    assert not first.is_done

    account.pass_time(DAY)
    assert states(account.activation.look()) == all_but_data_type(Status.INACTIVE)
    activated = account.activation.activate(account.activation.look())
    assert states(activated) == all_but_data_type(Status.ACTIVATING)
    assert {each.due for each in activated.pending} == {NOON + 2 * DAY}

    account.pass_time(DAY - timedelta(minutes=1))
    assert not account.activation.look().is_done
    account.pass_time(timedelta(minutes=1))
    last = account.activation.look()
    assert states(last) == all_but_data_type(Status.ACTIVE)
    assert last.is_done


def test_what_is_active_already_is_not_activated_again(account: Account) -> None:
    account.use(*CARRIED)
    account.pass_time(DAY)
    account.activation.activate(account.activation.look())
    account.line.wire.calls.clear()
    account.activation.activate(account.activation.look())
    assert account.line.wire.writes == []


def test_a_key_that_nothing_of_ours_carries_is_left_alone_though_others_use_it(
    account: Account,
) -> None:
    account.use(*CARRIED, "DataType")
    account.pass_time(DAY)
    report = account.activation.activate(account.activation.look())
    assert states(report)["DataType"] is Status.UNUSED
    account.pass_time(DAY)
    assert account.activation.look().is_done


def test_since_when_a_key_is_known_is_remembered_by_the_first_run_that_saw_it(
    account: Account,
) -> None:
    account.use(*CARRIED)
    account.activation.look()
    account.pass_time(DAY / 2)
    again = account.activation.look()
    assert {each.due for each in again.pending} == {NOON + DAY}
    path = account.folder / "dev.cost-tags.json"
    assert path.stat().st_mode & 0o777 == 0o600

    path.write_text('{"keys": [')
    anew = account.activation.look()
    assert {each.due for each in anew.pending} == {NOON + DAY + DAY / 2}

    elsewhere = Sightings(account.folder, "dev", "999999999999")
    assert elsewhere.read() == {}


def test_a_key_that_aws_does_not_know_keeps_no_other_from_being_activated(
    account: Account,
) -> None:
    account.use("Project", "Owner")
    account.pass_time(DAY)
    failures = activate(account.line.aws.cost_allocation, ["DataType", "Project", "Owner", "New"])
    assert set(failures) == {"DataType", "New"}
    assert "not found" in failures["New"]
    told = states(account.activation.look())
    assert (told["Project"], told["Owner"]) == (Status.ACTIVATING, Status.ACTIVATING)


def test_keys_are_activated_twenty_at_a_time(account: Account) -> None:
    keys = [f"key-{number:02}" for number in range(45)]
    account.use(*keys)
    account.pass_time(DAY)
    account.line.wire.calls.clear()
    assert activate(account.line.aws.cost_allocation, keys) == {}
    assert MOST_AT_ONCE == 20
    assert account.line.wire.writes == ["UpdateCostAllocationTagsStatus"] * 3


def test_a_call_that_is_refused_without_naming_a_key_is_tried_in_halves(account: Account) -> None:
    account.refuse("UpdateCostAllocationTagsStatus", "ValidationException", "one of them is bad")
    failures = activate(account.line.aws.cost_allocation, ["a", "b", "c"])
    assert set(failures) == {"a", "b", "c"}


class Refusing:
    """Cost Explorer, where it answers 200 and tells of errors beneath."""

    def list_cost_allocation_tags(self, **_asked: object) -> dict[str, object]:
        entries = [{"TagKey": key, "Type": "UserDefined", "Status": "Inactive"} for key in CARRIED]
        return {"CostAllocationTags": entries}

    def update_cost_allocation_tags_status(self, **_asked: object) -> dict[str, object]:
        error = {"TagKey": "Owner", "Code": "InternalException", "Message": "try again"}
        return {"Errors": [error]}

    def start_cost_allocation_tag_backfill(self, **_asked: object) -> dict[str, object]:
        raise AssertionError("not before the keys are active")


def test_an_error_about_one_key_is_told_beside_that_key(account: Account) -> None:
    activation = account.activation
    activation.client = Refusing()
    report = activation.activate(activation.look())
    (noted,) = (each for each in report.keys if each.note)
    assert (noted.key, noted.status, noted.note) == (
        "Owner",
        Status.INACTIVE,
        "InternalException: try again",
    )
    assert not report.is_done


@pytest.mark.parametrize("linked", [True])
def test_a_member_of_an_organization_gets_the_command_for_its_payer(account: Account) -> None:
    account.use(*CARRIED)
    report = account.activation.activate(account.activation.look())
    assert states(report) == all_but_data_type(Status.NOT_THE_PAYER)
    assert report.hand_over == (
        "aws ce update-cost-allocation-tags-status --region us-east-1 --cost-allocation-tags-status"
        " TagKey=Project,Status=Active TagKey=Component,Status=Active TagKey=Function,Status=Active"
        " TagKey=Environment,Status=Active TagKey=CostCenter,Status=Active"
        " TagKey=Owner,Status=Active"
    )
    waited = account.activation.wait(report, at_most=DAY, notice=lambda _report: None)
    assert waited == report  # nobody waits for what this account can never see
    assert not report.is_done
    assert not report.is_denied


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ("ListCostAllocationTags", Status.DENIED),
        ("UpdateCostAllocationTagsStatus", Status.DENIED),
    ],
)
def test_a_missing_permission_is_a_state_with_the_statement_that_grants_it(
    account: Account, operation: str, status: Status
) -> None:
    account.use(*CARRIED)
    account.pass_time(DAY)
    words = f"User: u is not authorized to perform: ce:{operation} on resource: *"
    account.refuse(operation, "AccessDeniedException", words)
    report = account.activation.activate(account.activation.look())
    assert states(report) == all_but_data_type(status)
    assert report.refusal is not None
    assert f'"ce:{operation}"' in report.refusal.statement
    assert report.is_denied


def test_waiting_ends_when_all_are_active_and_looks_seldom_and_seldomer(account: Account) -> None:
    account.use(*CARRIED)
    seen: list[Report] = []
    activation = account.activation
    report = activation.wait(activation.look(), at_most=3 * DAY, notice=seen.append)
    assert report.is_done
    assert NOON + 2 * DAY <= account.now() <= NOON + 2 * DAY + timedelta(minutes=31)
    assert len(seen) < 350
    assert {status for each in seen for status in states(each).values()} == {
        Status.UNUSED,
        Status.NOT_SEEN,
        Status.ACTIVATING,
        Status.ACTIVE,
    }


def test_waiting_ends_in_time_with_what_is_pending_then(account: Account) -> None:
    account.use(*CARRIED)
    activation = account.activation
    report = activation.wait(activation.look(), at_most=DAY / 2, notice=lambda _report: None)
    assert not report.is_done
    assert account.now() == NOON + DAY / 2


def test_waiting_survives_a_throttled_look(account: Account) -> None:
    account.use(*CARRIED)
    activation = account.activation
    report = activation.look()
    account.refuse("ListCostAllocationTags", "ThrottlingException")
    with pytest.raises(Throttled):
        activation.wait(report, at_most=timedelta(minutes=1), notice=lambda _report: None)
    assert account.line.clock.now >= 60


def test_waiting_ends_at_once_where_credentials_have_expired(account: Account) -> None:
    account.use(*CARRIED)
    activation = account.activation
    report = activation.look()
    account.refuse("ListCostAllocationTags", "ExpiredTokenException")
    with pytest.raises(CredentialsError):
        activation.wait(report, at_most=DAY, notice=lambda _report: None)


def test_waiting_can_be_broken_off(account: Account) -> None:
    account.use(*CARRIED)
    activation = account.activation
    with pytest.raises(Interrupted):
        activation.wait(
            activation.look(),
            at_most=DAY,
            notice=lambda _report: activation.patience.stopping.set(),
        )


def test_a_backfill_begins_when_all_are_active_and_once_a_day(account: Account) -> None:
    account.use(*CARRIED)
    start = backfill_start("2026-01", account.now())
    assert start == "2026-01-01T00:00:00Z"
    early = account.activation.backfill(account.activation.look(), start)
    assert not early.backfill_from
    assert "not all" in early.backfill_refusal

    activation = account.activation
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


def test_with_nothing_built_no_key_is_needed_and_nothing_is_backfilled(account: Account) -> None:
    activation = account.activation
    activation.carried = ()
    report = activation.look()
    assert set(states(report).values()) == {Status.UNUSED}
    assert activation.backfill(report, "2026-01-01T00:00:00Z").backfill_refusal
