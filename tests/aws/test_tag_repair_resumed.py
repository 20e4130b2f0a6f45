"""Repairs of tags that died between two calls: nothing is lost, and the next run finishes them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from tests.support.deployments import Deployment, Line
from tests.support.tagged import (
    ACCOUNT,
    AT,
    GLOBALLY,
    RENAMED,
    carried,
    change,
    gateway_tags,
    gateways,
    refusing,
    role,
    role_tags,
    undone,
)
from tests.support.wire import Call, Died, Moment
from umetrics.audit.repair.carry import carry_out
from umetrics.audit.repair.change import Change, Ending, Outcome
from umetrics.audit.repair.plan import plan_repair
from umetrics.audit.repair.undo_file import UndoJournal, read_undo
from umetrics.audit.repair.unfinished import rest_of, resumed
from umetrics.audit.values import Finding, Problem, Scope, Subject
from umetrics.errors import AwsError, CredentialsError
from umetrics.library.auditing import Breadth
from umetrics.library.repairing import Repairer, StagesRepairer
from umetrics.library.resuming import broken_off
from umetrics.tags import MAXIMUM_TAGS, Tags


@dataclass(frozen=True, slots=True)
class Renamed:
    """A resource and the rename of a key of it; `tags` tells what it carries now."""

    change: Change
    tags: Callable[[], Tags]

    @property
    def right(self) -> Tags:
        kept = {
            key: value for key, value in self.change.tags.items() if key not in self.change.after
        }
        return {**kept, **self.change.put}


def a_role() -> Renamed:
    arn, after = role("web", {"owner": "x"}), dict[str, str | None](owner=None, Owner="x")
    made = change("AROA", {"owner": "x"}, after, arn=arn, place=GLOBALLY)
    return Renamed(made, lambda: role_tags("web"))


def a_gateway(tags: Tags) -> Renamed:
    (id,) = gateways([tags])
    return Renamed(change(id, tags, RENAMED), lambda: gateway_tags([id])[0])


MAKERS: dict[str, Callable[[], Renamed]] = {
    "role": a_role,
    "gateway": lambda: a_gateway({"Onwer": "a@b.example"}),
    "full": lambda: a_gateway(
        {**{f"key-{number}": "" for number in range(MAXIMUM_TAGS - 1)}, "Onwer": "a@b.example"}
    ),
}


def dying(number: int, at: Moment) -> Callable[[Call, Moment], None]:
    """Die before a writing call is sent, or when its answer is on the way."""

    def fault(call: Call, moment: Moment) -> None:
        if call.writes and (call.number, moment) == (number, at):
            raise Died(call.operation)

    return fault


@pytest.mark.parametrize("at", Moment)
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("kind", MAKERS)
def test_a_repair_that_dies_at_any_call_is_finished_and_taken_back(
    connection: Line, tmp_path: Path, kind: str, number: int, at: Moment
) -> None:
    made = MAKERS[kind]()
    first, second = (UndoJournal(tmp_path, "u", AT) for _ in range(2))
    connection.wire.fault = dying(number, at)
    with contextlib.suppress(Died):
        carried(connection, [made.change], first)
    connection.wire.fault = None

    (recorded,) = read_undo(first.paths[ACCOUNT]).unfinished
    now = Repairer(connection.aws).now(recorded.doing)
    assert not isinstance(now, AwsError)
    rest = rest_of(recorded.doing, now, takes_first=recorded.takes_first)
    assert (rest is None) is (made.tags() in (made.change.tags, made.right))
    carried(connection, [rest or made.change], second)
    assert made.tags() == made.right
    for journal in (second, first):
        if path := journal.paths.get(ACCOUNT):
            undone(connection, path)
            assert made.tags() == made.change.tags


def test_what_dies_can_be_taken_back_at_once(connection: Line, tmp_path: Path) -> None:
    made, journal = a_role(), UndoJournal(tmp_path, "u", AT)
    connection.wire.fault = dying(1, Moment.ANSWERING)
    with pytest.raises(Died):
        carried(connection, [made.change], journal)
    assert made.tags() == {}
    connection.wire.fault = None
    undone(connection, journal.paths[ACCOUNT])
    assert made.tags() == made.change.tags


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidParameterValue"])
def test_what_is_half_made_is_told_and_stands_in_the_undo_file(
    connection: Line, tmp_path: Path, code: str
) -> None:
    whole, half = a_gateway({"Onwer": "a@b.example"}), a_gateway({"Onwer": "a@b.example"})
    other = a_gateway({})
    journal, outcomes = UndoJournal(tmp_path, "u", AT), list[Outcome]()
    changes = [whole.change, half.change, replace(other.change, after={"Owner": "x"})]
    connection.wire.fault = refusing("DeleteTags", code, blames=half.change.id, times=99)
    run = carry_out(changes, lambda _place: connection.aws, connection.aws.patience, journal)
    with pytest.raises(CredentialsError) if code == "ExpiredToken" else contextlib.nullcontext():
        outcomes.extend(run)
    told = {each.change.id: each.ending for each in outcomes}
    assert told[half.change.id] is Ending.HALF
    assert half.tags() == {"Onwer": "a@b.example", "Owner": "a@b.example"}
    if code != "ExpiredToken":
        assert (told[whole.change.id], told[other.change.id]) == (Ending.DONE, Ending.DONE)
    journal.end([each.change for each in outcomes if each.ending is Ending.HALF])
    (left, *_) = read_undo(journal.paths[ACCOUNT]).unfinished[::-1]
    assert left.id == half.change.id


def test_an_undo_file_says_what_alone_is_unfinished(connection: Line, tmp_path: Path) -> None:
    one, other = (a_gateway({"Onwer": "a@b.example"}).change for _ in range(2))
    journal = UndoJournal(tmp_path, "u", AT)
    journal.record([one, other])
    path = journal.paths[ACCOUNT]

    def unfinished() -> list[str]:
        return [each.id for each in read_undo(path).unfinished]

    assert unfinished() == [one.id, other.id]  # nobody has said that the run is over
    journal.end([other])
    assert unfinished() == [other.id]
    journal.record([one])
    assert unfinished() == [other.id, one.id]
    with path.open("a") as file:
        file.write('{"resources": [{"kind"')
    read_undo(path).settle([one])
    assert unfinished() == [one.id]
    read_undo(path).mark(AT)
    assert unfinished() == []
    assert len(read_undo(path).resources) == 3


def test_a_file_that_cannot_be_read_keeps_nobody_from_repairing(tmp_path: Path) -> None:
    folder = tmp_path / "undo"
    (folder / "a-folder.jsonl").mkdir(parents=True)
    (folder / "damaged.jsonl").write_text("{}\n")
    assert broken_off(StagesRepairer((), Breadth(Scope.PROJECT)), tmp_path) == []


def test_what_somebody_changed_since_is_not_half_made() -> None:
    there = change("vpc-1", {"Onwer": "x"}, {"Owner": "x", "Onwer": None})
    putting = partial(rest_of, takes_first=False)
    assert putting(there, {"Owner": "x", "Onwer": "y"}) is None
    assert putting(there, {"Owner": "x", "Onwer": "x"}) is not None
    assert putting(there, None) is None
    assert putting(there, {}) is None  # its first call would have put Owner: somebody took Onwer
    assert rest_of(there, {}, takes_first=True) is not None
    assert rest_of(there, {"Owner": "x", "Onwer": "x"}, takes_first=True) is None
    added = change("vpc-1", {}, {"Owner": "x", "Project": "y"})
    assert putting(added, {"Owner": "x"}) is None  # that took one call: somebody removed Project


def test_what_the_undo_file_knows_of_a_missing_tag_is_planned() -> None:
    of = Subject("iam-role", "web", "arn:aws:iam::123456789012:role/web", {}, GLOBALLY)
    lacking = [
        Finding(of, key, Problem.MISSING, right) for key, right in (("Owner", ""), ("A", "a"))
    ]
    arn, after = of.arn, dict[str, str | None](owner=None, Owner="x")
    begun = Change("iam-role", "web", arn, GLOBALLY, {"owner": "x"}, after)
    rest = rest_of(begun, {}, takes_first=True)
    assert rest is not None
    plan = resumed(plan_repair(lacking), [rest], ())
    ((planned,), left_out) = (plan.changes, plan.left_out)
    assert (planned.after, left_out) == ({"A": "a", "Owner": "x"}, ())


@pytest.mark.parametrize(
    ("was_ours", "asked_for", "is_counted"),
    [(True, "UserMetrics/dev", False), (True, "UserMetrics/prod", True), (False, "", True)],
)
def test_what_is_finished_is_counted_unless_it_was_ours_and_is_asked_for(
    was_ours: bool, asked_for: str, is_counted: bool
) -> None:
    begun = replace(change("vpc-1", {"Onwer": "x"}, RENAMED), is_ours=was_ours)
    begun = replace(begun, deployment="UserMetrics/dev" if was_ours else "")
    plan = resumed(plan_repair([]), [begun], {asked_for})
    assert bool(plan.foreign) is is_counted


def test_one_that_cannot_be_read_hides_no_other_that_is_half_made(
    connection: Line, tmp_path: Path
) -> None:
    arn, after = role("closed", {"owner": "y"}), {"owner": None, "Owner": "y"}
    closed = Change("iam-role", "AROB", arn, GLOBALLY, {"owner": "y"}, after)
    half = replace(a_role().change, kind="iam-role")
    journal = UndoJournal(tmp_path / "undo", "u", AT)
    journal.record([closed])
    connection.wire.fault = dying(1, Moment.ANSWERING)
    with pytest.raises(Died):
        carried(connection, [half], journal)

    connection.wire.fault = refusing("ListRoleTags", "AccessDenied", times=1)  # of the first
    stage = Deployment(tmp_path, line=connection).library
    (broken,) = broken_off(StagesRepairer((stage,), Breadth(Scope.PROJECT)), tmp_path)

    assert [each.put for each in broken.rests] == [{"Owner": "x"}]
    (untold,) = broken.untold
    assert (untold.change.id, untold.ending) == ("AROB", Ending.FAILED)
    assert untold.error is not None
    assert str(journal.paths[ACCOUNT]) in untold.error.hint
    broken.settle([Outcome(each, Ending.DONE) for each in broken.rests])
    assert [each.id for each in read_undo(journal.paths[ACCOUNT]).unfinished] == ["AROB"]


def test_of_what_is_gone_nothing_is_half_made(connection: Line) -> None:
    gone = change("igw-0123456789abcdef0", {"Onwer": "x"}, RENAMED)
    assert Repairer(connection.aws).now(gone) is None
