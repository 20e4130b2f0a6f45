"""Whether a whole value matches a regular expression, in a time that no value can blow up. Pure.

`re` tries one way after the other: `(a+)+b` takes longer than anybody lives to refuse forty a's, so
that whoever may set a tag could stop every audit. Here all ways are gone at once: of each part of
the pattern it is known where it may end if it begins at a place, and each is found out once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

_PARSER, _COMPILER = import_module("re._parser"), import_module("re._compiler")
"""The two halves of `re.compile`, as every Python from 3.11 on has them."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One character, or a place between two, as `re` itself knows it."""

    compiled: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these; a group is a choice of one."""

    parts: tuple[Sequence, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same again and again."""

    least: int
    most: int
    part: Sequence


Sequence = tuple[Letter | Choice | Repeat, ...]
"""One after the other."""


class _Unknown(Exception):
    """An operation that is for `re` alone, such as one that refers back to a group."""


@lru_cache(maxsize=10_000)
def matches(pattern: str, value: str) -> bool:
    """As `re.fullmatch` says."""
    sequence = _taken_apart(pattern)
    if sequence is None:
        return re.fullmatch(pattern, value) is not None
    return len(value) in _Matching(value).ends(sequence, 0)


@cache
def _taken_apart(pattern: str) -> Sequence | None:
    """The parts, where that is possible and worth it: one plain repetition is nothing to `re`."""
    try:
        sequence = tuple(_sequence(_PARSER.parse(pattern)))
    except _Unknown:
        return None
    return sequence if _ways(sequence) > 1 else None


def _sequence(tree: Any) -> Iterator[Letter | Choice | Repeat]:  # noqa: ANN401  # of `re`'s own
    for number, (operation, about) in enumerate(tree):
        match str(operation):
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN" | "AT":
                yield Letter(_COMPILER.compile(tree[number : number + 1]))
            case "BRANCH":
                yield Choice(tuple(tuple(_sequence(part)) for part in about[1]))
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, part = about
                yield Repeat(int(least), int(most), tuple(_sequence(part)))
            case "SUBPATTERN" if not about[1] and not about[2]:  # no flags of its own
                yield Choice((tuple(_sequence(about[3])),))
            case _:
                raise _Unknown(operation)


def _ways(sequence: Sequence) -> int:
    """How many parts of it could each be tried in several ways."""
    count = 0
    for each in sequence:
        match each:
            case Choice(parts):
                count += (len(parts) > 1) + sum(map(_ways, parts))
            case Repeat(part=part):
                count += 1 + _ways(part)
            case _:
                pass
    return count


@dataclass(frozen=True, slots=True)
class _Matching:
    """One value, and what is known of it: by part and where that begins, where it may end."""

    value: str
    known: dict[tuple[int, int], frozenset[int]] = field(default_factory=dict)

    def ends(self, sequence: Sequence, start: int) -> frozenset[int]:
        """Where the whole sequence may end."""
        key = (id(sequence), start)
        if key not in self.known:
            at = frozenset({start})
            for each in sequence:
                at = self._after(each, at)
            self.known[key] = at
        return self.known[key]

    def _after(self, part: Letter | Choice | Repeat, at: frozenset[int]) -> frozenset[int]:
        """Where a part may end that begins at one of these."""
        match part:
            case Letter(compiled):
                found = (compiled.match(self.value, start) for start in at)
                return frozenset(each.end() for each in found if each)
            case Choice(parts):
                return _union(self.ends(each, start) for each in parts for start in at)
            case Repeat(least, most, repeated):
                return self._repeated(least, most, repeated, at)

    def _repeated(
        self, least: int, most: int, part: Sequence, at: frozenset[int]
    ) -> frozenset[int]:
        """Who is at a place after fewer rounds may go on from there for all who come later."""
        for _ in range(least):
            further = _union(self.ends(part, start) for start in at)
            if further == at:
                break
            at = further
        found, rounds = at, least
        while at and rounds < most:
            at = _union(self.ends(part, start) for start in at) - found
            found |= at
            rounds += 1
        return found


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)
