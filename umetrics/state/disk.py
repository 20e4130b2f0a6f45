"""Files that are whole or not there: replaced atomically, forced to the disk, private to the user.

Nothing is read or written through a link, nor believed that another user has put there. The order
is the one that survives a power cut: write a temporary file in the same folder, fsync it, rename it
over the old one, fsync the folder (rename(2), fsync(2)).
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from umetrics.errors import StateError, UsageError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

STAGE = re.compile(r"[a-z][a-z0-9]{0,8}")

_HINTS = {
    errno.ENOSPC: "the disk is full: make room, then run the same command again",
    errno.EDQUOT: "the disk quota is used up: make room, then run the same command again",
    errno.EFBIG: "see `ulimit -f` for how large a file may be, then run the same command again",
    errno.EROFS: "the file system is read-only: run umetrics where the folder can be written",
    errno.EACCES: "give yourself the right to read and write the folder and what is in it",
    errno.EPERM: "give yourself the right to read and write the folder and what is in it",
    errno.ENOTDIR: "a file stands where the state folder belongs: move it away",
    errno.EEXIST: "a file stands where the state folder belongs: move it away",
    errno.EISDIR: "a folder stands where the file belongs: move it away",
    errno.ELOOP: "put the file itself there, or make the whole folder a link",
}
_OTHER_HINT = "check the disk and the rights on the folder, then run the same command again"

_REASONS = {errno.ELOOP: "it is a symbolic link"}
"""Where the system's own words would mislead: O_NOFOLLOW finds "too many levels" in one link."""

_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK
"""A link could lead to any file of ours, and opening a pipe could take for ever."""

_ROOT = 0

_NO_FOLDER_FSYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})
"""Some network file systems cannot fsync a folder; there is nothing better to be had on them."""


def stage_file(folder: Path, stage: str, suffix: str) -> Path:
    """`<folder>/<stage><suffix>`; `UsageError` for a stage that must not become a file name."""
    if not STAGE.fullmatch(stage):
        raise UsageError(
            f"{stage!r} cannot be a stage",
            hint="a stage is one lower-case letter and up to eight more letters or digits: dev",
        )
    return folder / f"{stage}{suffix}"


def failure(action: str, path: Path, error: OSError) -> StateError:
    """The `StateError` for what the operating system refused to do with `path`."""
    reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
    hint = _HINTS.get(error.errno or 0, _OTHER_HINT)
    return StateError(f"cannot {action} {path}: {reason}", hint=hint)


def make_folder(folder: Path) -> None:
    """The folder and those above it, private where they are new. Raises `OSError`."""
    if folder.is_dir():
        return
    make_folder(folder.parent)  # mkdir's own `parents` would leave them to the umask
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    with suppress(OSError):  # a parent that we may not read: its owner's disk, its owner's risk
        sync_folder(folder.parent)


def read_file(path: Path) -> bytes | None:
    """What the file holds; None where there is none.

    Raises `OSError`, and `StateError` for a pipe, folder or device and for a file that another user
    has put there. Root, who may do as he likes anyway, reads and is believed by everybody.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _PLAIN)
    except FileNotFoundError:
        return None
    try:
        _refuse_strange(os.fstat(descriptor), path)
    except BaseException:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _refuse_strange(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise StateError(f"{path} is not a plain file", hint="move it away")
    ourselves = os.geteuid()
    if ourselves not in {_ROOT, found.st_uid} and found.st_uid != _ROOT:
        raise StateError(
            f"{path} belongs to user {found.st_uid}, and this is user {ourselves}",
            hint="it may name resources that are not ours: run umetrics as that user, or look "
            "through the file and make it your own with chown",
        )


def open_lock(path: Path) -> int:
    """A descriptor of the file, made where there is none, mode 0600. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _PLAIN, PRIVATE_FILE)
    with suppress(OSError):  # it is somebody else's, who may have meant it so
        os.fchmod(descriptor, PRIVATE_FILE)
    return descriptor


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path`, mode 0600.

    Raises `OSError`, and then what was there before is still there. The new name is certain to
    survive a power cut only after `sync_folder`.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        _write_through(temporary, content)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(path: Path) -> None:
    """Take away temporary files of `path` that a killed run left; only under the stage's lock."""
    for leftover in path.parent.glob(f"{path.name}.*.tmp"):
        with suppress(OSError):
            leftover.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Force the folder's names to the disk. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_FSYNC:
            raise
    finally:
        os.close(descriptor)


def create_file(path: Path, content: bytes) -> None:
    """A new file, mode 0600, forced to the disk. Raises `OSError`, also where there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), PRIVATE_FILE)  # whatever the umask took away
        _force(file, content)


def append_to_file(path: Path, content: bytes) -> None:
    """Put `content` at the end of a file that is there, forced to the disk. Raises `OSError`."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | _PLAIN), "ab") as file:
        _force(file, content)


def _write_through(path: Path, content: bytes) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
    create_file(path, content)


def _force(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())
