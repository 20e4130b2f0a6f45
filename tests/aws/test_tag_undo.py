"""What tags were before: on the disk before anything is sent, and put back unless others cared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from moto.ec2.models import ec2_backends

from tests.support.deployments import REGION, Line
from tests.support.plain import client
from tests.support.tagged import (
    ACCOUNT,
    AT,
    GLOBALLY,
    OWNER,
    carried,
    change,
    endings,
    gateway_tags,
    gateways,
    refusing,
    role,
    undone,
)
from tests.support.wire import Call, Moment
from umetrics.audit.repair.change import Ending
from umetrics.audit.repair.undo_file import LARGEST, UndoJournal, read_undo
from umetrics.audit.values import Place
from umetrics.errors import StateError, Undone, UsageError
from umetrics.library.repairing import Repairer


@pytest.fixture
def journal(tmp_path: Path) -> UndoJournal:
    return UndoJournal(tmp_path / "state" / "undo", "arn:aws:iam::1:user/u", AT)


def test_the_undo_file_is_private_and_on_the_disk_before_anything_is_sent(
    connection: Line, journal: UndoJournal
) -> None:
    (id,) = gateways([{"Owner": " "}])
    seen: list[str] = []

    def look(call: Call, moment: Moment) -> None:
        if call.writes and moment is Moment.BEFORE_SENDING:
            (path,) = journal.folder.iterdir()
            seen.append(path.read_text())

    connection.wire.fault = look
    carried(connection, [change(id, {"Owner": " "}, OWNER)], journal)
    path = journal.paths[ACCOUNT]
    assert seen == [path.read_text()]
    assert path.stat().st_mode & 0o777 == 0o600
    undo = read_undo(path)
    assert (undo.account, undo.by, undo.at) == (ACCOUNT, journal.by, AT)
    (resource,) = undo.resources
    assert (dict(resource.before), dict(resource.after)) == ({"Owner": " "}, OWNER)


def test_nothing_is_sent_when_the_undo_file_cannot_be_written(
    connection: Line, journal: UndoJournal
) -> None:
    (id,) = gateways([{}])
    journal.folder.parent.mkdir()
    journal.folder.write_text("a file where the folder belongs")
    with pytest.raises(StateError):
        carried(connection, [change(id, {}, OWNER)], journal)
    assert connection.wire.writes == []


def test_what_somebody_changed_after_the_repair_is_not_taken_back(
    connection: Line, journal: UndoJournal
) -> None:
    same, elsewise = gateways([{}, {}])
    carried(connection, [change(id, {}, OWNER) for id in (same, elsewise)], journal)
    given = [{"Key": "Owner", "Value": "c@d.example"}]
    client("ec2").create_tags(Resources=[elsewise], Tags=given)
    back = undone(connection, journal.paths[ACCOUNT])
    assert endings(back) == {same: Ending.DONE, elsewise: Ending.ELSEWISE}
    assert gateway_tags([same, elsewise]) == [{}, {"Owner": "c@d.example"}]


def test_what_was_to_be_changed_and_never_was_is_already_as_it_was(
    connection: Line, journal: UndoJournal
) -> None:
    (id,) = gateways([{}])
    connection.wire.fault = refusing("CreateTags", "UnauthorizedOperation", times=99)
    carried(connection, [change(id, {}, OWNER)], journal)
    connection.wire.fault = None
    assert endings(undone(connection, journal.paths[ACCOUNT])) == {id: Ending.ALREADY}


def test_an_undo_file_is_marked_and_a_line_that_was_cut_off_was_never_sent(
    connection: Line, journal: UndoJournal
) -> None:
    (id,) = gateways([{}])
    carried(connection, [change(id, {}, OWNER)], journal)
    path = journal.paths[ACCOUNT]
    with path.open("a") as file:
        file.write('{"resources": [{"kind"')
    undo = read_undo(path)
    assert (len(undo.resources), undo.undone) == (1, "")
    undo.mark(AT)
    marked = read_undo(path)
    assert (marked.resources, marked.undone) == (undo.resources, AT)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}\n",
        b"[]\n",
        b"5\n",
        b"not JSON\n",
        b"\xff\xfe\n",
        b"[" * 200_000 + b"\n",
        b"1" * 5_000 + b"\n",
        b'{"kind": "undo", "schema_version": 99}\n',
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_file_that_is_no_undo_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "undo.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no undo file"):
        read_undo(path)
    with pytest.raises(UsageError, match="no file"):
        read_undo(tmp_path / "absent.jsonl")


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": "::error::x"},
        {"before": {"Owner": json.loads("[" * 100 + "]" * 100)}},
        {"before": []},
        {"arn": "foo"},
        {"arn": "arn:aws:iam::999999999999:role/web"},
        {"before": {"Owner": 5}},
        {"before": {"Owner": ["x"]}},
        {"before": {"Owner": "\ud800"}},
        {"before": {}},
        {"region": ""},
        {"region": "../x y"},
        {"id": "no id of AWS's"},
        {"id": None},
    ],
    ids=str,
)
def test_a_damaged_undo_file_is_refused_as_a_whole(
    tmp_path: Path, damage: dict[str, object]
) -> None:
    journal = UndoJournal(tmp_path, "u", AT)
    journal.record([change("igw-0123456789abcdef0", {}, OWNER)])
    path = journal.paths[ACCOUNT]
    header, line = map(json.loads, path.read_text().splitlines())
    line["resources"][0] |= damage
    path.write_text(f"{json.dumps(header)}\n{json.dumps(line)}\n")
    with pytest.raises(UsageError, match="damaged"):
        read_undo(path)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "undo.jsonl"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)  # takes no room on the disk
    with pytest.raises(UsageError, match="larger than any undo file"):
        read_undo(path)


def test_an_undo_file_is_marked_only_when_nothing_of_it_is_left(
    connection: Line, journal: UndoJournal
) -> None:
    (id,) = gateways([{}])
    carried(connection, [change(id, {}, OWNER)], journal)
    path = journal.paths[ACCOUNT]

    def undo() -> dict[str, Ending]:
        return endings(Repairer(connection.aws).undo(read_undo(path)))

    ec2_backends[ACCOUNT][REGION].tags[id]["Owner"] = "meanwhile"
    assert undo() == {id: Ending.ELSEWISE}
    ec2_backends[ACCOUNT][REGION].tags[id]["Owner"] = OWNER["Owner"]
    assert undo() == {id: Ending.DONE}
    with pytest.raises(Undone):
        undo()


def test_what_went_since_leaves_nothing_to_be_taken_back(
    connection: Line, journal: UndoJournal
) -> None:
    arn = role("web", {})
    carried(connection, [change("AROA", {}, OWNER, arn=arn, place=GLOBALLY)], journal)
    client("iam").delete_role(RoleName="web")
    path = journal.paths[ACCOUNT]
    assert endings(Repairer(connection.aws).undo(read_undo(path))) == {"AROA": Ending.VANISHED}
    assert read_undo(path).undone


def test_each_account_gets_a_file_of_its_own(tmp_path: Path) -> None:
    journal = UndoJournal(tmp_path, "u", AT)
    other = Place("999999999999", REGION)
    journal.record(
        [change("vpc-00000001", {}, OWNER), change("vpc-00000002", {}, OWNER, place=other)]
    )
    assert {
        account: read_undo(path).resources[0].id for account, path in journal.paths.items()
    } == {
        ACCOUNT: "vpc-00000001",
        other.account: "vpc-00000002",
    }
