"""umetrics as its users run it: separate processes in a folder, with pipes or with a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import umetrics
from tests.cli.outsider import Outsider
from tests.cli.prepared import prepared
from umetrics.sandbox import Sandbox

ROOT = Path(umetrics.__file__).parents[1]
HOOK = Path(__file__).parent / "hook"

KEPT = re.compile(r"PATH|TMPDIR|VIRTUAL_ENV|LD_LIBRARY_PATH")
"""What a process under test inherits: the machine's."""

HOOKS = {"WATCH", "STRIKE"}
"""Variables with which `hook` is imported as the interpreter starts."""

TIMEOUT = 120
"""Seconds; far more than anything here takes on a busy machine."""

ROWS, COLUMNS = 40, 100

DUMMY_KEYS = {"AWS_ACCESS_KEY_ID": "outsider", "AWS_SECRET_ACCESS_KEY": "o"}

HOLDING = """
import sys
from pathlib import Path
from umetrics.state import StageLock
with StageLock(Path(sys.argv[1]), "dev", "up by somebody else"):
    print("held", flush=True)
    sys.stdin.read()
"""
"""A program that holds the lock of stage dev, in a folder, until its stdin ends."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a process ended: exit code, result (stdout) and talk (stderr)."""

    code: int
    result: str
    talk: str

    @property
    def document(self) -> dict[str, Any]:
        """stdout as exactly one JSON document."""
        content: dict[str, Any] = json.loads(self.result)
        return content

    @property
    def lines(self) -> list[str]:
        """Everything that was written, line by line."""
        return (self.result + self.talk).splitlines()


def is_error(done: Finished, *, exit_code: int, code: str) -> bool:
    """Exactly one error, with a hint; never a traceback, and nothing but a plan on stdout."""
    assert done.code == exit_code, done
    assert "Traceback" not in done.talk
    assert re.findall(r"^error\[(U\d{3})\]: ", done.talk, re.MULTILINE) == [code], done
    assert re.search(r"^hint: \S", done.talk, re.MULTILINE), done
    return True


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def _written(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


@dataclass
class Home:
    """A folder that is HOME and current folder at once, and what is run in it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        """Stage dev's state file of the sandbox."""
        return self.folder / "state" / "sandbox" / "dev.json"

    @property
    def receipts(self) -> dict[str, Any]:
        """By key."""
        receipts: dict[str, Any] = json.loads(self.state.read_bytes())["receipts"]
        return receipts

    @cached_property
    def sandbox(self) -> Sandbox:
        """The local AWS of this folder."""
        return Sandbox(self.folder / "state" / "sandbox")

    @property
    def outsider(self) -> Outsider:
        """Somebody else in that local AWS."""
        return Outsider.at(self.sandbox.start().endpoint_url)

    def configure(self, text: str) -> None:
        """Write umetrics.toml."""
        (self.folder / "umetrics.toml").write_text(text)

    def settings(self, given: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of a process; with `WATCH` or `STRIKE`, the hook is in it."""
        inherited = {name: text for name, text in os.environ.items() if KEPT.fullmatch(name)}
        return {
            **inherited,
            "HOME": str(self.folder),
            "PYTHONPATH": os.pathsep.join(
                map(str, [HOOK, ROOT] if HOOKS & given.keys() else [ROOT])
            ),
            "PYTHONUTF8": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Two looks at what others have are a test's subject, or time lost.
            "UMETRICS_VERIFY_SNAPSHOT": "false",
            **self.environment,
            **given,
        }

    def run(self, *arguments: str, **environment: str) -> Finished:
        """A command without a terminal, to its end."""
        settings = self.settings(environment)
        if "WATCH" in environment:  # from its very start
            return self.python("-m", "umetrics", *arguments, **environment)
        with (
            Path(os.devnull).open("rb") as nothing,
            TemporaryFile() as result,
            TemporaryFile() as talk,
        ):
            code = prepared(self.settings({})).run(
                arguments,
                folder=self.folder,
                environment=settings,
                streams=(nothing, result, talk),
                timeout=TIMEOUT,
            )
            return Finished(code, _written(result), _written(talk))

    def sandboxed(self, *arguments: str, **environment: str) -> Finished:
        """The same in the sandbox."""
        return self.run(*arguments, "--sandbox", **environment)

    def python(self, *arguments: str, **environment: str) -> Finished:
        """Any Python process, as a command is run."""
        done = subprocess.run(
            (sys.executable, *arguments),
            cwd=self.folder,
            env=self.settings(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextlib.contextmanager
    def started(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """A Python process with pipes, killed at the end of the block unless it has ended."""
        with subprocess.Popen(
            (sys.executable, *arguments),
            cwd=self.folder,
            env=self.settings(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    @contextlib.contextmanager
    def on_terminal(self, *arguments: str, **environment: str) -> Iterator[Terminal]:
        """A command in the sandbox, in front of a person."""
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        command = (sys.executable, "-m", "umetrics", *arguments, "--sandbox")
        settings = self.settings({"TERM": "xterm", **environment})
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=settings,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            try:
                yield Terminal(process, ours)
            finally:
                process.kill()
                os.close(ours)


@dataclass
class Terminal:
    """A pseudo-terminal with umetrics on it: what it shows, and what a person does."""

    process: subprocess.Popen[bytes]
    descriptor: int
    shown: str = ""

    def wait_for(self, text: str) -> str:
        """Read on until `text` is shown; all that was new."""
        news = ""
        while text not in news:
            if not (read := self._read()):
                raise AssertionError(f"ended without {text!r}:\n{self.shown}")
            news += read
        return news

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self.descriptor, f"{text}\n".encode())

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return self.process.wait(TIMEOUT)

    def _read(self) -> str:
        """What is shown next; empty at the end."""
        if not select.select([self.descriptor], [], [], TIMEOUT)[0]:
            raise AssertionError(f"nothing more was shown after:\n{self.shown}")
        try:
            news = os.read(self.descriptor, 65536).decode(errors="replace")
        except OSError:  # how Linux says that the other side has been closed
            return ""
        self.shown += news
        return news
