"""Cost allocation keys on their way to active, and what AWS has against some of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.billed import CARRIED, DAY, NOON, BilledAccount, all_but_data_type, states
from umetrics.audit.cost_tags.explorer import MOST_AT_ONCE, activate
from umetrics.audit.cost_tags.state import Status
from umetrics.state import Sightings


def test_keys_go_from_not_seen_to_active_day_by_day(billed: BilledAccount) -> None:
    billed.use(*CARRIED)
    first = billed.activation.activate(billed.activation.look())
    assert states(first) == all_but_data_type(Status.NOT_SEEN)
    assert {each.due for each in first.pending} == {NOON + DAY}
    assert not first.is_done

    billed.pass_time(DAY)
    assert states(billed.activation.look()) == all_but_data_type(Status.INACTIVE)
    activated = billed.activation.activate(billed.activation.look())
    assert states(activated) == all_but_data_type(Status.ACTIVATING)
    assert {each.due for each in activated.pending} == {NOON + 2 * DAY}

    billed.pass_time(DAY - timedelta(minutes=1))
    assert not billed.activation.look().is_done
    billed.pass_time(timedelta(minutes=1))
    last = billed.activation.look()
    assert states(last) == all_but_data_type(Status.ACTIVE)
    assert last.is_done


def test_what_is_active_already_is_not_activated_again(billed: BilledAccount) -> None:
    billed.use(*CARRIED)
    billed.pass_time(DAY)
    billed.activation.activate(billed.activation.look())
    billed.line.wire.calls.clear()
    billed.activation.activate(billed.activation.look())
    assert billed.line.wire.writes == []


def test_a_key_that_nothing_of_ours_carries_is_left_alone_though_others_use_it(
    billed: BilledAccount,
) -> None:
    billed.use(*CARRIED, "DataType")
    billed.pass_time(DAY)
    report = billed.activation.activate(billed.activation.look())
    assert states(report)["DataType"] is Status.UNUSED
    billed.pass_time(DAY)
    assert billed.activation.look().is_done


def test_since_when_a_key_is_known_is_remembered_by_the_first_run_that_saw_it(
    billed: BilledAccount,
) -> None:
    billed.use(*CARRIED)
    billed.activation.look()
    billed.pass_time(DAY / 2)
    again = billed.activation.look()
    assert {each.due for each in again.pending} == {NOON + DAY}
    path = billed.folder / "dev.cost-tags.json"
    assert path.stat().st_mode & 0o777 == 0o600

    path.write_text('{"keys": [')
    anew = billed.activation.look()
    assert {each.due for each in anew.pending} == {NOON + DAY + DAY / 2}

    elsewhere = Sightings(billed.folder, "dev", "999999999999")
    assert elsewhere.read() == {}


def test_a_key_that_aws_does_not_know_keeps_no_other_from_being_activated(
    billed: BilledAccount,
) -> None:
    billed.use("Project", "Owner")
    billed.pass_time(DAY)
    failures = activate(billed.line.aws.cost_allocation, ["DataType", "Project", "Owner", "New"])
    assert set(failures) == {"DataType", "New"}
    assert "not found" in failures["New"]
    told = states(billed.activation.look())
    assert (told["Project"], told["Owner"]) == (Status.ACTIVATING, Status.ACTIVATING)


def test_keys_are_activated_twenty_at_a_time(billed: BilledAccount) -> None:
    keys = [f"key-{number:02}" for number in range(45)]
    billed.use(*keys)
    billed.pass_time(DAY)
    billed.line.wire.calls.clear()
    assert activate(billed.line.aws.cost_allocation, keys) == {}
    assert MOST_AT_ONCE == 20
    assert billed.line.wire.writes == ["UpdateCostAllocationTagsStatus"] * 3


def test_a_call_that_is_refused_without_naming_a_key_is_tried_in_halves(
    billed: BilledAccount,
) -> None:
    billed.refuse("UpdateCostAllocationTagsStatus", "ValidationException", "one of them is bad")
    failures = activate(billed.line.aws.cost_allocation, ["a", "b", "c"])
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


def test_an_error_about_one_key_is_told_beside_that_key(billed: BilledAccount) -> None:
    activation = billed.activation
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
def test_a_member_of_an_organization_gets_the_command_for_its_payer(billed: BilledAccount) -> None:
    billed.use(*CARRIED)
    report = billed.activation.activate(billed.activation.look())
    assert states(report) == all_but_data_type(Status.NOT_THE_PAYER)
    assert report.hand_over == (
        "aws ce update-cost-allocation-tags-status --region us-east-1 --cost-allocation-tags-status"
        " TagKey=Project,Status=Active TagKey=Component,Status=Active TagKey=Function,Status=Active"
        " TagKey=Environment,Status=Active TagKey=CostCenter,Status=Active"
        " TagKey=Owner,Status=Active"
    )
    waited = billed.activation.wait(report, at_most=DAY, notice=lambda _report: None)
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
    billed: BilledAccount, operation: str, status: Status
) -> None:
    billed.use(*CARRIED)
    billed.pass_time(DAY)
    words = f"User: u is not authorized to perform: ce:{operation} on resource: *"
    billed.refuse(operation, "AccessDeniedException", words)
    report = billed.activation.activate(billed.activation.look())
    assert states(report) == all_but_data_type(status)
    assert report.refusal is not None
    assert f'"ce:{operation}"' in report.refusal.statement
    assert report.is_denied
