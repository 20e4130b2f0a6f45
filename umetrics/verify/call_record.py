"""What we have called since when: on the disk before it is sent, for any snapshot of any time.

One file for each stage, a JSON value a line, each with an id of its own: a heading, and a line for
each call that could change something, appended before the call goes out. A snapshot keeps the id of
the line that was the last one then, so neither a clock nor a file that was put back can make calls
pass for earlier ones. Of a call only ids, ARNs and names are kept that things of others could have:
parameters may be secret.

The file is bounded: a run that finds it too long lets the older half go. Where the line of a
snapshot is not there any more, nobody can tell by whom something was changed.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from umetrics.errors import StateError
from umetrics.state import disk, utc_now
from umetrics.state.shape import Node, parse
from umetrics.verify.catalogue import ROWS
from umetrics.verify.values import NamingCall, Record

if TYPE_CHECKING:
    from umetrics.aws.calls import Write

SUFFIX = ".calls.jsonl"
SCHEMA_VERSION = 1

HEADING = frozenset({"id", "schema_version", "at"})
CALL = frozenset({"id", "at", "run", "operation", "named"})

SEPARATOR = b"\n"
"""Stands before a line, not behind it: so what was cut off never swallows what comes next."""

START, END = b'{"id": "', b"}"
"""Of every line."""

LARGEST = 2**22
"""In bytes: some eighty times a whole stage built."""

_ID = re.compile(r"arn:.+|[a-z]+-[0-9a-f]{8,17}")
_NAMING = frozenset(name for row in ROWS for name in row.named_by)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Appends the calls of one run; `run` names it: what it did, and when it began."""

    path: Path
    run: str

    def __call__(self, write: Write) -> None:
        """Have a call on the disk. Raises `StateError`: what cannot be recorded is not sent."""
        named = sorted(pair for pair in write.named if _is_telling(*pair))
        if not named:
            return
        call = {"id": _new_id(), "at": utc_now(), "run": self.run}
        line = _line({**call, "operation": write.operation, "named": named})
        try:
            disk.append_to_file(self.path, SEPARATOR + line)
        except OSError as error:
            raise disk.failure("write", self.path, error) from error


def record_path(folder: Path, stage: str) -> Path:
    """Where the calls of a stage are recorded."""
    return disk.stage_file(folder, stage, SUFFIX)


def open_record(path: Path) -> str:
    """The id of the last line; the record begins where there is none. Needs no lock.

    What is called from now on stands behind that line. Raises `StateError`.
    """
    try:
        disk.make_folder(path.parent)
        with suppress(FileExistsError):
            disk.create_file(path, _heading(_new_id()))
        *_, last = _lines(disk.read_file(path)) or [b""]
        if entry := _entry(last):
            return entry[0]
        disk.append_to_file(path, SEPARATOR + _heading(mark := _new_id()))
    except OSError as error:
        raise disk.failure("write", path, error) from error
    return mark


def record_run(path: Path, run: str) -> Recorder:
    """A record that is ready for a run's calls: bounded, and of whole lines.

    Call it under the stage's lock. Raises `StateError`.
    """
    open_record(path)
    try:
        content = disk.read_file(path) or b""
        lines = _lines(content)
        if len(content) > LARGEST:
            disk.replace_file(
                path, SEPARATOR.join([_heading(_new_id()), *lines[len(lines) // 2 :]])
            )
        elif content != SEPARATOR.join(lines):
            disk.replace_file(path, SEPARATOR.join(lines))
    except OSError as error:
        raise disk.failure("write", path, error) from error
    return Recorder(path, f"{run} {utc_now()}")


def recorded_since(path: Path, mark: str) -> Record:
    """What was called behind the line of that id; nothing is certain where there is none.

    Raises `StateError`.
    """
    try:
        lines = _lines(disk.read_file(path))
    except OSError as error:
        raise disk.failure("read", path, error) from error
    entries = [_entry(line) for line in lines]
    ids = [entry[0] if entry else None for entry in entries]
    if mark not in ids:
        return Record(is_whole=False)
    behind = entries[ids.index(mark) + 1 :]
    calls = tuple(entry[1] for entry in behind if entry and entry[1])
    return Record(calls, is_whole=None not in behind)


def _is_telling(path: str, value: str) -> bool:
    """Whether it may name something that others have."""
    return path.rpartition(".")[2] in _NAMING or _ID.fullmatch(value) is not None


def _lines(content: bytes | None) -> list[bytes]:
    """All but those that were cut off as they were written: these calls were never sent."""
    lines = (content or b"").split(SEPARATOR)
    return [line for line in lines if line.strip() and not _is_cut_off(line)]


def _is_cut_off(line: bytes) -> bool:
    return not line.endswith(END) and (line.startswith(START) or START.startswith(line))


def _entry(line: bytes) -> tuple[str, NamingCall | None] | None:
    """The id of a line, and the call if it is one; None for a line that cannot be read."""
    with suppress(StateError):
        whole = parse(line, source=SUFFIX, hint="")
        if whole.items().keys() == HEADING:
            fields = whole.fields(HEADING)
            is_known = fields["schema_version"].value == SCHEMA_VERSION
            return (fields["id"].text(), None) if is_known else None
        fields = whole.fields(CALL)
        named = frozenset(_pair(each) for each in fields["named"].elements())
        return fields["id"].text(), NamingCall(fields["operation"].text(), named)
    return None


def _pair(node: Node) -> tuple[str, str]:
    match node.elements():
        case [first, second]:
            return first.text(), second.any_text()
        case _:
            raise node.error("two texts")


def _heading(id_: str) -> bytes:
    return _line({"id": id_, "schema_version": SCHEMA_VERSION, "at": utc_now()})


def _line(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields).encode()


def _new_id() -> str:
    return secrets.token_hex(8)
