"""A Python that has imported what umetrics builds upon, and becomes a command by a fork.

Most of what a short command costs is importing boto3 and rich, the same each time. umetrics itself
is imported by each command anew, so that all of it is measured. That a command starts from nothing
as well, and what it imports then, is for `test_startup.py` and whatever starts processes itself.

Run as a module it serves: one request after the other on the socket whose descriptor it is given.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

IMPORTED = (
    "boto3.session",
    "botocore.auth",
    "botocore.httpsession",
    "botocore.paginate",
    "botocore.parsers",
    "botocore.retries.standard",
    "botocore.session",
    "botocore.signers",
    "botocore.waiter",
    "rich.live",
    "rich.panel",
    "rich.progress",
    "rich.table",
    "rich.traceback",
    "tenacity",
    "typer",
)

LONGEST = 1 << 20
"""Bytes of a request: an environment is a few thousand."""


class Prepared:
    """A served Python; it ends when this end of its socket is closed."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start it in the environment of a command, but measure nothing yet."""
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                (sys.executable, __file__, str(theirs.fileno())),
                env={each: text for each, text in environment.items() if "COV" not in each},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )

    def run(
        self,
        arguments: tuple[str, ...],
        *,
        folder: Path,
        environment: Mapping[str, str],
        streams: tuple[IO[bytes], IO[bytes], IO[bytes]],
        timeout: float,
    ) -> int:
        """`python -m umetrics ARGUMENTS`, to its end; as `subprocess` has it, -N for a signal."""
        request = {"arguments": arguments, "folder": str(folder), "environment": {**environment}}
        descriptors = [stream.fileno() for stream in streams]
        self._channel.settimeout(timeout)
        socket.send_fds(self._channel, [json.dumps(request).encode()], descriptors)
        return int(self._channel.recv(LONGEST))

    def __del__(self) -> None:
        """Let it end, and wait for that; with its thread."""
        self._channel.close()
        self._process.wait()


_of_thread = threading.local()


def prepared(environment: Mapping[str, str]) -> Prepared:
    """This thread's own: two commands at a time need two."""
    if not hasattr(_of_thread, "prepared"):
        _of_thread.prepared = Prepared(environment)
    served: Prepared = _of_thread.prepared
    return served


def _serve(channel: socket.socket) -> bool:
    """Fork for each request. True in the child, which shall run it; False at the end."""
    while True:
        content, descriptors, _flags, _address = socket.recv_fds(channel, LONGEST, 3)
        if not content:
            return False
        child = os.fork()
        if not child:
            channel.close()
            _become(json.loads(content), descriptors)
            return True
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(request: Mapping[str, object], descriptors: list[int]) -> None:
    for standard, descriptor in enumerate(descriptors):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    arguments, environment = request["arguments"], request["environment"]
    assert isinstance(arguments, list)
    assert isinstance(environment, dict)
    os.chdir(str(request["folder"]))
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv[1:] = arguments
    sys.path[0] = ""
    if "COVERAGE_PROCESS_CONFIG" in environment:
        import coverage  # only where it is measured

        coverage.process_startup()


if __name__ == "__main__":
    for _name in IMPORTED:
        __import__(_name)
    gc.freeze()
    if _serve(socket.socket(fileno=int(sys.argv[1]))):
        runpy.run_module("umetrics", run_name="__main__", alter_sys=True)
