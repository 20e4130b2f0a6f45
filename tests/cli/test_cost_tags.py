"""`umetrics cost-tags` as people and CI run it, in a sandbox whose days take a second."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import Home, is_error, unwrapped
from umetrics.sandbox.options import Options

ONE_PART = ("--target", "security-group/alb")


@pytest.fixture
def quick(lone: Home) -> Home:
    """A folder with a sandbox of its own, in which a security group stands."""
    lone.sandbox.start(Options(nat=0.0, day=1.0))
    assert lone.sandboxed("up", "--yes", *ONE_PART).code == 0
    return lone


def test_keys_are_activated_waited_for_and_then_all_is_done(quick: Home) -> None:
    status = quick.sandboxed("cost-tags", "status", "--format", "json")
    assert status.code == 3, status
    states = {each["key"]: each["state"] for each in status.document["keys"]}
    assert states["DataType"] == "unused"
    assert set(states.values()) <= {"unused", "not seen", "inactive"}

    unasked = quick.sandboxed("cost-tags", "activate")
    assert is_error(unasked, exit_code=2, code="U002")

    waited = quick.sandboxed(
        "cost-tags", "activate", "--yes", "--wait", "--timeout", "1", "--backfill", "2099-01"
    )
    assert is_error(waited, exit_code=2, code="U002")
    month = str(status.document["created_at"])[:7]
    done = quick.sandboxed("cost-tags", "activate", "--yes", "--wait", "--backfill", month)
    assert done.code == 0, done
    assert "6 of 6 needed keys active." in done.result
    assert f"Backfill: begun, from {month}." in done.result
    again = quick.sandboxed("cost-tags", "status")
    assert again.code == 0, again
    kept = Path(quick.folder / "state" / "sandbox" / "dev.cost-tags.json")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_linked_account_gets_the_command_for_its_payer(lone: Home) -> None:
    lone.sandbox.start(Options(nat=0.0, linked=True))
    assert lone.sandboxed("up", "--yes", *ONE_PART).code == 0
    told = lone.sandboxed("cost-tags", "activate")  # nothing can be changed, so nobody is asked
    assert told.code == 3, told
    assert "Traceback" not in told.talk
    assert "only the payer's account may look and activate" in unwrapped(told.result)
    (line,) = [line for line in told.lines if line.startswith("aws ce ")]
    assert line.count("TagKey=") == 6


def test_where_nothing_is_built_yet_nothing_is_done_either(home: Home) -> None:
    told = home.sandboxed("cost-tags", "status")
    assert told.code == 3, told
    assert "no key is known yet, since nothing of ours carries any" in unwrapped(told.result)
