"""In a process under torture: it kills itself at its n-th moment of writing the state file.

Python finds this file at its start, through PYTHONPATH. The moments, for each file written: before
the temporary file is there, when its bytes are written but not forced to the disk, when they are
forced and not yet renamed, and when it is renamed but the folder not yet forced to the disk.
`DIES_AT` is the number of the moment, from 0; each one passed is a line in the file `NOTES`.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial

DIES_AT = int(os.environ["DIES_AT"])
NOTES = os.environ["NOTES"]

FORCE = os.fsync
MARK = ".json."
END = ".tmp"


def passing(moment: str) -> None:
    with open(NOTES, "a+b") as notes:  # noqa: PTH123  # one short append
        notes.write(f"{moment}\n".encode())
        notes.seek(0)
        passed = len(notes.readlines())
    if passed - 1 == DIES_AT:
        os.kill(os.getpid(), signal.SIGKILL)


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """Of what the interpreter does: https://docs.python.org/3/library/audit_events.html."""
    if event not in {"open", "os.rename"} or not isinstance(arguments[0], str | os.PathLike):
        return
    path = os.fspath(arguments[0])
    if MARK in path and path.endswith(END):
        if event == "os.rename":
            passing("forced, not renamed")
        elif isinstance(arguments[2], int) and arguments[2] & os.O_CREAT:
            passing("nothing written")


def force(descriptor: int) -> None:
    is_folder = os.path.isdir(f"/proc/self/fd/{descriptor}")  # noqa: PTH112  # a link of the kernel
    passing("renamed, folder not forced" if is_folder else "written, not forced")
    FORCE(descriptor)


sys.addaudithook(watch)
os.fsync = partial(force)
