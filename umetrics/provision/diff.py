"""Comparison: what separates a wanted spec from a found one. Pure; decides nothing.

Set fields are compared element by element. An element that is found but not wanted is removed only
if it is ours; anything else is foreign: it is reported, and joined to the wanted set, so that a
handler working with set differences leaves it alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from umetrics import tags as tag_scheme
from umetrics.provision.model import (
    Comparison,
    Element,
    Found,
    Part,
    Resource,
    SpecField,
    spec_fields,
)
from umetrics.tags import Tags

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` None: something is added; `after` None: it is removed."""

    field: str
    before: object
    after: object
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Tags that one thing lacks: a resource (`part` None) or some part of it."""

    tags: Tags
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Difference(Generic[S]):
    """All that separates a found resource from a wanted one.

    `spec` is the wanted spec joined with the foreign elements that are to stay.
    """

    spec: S
    changes: tuple[Change, ...] = ()
    missing: tuple[Missing, ...] = ()
    foreign: tuple[object, ...] = ()

    @property
    def conflicts(self) -> tuple[Change, ...]:
        """The changes that AWS cannot make in place."""
        return tuple(change for change in self.changes if change.fixed)

    @property
    def is_empty(self) -> bool:
        """Whether the found resource is as wanted."""
        return not self.changes and not self.missing


def compare(
    desired: Resource[Any], found: Found[Any], owned: frozenset[str] = frozenset()
) -> Difference[Any]:
    """The difference between `desired` and `found`.

    `owned` names the elements of receipted sets that, by our receipts, we put there.
    """
    changes: list[Change] = []
    foreign: list[object] = []
    joined: dict[str, object] = {}
    for field in spec_fields(desired.spec):
        wanted, present = getattr(desired.spec, field.name), getattr(found.spec, field.name)
        if field.comparison is Comparison.INFORMATIONAL:
            joined[field.name] = present
        elif isinstance(wanted, frozenset):
            elements = _compare_elements(field, wanted, present, owned)
            changes.extend(elements.changes)
            foreign.extend(elements.foreign)
            joined[field.name] = wanted | set(elements.foreign)
        elif wanted != present:
            is_conflict = field.comparison is Comparison.FIXED and bool(present)
            changes.append(Change(field.name, present, wanted, fixed=is_conflict))
    spec = dataclasses.replace(desired.spec, **joined)
    going = [change.before for change in changes if change.after is None]
    untagged = frozenset(getattr(element, "id", "") for element in (*foreign, *going))
    missing = tuple(_missing_tags(desired, found, untagged))
    return Difference(spec, tuple(changes), missing, tuple(foreign))


@dataclass(frozen=True, slots=True)
class _Elements:
    changes: tuple[Change, ...]
    foreign: tuple[object, ...]


def _compare_elements(
    field: SpecField,
    wanted: frozenset[object],
    present: frozenset[object],
    owned: frozenset[str],
) -> _Elements:
    changes: list[Change] = []
    by_identity = {_identity(element): element for element in present}
    changes.extend(
        Change(field.name, by_identity.get(_identity(element)), element)
        for element in _sorted(wanted - present)
    )
    slots = {_identity(element) for element in wanted}
    unwanted = [each for each in _sorted(present) if _identity(each) not in slots]
    removed = [each for each in unwanted if _is_ours(field, each, owned)]
    changes.extend(Change(field.name, element, None) for element in removed)
    return _Elements(
        tuple(changes), tuple(element for element in unwanted if element not in removed)
    )


def _identity(element: object) -> object:
    return element.identity if isinstance(element, Element) else element


def _is_ours(field: SpecField, element: object, owned: frozenset[str]) -> bool:
    if isinstance(element, Element):
        return element.ours
    return field.receipted and str(element) in owned


def _sorted(elements: Iterable[object]) -> list[object]:
    return sorted(elements, key=str)


def _missing_tags(
    desired: Resource[Any], found: Found[Any], excepted: frozenset[str]
) -> Iterable[Missing]:
    """Of the resource itself, then of its parts: not AWS's own, and no id in `excepted`."""
    if own := tag_scheme.missing(desired.tags, found.tags):
        yield Missing(own)
    for part in found.parts:
        lacking = tag_scheme.missing(desired.part_tags, part.tags)
        if part.judged and part.id not in excepted and lacking:
            yield Missing(lacking, part)
