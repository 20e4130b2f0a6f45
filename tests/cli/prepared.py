"""A Python that has imported umetrics and all it builds upon, and becomes a command by a fork.

Most of what a short command costs is importing boto3, rich and itself, and reading AWS's models,
the same each time. That a command starts from nothing as well, and what it imports then, is for
`test_startup.py` and whatever starts processes itself.

Run as a module it serves: one request after the other on the socket whose descriptor it is given.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NoReturn

LEFT = ("umetrics.__main__", "umetrics.sandbox.application", "umetrics.sandbox.quickening")
LEFT_WITH_ALL_IN_THEM = ("umetrics.sandbox.server", "umetrics.sandbox.strict")
"""What no command imports: the emulator's side."""

SERVICES = ("ec2", "iam", "sts")
"""Whose models every other command reads."""

HOOK = Path(__file__).parent / "hook" / "sitecustomize.py"

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
                env=environment,
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
    if "STRIKE" in environment:
        runpy.run_path(str(HOOK))


def _prepare() -> None:
    """Import all that a command may."""
    from botocore.session import Session

    import umetrics
    from umetrics.sandbox.entry import read_models_once

    for module in pkgutil.walk_packages(umetrics.__path__, "umetrics."):
        if not module.name.startswith(LEFT_WITH_ALL_IN_THEM) and module.name not in LEFT:
            __import__(module.name)
    read_models_once()
    session = Session()
    for service in SERVICES:
        session.create_client(
            service, "us-east-1", aws_access_key_id="t", aws_secret_access_key="t"
        )
    gc.freeze()


def _run() -> NoReturn:
    """To the end, but without taking apart all that was imported: most runs cost less than that."""
    code: object = 0
    try:
        runpy.run_module("umetrics", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    _prepare()
    if _serve(socket.socket(fileno=int(sys.argv[1]))):
        _run()
