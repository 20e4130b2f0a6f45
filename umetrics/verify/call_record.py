"""What we have called since when: on the disk before it is sent, for any snapshot of any time.

One file for each stage, a JSON value a line: first its id and since when it is there, then a line
for each call that could change something, appended before the call goes out. What a line that a
kill cut off tells of was therefore never sent. Of a call only ids, ARNs and names
are kept that things of others could have: parameters may be secret.

The file is bounded: a run that finds it too long lets the older half go, and the record then begins
later. Where it does not reach back to a snapshot, nobody can tell by whom something was changed.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
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


def open_record(path: Path) -> str:
    """The id of the record, which begins where there is none: from now on changes can be told.

    Empty where its heading cannot be read. Needs no lock. Raises `StateError`.
    """
    try:
        disk.make_folder(path.parent)
        with suppress(FileExistsError):
            disk.create_file(path, _new_heading())
        begun = _begun((disk.read_file(path) or b"").split(b"\n")[0])
    except OSError as error:
        raise disk.failure("write", path, error) from error
    return begun[0] if begun else ""


def record_run(path: Path, run: str) -> Recorder:
    """A record that is ready for a run's calls: bounded, with a heading, and of whole lines.

    Call it under the stage's lock. Raises `StateError`.
    """
    open_record(path)
    try:
        content = disk.read_file(path) or b""
        *lines, half = content.split(b"\n")
        begun = _begun(lines[0]) if lines else None
        if begun is None:
            disk.replace_file(path, _new_heading() + _joined(lines[1:]))
        elif len(content) > LARGEST:
            disk.replace_file(path, _newer_half(begun[0], lines[1:]))
        elif half:
            disk.replace_file(path, _joined(lines))
    except OSError as error:
        raise disk.failure("write", path, error) from error
    return Recorder(path, f"{run} {utc_now()}")


def recorded_since(path: Path, id_: str, since: str) -> Record:
    """What was called since then (UTC), as far as the record goes, which should be that of an id.

    Raises `StateError`.
    """
    try:
        content = disk.read_file(path)
    except OSError as error:
        raise disk.failure("read", path, error) from error
    if content is None:
        return Record(is_whole=False)
    heading, *lines = content.split(b"\n")[:-1] or [b""]  # what follows the last one was not sent
    entries, begun, asked = [_entry(line) for line in lines], _begun(heading), parse_utc(since)
    earlier = [n for n, entry in enumerate(entries) if entry and parse_utc(entry[0]) < asked]
    reaches_back = begun is not None and begun[0] == id_ and parse_utc(begun[1]) <= asked
    return Record(
        tuple(entry[1] for entry in entries if entry and parse_utc(entry[0]) >= asked),
        # What cannot be read before a call that was earlier still, was earlier too.
        is_whole=reaches_back and None not in entries[max(earlier, default=0) :],
    )


def _is_telling(path: str, value: str) -> bool:
    """Whether it may name something that others have."""
    return path.rpartition(".")[2] in _NAMING or _ID.fullmatch(value) is not None


def _newer_half(id_: str, calls: Sequence[bytes]) -> bytes:
    """The record from a moment on, whole: not beginning between two calls of one second."""
    times = [entry[0] if (entry := _entry(line)) else "" for line in calls]
    middle = len(calls) // 2
    gone = max(times[:middle], default="")
    kept = [number for number in range(middle, len(calls)) if times[number] > gone]
    since = times[kept[0]] if kept else utc_now()
    return _heading(id_, since) + _joined(calls[number] for number in kept)


def _joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _begun(heading: bytes) -> tuple[str, str] | None:
    """Its id, and since when there is a record; None where that cannot be read."""
    with suppress(StateError):
        fields = _fields(heading, "schema_version", "id", "since")
        if fields["schema_version"].count() == SCHEMA_VERSION:
            return fields["id"].text(), fields["since"].time()
    return None


def _entry(line: bytes) -> tuple[str, NamingCall] | None:
    """When, and what; None for a line that cannot be read."""
    with suppress(StateError):
        fields = _fields(line, "at", "run", "operation", "named")
        named = frozenset(_pair(each) for each in fields["named"].elements())
        return fields["at"].time(), NamingCall(fields["operation"].text(), named)
    return None


def _fields(line: bytes, *names: str) -> Mapping[str, Node]:
    """Raises `StateError`, which nobody is told: what it means is that something is not known."""
    return parse(line, source=SUFFIX, hint="").fields(frozenset(names))


def _pair(node: Node) -> tuple[str, str]:
    match node.elements():
        case [first, second]:
            return first.text(), second.any_text()
        case _:
            raise node.error("two texts")


def _new_heading() -> bytes:
    return _heading(secrets.token_hex(8), utc_now())


def _heading(id_: str, since: str) -> bytes:
    return _line({"schema_version": SCHEMA_VERSION, "id": id_, "since": since})


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
