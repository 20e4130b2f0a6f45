"""Reading JSON that nobody vouches for: each value knows its place, each error names it.

Pure, and without any knowledge of what the document means; that is `document.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from umetrics.errors import StateError
from umetrics.state.clock import parse_utc

_SHOWN_LENGTH = 40


def parse(text: str | bytes, *, source: str, hint: str) -> Node:
    """The outermost value; `StateError` with line and column where `text` is not JSON."""
    return Node(_parsed(text, source, hint), "", source, hint)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the document, with its place for messages: `receipts["vpc"].id`."""

    value: object
    place: str
    source: str
    hint: str

    def error(self, expected: str) -> StateError:
        """The error for this place: `state/dev.json: serial: expected ..., found ...`."""
        place = self.place or "the whole file"
        return StateError(
            f"{self.source}: {place}: expected {expected}, found {_shown(self.value)}",
            hint=self.hint,
        )

    def items(self) -> Mapping[str, Node]:
        """The values of an object whose keys are data, by key."""
        if not isinstance(self.value, dict):
            raise self.error("an object { ... }")
        return {
            key: Node(part, f"{self.place}[{json.dumps(key)}]", self.source, self.hint)
            for key, part in self.value.items()
        }

    def fields(self, names: frozenset[str]) -> Mapping[str, Node]:
        """The values of an object that has exactly these fields."""
        found = self.items()
        if found.keys() != names:
            unknown, missing = sorted(found.keys() - names), sorted(names - found.keys())
            problems = [f"{name!r} is missing" for name in missing]
            problems += [f"{name!r} is unknown" for name in unknown]
            raise StateError(
                f"{self.source}: {self.place or 'the whole file'}: expected the fields "
                f"{', '.join(sorted(names))}; {', '.join(problems)}",
                hint=self.hint,
            )
        prefix = f"{self.place}." if self.place else ""
        return {
            name: Node(part.value, f"{prefix}{name}", self.source, self.hint)
            for name, part in found.items()
        }

    def elements(self) -> list[Node]:
        """The values of a list."""
        if not isinstance(self.value, list):
            raise self.error("a list [ ... ]")
        return [
            Node(part, f"{self.place}[{number}]", self.source, self.hint)
            for number, part in enumerate(self.value)
        ]

    def any_text(self) -> str:
        """A string, which may be empty."""
        if not isinstance(self.value, str):
            raise self.error("a text")
        return self.value

    def text(self) -> str:
        """A string with something in it."""
        if not isinstance(self.value, str) or not self.value:
            raise self.error("a text that is not empty")
        return self.value

    def text_like(self, pattern: re.Pattern[str], expected: str) -> str:
        """A string that fits `pattern` as a whole; `expected` says so in words."""
        if not isinstance(self.value, str) or not pattern.fullmatch(self.value):
            raise self.error(expected)
        return self.value

    def time(self) -> str:
        """A UTC time, as text."""
        text = self.any_text()
        try:
            parse_utc(text)
        except ValueError:
            raise self.error("a UTC time such as 2026-03-01T09:30:00Z") from None
        return text

    def count(self) -> int:
        """A whole number that is not negative."""
        # bool is an int to Python, not to JSON.
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.error("a whole number, 0 or more")
        return self.value


def _parsed(text: str | bytes, source: str, hint: str) -> object:
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        value: object = json.loads(decoded, object_pairs_hook=_unambiguous)
    except UnicodeDecodeError as error:
        raise StateError(
            f"{source}: byte {error.start + 1}: expected UTF-8 text", hint=hint
        ) from error
    except json.JSONDecodeError as error:
        raise StateError(
            f"{source}: line {error.lineno}, column {error.colno}: expected a whole JSON document: "
            f"{error.msg}",
            hint=hint,
        ) from error
    except (ValueError, RecursionError) as error:
        raise StateError(f"{source}: expected a JSON document: {error}", hint=hint) from error
    return value


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A merge by hand easily leaves a key twice, and JSON would silently keep the last one."""
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."
