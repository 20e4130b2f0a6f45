"""Starting, finding and ending the sandbox's server, from any number of separate commands.

A server is believed only when its process is the recorded one *and* it tells the recorded instance;
it is signalled only when its process is the recorded one. What runs inside it is `server.py`'s
business: this module never imports moto.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from umetrics.errors import SandboxError, TimedOut
from umetrics.patience import Patience
from umetrics.sandbox.identity import answers, endpoint_url, is_alive
from umetrics.sandbox.launch import LOG_NAME, last_lines, launch, require_moto
from umetrics.sandbox.options import Options
from umetrics.sandbox.record import Record, read_record, remove_record
from umetrics.state import disk

LOCK_NAME = "sandbox.lock"

START_TIMEOUT = 60
"""Seconds; importing moto takes one on a laptop, far longer on a cold and busy CI machine."""

TURN_TIMEOUT = START_TIMEOUT + 20
"""Seconds to wait for another command that is starting or stopping the same sandbox."""

END_TIMEOUT = 5
"""Seconds between asking a server to end and ending it."""

VANISH_TIMEOUT = 2
"""Seconds in which a server that stopped answering may turn out to be on its way out."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that has just answered. `since` is UTC in ISO 8601, `version` that of moto."""

    pid: int
    port: int
    since: str
    version: str
    options: Options

    @property
    def endpoint_url(self) -> str:
        """What AWS clients are given as their endpoint."""
        return endpoint_url(self.port)

    @property
    def emulator(self) -> str:
        """What stands in for AWS: `moto 5.2.5`."""
        return f"moto {self.version}"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The one sandbox of a folder, which is made when it is first needed."""

    folder: Path
    patience: Patience = field(default_factory=Patience)

    @property
    def log(self) -> Path:
        """What the server has printed since its start."""
        return self.folder / LOG_NAME

    def status(self) -> Running | None:
        """The running server, or None.

        Raises `SandboxError` when its process lives but does not answer as the recorded instance.
        """
        record = read_record(self.folder)
        if record is None or not is_alive(record):
            return None
        if answers(record):
            return Running(record.pid, record.port, record.since, record.version, record.options)
        if self._ends_within(VANISH_TIMEOUT, record):
            return None
        raise SandboxError(
            f"process {record.pid} is the sandbox, but it is not what answers at "
            f"{endpoint_url(record.port)}; see {self.log}",
            hint="run `umetrics sandbox stop`, then start it again with an empty world",
        )

    def lost(self) -> Record | None:
        """The server that ended without being told to, and its world with it; None without one."""
        record = read_record(self.folder)
        return None if record is None or is_alive(record) else record

    def start(self, options: Options | None = None) -> Running:
        """The running server, or a new one that outlives this process.

        Without options any running server will do, and a new one has the defaults.
        Raises `SandboxError` when moto is missing, the server ends while it starts, does not
        answer or runs with other options; `TimedOut` after 60 s.
        """
        with self._turn():
            running = self.status()
            if running is None:
                return self._start_new(options or Options())
        if options is not None and running.options != options:
            raise SandboxError(
                f"the sandbox is running already, with other settings: {running.options}",
                hint="run `umetrics sandbox stop` first; what was built in it is gone then",
            )
        return running

    def stop(self) -> bool:
        """End the server, and its world with it. False when none was running.

        A process that merely has the recorded number is left alone.
        """
        if not self.folder.is_dir():
            return False
        with self._turn():
            record = read_record(self.folder)
            if record is None:
                return False
            was_alive = is_alive(record)
            if was_alive:
                self._end(record)
            remove_record(self.folder, record)
            return was_alive

    def _start_new(self, options: Options) -> Running:
        require_moto()
        instance = secrets.token_hex(16)
        server = launch(self.folder, instance, options)

        def is_ready() -> bool:
            if server.poll() is not None:
                raise SandboxError(
                    f"the sandbox ended while it started{last_lines(self.folder)}",
                    hint=f"the whole log is {self.log}",
                )
            record = read_record(self.folder)
            return record is not None and record.instance == instance and answers(record)

        try:
            self.patience.until(is_ready, at_most=START_TIMEOUT, waiting_for="the sandbox to start")
        except TimedOut as late:
            _kill(server)
            message = f"{late.message}{last_lines(self.folder)}"
            raise TimedOut(message, hint=f"the whole log is {self.log}") from None
        except BaseException:  # Ctrl-C as well: nobody would know of this server
            _kill(server)
            raise
        server.returncode = 0  # it is meant to outlive us: no warning that nobody waited for it
        running = self.status()
        if running is None:
            raise SandboxError(
                f"the sandbox ended right after its start{last_lines(self.folder)}",
                hint=f"the whole log is {self.log}",
            )
        return running

    def _end(self, record: Record) -> None:
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if is_alive(record):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(record.pid, signal_number)
            if self._ends_within(END_TIMEOUT, record):
                return
        raise SandboxError(
            f"process {record.pid}, the sandbox, does not end",
            hint=f"see what holds it up: ps -o pid,stat,wchan,args -p {record.pid}",
        )

    def _ends_within(self, seconds: float, record: Record) -> bool:
        try:
            self.patience.until(
                lambda: _has_ended(record), at_most=seconds, waiting_for="the sandbox to end"
            )
        except TimedOut:
            return False
        return True

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Only one command at a time starts or stops; the lock dies with its holder."""
        path = self.folder / LOCK_NAME
        try:
            disk.make_folder(self.folder)
            descriptor = disk.open_lock(path)
        except OSError as error:
            raise SandboxError(
                f"cannot open {path}: {error.strerror}",
                hint=f"check the permissions of {self.folder}",
            ) from error
        try:
            self.patience.until(
                lambda: _locked(descriptor),
                at_most=TURN_TIMEOUT,
                waiting_for="another command that starts or stops the sandbox",
            )
            yield
        finally:
            os.close(descriptor)


def _kill(server: subprocess.Popen[bytes]) -> None:
    server.kill()
    server.wait()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _has_ended(record: Record) -> bool:
    if is_alive(record):
        return False
    with contextlib.suppress(ChildProcessError):
        os.waitpid(record.pid, os.WNOHANG)  # collected here when this very process started it
    return True
