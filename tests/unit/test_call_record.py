"""What we have called is on the disk before it is sent, and what is missing is known to be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from umetrics.aws.calls import Write
from umetrics.errors import StateError
from umetrics.verify import call_record
from umetrics.verify.call_record import open_record, record_path, record_run, recorded_since
from umetrics.verify.values import NamingCall, Record

UNKNOWN = Record(is_whole=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the calls of stage dev are, in a folder that is not there yet."""
    return record_path(tmp_path / "state", "dev")


def call(number: int) -> NamingCall:
    return NamingCall("ec2:CreateTags", frozenset({("Resources", f"subnet-{number:08x}")}))


def made(path: Path, *numbers: int) -> str:
    """What a run calls; the mark that a snapshot after it keeps."""
    recorder = record_run(path, "up")
    for number in numbers:
        recorder(Write(call(number).operation, call(number).named))
    return open_record(path)


def spoil(path: Path, number: int, damage: str) -> None:
    lines = path.read_text().splitlines()
    lines[number] = damage
    path.write_text("\n".join(lines))


def test_calls_are_kept_over_runs_and_told_to_any_snapshot_since_there_is_a_record(
    path: Path,
) -> None:
    begun, after_one = open_record(path), made(path, 1)
    after_three = made(path, 2, 3)
    assert recorded_since(path, begun) == Record((call(1), call(2), call(3)))
    assert recorded_since(path, after_one) == Record((call(2), call(3)))
    assert recorded_since(path, after_three) == Record()


def test_without_a_record_nothing_is_certain_and_one_that_is_begun_is_private(path: Path) -> None:
    assert recorded_since(path, "") == UNKNOWN
    mark = open_record(path)
    assert recorded_since(path, mark) == Record()
    assert recorded_since(path, "") == UNKNOWN
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    assert open_record(path) == mark
    assert path.read_bytes() == before


def test_a_clock_that_is_set_back_hides_no_call(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = made(path, 1)
    earlier = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    monkeypatch.setattr(call_record, "utc_now", lambda: earlier)
    made(path, 2)
    assert recorded_since(path, mark) == Record((call(2),))


def test_of_a_call_only_what_may_name_something_of_others_is_kept(path: Path) -> None:
    mark, recorder = open_record(path), record_run(path, "up")
    role, key = ("RoleName", "orders"), ("KeyId", "arn:aws:kms:us-east-1:111111111111:key/k")
    recorder(Write("x:Y", frozenset({role, key, ("SecretString", "hunter2"), ("Value", "x")})))
    recorder(Write("x:Z", frozenset({("Value", "hunter2")})))
    assert recorded_since(path, mark).calls == (NamingCall("x:Y", frozenset({role, key})),)
    assert b"hunter2" not in path.read_bytes()


def test_a_last_line_that_was_cut_off_tells_of_a_call_that_was_never_sent(path: Path) -> None:
    begun, after_one = open_record(path), made(path, 1)
    made(path, 2)
    path.write_bytes(path.read_bytes()[:-10])
    assert recorded_since(path, begun) == Record((call(1),))
    assert open_record(path) == after_one
    made(path, 3)
    assert recorded_since(path, begun) == Record((call(1), call(3)))


def test_an_editors_newline_at_the_end_is_no_line(path: Path) -> None:
    begun = open_record(path)
    made(path, 1)
    path.write_text(path.read_text() + "\n")
    assert recorded_since(path, begun) == Record((call(1),))
    made(path, 2)
    assert recorded_since(path, begun) == Record((call(1), call(2)))


def test_a_write_that_broke_off_within_a_run_does_not_swallow_the_next_one(path: Path) -> None:
    begun, recorder = open_record(path), record_run(path, "up")
    for half in (b'\n{"i', b'\n{"id": "half', b'\n{"id": "1", "named": [["a"'):
        path.write_bytes(path.read_bytes() + half)
        recorder(Write(call(1).operation, call(1).named))
    assert recorded_since(path, begun) == Record((call(1),) * 3)
    record_run(path, "up")
    assert recorded_since(path, begun) == Record((call(1),) * 3)


@pytest.mark.parametrize(
    "damage",
    [
        "rubbish",
        "[1]",
        "[" * 100_000,
        '{"id": "here", "schema_version": 2, "at": "x"}',
        '{"id": 7, "at": "x", "run": "up", "operation": "x:Y", "named": []}',
        '{"id": "here", "at": "x", "run": "up", "operation": "x:Y", "named": [["a"]]}',
    ],
)
def test_a_line_that_is_damaged_leaves_uncertain_what_was_called_then(
    path: Path, damage: str
) -> None:
    marks = [open_record(path), made(path, 1), made(path, 2), made(path, 3)]
    spoil(path, 2, damage)
    assert [recorded_since(path, mark) for mark in marks] == [
        Record((call(1), call(3)), is_whole=False),
        Record((call(3),), is_whole=False),
        UNKNOWN,
        Record(),
    ]
    spoil(path, 0, damage)
    assert recorded_since(path, marks[0]) == UNKNOWN


def test_where_no_line_can_be_read_a_new_heading_is_what_comes_later_is_told_by(path: Path) -> None:
    begun = made(path, 1)
    path.write_text("rubbish\nrubbish\n")
    mark = open_record(path)
    made(path, 2)
    assert recorded_since(path, mark) == Record((call(2),))
    assert recorded_since(path, begun) == UNKNOWN


def test_an_older_or_another_file_in_its_place_does_not_pass_for_the_record(path: Path) -> None:
    begun = made(path, 1)
    older = path.read_bytes()
    mark = made(path, 2)
    path.write_bytes(older)
    assert recorded_since(path, mark) == UNKNOWN
    made(path, 3)
    assert recorded_since(path, mark) == UNKNOWN
    path.unlink()
    made(path, 1)
    assert recorded_since(path, begun) == UNKNOWN


def test_a_record_that_has_grown_too_long_lets_its_older_half_go(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = [open_record(path), *(made(path, number) for number in range(1, 6))]
    monkeypatch.setattr(call_record, "LARGEST", len(path.read_bytes()))
    assert recorded_since(path, marks[0]).is_whole
    monkeypatch.setattr(call_record, "LARGEST", len(path.read_bytes()) - 1)
    made(path)
    assert recorded_since(path, marks[2]) == UNKNOWN
    assert recorded_since(path, marks[3]) == Record((call(4), call(5)))
    assert json.loads(path.read_text().splitlines()[0])["schema_version"] == 1
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_recorded_is_an_error_before_it_is_sent(path: Path) -> None:
    recorder = record_run(path, "up")
    path.unlink()
    path.mkdir()
    with pytest.raises(StateError, match="cannot write"):
        recorder(Write(call(1).operation, call(1).named))
    with pytest.raises(StateError):
        recorded_since(path, "here")
