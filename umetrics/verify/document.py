"""A snapshot as JSON and back: nothing that is read is believed.

Pure. Beside the things stands what a comparison needs, such as what was proven to be ours.
"""

from __future__ import annotations

import json
import math
from typing import TypeGuard

from umetrics import __version__
from umetrics.errors import StateError, StateTooNew
from umetrics.state.shape import Node, parse
from umetrics.verify.catalogue import BY_NAME
from umetrics.verify.normal import Fact
from umetrics.verify.values import Gap, Snapshot, Thing

SCHEMA_VERSION = 1

DEEPEST = 50
"""Levels of what is told of one thing: AWS's own answers have fewer than ten."""

HINT = "take a new one, in another file: `umetrics verify --save FILE`"

FIELDS = frozenset(
    {
        "schema_version",
        "written_by",
        "deployment",
        "account",
        "region",
        "taken_at",
        "lambda_roles",
        "concluded",
        "gaps",
        "receipts",
        "salt",
        "record",
        "things",
    }
)


def to_json(snapshot: Snapshot) -> str:
    """The file's text, sorted, so that two of them compare line by line."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "written_by": __version__,
        "deployment": snapshot.deployment,
        "account": snapshot.account,
        "region": snapshot.region,
        "taken_at": snapshot.taken_at,
        "lambda_roles": sorted(snapshot.lambda_roles),
        "concluded": snapshot.concluded,
        "gaps": [
            {
                "kind": each.kind,
                "part": each.part,
                "reason": each.reason,
                "denied": each.denied,
            }
            for each in snapshot.gaps
        ],
        "receipts": sorted(snapshot.receipts),
        "salt": snapshot.salt,
        "record": snapshot.record,
        "things": [
            {"kind": each.kind, "id": each.id, "arn": each.arn, "facts": each.facts}
            for _, each in sorted(snapshot.things.items())
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def from_json(text: str | bytes, *, source: str) -> Snapshot:
    """The snapshot in `text`; `source` names the file in messages.

    Raises `StateError` naming the place and what was expected there, `StateTooNew` for a schema
    version that this umetrics does not know.
    """
    whole = parse(text, source=source, hint=HINT)
    _refuse_newer(whole)
    fields = whole.fields(FIELDS)
    things = [_thing(each) for each in fields["things"].elements()]
    return Snapshot(
        deployment=fields["deployment"].text(),
        account=fields["account"].text(),
        region=fields["region"].text(),
        taken_at=fields["taken_at"].time(),
        things={thing.key: thing for thing in things},
        gaps=tuple(_gap(each) for each in fields["gaps"].elements()),
        receipts=frozenset(each.text() for each in fields["receipts"].elements()),
        salt=fields["salt"].text(),
        record=fields["record"].any_text(),
        lambda_roles=frozenset(each.text() for each in fields["lambda_roles"].elements()),
        concluded=fields["concluded"].value is True,
    )


def _refuse_newer(whole: Node) -> None:
    version = whole.items().get("schema_version")
    if version is None or version.count() < 1:
        raise whole.error("the snapshot of `umetrics verify`, with its schema_version")
    if version.count() > SCHEMA_VERSION:
        raise StateTooNew(
            f"{whole.source}: schema version {version.count()}; this umetrics reads up to "
            f"{SCHEMA_VERSION}",
            hint="install the newer umetrics: uv tool upgrade umetrics",
        )


def _thing(node: Node) -> Thing:
    fields = node.fields(frozenset({"kind", "id", "arn", "facts"}))
    facts = {name: _fact(each) for name, each in fields["facts"].items().items()}
    kind = _kind(fields["kind"])
    return Thing(kind, fields["id"].text(), fields["arn"].any_text(), facts)


def _kind(node: Node) -> str:
    kind = node.text()
    if kind not in BY_NAME:
        raise node.error("a kind that umetrics looks at")
    return kind


def _fact(node: Node, depth: int = 1) -> Fact:
    """Any JSON: what AWS may tell of a thing is AWS's business. Only so deep as it does."""
    value = node.value
    if depth > DEEPEST and isinstance(value, dict | list):
        raise StateError(
            f"{node.source}: things are nested deeper than {DEEPEST} levels", hint=node.hint
        )
    if isinstance(value, dict):
        return {name: _fact(each, depth + 1) for name, each in node.items().items()}
    if isinstance(value, list):
        return [_fact(each, depth + 1) for each in node.elements()]
    if value is None or isinstance(value, str | int) or _is_number(value):
        return value
    raise node.error("JSON")


def _is_number(value: object) -> TypeGuard[float]:
    """Python also reads `NaN`, which is no JSON, and equal to nothing."""
    return isinstance(value, float) and math.isfinite(value)


def _gap(node: Node) -> Gap:
    fields = node.fields(frozenset({"kind", "part", "reason", "denied"}))
    return Gap(
        _kind(fields["kind"]),
        fields["reason"].text(),
        fields["denied"].value is True,
        fields["part"].any_text(),
    )
