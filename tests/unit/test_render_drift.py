"""Drift on paper: what is, what should be, who did it, and never what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from tests.unit.toy import KINDS, Door, Ground, House, Lamp, World, blueprint, village, wanted
from umetrics.audit.drift import Drift, find_drift
from umetrics.audit.history import History, LastChange
from umetrics.provision.diff import Change
from umetrics.provision.model import Blueprint, Part, Phase, Ref
from umetrics.provision.plan import plan_up
from umetrics.provision.policy_document import PolicyDocument
from umetrics.render.document import dumps
from umetrics.render.drift import change_texts, drift_json, drift_lines
from umetrics.render.line import Look, compose
from umetrics.state import Receipt

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ALICE = LastChange("DeleteHouse", "arn:aws:iam::1:user/alice", NOON)


LAMP = wanted("lamp", Lamp())


def drift(world: World, desired: Blueprint | None = None) -> Drift:
    receipts = {"lamp": Receipt("lamp", "Lamp", "lamp-before")}
    snapshot = world.snapshot()
    return find_drift(plan_up(desired or village("a", "b"), snapshot, KINDS), snapshot, receipts)


def text(found: Drift, history: History | None = None) -> str:
    return compose(drift_lines(found, history or History()), Look())


def settled() -> World:
    world = World()
    ground = world.put("ground", Ground())
    world.put("house/a", House(ground.id))
    world.put("lamp", Lamp())
    return world


def drifted() -> World:
    """A lamp lost, a door too few and a floor too many, a tag gone from the ground and a part."""
    world = settled()
    world.things.pop(world.of("lamp").id)
    world.change(world.of("house/a"), spec=House(world.of("ground").id, floors=2))
    ground = world.of("ground")
    tags = {key: tag for key, tag in ground.tags.items() if key != "Owner"}
    world.change(ground, tags=tags)
    return world


def test_no_drift_is_one_line() -> None:
    assert text(drift(settled())) == "No drift: 3 resources as wanted.\n"


def test_where_nothing_is_built_that_is_said() -> None:
    world = World()
    snapshot = world.snapshot()
    nothing = find_drift(plan_up(village(), snapshot, KINDS), snapshot, {})
    assert text(nothing) == "No drift: nothing of UserMetrics/dev is built.\n"


def test_what_has_drifted_is_told_with_what_should_be_and_who_did_it() -> None:
    history = History({"lamp": ALICE}, "CloudTrail shows an event after about 15 minutes")
    assert (
        text(drift(drifted()), history)
        == """\
Drift: 3 of 3 resources not as wanted: 1 missing, 1 changed, 1 tags changed.
~ ground   ground  ground-0001  tags changed
      tag Owner is missing, wanted me
~ house/a  house   house-0002   changed
      floors is 2, wanted 1
- lamp     lamp    lamp-before  missing
      last change: DeleteHouse, 2026-03-14T12:00:00Z, by
      arn:aws:iam::1:user/alice
CloudTrail shows an event after about 15 minutes
"""
    )


def test_elements_too_many_and_too_few_and_failures_are_told() -> None:
    world = settled()
    house, lamp = world.of("house/a"), world.of("lamp")
    doors = frozenset({Door("south", "garden", ours=True)})
    world.change(house, spec=replace(house.spec, doors=doors))
    world.change(lamp, phase=Phase.FAILED, note="no current")
    door = frozenset({Door("east", "street")})
    cottage = wanted("house/a", House(Ref("ground"), doors=door))
    told = text(drift(world, blueprint(wanted("ground", Ground()), cottage, LAMP)))
    assert "      doors has, unwanted: south -> garden\n" in told
    assert "      doors lacks east -> street\n" in told
    assert "      lamp-0003 is failed: no current\n" in told


def test_the_tags_of_parts_are_told_with_the_part() -> None:
    world = settled()
    parts = (Part("chimney", "chimney-1", {"Owner": ""}), Part("chimney", "chimney-2", {}))
    world.change(world.of("ground"), parts=parts)
    ground = wanted("ground", Ground(), part_tags={"Owner": "me"})
    told = text(drift(world, blueprint(ground, LAMP)))
    assert "      chimney chimney-1: tag Owner is (empty), wanted me\n" in told
    assert "      chimney chimney-2: tag Owner is missing, wanted me\n" in told


def test_what_others_put_there_and_orphans_are_told_and_are_no_drift() -> None:
    world = settled()
    house = world.of("house/a")
    world.change(house, spec=replace(house.spec, doors=frozenset({Door("north", "street")})))
    world.put("house/z", House(world.of("ground").id))
    assert (
        text(drift(world))
        == """\
No drift: 3 resources as wanted.
= house/a house-0002: kept: north -> street, not ours
= orphan: house/z house-0004 is ours but no longer wanted
"""
    )


def test_a_policy_is_told_statement_by_statement() -> None:
    def of(action: str) -> PolicyDocument:
        return PolicyDocument.of(
            {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        )

    told = list(change_texts(Change("trust", of("s3:Get*"), of("s3:Put*")), {}))
    assert any(text.startswith("trust lacks ") and "s3:Put*" in text for text in told)
    assert any(text.startswith("trust has, unwanted: ") and "s3:Get*" in text for text in told)


def test_as_json_it_says_all_of_it() -> None:
    content = json.loads(dumps(drift_json(drift(drifted()), History({"lamp": ALICE}, "late"))))
    assert content["clean"] is False
    assert content["summary"] == {
        "judged": 3,
        "missing": 1,
        "estranged": 0,
        "changed": 1,
        "retagged": 1,
    }
    ground, house, lamp = content["deviations"]
    assert ground["missing_tags"] == [{"part": None, "tags": {"Owner": "me"}}]
    assert house["changes"] == [{"field": "floors", "before": 2, "after": 1, "fixed": False}]
    assert (lamp["id"], lamp["problem"]) == ("lamp-before", "missing")
    assert lamp["last_change"] == {
        "event": "DeleteHouse",
        "author": "arn:aws:iam::1:user/alice",
        "at": "2026-03-14T12:00:00Z",
    }
    assert content["history_note"] == "late"
    assert content["orphans"] == []
