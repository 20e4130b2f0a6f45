"""Part of a plan is never less than what it needs, and never more than was asked for."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.toy import KINDS, Ground, House, Lamp, World, blueprint, village, wanted
from umetrics.errors import UsageError
from umetrics.provision.model import Blueprint, Ref
from umetrics.provision.plan import Action, Plan, plan_destroy, plan_up
from umetrics.provision.references import mentions, references
from umetrics.provision.selection import Selection, select

TWO = village("a", "b")


def up(world: World, desired: Blueprint = TWO, *, prune: bool = False) -> Plan:
    return plan_up(desired, world.snapshot(), KINDS, prune=prune)


def down(world: World) -> Plan:
    return plan_destroy(world.snapshot(), KINDS)


def acts(plan: Plan) -> dict[str, str]:
    return {step.key: step.action.value for step in plan.changes}


def keys(plan: Plan) -> list[str]:
    return [step.key for step in plan.steps]


def settled(*houses: str) -> World:
    world = World()
    ground = world.put("ground", Ground())
    for name in houses:
        world.put(f"house/{name}", House(ground.id))
    world.put("lamp", Lamp())
    return world


def test_without_patterns_a_plan_stays_itself() -> None:
    plan = up(World())
    assert select(plan, Selection()) is plan


def test_a_target_takes_along_what_must_be_created_first() -> None:
    part = select(up(World()), Selection(("house/a",)))
    assert acts(part) == {"ground": "create", "house/a": "create"}
    assert part.step("house/a").requires == {"ground"}


def test_a_target_takes_its_requirements_requirements_along_too() -> None:
    part = select(up(World()), Selection(("lamp",)))
    assert keys(part) == ["ground", "house/a", "house/b", "lamp"]


def test_what_stands_already_comes_along_to_give_its_id_and_nothing_more() -> None:
    world = World()
    world.put("ground", Ground())
    part = select(up(world), Selection(("house/a",)))
    assert acts(part) == {"house/a": "create"}
    assert part.step("ground").action is Action.NONE


def test_a_target_that_is_as_wanted_takes_nothing_along() -> None:
    world = settled("a", "b")
    world.change(world.of("ground"), spec=Ground(size=2))
    part = select(up(world), Selection(("house/a",)))
    assert keys(part) == ["house/a"]
    assert part.is_empty


def test_a_change_that_is_required_comes_along() -> None:
    world = World()
    world.put("ground", Ground(size=2))
    part = select(up(world), Selection(("house/b",)))
    assert acts(part) == {"ground": "update", "house/b": "create"}


@pytest.mark.parametrize("pattern", ["house/*", "house", "HOUSE", "house/[ab]"])
def test_a_glob_or_a_kind_means_all_of_them(pattern: str) -> None:
    part = select(up(settled()), Selection((pattern,)))
    assert acts(part) == {"house/a": "create", "house/b": "create"}


def test_destroying_a_target_takes_along_what_depends_on_it() -> None:
    part = select(down(settled("a", "b")), Selection(("ground",)))
    assert acts(part) == dict.fromkeys(["ground", "house/a", "house/b", "lamp"], "delete")


def test_destroying_a_target_leaves_what_it_depends_on() -> None:
    part = select(down(settled("a", "b")), Selection(("lamp",)))
    assert acts(part) == {"lamp": "delete"}


def test_what_is_excluded_is_left_out() -> None:
    part = select(up(settled()), Selection(excluded=("house/a",)))
    assert acts(part) == {"house/b": "create"}


def test_excluding_from_targets_leaves_the_others() -> None:
    part = select(up(settled()), Selection(("house/*",), ("house/b",)))
    assert acts(part) == {"house/a": "create"}


def test_what_needs_an_excluded_step_is_named_with_it() -> None:
    with pytest.raises(UsageError, match="needs what is excluded") as refused:
        select(up(World()), Selection(("house/*",), ("ground",)))
    assert refused.value.message.splitlines()[1:] == [
        "  house/a (create) needs ground (create)",
        "  house/b (create) needs ground (create)",
    ]


def test_in_a_destroy_what_is_left_must_not_hang_on_what_goes() -> None:
    with pytest.raises(UsageError, match=r"ground \(delete\) needs house/a \(delete\)"):
        select(down(settled("a")), Selection(excluded=("house/a", "lamp")))


def test_excluding_what_is_as_wanted_keeps_nobody_from_building_on_it() -> None:
    part = select(up(settled()), Selection(excluded=("ground",)))
    assert acts(part) == {"house/a": "create", "house/b": "create"}


def test_a_conflict_that_nobody_chose_forbids_nothing() -> None:
    world = settled("a", "b")
    world.change(world.of("house/b"), spec=House("elsewhere"))
    world.change(world.of("lamp"), spec=Lamp("red"))
    assert up(world).conflicts
    assert acts(select(up(world), Selection(excluded=("house/b", "lamp")))) == {}
    assert select(up(world), Selection(("lamp",))).conflicts  # it comes after all houses


def test_a_pattern_that_matches_nothing_is_refused_with_what_is_close() -> None:
    with pytest.raises(UsageError, match="nothing in this plan is called 'huose/a'") as refused:
        select(up(World()), Selection(("ground", "huose/a")))
    assert "did you mean house/a?" in refused.value.hint


def test_where_nothing_is_close_all_names_are_told() -> None:
    with pytest.raises(UsageError) as refused:
        select(up(World()), Selection(excluded=("zzz",)))
    assert "one of: ground, house, house/a, house/b, lamp?" in refused.value.hint


def test_from_nothing_nothing_is_chosen() -> None:
    assert select(down(World()), Selection(("vpc",))).steps == ()


def test_a_prune_takes_along_what_may_succeed_it_and_no_other_change() -> None:
    world = settled("a", "b")
    world.change(world.of("lamp"), spec=Lamp("red"))
    part = select(up(world, village("a"), prune=True), Selection(("house/b",)))
    assert acts(part) == {"house/b": "delete"}
    world.change(world.of("house/a"), spec=House(world.of("ground").id, floors=2))
    part = select(up(world, village("a"), prune=True), Selection(("house/b",)))
    assert acts(part) == {"house/a": "update", "house/b": "delete"}


def test_orphans_are_chosen_like_steps() -> None:
    world = settled("a", "b", "c")
    plan = up(world, village("a"))
    assert [each.key for each in plan.orphans] == ["house/b", "house/c"]
    chosen = select(plan, Selection(("house/*",), ("lamp",))).orphans
    assert [each.key for each in chosen] == ["house/b", "house/c"]
    assert select(plan, Selection(("lamp",))).orphans == ()


def test_an_orphan_is_known_by_the_name_that_the_plan_shows() -> None:
    plan = up(settled("a", "b"), village("a"))
    assert select(plan, Selection(excluded=("house/b",))).orphans == ()
    only = select(plan, Selection(("house/b",)))
    assert (only.steps, [each.key for each in only.orphans]) == ((), ["house/b"])


NAMES = st.sets(st.sampled_from("abcd"), min_size=1)
PATTERNS = st.lists(
    st.sampled_from(["ground", "house/a", "house/b", "house/*", "house", "lamp", "*"]), max_size=3
).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Of a world in which anything may be missing, changed, or no longer wanted."""
    world, there = World(), draw(NAMES)
    if draw(st.booleans()):
        ground = world.put("ground", Ground(size=draw(st.integers(1, 2))))
        for name in sorted(there):
            world.put(f"house/{name}", House(ground.id, floors=draw(st.integers(1, 2))))
    if draw(st.booleans()):
        world.put("lamp", Lamp(draw(st.sampled_from(["white", "red"]))))
    if draw(st.booleans()):
        return down(world)
    desired = blueprint(
        wanted("ground", Ground()),
        *(wanted(f"house/{name}", House(Ref("ground"))) for name in sorted(draw(NAMES))),
        *([wanted("lamp", Lamp())] if draw(st.booleans()) else []),
    )
    return up(world, desired, prune=draw(st.booleans()))


@given(plans(), PATTERNS, PATTERNS)
def test_nothing_is_chosen_without_what_must_act_for_it(
    plan: Plan, targets: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    try:
        part = select(plan, Selection(targets, excluded))
    except UsageError:
        return
    kept, left_out = set(keys(part)), [each for each in plan.changes if each not in part.steps]
    absent = {each.key for each in plan.changes} - kept
    for step in part.changes:
        assert step.requires <= kept
        if step.desired is not None:
            assert not references(step.desired.spec) & absent
        if step.action is Action.DELETE and step.found is not None:
            users = {each.key for each in left_out if each.found and each.key in absent}
            named = {
                key
                for key in users
                if (found := plan.step(key).found) and step.found.id in mentions(found.spec)
            }
            assert not named
    for pattern in excluded:
        assert not any(fnmatchcase(step.key, pattern) for step in part.changes)


@given(plans(), PATTERNS)
def test_every_target_is_in_what_is_chosen(plan: Plan, targets: tuple[str, ...]) -> None:
    try:
        part = select(plan, Selection(targets))
    except UsageError:
        return
    meant = {key for key in keys(plan) if any(fnmatchcase(key, each) for each in targets)}
    assert meant <= set(keys(part))
