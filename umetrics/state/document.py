"""The state file's JSON: `to_json` writes it, `from_json` believes nothing it reads.

Pure. Every object has exactly the fields of its schema version; a new field is a new version, so
that an older umetrics refuses a file instead of silently dropping what it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from umetrics.errors import StateTooNew
from umetrics.state.receipts import LINEAGE, Intent, Receipt, State
from umetrics.state.shape import Node, parse

V = TypeVar("V", Receipt, Intent)

SCHEMA_VERSION = 3
"""1 did not say when a resource was made, 2 neither what AWS chose for it nor what is shared."""

REBUILD_HINT = (
    "correct the file; or `umetrics state rebuild` sets it aside and writes it anew from the tags "
    "in AWS"
)

STATE_FIELDS = frozenset(
    {
        "schema_version",
        "written_by",
        "deployment",
        "account",
        "region",
        "lineage",
        "serial",
        "receipts",
        "intents",
    }
)
STATE_FIELDS_OF = {1: STATE_FIELDS, 2: STATE_FIELDS, SCHEMA_VERSION: STATE_FIELDS | {"shared"}}
RECEIPT_FIELDS_1 = frozenset({"kind", "id", "arn", "members"})
RECEIPT_FIELDS_2 = RECEIPT_FIELDS_1 | {"made"}
RECEIPT_FIELDS = RECEIPT_FIELDS_2 | {"attributes"}
RECEIPT_FIELDS_OF = {1: RECEIPT_FIELDS_1, 2: RECEIPT_FIELDS_2, SCHEMA_VERSION: RECEIPT_FIELDS}
INTENT_FIELDS = frozenset({"kind", "token", "since"})


def to_json(state: State) -> str:
    """The file's text: sorted by key, so that two versions compare line by line."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "written_by": state.written_by,
        "deployment": state.deployment,
        "account": state.account,
        "region": state.region,
        "lineage": state.lineage,
        "serial": state.serial,
        "receipts": _receipts_json(state.receipts),
        "shared": _receipts_json(state.shared),
        "intents": {
            key: {"kind": intent.kind, "token": intent.token, "since": intent.since}
            for key, intent in sorted(state.intents.items())
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _receipts_json(receipts: Mapping[str, Receipt]) -> dict[str, dict[str, object]]:
    return {
        key: {
            "kind": receipt.kind,
            "id": receipt.id,
            "arn": receipt.arn,
            "members": list(receipt.members),
            "made": receipt.made,
            "attributes": dict(sorted(receipt.attributes.items())),
        }
        for key, receipt in sorted(receipts.items())
    }


def from_json(text: str | bytes, *, source: str, hint: str = REBUILD_HINT) -> State:
    """The state that `text` holds; `source` is the file's name for messages.

    Raises `StateError` naming the place and what was expected there, `StateTooNew` for a schema
    version that this umetrics does not know.
    """
    whole = parse(text, source=source, hint=hint)
    version = _version(whole)
    read_receipt = partial(_read_receipt, RECEIPT_FIELDS_OF[version])
    fields = whole.fields(STATE_FIELDS_OF[version])
    return State(
        deployment=fields["deployment"].text(),
        account=fields["account"].text(),
        region=fields["region"].text(),
        lineage=fields["lineage"].text_like(LINEAGE, "a UUID in lower case"),
        serial=fields["serial"].count(),
        written_by=fields["written_by"].text(),
        receipts=_read_all(fields["receipts"], read_receipt),
        intents=_read_all(fields["intents"], _read_intent),
        shared=_read_all(fields["shared"], read_receipt) if "shared" in fields else {},
    )


def _version(whole: Node) -> int:
    """Comes before all else: what another version's fields look like is not ours to judge."""
    values = whole.items()
    if "schema_version" not in values:
        raise whole.error("the field schema_version")
    version = Node(values["schema_version"].value, "schema_version", whole.source, whole.hint)
    number = version.count()
    if number > SCHEMA_VERSION:
        writer = values["written_by"].value if "written_by" in values else None
        by = f"umetrics {writer}" if isinstance(writer, str) else "a newer umetrics"
        raise StateTooNew(
            f"{whole.source}: schema version {number}, written by {by}; "
            f"this umetrics reads up to {SCHEMA_VERSION}",
            hint="install the newer umetrics: uv tool upgrade umetrics",
        )
    if number < 1:
        raise version.error(f"a schema version from 1 to {SCHEMA_VERSION}")
    return number


def _read_all(node: Node, read: Callable[[str, Node], V]) -> dict[str, V]:
    found: dict[str, V] = {}
    for key, part in node.items().items():
        if not key:
            raise part.error("a resource key that is not empty")
        found[key] = read(key, part)
    return found


def _read_receipt(names: frozenset[str], key: str, node: Node) -> Receipt:
    fields = node.fields(names)
    return Receipt(
        key=key,
        kind=fields["kind"].text(),
        id=fields["id"].text(),
        arn=fields["arn"].any_text(),
        members=tuple(member.text() for member in fields["members"].elements()),
        made=_made(fields["made"]) if "made" in fields else "",
        attributes=_attributes(fields["attributes"]) if "attributes" in fields else {},
    )


def _made(node: Node) -> str:
    return node.time() if node.value else node.any_text()


def _attributes(node: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, part in node.items().items():
        if not name:
            raise part.error("a name that is not empty")
        found[name] = part.text()
    return found


def _read_intent(key: str, node: Node) -> Intent:
    fields = node.fields(INTENT_FIELDS)
    return Intent(
        key=key,
        kind=fields["kind"].text(),
        token=fields["token"].any_text(),
        since=fields["since"].time(),
    )
