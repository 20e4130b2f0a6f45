"""What a value in the configuration may be, and the reading of it from TOML or from text.

A kind *understands* text (of a flag or an environment variable) by turning it into what TOML
would have given, and then *judges* what TOML gave. Nothing here knows which setting it serves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from umetrics.errors import Problem

Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table within a setting: names that are the user's own, or columns, each with its value."""

    rows: tuple[tuple[str, Value], ...] = ()

    def get(self, name: str) -> Value:
        """What stands under a name; None for one that is not there."""
        return dict(self.rows).get(name)

    def tables(self) -> Iterator[tuple[str, Table]]:
        """The rows that are tables themselves."""
        return ((name, each) for name, each in self.rows if isinstance(each, Table))

    def texts(self, name: str) -> tuple[str, ...]:
        """What stands under a name, as a list of texts: none where nothing does."""
        value = self.get(name)
        return tuple(map(str, value)) if isinstance(value, tuple) else ()


Value: TypeAlias = "Scalar | tuple[Scalar, ...] | Table | None"

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
_SWITCH = {"true": True, "yes": True, "on": True, "1": True}
_SWITCH |= {"false": False, "no": False, "off": False, "0": False}
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Judged:
    """A value that is right, or the problems with it (and then `value` is None)."""

    value: Value
    problems: tuple[Problem, ...] = ()


class Kind(Protocol):
    """One sort of value."""

    @property
    def allowed(self) -> str:
        """What is allowed, in words that end the sentence `allowed: ...`."""
        ...

    def understand(self, text: str) -> object:
        """What TOML would have given for `text`; the text itself when it means nothing."""
        ...

    def judge(self, raw: object, where: str) -> Judged:
        """The value, or every problem with it; `where` is where it stands, for people."""
        ...


def shown(raw: object) -> str:
    """A value as TOML writes it, short enough for one line, and without control characters."""
    match raw:
        case bool():
            return "true" if raw else "false"
        case dict():
            return "a table"
        case Table():
            return in_toml(raw)
        case list() | tuple():
            text = f"[{', '.join(shown(each) for each in raw)}]"
        case str() if raw.isprintable():
            text = f'"{raw}"'
        case str():
            text = ascii(raw)
        case _:
            text = str(raw)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def in_toml(value: Value) -> str:
    """A value that is right, whole, as it may stand in a file; a table in a line of its own."""
    match value:
        case Table(rows):
            columns = [f"{_key_in_toml(name)} = {in_toml(each)}" for name, each in rows]
            return f"{{ {', '.join(columns)} }}" if columns else "{}"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)  # TOML's basic strings are JSON's
        case tuple():
            return f"[{', '.join(map(in_toml, value))}]"
        case _:
            return str(value)


def _key_in_toml(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def near(name: str, names: Sequence[str]) -> str:
    """The one of `names` that was probably meant; empty when none is near."""
    from difflib import get_close_matches  # noqa: PLC0415  # slow to import, for mistakes only

    folded = {each.lower(): each for each in names}
    return next((folded[each] for each in get_close_matches(name.lower(), folded, n=1)), "")


def _refused(kind: Kind, raw: object, where: str, suggestion: str = "") -> Judged:
    return Judged(None, (Problem(where, shown(raw), kind.allowed, suggestion),))


def _unsuggested(_text: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Text:
    """Text that `accepts` likes; `suggest` may know what was meant by text that it does not."""

    allowed: str
    accepts: Callable[[str], bool]
    suggest: Callable[[str], str] = _unsuggested

    def understand(self, text: str) -> object:
        """Text is what it says."""
        return text

    def judge(self, raw: object, where: str) -> Judged:
        """A number in place of text is answered with the quotes it lacks."""
        if isinstance(raw, str):
            if self.accepts(raw):
                return Judged(raw)
            return _refused(self, raw, where, self.suggest(raw))
        quotes_missing = isinstance(raw, int) and self.accepts(str(raw))
        return _refused(self, raw, where, shown(str(raw)) if quotes_missing else "")


def matching(pattern: str, allowed: str, suggest: Callable[[str], str] = _unsuggested) -> Text:
    """Text that a pattern matches from its first character to its last; ASCII throughout."""
    compiled = re.compile(pattern, re.ASCII)
    return Text(allowed, lambda text: compiled.fullmatch(text) is not None, suggest)


def one_of(*names: str) -> Text:
    """One of a few words, with the near one suggested."""
    allowed = f"{', '.join(names[:-1])} or {names[-1]}"
    return Text(allowed, lambda text: text in names, lambda text: near(text, names))


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `low` to `high`, both allowed."""

    low: int
    high: int

    @property
    def allowed(self) -> str:
        """The range, in words."""
        return f"a whole number from {self.low} to {self.high}"

    def understand(self, text: str) -> object:
        """Digits, and nothing around them."""
        return int(text) if _WHOLE_NUMBER.fullmatch(text) else text

    def judge(self, raw: object, where: str) -> Judged:
        """Python counts true as 1; here it is no number."""
        if isinstance(raw, int) and not isinstance(raw, bool) and self.low <= raw <= self.high:
            return Judged(raw)
        return _refused(self, raw, where, _unquoted(self, raw))


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few whole numbers, given in order."""

    numbers: tuple[int, ...]

    @property
    def allowed(self) -> str:
        """All of them."""
        *others, last = map(str, self.numbers)
        return f"{', '.join(others)} or {last}"

    def understand(self, text: str) -> object:
        """Digits, and nothing around them."""
        return int(text) if _WHOLE_NUMBER.fullmatch(text) else text

    def judge(self, raw: object, where: str) -> Judged:
        """Any other number is answered with the next one that is allowed."""
        if isinstance(raw, bool) or not isinstance(raw, int):
            return _refused(self, raw, where, _unquoted(self, raw))
        if raw in self.numbers:
            return Judged(raw)
        return _refused(self, raw, where, next((str(n) for n in self.numbers if n > raw), ""))


@dataclass(frozen=True, slots=True)
class Switch:
    """true or false; as text also yes, no, on, off, 1, 0."""

    allowed: str = "true or false"

    def understand(self, text: str) -> object:
        """One of the usual words, in any case."""
        return _SWITCH.get(text.lower(), text)

    def judge(self, raw: object, where: str) -> Judged:
        """Nothing but a truth value: neither 1 nor "yes" in TOML."""
        if isinstance(raw, bool):
            return Judged(raw)
        return _refused(self, raw, where, _unquoted(self, raw))


def _unquoted(kind: Kind, raw: object) -> str:
    """What a text would be without its quotes; empty when that means nothing either."""
    if not isinstance(raw, str):
        return ""
    understood = kind.understand(raw)
    return "" if understood == raw or kind.judge(understood, "").problems else shown(understood)


@dataclass(frozen=True, slots=True)
class Several:
    """A list of values of one kind, each at most once; as text separated by commas."""

    of: Kind
    at_least: int = 0
    at_most: int | None = None

    @property
    def allowed(self) -> str:
        """What each item may be, and how many there must or may be."""
        fewest = f"of at least {self.at_least}, " if self.at_least else ""
        most = "" if self.at_most is None else f"of at most {self.at_most}, "
        return f"a list, {fewest}{most}each {self.of.allowed}"

    def understand(self, text: str) -> object:
        """Items between commas, without the spaces around them."""
        return [self.of.understand(each.strip()) for each in text.split(",")]

    def judge(self, raw: object, where: str) -> Judged:
        """The problems of all items; one item without its list is answered with the list."""
        if not isinstance(raw, list):
            lone = not self.of.judge(raw, where).problems
            return _refused(self, raw, where, shown([raw]) if lone else "")
        if len(raw) < self.at_least or (self.at_most is not None and len(raw) > self.at_most):
            return _refused(self, raw, where)
        judged = [self.of.judge(each, f"{where}, item {n}") for n, each in enumerate(raw, start=1)]
        problems = [problem for each in judged for problem in each.problems]
        values = tuple(each.value for each in judged if isinstance(each.value, Scalar))
        twice = sorted({shown(each) for each in values if values.count(each) > 1})
        problems += [Problem(where, f"{each} twice", "each value once") for each in twice]
        return Judged(None, tuple(problems)) if problems else Judged(values)
