"""What has drifted: of what was built, all that is not as wanted, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.toy import KINDS, OTHER, Door, Ground, House, Lamp, World, full_tags, village
from umetrics.audit.drift import Drift, Problem, find_drift
from umetrics.provision.model import Blueprint, Phase, Snapshot
from umetrics.provision.plan import plan_up
from umetrics.state import Receipt
from umetrics.tags import DEPLOYMENT as IDENTITY


def drift(
    world: World,
    *built: str,
    desired: Blueprint | None = None,
    snapshot: Snapshot | None = None,
) -> Drift:
    """Of a village with house a; what was `built` has a receipt."""
    seen = snapshot or world.snapshot()
    receipts = {key: Receipt(key, "Thing", f"{key}-before") for key in built}
    return find_drift(plan_up(desired or village("a"), seen, KINDS), seen, receipts)


def problems(found: Drift) -> dict[str, Problem]:
    return {each.key: each.problem for each in found.deviations}


@pytest.fixture
def world() -> World:
    world = World()
    ground = world.put("ground", Ground())
    world.put("house/a", House(ground.id))
    world.put("lamp", Lamp())
    return world


def test_what_is_as_wanted_has_not_drifted(world: World) -> None:
    found = drift(world)
    assert found.is_clean
    assert len(found.judged) == 3


def test_what_was_never_built_has_not_drifted(world: World) -> None:
    found = drift(world, desired=village("a", "b"))
    assert found.is_clean
    assert len(found.judged) == 3
    assert drift(World()).judged == ()


def test_what_was_built_and_is_gone_is_missing_with_the_id_it_had(world: World) -> None:
    world.things.pop(world.of("house/a").id)
    found = drift(world, "ground", "house/a", "lamp")
    assert problems(found) == {"house/a": Problem.MISSING}
    assert found.deviations[0].id == "house/a-before"


def test_what_is_leaving_or_failed_is_missing(world: World) -> None:
    house = world.of("house/a")
    world.change(house, phase=Phase.LEAVING)
    found = drift(world)
    assert problems(found) == {"house/a": Problem.MISSING}
    assert found.deviations[0].id == house.id


def test_what_is_still_coming_has_not_drifted(world: World) -> None:
    world.change(world.of("house/a"), phase=Phase.PENDING)
    assert drift(world).is_clean


def test_a_changed_value_is_drift_whether_or_not_it_can_be_changed_back(world: World) -> None:
    world.change(world.of("ground"), spec=Ground("valley"))
    world.change(world.of("lamp"), spec=Lamp("red"))
    assert problems(drift(world)) == {"ground": Problem.CHANGED, "lamp": Problem.CHANGED}


def test_tags_that_were_changed_are_drift(world: World) -> None:
    lamp = world.of("lamp")
    world.change(lamp, tags={**lamp.tags, "Owner": "you"})
    assert problems(drift(world)) == {"lamp": Problem.RETAGGED}


def test_what_was_given_another_identity_is_told_as_that(world: World) -> None:
    lamp = world.of("lamp")
    world.change(lamp, tags={**full_tags("lamp"), IDENTITY: OTHER})
    snapshot = replace(world.snapshot(), estranged={"lamp": world.things[lamp.id]})
    found = drift(world, "lamp", snapshot=snapshot)
    assert problems(found) == {"lamp": Problem.ESTRANGED}
    assert OTHER in found.deviations[0].step.reason


def test_what_others_put_on_ours_and_what_is_no_longer_wanted_is_no_drift(world: World) -> None:
    house = world.of("house/a")
    world.change(house, spec=replace(house.spec, doors=frozenset({Door("north", "street")})))
    world.put("house/z", House(world.of("ground").id))
    found = drift(world, "house/z")
    assert found.is_clean
    assert [each.key for each in found.orphans] == ["house/z"]
    assert [step.key for step in found.judged if step.difference and step.difference.foreign] == [
        "house/a"
    ]


def test_a_name_that_others_took_meanwhile_is_missing_and_the_reason_is_told(world: World) -> None:
    world.things.pop(world.of("lamp").id)
    snapshot = replace(world.snapshot(), obstacles={"lamp": "its name is taken by lamp-9"})
    found = drift(world, "lamp", snapshot=snapshot)
    assert problems(found) == {"lamp": Problem.MISSING}
    assert found.deviations[0].step.reason == "its name is taken by lamp-9"
