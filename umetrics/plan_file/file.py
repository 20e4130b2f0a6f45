"""The plan file on the disk: written whole and private, and nothing believed that is read."""

from __future__ import annotations

import dataclasses
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import cast

from umetrics import __version__
from umetrics.errors import StalePlan, StateError, UsageError, WouldOverwrite
from umetrics.plan_file.comparison import (
    DRAW_AGAIN,
    Circumstances,
    KeptPlan,
    digest,
    steps_json,
)
from umetrics.provision.plan import Plan
from umetrics.provision.selection import Selection, Wish
from umetrics.render.document import Json, JsonObject, dumps, moment
from umetrics.state.disk import failure, read_file, replace_file, sync_folder
from umetrics.state.shape import Node, parse

SCHEMA_VERSION = 1

KIND = "plan-file"

LARGEST = 16 * 2**20
"""Bytes: a hundred times what three zones with every setting need."""

FIELDS = frozenset(
    {
        "schema_version",
        "kind",
        "created_at",
        "drawn_for",
        "prune",
        "prune_rules",
        "targets",
        "excluded",
        "steps",
        "digest",
    }
)


def write_plan_file(
    path: Path,
    plan: Plan,
    circumstances: Circumstances,
    *,
    wish: Wish,
    at: datetime,
) -> None:
    """Keep a plan, mode 0600, whole or not at all; an older plan makes way.

    Raises `WouldOverwrite` where anything else stands, `UsageError` where nothing can be written.
    """
    _refuse_to_overwrite(path)
    content: JsonObject = {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "created_at": moment(at),
        "drawn_for": dataclasses.asdict(circumstances),
        "prune": wish.prune,
        "prune_rules": wish.prune_rules,
        "targets": list(wish.selection.targets),
        "excluded": list(wish.selection.excluded),
        "steps": steps_json(plan),
    }
    try:
        replace_file(path, dumps({**content, "digest": digest(content)}).encode())
        sync_folder(path.parent)
    except OSError as error:
        raise _unusable("write", path, error) from error


def read_plan_file(path: Path) -> KeptPlan:
    """The plan that was kept there.

    Raises `UsageError` for what is no plan file, `StalePlan` for one of another schema and for one
    that somebody changed.
    """
    try:
        return _believed(parse(_content(path), source=str(path), hint=DRAW_AGAIN))
    except StateError as error:  # the state file is read with the same care, but is no argument
        raise UsageError(error.message, hint=DRAW_AGAIN) from error


def _refuse_to_overwrite(path: Path) -> None:
    if not os.path.lexists(path):
        return
    try:
        with suppress(StalePlan):  # edited, or of another version, but a plan all the same
            read_plan_file(path)
    except UsageError as error:
        raise WouldOverwrite(
            f"{path} is there already and is no plan file; it was left alone",
            hint="name another file, or move that one away",
        ) from error


def _content(path: Path) -> bytes:
    try:
        size = path.lstat().st_size
        if size > LARGEST:
            raise UsageError(
                f"{path} has {size} bytes, and a plan file at most {LARGEST}", hint=DRAW_AGAIN
            )
        content = read_file(path)
    except OSError as error:
        raise _unusable("read", path, error) from error
    if not content:
        raise UsageError(f"{path} is empty: that is no plan file", hint=DRAW_AGAIN)
    return content


def _unusable(action: str, path: Path, error: OSError) -> UsageError:
    hint = "name a plain file, in a folder that exists and that you may write to"
    return UsageError(failure(action, path, error).message, hint=hint)


def _believed(whole: Node) -> KeptPlan:
    """The file's values, each of the type that it must have, once the digest fits them."""
    given = _object(whole)
    if given.get("kind") != KIND:
        raise whole.error("a plan file, as `umetrics plan --out` writes it")
    if given.get("schema_version") != SCHEMA_VERSION:
        raise StalePlan(
            f"{whole.source} has schema version {given.get('schema_version')}, and this umetrics "
            f"({__version__}) reads {SCHEMA_VERSION}",
            hint=DRAW_AGAIN,
        )
    fields = whole.fields(FIELDS)
    if given.pop("digest") != digest(given):
        raise StalePlan(
            f"{whole.source} was changed since it was written: its digest does not fit",
            hint=DRAW_AGAIN,
        )
    return KeptPlan(
        source=whole.source,
        drawn_for=_object(fields["drawn_for"]),
        wish=Wish(
            _switch(fields["prune"]),
            _switch(fields["prune_rules"]),
            Selection(_texts(fields["targets"]), _texts(fields["excluded"])),
        ),
        steps={key: _object(step) for key, step in fields["steps"].items().items()},
    )


def _object(node: Node) -> JsonObject:
    return {name: cast("Json", part.value) for name, part in node.items().items()}


def _switch(node: Node) -> bool:
    if not isinstance(node.value, bool):
        raise node.error("true or false")
    return node.value


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(each.text() for each in node.elements())
