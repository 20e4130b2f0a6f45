"""Kinds of settings that are tables: under names of the user's own, or with columns that we know.

As text, in an environment variable, such a setting is what TOML calls an inline table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from umetrics.config.kind import Judged, Kind, Table, Value, near, shown
from umetrics.errors import Problem


def _understood(text: str) -> object:
    """The inline table that `text` is; the text itself when it is none."""
    import tomllib  # noqa: PLC0415  # slow to import, and rarely needed

    try:
        return tomllib.loads(f"it = {text}")["it"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


@dataclass(frozen=True, slots=True)
class Named:
    """A table whose names are the user's, each `name`d so, with values `of` one kind."""

    name: Kind
    of: Kind

    @property
    def allowed(self) -> str:
        """What names and values may be."""
        return f"a table: {self.name.allowed} = {self.of.allowed}"

    def understand(self, text: str) -> object:
        """An inline table."""
        return _understood(text)

    def judge(self, raw: object, where: str) -> Judged:
        """The problems of all names and of all values."""
        if not isinstance(raw, dict):
            return Judged(None, (Problem(where, shown(raw), self.allowed),))
        judged = {name: self.of.judge(each, f"{where}.{name}") for name, each in raw.items()}
        problems = [each for name in raw for each in self.name.judge(name, where).problems]
        problems += [each for value in judged.values() for each in value.problems]
        return _table({name: each.value for name, each in judged.items()}, problems)


@dataclass(frozen=True, slots=True)
class Columns:
    """A table with known names, each with a kind of its own; all but the `optional` must be there.

    An optional one that is not there has no row.
    """

    kinds: Mapping[str, Kind]
    optional: frozenset[str] = frozenset()

    @property
    def allowed(self) -> str:
        """Every column."""
        columns = (
            f"{name} ({kind.allowed})" if name not in self.optional else f"{name} (or without it)"
            for name, kind in self.kinds.items()
        )
        return f"a table with {', '.join(columns)}"

    def understand(self, text: str) -> object:
        """An inline table."""
        return _understood(text)

    def judge(self, raw: object, where: str) -> Judged:
        """The problems of each column, of those that are missing and of those that nobody knows."""
        if not isinstance(raw, dict):
            return Judged(None, (Problem(where, shown(raw), self.allowed),))
        names = tuple(self.kinds)
        problems = [
            Problem(f"{where}.{name}", "an unknown key", ", ".join(names), near(name, names))
            for name in raw
            if name not in self.kinds
        ]
        problems += [
            Problem(f"{where}.{name}", "nothing", kind.allowed)
            for name, kind in self.kinds.items()
            if name not in raw and name not in self.optional
        ]
        judged = {
            name: kind.judge(raw[name], f"{where}.{name}")
            for name, kind in self.kinds.items()
            if name in raw
        }
        problems += [each for value in judged.values() for each in value.problems]
        return _table({name: each.value for name, each in judged.items()}, problems)


def _table(values: Mapping[str, Value], problems: list[Problem]) -> Judged:
    return Judged(None, tuple(problems)) if problems else Judged(Table(tuple(values.items())))


@dataclass(frozen=True, slots=True)
class Day:
    """A day, as TOML writes one, or in quotes; kept as text, `2027-01-31`."""

    allowed: str = "a day such as 2027-01-31"

    def understand(self, text: str) -> object:
        """Text is judged as it is."""
        return text

    def judge(self, raw: object, where: str) -> Judged:
        """A day without a time of day."""
        from datetime import date, datetime  # noqa: PLC0415  # with `tomllib`, and as rarely

        try:
            day = date.fromisoformat(raw) if isinstance(raw, str) else raw
        except ValueError:
            day = None
        if isinstance(day, date) and not isinstance(day, datetime):
            return Judged(day.isoformat())
        return Judged(None, (Problem(where, shown(raw), self.allowed),))
