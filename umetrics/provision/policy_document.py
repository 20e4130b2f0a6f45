"""An IAM policy or trust document as a value that compares by meaning, not by spelling.

IAM hands documents back url-encoded (boto3 makes them dicts), with lists of one turned into
strings and with principals in its own order. Two documents are equal when they allow the same:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.

Nothing here knows AWS clients or which permissions umetrics needs (`permissions.py`), and nothing
is evaluated: `s3:*` and a list of all S3 actions are two different documents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from umetrics.errors import UmetricsError

LONGEST_TRUST = 2_048
LONGEST_INLINE = 10_240
LONGEST_MANAGED = 6_144
"""Characters IAM accepts: a trust document, all inline policies of a role, a managed policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

OLD_VERSION = "2008-10-17"
"""The language version of a document that names none."""

Statement = Mapping[str, Any]
"""One statement, as JSON has it."""

Fact = tuple[str, ...]
"""One thing that a statement says: `("Action", "s3:GetObject")`, path first, value last."""

_ACTIONS = ("Action", "NotAction")
_PRINCIPALS = ("Principal", "NotPrincipal")
_ACCOUNT_ROOT = re.compile(r"arn:[^:]+:iam::(\d{12}):root")


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A document; `text` is the compact JSON to send to AWS, in its author's case and order.

    Equality and hash ignore the order of statements, string or list of one, the order inside
    lists, and the case of actions and condition keys. `Sid` counts.
    """

    text: str = field(compare=False)
    meaning: tuple[Fact, frozenset[frozenset[Fact]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        content = _parsed(self.text)
        statements = _statements(content)
        heading = (_version(content), str(content.get("Id", ""))) if statements else ()
        object.__setattr__(self, "text", json.dumps(content, separators=(",", ":")))
        object.__setattr__(self, "meaning", (heading, frozenset(map(_meaning, statements))))

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> PolicyDocument:
        """From JSON content: `{"Version": ..., "Statement": [...]}`."""
        return cls(json.dumps(content))

    @classmethod
    def from_text(cls, text: str | Mapping[str, Any]) -> PolicyDocument:
        """From what AWS answers: JSON, url-encoded JSON, or the dict that boto3 makes of it."""
        if not isinstance(text, str):
            return cls.of(text)
        return cls(text if text.lstrip().startswith("{") else unquote(text))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements, in their order; none for a document that is empty."""
        return _statements(json.loads(self.text))

    def difference(self, other: PolicyDocument) -> tuple[str, ...]:
        """What turns this document into `other`, a line each: `+ Sid: ...` and `- Sid: ...`.

        A statement that keeps its Sid is told by its changed parts, any other one as a whole.
        """
        if self == other:
            return ()
        before, after = self.statements, other.statements
        gone, new = _without(before, after), _without(after, before)
        old_by_sid, new_by_sid = _by_sid(gone), _by_sid(new)
        kept = [sid for sid in new_by_sid if sid in old_by_sid]
        return (
            *_heading_lines(self, other),
            *(f"- {_sentence(each)}" for each in gone if each.get("Sid") not in kept),
            *(line for sid in kept for line in _changed_parts(old_by_sid[sid], new_by_sid[sid])),
            *(f"+ {_sentence(each)}" for each in new if each.get("Sid") not in kept),
        )

    def __str__(self) -> str:
        count = len(self.statements)
        return f"{count or 'no'} statement{'' if count == 1 else 's'}"


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise UmetricsError(
            f"an IAM document is not JSON: {error}",
            hint="look at the policy in the IAM console; umetrics changes only what it can read",
        ) from error
    if not isinstance(content, dict):
        raise UmetricsError("an IAM document is not a JSON object")
    return content


def _version(content: Mapping[str, Any]) -> str:
    return str(content.get("Version", OLD_VERSION))


def _statements(content: Mapping[str, Any]) -> tuple[Statement, ...]:
    held = content.get("Statement", [])
    statements = held if isinstance(held, list) else [held]
    if not all(isinstance(each, Mapping) for each in statements):
        raise UmetricsError("a statement of an IAM document is not a JSON object")
    return tuple(statements)


def _facts(statement: Statement) -> Iterator[Fact]:
    for element, value in statement.items():
        everybody = element in _PRINCIPALS and value == "*"
        yield from _leaves((element,), {"AWS": "*"} if everybody else value)


def _leaves(path: Fact, value: object) -> Iterator[Fact]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    elif isinstance(value, list | tuple):
        if not value:
            yield path
        for inner in value:
            yield from _leaves(path, inner)
    elif isinstance(value, bool):
        yield (*path, str(value).lower())
    else:
        yield (*path, str(value))


def _canonical(fact: Fact) -> Fact:
    """The one spelling of a fact: actions and condition keys know no case, roots are accounts."""
    match fact:
        case ("Action" | "NotAction" as element, action):
            return (element, action.lower())
        case ("Condition", operator, key, *values):
            return ("Condition", operator, key.lower(), *values)
        case ("Principal" | "NotPrincipal" as element, "AWS", principal):
            return (element, "AWS", _ACCOUNT_ROOT.sub(r"\1", principal))
        case _:
            return fact


def _meaning(statement: Statement) -> frozenset[Fact]:
    return frozenset(map(_canonical, _facts(statement)))


def _without(statements: Iterable[Statement], others: Iterable[Statement]) -> list[Statement]:
    known = set(map(_meaning, others))
    return [statement for statement in statements if _meaning(statement) not in known]


def _by_sid(statements: Iterable[Statement]) -> dict[str, Statement]:
    return {statement["Sid"]: statement for statement in statements if statement.get("Sid")}


def _heading_lines(before: PolicyDocument, after: PolicyDocument) -> Iterator[str]:
    old, new = before.meaning[0], after.meaning[0]
    for name, was, will_be in zip(("Version", "Id"), old, new, strict=False):
        if was != will_be:
            yield f"- {name}: {was or 'none'}"
            yield f"+ {name}: {will_be or 'none'}"


def _changed_parts(before: Statement, after: Statement) -> Iterator[str]:
    old = {_canonical(fact): fact for fact in _facts(before)}
    new = {_canonical(fact): fact for fact in _facts(after)}
    for sign, facts, others in (("-", old, new), ("+", new, old)):
        for fact in sorted(facts.keys() - others.keys()):
            yield f"{sign} {after['Sid']}: {' '.join(facts[fact])}"


def _sentence(statement: Statement) -> str:
    """A whole statement in one line, in its author's case."""
    facts = tuple(_facts(statement))

    def those(*elements: str) -> str:
        told = (
            f"not {' '.join(fact[1:])}" if fact[0].startswith("Not") else " ".join(fact[1:])
            for fact in facts
            if fact[0] in elements
        )
        return ", ".join(told)

    parts = (
        ("", those(*_ACTIONS)),
        ("on ", those("Resource", "NotResource")),
        ("for ", those(*_PRINCIPALS)),
        ("if ", those("Condition")),
    )
    told = " ".join(f"{word}{text}" for word, text in parts if text)
    return f"{statement.get('Sid', '(no Sid)')}: {statement.get('Effect', '')} {told}"


EMPTY = PolicyDocument("{}")
"""The document of a policy that does not exist."""
