"""What tags were before a repair, on the disk before they are changed: one file for each account.

A file is JSON, a value a line: first whose it is, then a line for each batch, written before that
batch is sent, and one once the run is over; last, once it has been taken back, that it was. What a
line that a crash cut off tells of was never sent.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from umetrics.audit.repair.batch import way_of
from umetrics.audit.repair.change import Change, Recorded
from umetrics.audit.values import GLOBAL, Place
from umetrics.errors import UsageError
from umetrics.state import disk

SCHEMA_VERSION = 1
FOLDER = "undo"

LARGEST = 2**28
"""In bytes: that of a repair of some half a million resources."""

_KIND = re.compile(r"[a-z][a-z0-9 -]*", re.IGNORECASE)
_REGION = re.compile(rf"[a-z]+(-[a-z]+)+-\d+|{GLOBAL}")


@dataclass(slots=True)
class UndoJournal:
    """The files of one repair: who began it (an ARN) and when (UTC, `2026-03-01T09:30:00Z`).

    Nothing is written before there is something to remember. `paths` are by account.
    """

    folder: Path
    by: str
    at: str
    paths: dict[str, Path] = field(default_factory=dict)

    def record(self, changes: Sequence[Change]) -> None:
        """Have on the disk what is about to change. Raises `StateError`."""
        of_account = defaultdict(list)
        for change in changes:
            of_account[change.place.account].append(change)
        for account, those in of_account.items():
            path = self.paths.get(account) or self._begin(account)
            line = _line({"resources": [_recorded(change) for change in those]})
            _append(path, line)

    def end(self, half: Sequence[Change]) -> None:
        """Have on the disk that the run is over, and what of it is half made.

        A file that lacks this is of a run that died. Raises `StateError`.
        """
        for account, path in self.paths.items():
            _append(path, _half_line(each for each in half if each.place.account == account))

    def _begin(self, account: str) -> Path:
        header = {
            "schema_version": SCHEMA_VERSION,
            "kind": "undo",
            "account": account,
            "by": self.by,
            "at": self.at,
        }
        stem = f"{self.at.replace(':', '')}-{account}"
        number, path = 1, self.folder / f"{stem}.jsonl"
        try:
            disk.make_folder(self.folder)
            while path.exists():
                number += 1
                path = self.folder / f"{stem}-{number}.jsonl"
            disk.create_file(path, _line(header))
            disk.sync_folder(self.folder)
        except OSError as error:
            raise disk.failure("write", path, error) from error
        self.paths[account] = path
        return path


def _recorded(change: Change) -> Mapping[str, object]:
    return {
        "kind": change.kind,
        "id": change.id,
        "arn": change.arn,
        "region": change.place.region,
        "before": change.before,
        "after": dict(change.after),
        "takes_first": change.takes_first,
        "ours": change.is_ours,
        "deployment": change.deployment,
    }


def _half_line(changes: Iterable[Change]) -> bytes:
    """Of each only what tells it from all others."""
    return _line({"half": [[each.kind, each.id, each.arn] for each in changes]})


def _append(path: Path, line: bytes) -> None:
    try:
        disk.append_to_file(path, line)
    except OSError as error:
        raise disk.failure("write", path, error) from error


def _line(content: Mapping[str, object]) -> bytes:
    return f"{json.dumps(content)}\n".encode()


@dataclass(frozen=True, slots=True)
class Undo:
    """What a file says; `undone` is when it was taken back, empty while it was not.

    `unfinished` are those of its resources that may be half made: all, where the run has died.
    """

    path: Path
    account: str
    by: str
    at: str
    resources: tuple[Recorded, ...]
    undone: str = ""
    unfinished: tuple[Recorded, ...] = ()

    def mark(self, at: str) -> None:
        """Note that it was taken back, so that nobody does so twice. Raises `StateError`."""
        self._note(_line({"undone": at}))

    def settle(self, half: Sequence[Change]) -> None:
        """Note what alone is half made by now. Raises `StateError`."""
        if _intact(self.path) == disk.read_file(self.path):
            _append(self.path, _half_line(half))  # whoever writes it may be at work yet
        else:
            self._note(_half_line(half))

    def _note(self, line: bytes) -> None:
        """In place of a line that was cut off, if there is one."""
        try:
            disk.replace_file(self.path, _intact(self.path) + line)
            disk.sync_folder(self.path.parent)
        except OSError as error:
            raise disk.failure("write", self.path, error) from error


def read_undo(path: Path) -> Undo:
    """What a file says. Raises `UsageError` for what is none, `StateError` if it is unreadable."""
    content = _intact(path)
    try:
        return _parsed(path, [json.loads(line) for line in content.splitlines()])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"{path} is no undo file of this version of umetrics, or it is damaged",
            hint=f"`audit-tags --fix` names the file that it writes; they lie in {FOLDER}/ in the "
            "state folder",
        ) from error


def _parsed(path: Path, lines: Sequence[Mapping[str, Any]]) -> Undo:
    header, *others = lines
    if (header["kind"], header["schema_version"]) != ("undo", SCHEMA_VERSION):
        raise ValueError(header["kind"])
    account, by, at = (_text(header[name]) for name in ("account", "by", "at"))
    undone = next((_text(line["undone"]) for line in others if "undone" in line), "")
    resources, unfinished = list[Recorded](), list[Recorded]()
    for line in others:
        of_line = tuple(_resources(line.get("resources", ()), account))
        resources += of_line
        unfinished += of_line
        if "half" in line:
            half = {tuple(map(_text, name)) for name in line["half"]}
            unfinished = [each for each in unfinished if each.name in half]
    still = () if undone else tuple(unfinished)
    return Undo(path, account, by, at, tuple(resources), undone, still)


def _resources(told: Iterable[Mapping[str, Any]], account: str) -> Iterator[Recorded]:
    for each in told:
        kind, id, arn, region = (_text(each[name]) for name in ("kind", "id", "arn", "region"))
        before, after = _values(each["before"]), _values(each["after"])
        is_here = not arn or re.fullmatch(rf"arn(:[\w-]+){{2}}:[\w-]*:({account})?:.+", arn)
        if (
            not _KIND.fullmatch(kind)
            or not is_here
            or not _REGION.fullmatch(region)
            or way_of(id, arn) is None
        ):
            raise ValueError(arn or id)
        if before.keys() != after.keys():
            raise ValueError(id)
        is_ours, deployment = each.get("ours", True) is True, _text(each.get("deployment", ""))
        place = Place(account, region)
        takes_first = each.get("takes_first") is True
        yield Recorded(kind, id, arn, place, before, after, is_ours, deployment, takes_first)


def _text(value: object) -> str:
    """A text that can be sent; JSON has others as well."""
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()
    return value


def _values(found: Mapping[object, object]) -> dict[str, str | None]:
    return {_text(key): None if value is None else _text(value) for key, value in found.items()}


def _intact(path: Path) -> bytes:
    """What the file holds, up to its last whole line."""
    try:
        is_too_large = path.stat().st_size > LARGEST
    except OSError:  # there is none, or reading it will say better what is wrong
        is_too_large = False
    if is_too_large:
        raise UsageError(
            f"{path} is larger than any undo file",
            hint="`audit-tags --fix` names the file that it writes",
        )
    try:
        content = disk.read_file(path)
    except OSError as error:
        raise disk.failure("read", path, error) from error
    if content is None:
        raise UsageError(
            f"there is no file {path}", hint="`audit-tags --fix` names the file that it writes"
        )
    return content[: content.rfind(b"\n") + 1]
