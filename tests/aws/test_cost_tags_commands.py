"""`cost-tags` as a command: what it asks, tells and exits with, where days pass in no time."""

from __future__ import annotations

import json

import pytest

from tests.cli.command_line import is_error, unwrapped
from tests.support.built import Built
from tests.support.commands import Commands
from tests.support.scans import Refusing
from umetrics.sandbox.strict import Settings

ACTIVATE = ("cost-tags", "activate", "--stage", "dev")
STATUS = ("cost-tags", "status", "--stage", "dev")
DAY = 60.0


@pytest.fixture
def linked() -> bool:
    return False


@pytest.fixture
def settings(linked: bool) -> Settings:
    return Settings(day=DAY, linked_account=linked)


@pytest.fixture
def carrying(built: Built, commands: Commands) -> Commands:
    """Stage dev stands, and its keys are not yet known to Cost Explorer."""
    return commands


def test_keys_are_activated_waited_for_and_then_all_is_done(carrying: Commands) -> None:
    clock = carrying.line.clock
    status = carrying.run(*STATUS, "--format", "json")
    assert status.code == 3, status
    states = {each["key"]: each["state"] for each in status.document["keys"]}
    assert states.pop("DataType") == "unused"
    assert set(states.values()) == {"not seen"}
    assert is_error(carrying.run(*ACTIVATE), exit_code=2, code="U002")

    month = str(status.document["created_at"])[:7]
    began = clock.now
    done = carrying.run(*ACTIVATE, "--yes", "--wait", "--backfill", month)
    assert done.code == 0, done
    assert clock.now - began >= DAY
    assert "6 of 6 needed keys active." in done.result
    assert f"Backfill: begun, from {month}." in done.result
    assert carrying.run(*STATUS).code == 0
    assert carrying.run(*ACTIVATE).code == 0  # nothing is left, so nobody is asked
    kept = carrying.folder / "state" / "dev.cost-tags.json"
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.thorough
def test_a_backfill_that_is_refused_hides_no_key_and_is_asked_for_with_the_rest(
    carrying: Commands,
) -> None:
    month = str(carrying.run(*STATUS, "--format", "json").document["created_at"])[:7]
    carrying.line.clock.now += DAY
    declined = carrying.run(*ACTIVATE, "--backfill", month, answers="n\n")
    asked = f"account 123456789012, and backfill from {month} once all are active?"
    assert asked in unwrapped(declined.talk)
    carrying.line.wire.fault = Refusing({"StartCostAllocationTagBackfill"}, "ValidationException")
    refused = carrying.run(*ACTIVATE, "--yes", "--wait", "--backfill", month)
    assert refused.code == 1, refused
    assert "6 of 6 needed keys active." in refused.result
    assert "Backfill: not begun: ce:StartCostAllocationTagBackfill" in unwrapped(refused.result)
    assert "error[U030]" in refused.result


@pytest.mark.thorough
def test_keys_that_are_on_their_way_are_neither_sent_again_nor_an_error(carrying: Commands) -> None:
    carrying.run(*STATUS)
    carrying.line.clock.now += DAY
    first = carrying.run(*ACTIVATE, "--yes")
    assert (first.code, "6 activating" in first.result) == (3, True), first
    carrying.line.wire.calls.clear()
    again = carrying.run(*ACTIVATE)
    assert again.code == 3, again
    assert "AWS is at work on all that is pending" in unwrapped(again.talk)
    assert carrying.line.wire.writes == []


def test_how_long_to_wait_is_not_said_where_nobody_waits(commands: Commands) -> None:
    refused = commands.run(*ACTIVATE, "--yes", "--timeout", "5")
    assert is_error(refused, exit_code=2, code="U002")
    assert "--timeout without --wait" in refused.talk
    assert commands.line.wire.calls == []


def test_who_says_no_has_nothing_activated(carrying: Commands) -> None:
    carrying.run(*STATUS)
    carrying.line.clock.now += DAY
    declined = carrying.run(*ACTIVATE, answers="d\nn\n")
    assert declined.code == 1
    assert declined.talk.count("Activate 6 keys in account 123456789012? [y/N/d] ") == 2
    assert "Project      inactive" in declined.talk
    assert carrying.run(*STATUS, "--format", "json").document["keys"][0]["state"] == "inactive"


def test_the_next_command_is_told_with_the_options_given(carrying: Commands) -> None:
    carrying.run(*STATUS)
    carrying.line.clock.now += DAY
    told = carrying.run(*STATUS, "--region", "us-east-1")
    assert "next: umetrics cost-tags activate --stage dev --region us-east-1\n" in told.result


@pytest.mark.parametrize("linked", [True])
def test_a_linked_account_gets_the_command_for_its_payer(carrying: Commands) -> None:
    told = carrying.run(*ACTIVATE)  # nothing can be changed, so nobody is asked
    assert told.code == 3, told
    assert "only the payer's account may look and activate" in unwrapped(told.result)
    (line,) = [line for line in told.lines if line.startswith("aws ce ")]
    assert line.count("TagKey=") == 6


@pytest.mark.parametrize(
    ("operation", "command"),
    [("ListCostAllocationTags", STATUS), ("UpdateCostAllocationTagsStatus", (*ACTIVATE, "--yes"))],
)
def test_a_missing_permission_is_told_with_its_statement_and_exit_code(
    carrying: Commands, operation: str, command: tuple[str, ...]
) -> None:
    carrying.run(*STATUS)
    carrying.line.clock.now += DAY
    words = f"User: u is not authorized to perform: ce:{operation} on resource: *"
    carrying.line.wire.fault = Refusing({operation}, "AccessDeniedException", words=words)
    denied = carrying.run(*command)
    assert denied.code == 4, denied
    assert f'"ce:{operation}"' in denied.result
    document = json.loads(carrying.run(*command, "--format", "json").result)
    assert {each["state"] for each in document["keys"]} == {"unused", "denied"}


def test_where_nothing_is_built_yet_nothing_is_done_either(commands: Commands) -> None:
    told = commands.run(*STATUS)
    assert told.code == 3, told
    assert "no key is known yet, since nothing of ours carries any" in unwrapped(told.result)
    assert "next: umetrics up --stage dev\n" in told.result
