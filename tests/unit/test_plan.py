"""Which steps a run has, and what each has to wait for."""

from __future__ import annotations

from functools import partial

import pytest

from tests.unit.toy import (
    DEPLOYMENT,
    KINDS,
    OTHER,
    Door,
    Ground,
    House,
    Lamp,
    World,
    blueprint,
    full_tags,
    village,
    wanted,
)
from umetrics.errors import Twins
from umetrics.provision.model import Blueprint, Found, Part, Phase, Ref, Snapshot
from umetrics.provision.plan import Action, Plan, plan_destroy, plan_up
from umetrics.tags import DEPLOYMENT as IDENTITY


@pytest.fixture
def world() -> World:
    return World()


def up(world: World, desired: Blueprint, *, prune: bool = False) -> Plan:
    return plan_up(desired, world.snapshot(), KINDS, prune=prune)


def settled(world: World) -> tuple[Found[object], Found[object], Found[object]]:
    """A world just as `village("a")` wants it."""
    ground = world.put("ground", Ground())
    return ground, world.put("house/a", House(ground.id)), world.put("lamp", Lamp())


def actions(plan: Plan) -> dict[str, Action]:
    return {step.key: step.action for step in plan.steps}


def test_in_an_empty_world_everything_is_created_after_what_it_refers_to(world: World) -> None:
    plan = up(world, village("a", "b"))
    assert set(actions(plan).values()) == {Action.CREATE}
    assert [step.key for step in plan.steps] == ["ground", "house/a", "house/b", "lamp"]
    assert plan.step("ground").requires == frozenset()
    assert plan.step("house/a").requires == {"ground"}
    assert plan.step("lamp").requires == {"house/a", "house/b"}
    assert plan.counts == {Action.CREATE: 4}
    assert len(plan.changes) == 4


def test_what_is_as_wanted_gives_an_empty_plan(world: World) -> None:
    settled(world)
    plan = up(world, village("a"))
    assert set(actions(plan).values()) == {Action.NONE}
    assert plan.is_empty
    assert plan.changes == ()


def test_an_unknown_key_is_no_step(world: World) -> None:
    with pytest.raises(KeyError, match="castle"):
        up(world, village()).step("castle")


def test_drift_is_updated_and_nothing_else(world: World) -> None:
    ground, _, _ = settled(world)
    world.change(ground, spec=Ground(size=9))
    plan = up(world, village("a"))
    assert [step.key for step in plan.changes] == ["ground"]
    step = plan.step("ground")
    assert (step.action, step.id) == (Action.UPDATE, ground.id)
    assert step.difference is not None
    assert [change.before for change in step.difference.changes] == [9]


def test_a_stripped_tag_alone_is_an_update(world: World) -> None:
    ground, _, _ = settled(world)
    tags = full_tags("ground")
    del tags["Owner"]
    world.change(ground, tags=tags)
    assert actions(up(world, village("a")))["ground"] is Action.UPDATE


def test_a_part_without_tags_alone_is_an_update(world: World) -> None:
    world.put("ground", Ground(), parts=(Part("stone", "stone-1"),))
    plan = up(world, blueprint(wanted("ground", Ground(), part_tags={"Owner": "me"})))
    assert actions(plan) == {"ground": Action.UPDATE}


def test_what_is_still_pending_is_waited_for(world: World) -> None:
    ground, _, _ = settled(world)
    world.change(ground, phase=Phase.PENDING)
    assert actions(up(world, village("a")))["ground"] is Action.UPDATE


def test_a_changed_fixed_field_is_a_conflict_that_says_what_differs(world: World) -> None:
    ground, _, _ = settled(world)
    world.change(ground, spec=Ground("valley"))
    plan = up(world, village("a"))
    (conflict,) = plan.conflicts
    assert conflict.key == "ground"
    assert conflict.reason == ("AWS cannot change this in place: place is valley, wanted hill")
    assert not plan.is_empty
    assert conflict not in plan.changes


def test_a_taken_name_is_a_conflict_that_says_by_whom(world: World) -> None:
    snapshot = world.snapshot(
        obstacles={"ground": "its name is taken by ground-77 of the application"}
    )
    step = plan_up(village(), snapshot, KINDS).step("ground")
    assert step.action is Action.CONFLICT
    assert step.reason == "its name is taken by ground-77 of the application"


def test_what_carries_another_identity_now_is_a_conflict_that_names_both(world: World) -> None:
    stranger = world.put("ground", Ground(), tags=full_tags("ground") | {IDENTITY: OTHER})
    snapshot = world.snapshot(estranged={"ground": stranger})
    plan = plan_up(village(), snapshot, KINDS)
    assert [step.key for step in plan.conflicts] == ["ground"]
    reason = plan.step("ground").reason
    assert stranger.id in reason
    assert OTHER in reason


def test_an_identity_on_another_kind_of_thing_is_a_conflict(world: World) -> None:
    lamp = world.put("ground", Lamp())
    step = up(world, blueprint(wanted("ground", Ground()))).step("ground")
    assert step.action is Action.CONFLICT
    assert step.reason == f"{lamp.id} carries its identity but is a lamp"
    assert step.id == lamp.id


@pytest.mark.parametrize("phase", [Phase.LEAVING, Phase.FAILED])
def test_what_is_dying_is_made_anew_once_it_is_gone(world: World, phase: Phase) -> None:
    ground, _, _ = settled(world)
    world.change(ground, phase=phase)
    step = up(world, village("a")).step("ground")
    assert (step.action, step.found) == (Action.CREATE, None)
    assert [each.id for each in step.dying] == [ground.id]


def test_a_living_successor_of_something_dying_is_taken_as_it_is(world: World) -> None:
    old = world.put("lamp", Lamp(), phase=Phase.LEAVING)
    new = world.put("lamp", Lamp())
    step = up(world, blueprint(wanted("lamp", Lamp()))).step("lamp")
    assert (step.action, step.id) == (Action.NONE, new.id)
    assert [each.id for each in step.dying] == [old.id]


def test_receipts_decide_which_unmarked_elements_are_removed(world: World) -> None:
    ground, house, _ = settled(world)
    world.change(house, spec=House(ground.id, guests=frozenset({"ann", "bob"})))
    snapshot = world.snapshot(owned={"house/a": frozenset({"ann"})})
    step = plan_up(village("a"), snapshot, KINDS).step("house/a")
    assert step.owned == {"ann"}
    assert step.difference is not None
    assert [change.before for change in step.difference.changes] == ["ann"]
    assert step.difference.foreign == ("bob",)


def test_orphans_are_shown_and_kept(world: World) -> None:
    settled(world)
    orphan = world.put("house/old", House("ground-0001"))
    plan = plan_up(village("a"), world.snapshot(), KINDS)
    assert plan.orphans == (orphan,)
    assert plan.is_empty
    assert "house/old" not in actions(plan)


def test_pruning_deletes_orphans_in_their_own_order(world: World) -> None:
    ground, _, _ = settled(world)
    old = world.put("ground/old", Ground())
    world.put("house/old", House(old.id))
    world.put("house/older", House(ground.id, doors=frozenset({Door("north", old.id)})))
    plan = up(world, village("a"), prune=True)
    assert plan.orphans == ()
    deleted = {step.key: step.requires for step in plan.changes}
    assert deleted == {
        "ground/old": {"house/old", "house/older"},
        "house/old": {"lamp"},
        "house/older": {"lamp"},
    }
    assert {step.action for step in plan.changes} == {Action.DELETE}


def test_pruning_waits_until_what_stays_has_let_go(world: World) -> None:
    ground = world.put("ground", Ground())
    old = world.put("ground/old", Ground())
    door = Door("north", old.id, ours=True)
    world.put("house/a", House(ground.id, doors=frozenset({door})))
    plan = up(
        world,
        blueprint(wanted("ground", Ground()), wanted("house/a", House(Ref("ground")))),
        prune=True,
    )
    assert actions(plan)["house/a"] is Action.UPDATE
    assert plan.step("ground/old").requires == {"house/a"}


def test_pruning_does_not_change_what_waits_for_what_among_those_that_stay(world: World) -> None:
    ground, house, _ = settled(world)
    world.change(ground, spec=Ground(size=9))
    world.change(house, spec=House(ground.id, floors=9))
    plan = up(world, village("a"), prune=True)
    assert plan.step("ground").requires == frozenset()
    assert plan.step("house/a").requires == {"ground"}


def test_pruning_waits_for_orphans_that_are_leaving_already(world: World) -> None:
    world.put("lamp/old", Lamp(), phase=Phase.LEAVING)
    plan = up(world, blueprint(), prune=True)
    assert actions(plan) == {"lamp/old": Action.DELETE}


def test_destroying_takes_dependents_first_by_what_is_observed(world: World) -> None:
    ground, house, lamp = settled(world)
    world.put("house/orphan", House("elsewhere", doors=frozenset({Door("north", ground.id)})))
    plan = plan_destroy(world.snapshot(), KINDS)
    assert set(actions(plan).values()) == {Action.DELETE}
    assert {step.key: step.requires for step in plan.steps} == {
        "ground": {"house/a", "house/orphan"},
        "house/a": {"lamp"},
        "house/orphan": {"lamp"},
        "lamp": frozenset(),
    }
    assert plan.step("house/a").id == house.id
    assert plan.step("lamp").id == lamp.id


def test_destroying_waits_also_for_users_of_what_is_dying(world: World) -> None:
    old = world.put("ground", Ground(), phase=Phase.LEAVING)
    new = world.put("ground", Ground())
    world.put("house/a", House(old.id))
    step = plan_destroy(world.snapshot(), KINDS).step("ground")
    assert step.id == new.id
    assert [each.id for each in step.dying] == [old.id]
    assert step.requires == {"house/a"}


def test_destroying_waits_for_a_user_that_is_dying_itself(world: World) -> None:
    ground = world.put("ground", Ground())
    world.put("house/a", House(ground.id), phase=Phase.LEAVING)
    plan = plan_destroy(world.snapshot(), KINDS)
    assert actions(plan) == {"ground": Action.DELETE, "house/a": Action.DELETE}
    assert plan.step("ground").requires == {"house/a"}


def test_destroying_nothing_is_an_empty_plan() -> None:
    plan = plan_destroy(Snapshot(DEPLOYMENT, {}), KINDS)
    assert plan.steps == ()
    assert plan.is_empty


@pytest.mark.parametrize("is_destroy", [False, True])
def test_twins_are_refused_and_all_named(world: World, is_destroy: bool) -> None:
    first, second = world.put("ground", Ground()), world.put("ground", Ground())
    plan = plan_destroy if is_destroy else partial(plan_up, village())
    with pytest.raises(Twins, match=f"ground: {first.id}, {second.id}") as refusal:
        plan(world.snapshot(), KINDS)
    assert "umetrics:* tags" in refusal.value.hint


def test_twins_of_several_keys_are_named_together(world: World) -> None:
    ids = [world.put(key, Ground()).id for key in ("hill", "hill", "vale", "vale")]
    with pytest.raises(Twins) as refusal:
        up(world, village())
    assert refusal.value.message.endswith("hill: {}, {}; vale: {}, {}".format(*ids))


def test_a_dying_resource_is_no_twin_of_its_successor(world: World) -> None:
    world.put("ground", Ground(), phase=Phase.LEAVING)
    world.put("ground", Ground())
    assert up(world, blueprint(wanted("ground", Ground()))).is_empty


def test_a_failed_resource_beside_a_sound_one_is_something_to_take_away(world: World) -> None:
    failed = world.put("ground", Ground(), phase=Phase.FAILED)
    sound = world.put("ground", Ground())
    step = up(world, blueprint(wanted("ground", Ground()))).step("ground")
    assert (step.action, step.id) == (Action.UPDATE, sound.id)
    assert [each.id for each in step.dying] == [failed.id]


def test_what_refers_to_something_outside_the_blueprint_waits_for_nothing(world: World) -> None:
    plan = up(world, blueprint(wanted("house/a", House(Ref("shared")))))
    assert plan.step("house/a").requires == frozenset()


def test_destroying_waits_for_a_dying_user_whose_successor_uses_something_else(
    world: World,
) -> None:
    first, second = world.put("ground/1", Ground()), world.put("ground/2", Ground())
    world.put("house/a", House(first.id), phase=Phase.LEAVING)
    world.put("house/a", House(second.id))
    plan = plan_destroy(world.snapshot(), KINDS)
    assert plan.step("ground/1").requires == {"house/a"}
    assert plan.step("ground/2").requires == {"house/a"}
