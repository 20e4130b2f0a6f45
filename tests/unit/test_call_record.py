"""What we have called is on the disk before it is sent, and what is missing is known to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from umetrics.aws.calls import Write
from umetrics.errors import StateError
from umetrics.verify import call_record
from umetrics.verify.call_record import open_record, record_path, record_run, recorded_since
from umetrics.verify.values import NamingCall, Record

TAGGED = NamingCall("ec2:CreateTags", frozenset({("Resources", "subnet-0a1b2c3d")}))
ID = "here"
LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the calls of stage dev are, in a folder that is not there yet."""
    return record_path(tmp_path / "state", "dev")


def since(path: Path, moment: str) -> Record:
    """What is recorded since then, of the record that is there."""
    return recorded_since(path, open_record(path), moment)


def written(path: Path, *moments: str, since: str = LONG_AGO) -> None:
    """A record of one subnet tagged at each moment."""
    heading = {"schema_version": 1, "id": ID, "since": since}
    named = [["Resources", "subnet-0a1b2c3d"]]
    calls = [
        {"at": at, "run": "up", "operation": "ec2:CreateTags", "named": named} for at in moments
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{json.dumps(each)}\n" for each in (heading, *calls)))


def test_calls_are_kept_over_runs_and_told_to_any_moment_since_there_is_a_record(
    path: Path,
) -> None:
    written(path, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
    record_run(path, "up")(Write(TAGGED.operation, TAGGED.named))
    assert since(path, LONG_AGO) == Record((TAGGED,) * 3)
    assert since(path, "2026-03-02T00:00:00Z") == Record((TAGGED,) * 2)
    assert since(path, "2999-01-01T00:00:00Z") == Record()
    assert since(path, "2019-12-31T23:59:59Z") == Record((TAGGED,) * 3, is_whole=False)


def test_without_a_record_nothing_is_certain_and_one_that_is_begun_is_private(path: Path) -> None:
    assert recorded_since(path, "", LONG_AGO) == Record(is_whole=False)
    assert len(open_record(path)) == 16
    assert since(path, "2999-01-01T00:00:00Z") == Record()
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    open_record(path)
    assert path.read_bytes() == before


def test_of_a_call_only_what_may_name_something_of_others_is_kept(path: Path) -> None:
    recorder = record_run(path, "up")
    role, key = ("RoleName", "orders"), ("KeyId", "arn:aws:kms:us-east-1:111111111111:key/k")
    recorder(Write("x:Y", frozenset({role, key, ("SecretString", "hunter2"), ("Value", "x")})))
    recorder(Write("x:Z", frozenset({("Value", "hunter2")})))
    assert since(path, LONG_AGO).calls == (NamingCall("x:Y", frozenset({role, key})),)
    assert b"hunter2" not in path.read_bytes()


def test_a_line_that_a_kill_cut_off_tells_of_a_call_that_was_never_sent(path: Path) -> None:
    written(path, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
    path.write_bytes(path.read_bytes()[:-10])
    assert since(path, LONG_AGO) == Record((TAGGED,))
    record_run(path, "up")(Write(TAGGED.operation, TAGGED.named))
    assert since(path, LONG_AGO) == Record((TAGGED,) * 2)


DAMAGE = pytest.mark.parametrize(
    "damage", ["", "rubbish", '{"schema_version": 2, "id": "here", "since": "x"}', "[1]"]
)


def spoil(path: Path, number: int, damage: str) -> None:
    lines = path.read_text().splitlines()
    lines[number] = damage
    path.write_text("\n".join(lines) + "\n")


@DAMAGE
def test_a_line_that_is_damaged_leaves_uncertain_what_was_called_then(
    path: Path, damage: str
) -> None:
    first, second, third = (f"2026-03-0{day}T00:00:00Z" for day in (1, 2, 3))
    written(path, first, second, third)
    spoil(path, 2, damage)
    assert since(path, LONG_AGO) == Record((TAGGED,) * 2, is_whole=False)
    assert since(path, second) == Record((TAGGED,), is_whole=False)
    assert since(path, "2026-03-03T00:00:01Z") == Record()


@DAMAGE
def test_without_a_heading_nothing_is_certain_until_the_next_run_writes_one(
    path: Path, damage: str
) -> None:
    written(path, "2026-03-01T00:00:00Z")
    spoil(path, 0, damage)
    assert since(path, LONG_AGO) == Record((TAGGED,), is_whole=False)
    record_run(path, "up")
    assert since(path, LONG_AGO) == Record((TAGGED,), is_whole=False)
    assert since(path, "2999-01-01T00:00:00Z") == Record()


def test_another_record_than_the_one_that_was_kept_beside_a_snapshot_is_not_all(
    path: Path,
) -> None:
    written(path, "2026-03-01T00:00:00Z")
    assert recorded_since(path, "elsewhere", LONG_AGO) == Record((TAGGED,), is_whole=False)


def test_a_record_that_has_grown_too_long_begins_later_and_between_two_moments(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (f"2026-03-0{day}T00:00:00Z" for day in (1, 2, 3))
    written(path, first, second, second, third)
    record_run(path, "up")
    assert since(path, LONG_AGO).is_whole
    monkeypatch.setattr(call_record, "LARGEST", 100)
    record_run(path, "up")
    assert since(path, third) == Record((TAGGED,))
    assert since(path, second) == Record((TAGGED,), is_whole=False)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_recorded_is_an_error_before_it_is_sent(path: Path) -> None:
    recorder = record_run(path, "up")
    path.unlink()
    path.mkdir()
    with pytest.raises(StateError, match="cannot write"):
        recorder(Write(TAGGED.operation, TAGGED.named))
    with pytest.raises(StateError):
        recorded_since(path, ID, LONG_AGO)
