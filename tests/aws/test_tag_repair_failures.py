"""Repairs of tags that go wrong half way: nothing of anybody's is lost, and nothing else stops."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto.ec2.models import ec2_backends

from tests.support.deployments import REGION, Line
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
    role_tags,
    topics,
    undone,
)
from tests.support.wire import Call, Moment
from umetrics.audit.repair.carry import carry_out
from umetrics.audit.repair.change import Ending, Values
from umetrics.audit.repair.undo_file import UndoJournal, read_undo
from umetrics.audit.values import Place
from umetrics.errors import AccessDenied, WrongAccount
from umetrics.library.repairing import Repairer

if TYPE_CHECKING:
    from umetrics.aws import Aws


@pytest.fixture
def journal(tmp_path: Path) -> UndoJournal:
    return UndoJournal(tmp_path / "state" / "undo", "arn:aws:iam::1:user/u", AT)


@pytest.mark.parametrize("refused", [1, 2])
def test_a_role_never_loses_a_value_because_the_right_key_cannot_be_set(
    connection: Line, journal: UndoJournal, refused: int
) -> None:
    tags = {"owner": "a@b.example", "theirs": "x"}
    arn, sent = role("web", tags), list[str]()

    def refuse(call: Call, moment: Moment) -> None:
        if call.operation == "TagRole" and moment is Moment.BEFORE_SENDING:
            sent.append(call.operation)
            if len(sent) == refused:
                answer: Any = {"Error": {"Code": "AccessDenied", "Message": "no"}}
                raise ClientError(answer, call.operation)

    connection.wire.fault = refuse
    after: Values = {"owner": None, "Owner": "a@b.example"}
    outcomes = carried(connection, [change("AROA", tags, after, arn=arn, place=GLOBALLY)], journal)
    assert endings(outcomes) == {"AROA": Ending.FAILED}
    assert role_tags("web") == tags


def test_what_cannot_be_read_or_reached_fails_alone(connection: Line) -> None:
    (id,) = gateways([{}])
    (topic,) = topics("a", tags={"x": "y"})
    arn = role("web", {})
    elsewhere = Place(ACCOUNT, "eu-west-1")
    connection.wire.fault = refusing("GetResources", "AccessDeniedException", times=99)

    def connect(place: Place) -> Aws:
        if place == elsewhere:
            raise AccessDenied("the role may not be assumed")
        return connection.aws

    changes = [
        change(topic, {"x": "y"}, OWNER, arn=topic),
        change("vpc-0123456789abcdef0", {}, OWNER, place=elsewhere),
        change(id, {}, OWNER),
        change("AROA", {}, OWNER, arn=arn, place=GLOBALLY),
    ]
    outcomes = list(carry_out(changes, connect, connection.aws.patience))
    assert endings(outcomes) == {
        topic: Ending.FAILED,
        "vpc-0123456789abcdef0": Ending.FAILED,
        id: Ending.DONE,
        "AROA": Ending.DONE,
    }


def test_a_call_that_is_sent_again_overwrites_nothing_that_came_meanwhile(
    connection: Line, journal: UndoJournal
) -> None:
    lacking, other = gateways([{}, {"Project": "P"}])
    throttle = refusing("CreateTags", "RequestLimitExceeded", times=7)

    def somebody(call: Call, moment: Moment) -> None:
        if call.operation == "CreateTags" and moment is Moment.BEFORE_SENDING:
            ec2_backends[ACCOUNT][REGION].tags[other]["Project"] = "theirs"
        throttle(call, moment)

    connection.wire.fault = somebody
    both = {**OWNER, "Project": "P"}
    changes = [change(lacking, {}, both), change(other, {"Project": "P"}, OWNER)]
    outcomes = carried(connection, changes, journal)
    assert endings(outcomes) == dict.fromkeys((lacking, other), Ending.DONE)
    assert gateway_tags([lacking, other]) == [both, {**OWNER, "Project": "theirs"}]
    connection.wire.fault = None
    undone(connection, journal.paths[ACCOUNT])
    assert gateway_tags([lacking, other]) == [{}, {"Project": "theirs"}]


def test_of_what_a_call_writes_the_undo_file_has_every_key(
    connection: Line, journal: UndoJournal
) -> None:
    lacking, other = gateways([{}, {"Project": "P"}])
    both = {**OWNER, "Project": "P"}
    changes = [change(lacking, {}, both), change(other, {"Project": "P"}, OWNER)]
    carried(connection, changes, journal)
    befores = [dict(each.before) for each in read_undo(journal.paths[ACCOUNT]).resources]
    assert befores == [{"Owner": None, "Project": None}, {"Owner": None, "Project": "P"}]


def test_what_went_before_a_value_of_it_was_overwritten_is_no_longer_there(
    connection: Line,
) -> None:
    (bare,) = gateways([{}])
    gone, seen = "igw-0123456789abcdef0", {"Owner": "bad"}
    outcomes = carried(connection, [change(id, seen, OWNER) for id in (gone, bare)])
    assert endings(outcomes) == {gone: Ending.VANISHED, bare: Ending.ELSEWISE}


def test_nothing_is_written_in_an_account_that_the_credentials_are_not_for(
    connection: Line, journal: UndoJournal
) -> None:
    (id,) = gateways([{}])
    there = Place("999999999999", "global")
    arn = f"arn:aws:iam::{there.account}:role/{role('web', {}).rpartition('/')[2]}"
    changes = [change(id, {}, OWNER), change("AROA", {}, OWNER, arn=arn, place=there)]
    connection.wire.calls.clear()
    with pytest.raises(WrongAccount, match=there.account):
        Repairer(connection.aws).repair(changes, journal)
    assert (connection.wire.writes, journal.paths) == ([], {})
