"""Two looks at the same region, compared: what appeared, has gone, was changed. Pure, and linear.

A list is told as what only one look has in it, or whole where only its order is another; a field
within a field by its path.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from umetrics.verify.normal import Fact, canonical
from umetrics.verify.ownership import without_guests
from umetrics.verify.values import Gap, Key, Snapshot, Thing


class Manner(enum.StrEnum):
    """What became of a thing."""

    APPEARED = "appeared"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, and what it was and is, as JSON; None where it was not or is not there.

    Of a list, only those elements are told that stand in one of the two looks.
    """

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Alteration:
    """Something foreign that is not as it was."""

    thing: Thing
    manner: Manner
    differences: tuple[Difference, ...] = ()

    @property
    def key(self) -> str:
        """Its kind and id in one text."""
        return f"{self.thing.kind}/{self.thing.id}"

    @property
    def id(self) -> str:
        """As AWS has it."""
        return self.thing.id

    @property
    def arn(self) -> str:
        """The thing's."""
        return self.thing.arn


@dataclass(frozen=True, slots=True)
class Comparison:
    """`compared` things were there before or are now; of what is in `gaps` nothing can be said."""

    compared: int
    alterations: tuple[Alteration, ...]
    gaps: tuple[Gap, ...]


def compare(before: Snapshot, after: Snapshot, ours: Collection[Key]) -> Comparison:
    """What is not as it was, by kind and id, of all that is not `ours`.

    Nor does it count where ours stand among the guests of something else.
    """
    unseen, guests = before.unseen | after.unseen, frozenset(id_ for _, id_ in ours)
    parts = before.unseen_fields | after.unseen_fields
    keys = {
        key: None
        for snapshot in (before, after)
        for key in snapshot.things
        if key[0] not in unseen and key not in ours
    }

    def at(key: Key, look: Snapshot) -> Thing | None:
        thing = look.things.get(key)
        return without_guests(thing, guests) if thing else None

    found = (_alteration(at(key, before), at(key, after), parts) for key in sorted(keys))
    gaps = {(gap.kind, gap.part): gap for gap in (*before.gaps, *after.gaps)}
    return Comparison(
        len(keys), tuple(each for each in found if each is not None), tuple(gaps.values())
    )


def _alteration(
    before: Thing | None, after: Thing | None, unseen: Collection[tuple[str, str]]
) -> Alteration | None:
    if after is None:
        return Alteration(before, Manner.GONE) if before is not None else None
    if before is None:
        return Alteration(after, Manner.APPEARED)
    differences = tuple(
        each
        for each in _differences("", before.facts, after.facts)
        if (after.kind, each.path.partition(".")[0]) not in unseen
    )
    return Alteration(after, Manner.CHANGED, differences) if differences else None


def _differences(path: str, before: Fact, after: Fact) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted(before.keys() | after.keys()):
            inner = f"{path}.{name}" if path else name
            yield from _field(inner, name, before, after)
    elif isinstance(before, list) and isinstance(after, list):
        yield Difference(path, *_elements(before, after))
    else:
        yield Difference(path, canonical(before), canonical(after))


def _field(
    path: str, name: str, before: Mapping[str, Fact], after: Mapping[str, Fact]
) -> Iterator[Difference]:
    if name not in after:
        yield Difference(path, canonical(before[name]), None)
    elif name not in before:
        yield Difference(path, None, canonical(after[name]))
    else:
        yield from _differences(path, before[name], after[name])


def _elements(before: list[Fact], after: list[Fact]) -> tuple[str | None, str | None]:
    """What only one of two lists has; all of both where that is the same."""
    old, new = Counter(map(canonical, before)), Counter(map(canonical, after))
    if old == new:
        return canonical(before), canonical(after)
    return _listed(old - new), _listed(new - old)


def _listed(elements: Counter[str]) -> str | None:
    """JSON again; None for none."""
    return f"[{', '.join(sorted(elements.elements()))}]" if elements else None
