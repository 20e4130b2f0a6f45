"""The sandbox's record on disk: which server was started, and where it listens.

Values and one file. Whether the record still tells the truth is `identity.py`'s question.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from umetrics.errors import SandboxError
from umetrics.sandbox.options import Options, options_of

RECORD_NAME = "sandbox.json"

HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Record:
    """One server: `born` as `identity.birth` tells it, `instance` drawn at random for this start.

    `since` is UTC in ISO 8601, `version` that of moto, `options` what it was started with.
    """

    pid: int
    port: int
    born: str
    instance: str
    since: str
    version: str
    options: Options


FIELDS = {"pid": int, "port": int, "born": str, "instance": str, "since": str, "version": str}
"""What a record must hold besides its options; whatever else is in the file is passed over."""


def read_record(folder: Path) -> Record | None:
    """What the folder's record says; None when there is none, or none that makes sense.

    A server whose record cannot be understood ends itself, so nothing is lost by passing over it.
    Raises `SandboxError` when the file is there but cannot be opened.
    """
    path = folder / RECORD_NAME
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SandboxError(
            f"cannot read {path}: {error.strerror}", hint=f"check the permissions of {folder}"
        ) from error
    return _parsed(text)


def write_record(folder: Path, record: Record) -> None:
    """Replace the record in one step, readable by its owner alone."""
    handle, name = tempfile.mkstemp(prefix=f".{RECORD_NAME}.", dir=folder)  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(record), file, indent=2)
            file.write("\n")
        Path(name).replace(folder / RECORD_NAME)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_record(folder: Path, record: Record) -> None:
    """Remove the record, unless another server has put its own there since."""
    now = read_record(folder)
    if now is not None and now.instance == record.instance:
        (folder / RECORD_NAME).unlink(missing_ok=True)


def _parsed(text: str) -> Record | None:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    if not all(isinstance(fields.get(name), kind) for name, kind in FIELDS.items()):
        return None
    options = options_of(fields.get("options"))
    if options is None:
        return None
    record = Record(**{name: fields[name] for name in FIELDS}, options=options)
    return record if 0 < record.port <= HIGHEST_PORT else None
