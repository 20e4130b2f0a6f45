"""Snapshots on this machine: whole or not there, and private, as the state file is."""

from __future__ import annotations

from pathlib import Path

from umetrics.errors import StateError
from umetrics.state import disk
from umetrics.verify.document import from_json, to_json
from umetrics.verify.values import Snapshot

SUFFIX = ".before.json"


def last_snapshot_path(folder: Path, stage: str) -> Path:
    """Where the last run of a stage that wrote has left what it saw before."""
    return disk.stage_file(folder, stage, SUFFIX)


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Put a snapshot there, mode 0600. Raises `StateError`."""
    try:
        disk.make_folder(path.parent)
        disk.replace_file(path, to_json(snapshot).encode())
        disk.sync_folder(path.parent)
    except OSError as error:
        raise disk.failure("write", path, error) from error


def read_snapshot(path: Path) -> Snapshot | None:
    """The snapshot there, None without one. Raises `StateError` and `StateTooNew`."""
    try:
        content = disk.read_file(path)
    except OSError as error:
        raise disk.failure("read", path, error) from error
    return None if content is None else from_json(content, source=str(path))


def snapshot_in(path: Path) -> Snapshot:
    """The snapshot there, which must be there. Raises `StateError`."""
    snapshot = read_snapshot(path)
    if snapshot is None:
        raise StateError(
            f"there is no snapshot at {path}",
            hint="`umetrics up` takes one before it writes; `umetrics verify --save FILE` takes "
            "one at any time",
        )
    return snapshot
