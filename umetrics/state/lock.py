"""One umetrics at a time on a stage: an advisory lock that dies with its process.

`flock` is held by the open file, not by the file's content: a killed process leaves no stale lock,
and the file is never deleted, because deleting it would let two processes lock two files of one
name. The content only tells others who holds it. The descriptor is close-on-exec (PEP 446), so
that a child that outlives us does not keep the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from umetrics.errors import LockHeld, UsageError
from umetrics.state import disk
from umetrics.state.clock import age, parse_utc, utc_now

_LONGEST_CONTENT = 16_384
"""Bytes; what we write is far shorter, what others wrote need not be."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: `who` is user@host, `since` a UTC time ending in Z."""

    id: str
    who: str
    pid: int
    command: str
    since: str


class StageLock:
    """The lock of one stage, `<folder>/<stage>.lock`, for the length of a `with` block.

    `command` is shown to those who find it held. Entering raises `LockHeld` at once, without
    waiting, when another process (or another lock of this one) holds it, and `StateError` when
    the file cannot be made.
    """

    def __init__(self, folder: Path, stage: str, command: str) -> None:
        self.path = disk.stage_file(folder, stage, ".lock")
        self.command = command
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        descriptor = self._open()
        try:
            self._acquire(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        with suppress(OSError):
            os.ftruncate(descriptor, 0)  # so that nobody is shown a holder who has left
        # Closing is not enough where a forked child still has the same open file.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)

    def clear(self, id: str | None = None) -> Holder | None:
        """Take away what a killed holder left in the file; who it was, None where nobody is named.

        With `id`, only what that very holding left: `UsageError` for another one. Raises `LockHeld`
        while a process, whoever it is, holds the lock, and then changes nothing.
        """
        if not os.path.lexists(self.path):
            return None
        descriptor = self._open()
        try:
            self._lock(descriptor)
            left = _read_holder(descriptor)
            if left is not None and id not in {None, left.id}:
                raise UsageError(
                    f"{self.path} was left by the holding {left.id}, not by {id}",
                    hint=f"umetrics state unlock {left.id}",
                )
            os.ftruncate(descriptor, 0)
        except OSError as error:
            raise disk.failure("write", self.path, error) from error
        finally:
            os.close(descriptor)
        return left

    def _open(self) -> int:
        try:
            disk.make_folder(self.path.parent)
            return disk.open_lock(self.path)
        except OSError as error:
            raise disk.failure("lock", self.path, error) from error

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(self.path, _read_holder(descriptor)) from None
        except OSError as error:
            raise disk.failure("lock", self.path, error) from error

    def _acquire(self, descriptor: int) -> None:
        self._lock(descriptor)
        try:
            _write_holder(descriptor, _ourselves(self.command))
        except OSError as error:
            raise disk.failure("write", self.path, error) from error


def _held(path: Path, holder: Holder | None) -> LockHeld:
    if holder is None:
        return LockHeld(
            f"{path} is held by another process that has not yet said who it is",
            hint="wait, or stop that process; the lock ends with it",
        )
    host = holder.who.rpartition("@")[2]
    return LockHeld(
        f"{path} is held by {holder.who}, process {holder.pid}, running `{holder.command}` since "
        f"{holder.since}, {age(holder.since, utc_now())} ago (lock id {holder.id})",
        hint=f"wait, or stop that process with `kill {holder.pid}` on {host}; the lock ends with "
        "it",
    )


def _write_holder(descriptor: int, holder: Holder) -> None:
    content = json.dumps(asdict(holder)).encode() + b"\n"
    # One write over the old content, then the cut: a reader never finds the file empty.
    os.pwrite(descriptor, content, 0)
    os.ftruncate(descriptor, len(content))


def _read_holder(descriptor: int) -> Holder | None:
    try:
        content = json.loads(os.pread(descriptor, _LONGEST_CONTENT, 0))
        holder = Holder(
            id=str(content["id"]),
            who=str(content["who"]),
            pid=int(content["pid"]),
            command=str(content["command"]),
            since=str(content["since"]),
        )
        parse_utc(holder.since)
    except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        return None
    return holder


def _ourselves(command: str) -> Holder:
    import uuid  # noqa: PLC0415  # `status` and `--help` start without it

    return Holder(
        id=str(uuid.uuid4()),
        who=f"{_user()}@{os.uname().nodename}",
        pid=os.getpid(),
        command=command,
        since=utc_now(),
    )


def _user() -> str:
    """The login name; in a container the user id need not have one."""
    import getpass  # noqa: PLC0415  # `status` and `--help` start without it

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid-{os.getuid()}"
