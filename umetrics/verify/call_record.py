"""What we have called since when: on the disk before it is sent, for any snapshot of any time.

One file for each stage, a JSON value a line: first since when there is a record, then a line for
each call that could change something, appended before the call goes out. What a line that a kill
cut off tells of was therefore never sent. Of a call only ids, ARNs and names are kept that things
of others could have: parameters may be secret.

The file is bounded: a run that finds it too long lets the older half go, and the record then begins
later. Where it does not reach back to a snapshot, nobody can tell by whom something was changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from umetrics.errors import StateError
from umetrics.state import disk, utc_now
from umetrics.state.clock import parse_utc
from umetrics.state.shape import Node, parse
from umetrics.verify.catalogue import ROWS
from umetrics.verify.values import NamingCall, Record

if TYPE_CHECKING:
    from umetrics.aws.calls import Write

SUFFIX = ".calls.jsonl"
SCHEMA_VERSION = 1

LARGEST = 2**22
"""In bytes: some eighty times a whole stage built."""

_ID = re.compile(r"arn:.+|[a-z]+-[0-9a-f]{8,17}")
_NAMING = frozenset(name for row in ROWS for name in row.named_by)

_HINT = "nothing is wrong with AWS: of changes since it cannot be told whose they are"


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
        call = {"at": utc_now(), "run": self.run, "operation": write.operation, "named": named}
        try:
            disk.append_to_file(self.path, _line(call))
        except OSError as error:
            raise disk.failure("write", self.path, error) from error


def record_path(folder: Path, stage: str) -> Path:
    """Where the calls of a stage are recorded."""
    return disk.stage_file(folder, stage, SUFFIX)


def open_record(path: Path) -> None:
    """Begin a record where there is none, so that from now on it can be told whose a change is.

    Needs no lock. Raises `StateError`.
    """
    try:
        disk.make_folder(path.parent)
        with suppress(FileExistsError):
            disk.create_file(path, _heading(utc_now()))
    except OSError as error:
        raise disk.failure("write", path, error) from error


def record_run(path: Path, run: str) -> Recorder:
    """A record that is ready for a run's calls: begun, bounded, and without half a line at its end.

    Call it under the stage's lock. Raises `StateError`.
    """
    open_record(path)
    try:
        content = disk.read_file(path) or b""
        lines = content.split(b"\n")
        half = lines.pop()
        if len(content) > LARGEST:
            disk.replace_file(path, _newer_half(lines))
        elif half:
            disk.replace_file(path, b"".join(line + b"\n" for line in lines))
    except OSError as error:
        raise disk.failure("write", path, error) from error
    return Recorder(path, f"{run} {utc_now()}")


def recorded_since(path: Path, since: str) -> Record:
    """What was called since then (UTC), as far as the record goes. Raises `StateError`."""
    try:
        content = disk.read_file(path)
    except OSError as error:
        raise disk.failure("read", path, error) from error
    if content is None:
        return Record(is_whole=False)
    heading, *lines = content.split(b"\n")[:-1] or [b""]  # what follows the last one was not sent
    entries = [_entry(line, str(path)) for line in lines]
    earliest, asked = _begun(heading, str(path)), parse_utc(since)
    return Record(
        tuple(entry[1] for entry in entries if entry and parse_utc(entry[0]) >= asked),
        is_whole=None not in entries and earliest is not None and parse_utc(earliest) <= asked,
    )


def _is_telling(path: str, value: str) -> bool:
    """Whether it may name something that others have."""
    return path.rpartition(".")[2] in _NAMING or _ID.fullmatch(value) is not None


def _newer_half(lines: Sequence[bytes]) -> bytes:
    """The record from a moment on, whole: not beginning between two calls of one second."""
    calls = lines[1:]
    times = [entry[0] if (entry := _entry(line, "")) else "" for line in calls]
    middle = len(calls) // 2
    gone = max(times[:middle], default="")
    kept = [number for number in range(middle, len(calls)) if times[number] > gone]
    since = times[kept[0]] if kept else utc_now()
    return _heading(since) + b"".join(calls[number] + b"\n" for number in kept)


def _begun(heading: bytes, source: str) -> str | None:
    """Since when there is a record; None where that cannot be read."""
    with suppress(StateError):
        fields = parse(heading, source=source, hint=_HINT).fields(
            frozenset({"schema_version", "since"})
        )
        if fields["schema_version"].count() == SCHEMA_VERSION:
            return fields["since"].time()
    return None


def _entry(line: bytes, source: str) -> tuple[str, NamingCall] | None:
    """When, and what; None for a line that cannot be read."""
    with suppress(StateError):
        fields = parse(line, source=source, hint=_HINT).fields(
            frozenset({"at", "run", "operation", "named"})
        )
        named = frozenset(_pair(each) for each in fields["named"].elements())
        return fields["at"].time(), NamingCall(fields["operation"].text(), named)
    return None


def _pair(node: Node) -> tuple[str, str]:
    match node.elements():
        case [first, second]:
            return first.text(), second.any_text()
        case _:
            raise node.error("two texts")


def _heading(since: str) -> bytes:
    return _line({"schema_version": SCHEMA_VERSION, "since": since})


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
