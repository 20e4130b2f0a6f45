"""Policies as values: a document, its statements, and where in the text each of them stands.

The text is what IAM holds. A document that IAM would have refused is a `ValueError` here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from umetrics.sandbox.strict.authorization.condition import Condition
from umetrics.sandbox.strict.authorization.context import Context
from umetrics.sandbox.strict.authorization.pattern import matches, matches_arn, variables

_SPACE = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a document, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; of actions and resources, those it names or those it names all but."""

    sid: str
    denies: bool
    actions: tuple[str, ...]
    all_actions_but: bool
    resources: tuple[str, ...]
    all_resources_but: bool
    conditions: tuple[Condition, ...]
    start: Position
    end: Position

    def applies(self, action: str, resource: str, context: Context) -> bool:
        """Whether the statement speaks of this request."""
        named = any(matches(each, action, ignore_case=True) for each in self.actions)
        if named == self.all_actions_but:
            return False
        lying_in = any(matches_arn(each, resource, context) for each in self.resources)
        if lying_in == self.all_resources_but:
            return False
        return all(condition.holds(context) for condition in self.conditions)

    def context_keys(self) -> Iterator[str]:
        """What it must know of a request: keys of conditions, and variables."""
        for condition in self.conditions:
            yield condition.key
        texts = [*self.resources, *(value for each in self.conditions for value in each.values)]
        for text in texts:
            yield from variables(text)


@dataclass(frozen=True, slots=True)
class Policy:
    """A document and where it is from: `name` and `kind` are what the simulator calls them.

    `kind` is one of user, group, role, user-managed, aws-managed, none.
    """

    name: str
    kind: str
    statements: tuple[Statement, ...]


@lru_cache(maxsize=512)
def parse(text: str, name: str, kind: str) -> Policy:
    """The policy that a text says; `ValueError` when it is none."""
    document = json.loads(text)
    if not isinstance(document, dict) or "Statement" not in document:
        raise ValueError("a policy document is an object that has a Statement")
    written = document["Statement"]
    statements = written if isinstance(written, list) else [written]
    places = list(_places(text))
    return Policy(
        name,
        kind,
        tuple(_statement(each, *place) for each, place in zip(statements, places, strict=True)),
    )


def _statement(written: Mapping[str, Any], start: Position, end: Position) -> Statement:
    return Statement(
        sid=written.get("Sid", ""),
        denies=written["Effect"] == "Deny",
        actions=_texts(written.get("Action", written.get("NotAction"))),
        all_actions_but="NotAction" in written,
        resources=_texts(written.get("Resource", written.get("NotResource"))),
        all_resources_but="NotResource" in written,
        conditions=tuple(
            Condition(operator, key, _texts(values))
            for operator, keys in written.get("Condition", {}).items()
            for key, values in keys.items()
        ),
        start=start,
        end=end,
    )


def _texts(written: Any) -> tuple[str, ...]:  # noqa: ANN401  # one JSON scalar, or a list of them
    listed = written if isinstance(written, list) else [] if written is None else [written]
    return tuple(
        json.dumps(each) if isinstance(each, bool | int | float) else each for each in listed
    )


def _places(text: str) -> Iterator[tuple[Position, Position]]:
    """Where each statement begins, and where it has ended."""
    at = text.index("{") + 1
    while text[at := _skip(at, text)] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text.index(":", at) + 1, text)
        if key == "Statement":
            inside = at + 1 if text[at] == "[" else at
            while text[inside := _skip(inside, text)] == "{":
                _, end = _DECODER.raw_decode(text, inside)
                yield _position(text, inside), _position(text, end)
                if inside == at:
                    return
                inside = end
            return
        _, at = _DECODER.raw_decode(text, at)


def _skip(at: int, text: str) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _position(text: str, at: int) -> Position:
    return Position(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
