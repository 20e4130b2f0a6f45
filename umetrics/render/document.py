"""The envelope of everything machines read, and the JSON types.

Fields are only ever added; a change of meaning raises `SCHEMA_VERSION`. Times are UTC, ISO 8601.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from umetrics import __version__

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, Json]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of umetrics works on; empty where a command has no such thing."""

    id: str
    account: str = ""
    region: str = ""
    stage: str = ""
    sandbox: bool = False


def document(kind: str, body: Mapping[str, Json], run: Run, *, at: datetime) -> JsonObject:
    """One document: `kind` says what `body` holds (`plan`, `outcome`, `findings`, `error`)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": kind,
        "tool_version": __version__,
        "run_id": run.id,
        "created_at": moment(at),
        "account": run.account,
        "region": run.region,
        "stage": run.stage,
        "sandbox": run.sandbox,
        **body,
    }


def event_envelope(run: Run, *, at: datetime) -> JsonObject:
    """What each event of a stream begins with."""
    return {"schema_version": SCHEMA_VERSION, "run_id": run.id, "at": moment(at)}


def dumps(content: Mapping[str, Json]) -> str:
    """A document as text. All ASCII: a terminal shows its escapes and obeys none."""
    return json.dumps(content, indent=2) + "\n"


def moment(at: datetime) -> str:
    """`2026-03-01T09:30:00Z`; a time without a zone is refused with `ValueError`."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
