"""Ids into files: which format a file's name asks for, and writing all of them or none."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from umetrics.errors import UsageError
from umetrics.outputs.formats import Format

T = TypeVar("T")

READABLE = 0o644
"""Nothing in these files is secret, and other users' programs read them."""

SUFFIXES: Mapping[str, Format] = {
    ".json": Format.JSON,
    ".env": Format.DOTENV,
    ".tfvars": Format.TFVARS,
    ".ts": Format.SST,
    ".sh": Format.SHELL,
}


def format_of(path: Path) -> Format:
    """The format of ids that a file's name asks for; `UsageError` for a name that asks for none."""
    return chosen_by_name(path, SUFFIXES)


def chosen_by_name(path: Path, suffixes: Mapping[str, T]) -> T:
    """What the end of a file's name stands for; `UsageError` for a name with another end."""
    for suffix, chosen in suffixes.items():
        if path.name.endswith(suffix):  # unlike Path.suffix, also where the name is `.env` alone
            return chosen
    raise UsageError(
        f"the name of {path} does not say how to write it",
        hint=f"give it one of these endings: {', '.join(suffixes)}; other forms go to stdout, with "
        "`--format`",
    )


def write_all(texts: Mapping[Path, str]) -> None:
    """Put each text into its file, mode 0644, whole and in the place of what was there.

    All texts lie beside their files before the first of those is replaced. Raises `UsageError` when
    one of them cannot be written, and then none has been.
    """
    written: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            with _explained(path):
                written[path] = _beside(path)
                written[path].write_text(text, encoding="utf-8")
                written[path].chmod(READABLE)
        for path, temporary in written.items():
            with _explained(path):
                temporary.replace(path)
    finally:
        for temporary in written.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """A new, empty file in the folder of `path`."""
    if path.is_dir():  # found now, not when others have been replaced
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    return Path(name)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {(error.strerror or str(error)).lower()}",
            hint="nothing was written: name a file in a folder that exists and has room",
        ) from error
