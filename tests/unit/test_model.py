"""The values of provisioning: references, what fields say of themselves, and what is living."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.toy import DEPLOYMENT, OTHER, Door, Ground, House, full_tags
from umetrics.provision.model import (
    Comparison,
    Element,
    Found,
    Phase,
    Ref,
    Snapshot,
    Where,
    spec_fields,
)
from umetrics.provision.references import mentions, references, resolve


@dataclass(frozen=True, slots=True)
class Nested:
    direct: str
    pair: tuple[str, ...]
    group: frozenset[Door]
    inner: House
    number: int = 7
    unset: str | None = None
    derived: str = field(init=False, default="derived")


def nested() -> Nested:
    return Nested(
        Ref("a"),
        ("plain", Ref("b")),
        frozenset({Door("north", Ref("c")), Door("south", "sea")}),
        House(Ref("d"), guests=frozenset({Ref("e")})),
    )


def test_references_are_found_however_deep_they_stand() -> None:
    assert references(nested()) == {"a", "b", "c", "d", "e"}


def test_a_plain_string_is_not_a_reference() -> None:
    assert references(House("ground-1")) == frozenset()


def test_references_are_resolved_however_deep_they_stand() -> None:
    resolved = resolve(nested(), {key: f"id-{key}" for key in "abcde"})
    assert resolved == Nested(
        "id-a",
        ("plain", "id-b"),
        frozenset({Door("north", "id-c"), Door("south", "sea")}),
        House("id-d", guests=frozenset({"id-e"})),
    )
    assert references(resolved) == frozenset()


def test_a_reference_to_something_that_does_not_exist_yet_stays_a_reference() -> None:
    resolved = resolve(nested(), {"a": "id-a"})
    assert resolved.direct == "id-a"
    assert references(resolved) == {"b", "c", "d", "e"}


def test_an_element_keeps_its_id_when_its_reference_is_resolved() -> None:
    door = Door("north", Ref("c"), id="door-1", ours=True)
    resolved = resolve(door, {"c": "id-c"})
    assert (resolved.leads_to, resolved.id, resolved.ours) == ("id-c", "door-1", True)


@given(st.frozensets(st.text(min_size=1)), st.dictionaries(st.text(), st.text()))
def test_resolving_leaves_no_reference_whose_id_is_known(
    keys: frozenset[str], ids: dict[str, str]
) -> None:
    value = (House(doors=frozenset(Door(key, Ref(key)) for key in keys)),)
    assert references(resolve(value, ids)) == keys - ids.keys()


def test_mentions_are_all_strings_of_a_spec() -> None:
    spec = House("ground-1", doors=frozenset({Door("north", "sea", id="door-1")}), mood="calm")
    assert mentions(spec) == {"ground-1", "north", "sea", "door-1", "calm"}


def test_a_spec_says_of_each_field_how_it_compares() -> None:
    fields = {each.name: (each.comparison, each.receipted) for each in spec_fields(House())}
    assert fields == {
        "ground": (Comparison.FIXED, False),
        "floors": (Comparison.PLAIN, False),
        "doors": (Comparison.PLAIN, False),
        "guests": (Comparison.PLAIN, True),
        "mood": (Comparison.INFORMATIONAL, False),
    }


def test_only_what_has_a_slot_and_an_owner_is_an_element() -> None:
    assert isinstance(Door("north", "sea"), Element)
    assert not isinstance("a name", Element)


def found(deployment: str = DEPLOYMENT, id: str = "ground-1") -> Found[Ground]:
    tags = {**full_tags("ground"), "umetrics:deployment": deployment}
    return Found(id, Ground(), tags)


def test_what_aws_filtered_wrongly_is_filtered_again() -> None:
    assert Where(DEPLOYMENT).matches(found())
    assert not Where(DEPLOYMENT).matches(found(OTHER))


def test_looked_for_by_id_only_the_id_counts() -> None:
    where = Where(DEPLOYMENT, ids=frozenset({"ground-1"}))
    assert where.matches(found(OTHER, "ground-1"))
    assert not where.matches(found(DEPLOYMENT, "ground-2"))


def test_a_found_thing_without_our_tags_has_no_key() -> None:
    assert (Found("x", Ground(), {}).key, Found("x", Ground(), {}).deployment) == ("", "")


@pytest.mark.parametrize(
    ("phase", "is_living"),
    [
        (Phase.READY, True),
        (Phase.PENDING, True),
        (Phase.LEAVING, False),
        (Phase.FAILED, False),
    ],
)
def test_what_leaves_or_failed_is_not_living(phase: Phase, is_living: bool) -> None:
    ground = Found("ground-1", Ground(), full_tags("ground"), phase=phase)
    snapshot = Snapshot(DEPLOYMENT, {"ground": (ground,)})
    assert snapshot.living("ground") == ((ground,) if is_living else ())
    assert snapshot.dying("ground") == (() if is_living else (ground,))
    assert snapshot.living("nothing") == ()
