"""`state rebuild` writes receipts anew from what AWS shows, `state unlock` clears a left lock."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.command_line import DUMMY_KEYS, HOLDING, Finished, is_error, unwrapped
from tests.commands.desk import Desk


@pytest.fixture
def away(bare: Desk, built: Desk) -> Desk:
    """A machine without a state file, in front of the account in which stage dev stands."""
    bare.environment = {
        "AWS_ENDPOINT_URL": built.outsider.endpoint_url,
        "AWS_REGION": "us-east-1",
        **DUMMY_KEYS,
    }
    return bare


def state_file(home: Desk) -> Path:
    return home.folder / "state" / "dev.json"


def rebuilt(home: Desk) -> Finished:
    done = home.run("state", "rebuild", "--stage", "dev")
    assert done.code == 0, done
    return done


def receipts(path: Path) -> dict[str, object]:
    content: dict[str, dict[str, object]] = json.loads(path.read_bytes())
    return content["receipts"]


def lasting(found: dict[str, object]) -> dict[str, object]:
    """Without the moment of creation, which only the run that made it knows."""
    return {
        key: {name: text for name, text in dict(each).items() if name != "made"}  # type: ignore[call-overload]
        for key, each in found.items()
    }


def test_a_lost_state_is_written_from_what_aws_shows(away: Desk, built: Desk) -> None:
    world = built.outsider.look_around()
    done = rebuilt(away)
    assert "UserMetrics/dev: 22 resources recorded." in done.result
    assert lasting(receipts(state_file(away))) == lasting(built.receipts)
    assert built.outsider.look_around() == world

    assert "AWS shows what was recorded." in rebuilt(away).result
    assert away.run("plan", "--check").code == 0


def test_a_state_that_differs_is_put_right_and_the_old_one_kept(away: Desk, built: Desk) -> None:
    rebuilt(away)
    old = json.loads(state_file(away).read_bytes())
    lost = old["receipts"].pop("subnet/public-a")
    old["receipts"]["subnet/public-z"] = {**lost, "id": "subnet-00000000"}
    old["receipts"]["vpc"]["id"] = "vpc-00000000"
    state_file(away).write_text(json.dumps(old))

    done = away.run("state", "rebuild", "--format", "json")

    assert done.code == 0, done
    assert done.document["news"] == {
        "new": ["subnet/public-a"],
        "replaced": ["vpc"],
        "gone": ["subnet/public-z"],
    }
    assert lasting(done.document["state"]["receipts"]) == lasting(built.receipts)
    assert done.document["state"]["lineage"] == old["lineage"]
    assert json.loads((away.folder / "state" / "dev.json.bak").read_bytes()) == old


def test_a_state_that_cannot_be_read_is_set_aside(away: Desk, built: Desk) -> None:
    state_file(away).parent.mkdir()
    state_file(away).write_text('{"receipts": <<<<<<< HEAD')
    done = rebuilt(away)
    aside = away.folder / "state" / "dev.json.unreadable"
    assert f"It is now {aside}." in unwrapped(done.talk)
    assert aside.read_text() == '{"receipts": <<<<<<< HEAD'
    assert lasting(receipts(state_file(away))) == lasting(built.receipts)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"schema_version": 99, "written_by": "9.0.0"}, "U017"),
        ({"account": "999999999999"}, "U013"),
        ({"region": "eu-west-1"}, "U013"),
        ({"deployment": "UserMetrics/prod"}, "U013"),
    ],
    ids=str,
)
def test_a_state_of_another_place_or_a_newer_umetrics_is_left_alone(
    away: Desk, built: Desk, content: dict[str, object], code: str
) -> None:
    whole = content if code == "U017" else json.loads(built.state.read_bytes()) | content
    state_file(away).parent.mkdir()
    state_file(away).write_text(json.dumps(whole))
    assert is_error(away.run("state", "rebuild"), exit_code=6, code=code)
    assert json.loads(state_file(away).read_bytes()) == whole


def test_twins_are_listed_and_nothing_is_recorded(home: Desk) -> None:
    twins = home.outsider.make_vpc(), home.outsider.make_vpc()
    done = home.sandboxed("state", "rebuild")
    assert is_error(done, exit_code=6, code="U012")
    assert all(vpc in done.talk for vpc in twins)
    assert not home.state.exists()


def test_where_nothing_stands_nothing_is_recorded(home: Desk) -> None:
    done = home.sandboxed("state", "rebuild")
    assert done.code == 0, done
    assert "UserMetrics/dev: nothing is recorded." in done.result
    assert not home.state.exists()


@pytest.fixture
def killed(bare: Desk) -> dict[str, str]:
    """What a run that was killed left in the lock of stage dev."""
    folder = bare.folder / "state"
    with bare.started("-c", HOLDING, str(folder)) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        other.send_signal(signal.SIGKILL)
        other.wait()
    left: dict[str, str] = json.loads((folder / "dev.lock").read_bytes())
    return left


def test_a_lock_that_was_left_is_shown_and_cleared(bare: Desk, killed: dict[str, str]) -> None:
    done = bare.run("state", "unlock", killed["id"])
    assert done.code == 0, done
    for fact in (killed["who"], str(killed["pid"]), "`up by somebody else`", killed["since"]):
        assert fact in unwrapped(done.result)
    assert (bare.folder / "state" / "dev.lock").read_bytes() == b""
    assert bare.run("state", "unlock").result == "Nobody holds the lock of stage dev.\n"


def test_machines_are_told_whose_lock_was_cleared(bare: Desk, killed: dict[str, str]) -> None:
    for cleared in (killed, None):
        done = bare.run("state", "unlock", "--format", "json")
        assert done.document["kind"] == "lock"
        assert done.document["cleared"] == cleared


def test_another_id_clears_nothing(bare: Desk, killed: dict[str, str]) -> None:
    done = bare.run("state", "unlock", "another")
    assert is_error(done, exit_code=2, code="U002")
    assert killed["id"] in done.talk
    assert bare.run("state", "unlock", killed["id"]).code == 0


def test_a_lock_that_a_process_holds_is_not_cleared(bare: Desk) -> None:
    folder = bare.folder / "state"
    with bare.started("-c", HOLDING, str(folder)) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        done = bare.run("state", "unlock")
        assert is_error(done, exit_code=5, code="U006")
        assert f"kill {other.pid}" in unwrapped(done.talk)
        assert is_error(bare.run("state", "rebuild"), exit_code=5, code="U006")
