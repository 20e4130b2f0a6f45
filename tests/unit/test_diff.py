"""What separates a wanted spec from a found one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.unit.toy import Door, Ground, House, full_tags, wanted
from umetrics.provision.diff import Change, Difference, Missing, compare
from umetrics.provision.model import Found, Part, Resource
from umetrics.provision.resources.rule import Rule
from umetrics.provision.resources.vpc import Vpc


@dataclass(frozen=True)
class Shed:
    """Its tools are in no receipt."""

    tools: frozenset[str]


OURS = Door("north", "sea", id="door-1", ours=True)
FOREIGN = Door("east", "forest", id="door-2")


def difference(
    desired: House,
    present: House,
    *,
    parts: tuple[Part, ...] = (),
    part_tags: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    owned: frozenset[str] = frozenset(),
) -> Difference[Any]:
    found = Found("house-1", present, full_tags("house") if tags is None else tags, parts=parts)
    return compare(wanted("house", desired, part_tags=part_tags), found, owned)


def doors(*each: Door) -> House:
    return House("ground-1", doors=frozenset(each))


def test_what_is_as_wanted_has_no_difference() -> None:
    same = difference(doors(Door("north", "sea")), doors(OURS))
    assert same.is_empty
    assert same.conflicts == ()


def test_a_plain_field_is_a_change_and_no_conflict() -> None:
    differs = difference(House("ground-1", floors=3), House("ground-1", floors=1))
    assert differs.changes == (Change("floors", 1, 3),)
    assert differs.conflicts == ()


def test_a_fixed_field_that_differs_is_a_conflict() -> None:
    differs = difference(House("ground-1"), House("ground-2"))
    assert differs.conflicts == (Change("ground", "ground-2", "ground-1", fixed=True),)


def test_a_fixed_field_that_is_still_empty_can_be_set() -> None:
    differs = difference(House("ground-1"), House(""))
    assert differs.changes == (Change("ground", "", "ground-1"),)
    assert differs.conflicts == ()


def test_an_informational_field_is_taken_as_found_and_never_a_difference() -> None:
    same = difference(House("ground-1", mood="any"), House("ground-1", mood="calm"))
    assert same.is_empty
    assert same.spec.mood == "calm"


def test_a_wanted_element_that_is_not_there_is_added() -> None:
    new = Door("north", "sea")
    assert difference(doors(new), doors()).changes == (Change("doors", None, new),)


def test_an_element_of_ours_that_nobody_wants_is_removed() -> None:
    differs = difference(doors(), doors(OURS))
    assert differs.changes == (Change("doors", OURS, None),)
    assert differs.spec.doors == frozenset()
    assert differs.foreign == ()


def test_a_foreign_element_is_shown_and_kept() -> None:
    same = difference(doors(), doors(FOREIGN))
    assert same.is_empty
    assert same.foreign == (FOREIGN,)
    assert same.spec.doors == {FOREIGN}


def test_a_wanted_element_replaces_whatever_holds_its_slot() -> None:
    present = Door("north", "swamp", id="door-3")
    new = Door("north", "sea")
    differs = difference(doors(new), doors(present))
    assert differs.changes == (Change("doors", present, new),)
    assert differs.spec.doors == {new}
    assert differs.foreign == ()


def guests(*names: str) -> House:
    return House("ground-1", guests=frozenset(names))


def test_an_unwanted_element_without_a_mark_goes_when_our_receipts_name_it() -> None:
    differs = difference(guests("ann"), guests("ann", "bob"), owned=frozenset({"ann", "bob"}))
    assert differs.changes == (Change("guests", "bob", None),)
    assert differs.spec.guests == {"ann"}


def test_an_unwanted_element_without_a_mark_stays_when_no_receipt_names_it() -> None:
    same = difference(guests("ann"), guests("ann", "bob"), owned=frozenset({"ann"}))
    assert same.is_empty
    assert same.foreign == ("bob",)
    assert same.spec.guests == {"ann", "bob"}


def test_a_receipt_counts_only_for_fields_that_are_receipted() -> None:
    found = Found("shed-1", Shed(frozenset({"axe", "saw"})), {})
    same = compare(Resource("shed", Shed(frozenset({"axe"})), {}), found, frozenset({"axe", "saw"}))
    assert same.is_empty
    assert same.foreign == ("saw",)


def test_a_missing_or_wrong_tag_is_missing_and_a_foreign_tag_does_not_matter() -> None:
    tags = full_tags("house") | {"Owner": "somebody", "Theirs": "stays"}
    differs = difference(House(), House(), tags=tags)
    assert differs.missing == (Missing({"Owner": "me"}),)
    assert not differs.is_empty
    assert differs.changes == ()


def test_missing_tags_of_parts_are_told_part_by_part() -> None:
    bare, full = Part("door", "door-1"), Part("door", "door-9", {"Owner": "me"})
    differs = difference(doors(OURS), doors(OURS), parts=(bare, full), part_tags={"Owner": "me"})
    assert differs.missing == (Missing({"Owner": "me"}, bare),)


def test_parts_that_are_awss_own_foreign_or_going_get_no_tags() -> None:
    going = Door("west", "lake", id="door-3", ours=True)
    parts = (
        Part("door", FOREIGN.id),
        Part("door", going.id),
        Part("interface", "eni-1", judged=False),
    )
    differs = difference(doors(), doors(FOREIGN, going), parts=parts, part_tags={"Owner": "me"})
    assert differs.missing == ()


def test_an_untagged_element_equal_to_a_wanted_one_is_taken_over_by_tagging_it() -> None:
    untagged = Door("north", "sea", id="door-7", ours=False)
    part = Part("door", "door-7")
    differs = difference(
        doors(Door("north", "sea")), doors(untagged), parts=(part,), part_tags={"Owner": "me"}
    )
    assert differs.changes == ()
    assert differs.missing == (Missing({"Owner": "me"}, part),)


def test_a_part_that_an_element_merely_points_at_gets_its_tags() -> None:
    """The default group of a new VPC lets itself in: the rule goes, the group stays."""
    own = Rule("ingress", "-1", -1, -1, "sg-default", ours=True)
    group = Part("default security group", "sg-default")
    vpc = Vpc("10.0.0.0/24", default_group_rules=frozenset({own}))
    found = Found("vpc-1", vpc, full_tags("vpc"), parts=(group,))
    desired = wanted("vpc", Vpc("10.0.0.0/24"), part_tags={"Owner": "me"})
    differs = compare(desired, found)
    assert differs.changes == (Change("default_group_rules", own, None),)
    assert differs.missing == (Missing({"Owner": "me"}, group),)


def test_all_kinds_of_difference_are_told_together() -> None:
    differs = difference(
        House("ground-1", floors=2, guests=frozenset({"ann"})),
        House("ground-2", floors=1, guests=frozenset({"bob"}), mood="calm"),
        tags={},
    )
    assert {change.field for change in differs.changes} == {"ground", "floors", "guests"}
    assert [change.field for change in differs.conflicts] == ["ground"]
    assert differs.missing == (Missing(full_tags("house")),)
    assert differs.foreign == ("bob",)


def test_a_spec_without_sets_compares_field_by_field() -> None:
    found = Found("ground-1", Ground("hill", 1), full_tags("ground"))
    assert compare(wanted("ground", Ground("hill", 1)), found).is_empty
    assert compare(wanted("ground", Ground("valley", 1)), found).conflicts
