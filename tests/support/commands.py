"""umetrics' commands in this process, on the account in memory: what a process adds nothing to."""

from __future__ import annotations

import contextlib
import io
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import umetrics.aws
from tests.cli.command_line import Finished
from tests.support.deployments import Line
from umetrics.aws import Aws
from umetrics.cli.app import run
from umetrics.cli.interrupt import SIGNALS


class Stream(io.StringIO):
    """One of a process's streams, on a terminal or not."""

    def __init__(self, text: str = "", *, terminal: bool = False) -> None:
        super().__init__(text)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@dataclass(frozen=True, slots=True)
class Commands:
    """A folder in which commands are run; `profiles` lead elsewhere than the `line`."""

    folder: Path
    line: Line
    profiles: dict[str, Aws] = field(default_factory=dict)

    @classmethod
    def into(cls, monkeypatch: pytest.MonkeyPatch, folder: Path, line: Line) -> Commands:
        """As commands find their folder, their environment and AWS."""
        for name in os.environ:
            if name.startswith("UMETRICS_"):
                monkeypatch.delenv(name)
        monkeypatch.chdir(folder)
        commands = cls(folder, line)
        monkeypatch.setattr(umetrics.aws, "connect", commands._connect)
        return commands

    def configure(self, text: str) -> None:
        """Write umetrics.toml."""
        (self.folder / "umetrics.toml").write_text(text)

    def run(self, *arguments: str, answers: str | None = None) -> Finished:
        """A command to its end; with `answers`, in front of a person who types these lines."""
        is_asked = answers is not None
        self.line.aws.__dict__.pop("identity", None)  # a process asks for itself
        result, talk = Stream(terminal=is_asked), Stream(terminal=is_asked)
        with (
            pytest.MonkeyPatch.context() as patched,
            contextlib.redirect_stdout(result),
            contextlib.redirect_stderr(talk),
            _signals_kept(),
        ):
            patched.setattr("sys.stdin", Stream(answers or "", terminal=is_asked))
            patched.setenv("NO_COLOR", "1")
            code = run(arguments)
        return Finished(code, result.getvalue(), talk.getvalue())

    def _connect(self, *, profile: str | None, **_others: object) -> Aws:
        """One connection serves both ways: no guard is under test here."""
        return self.profiles.get(profile or "", self.line.aws)


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """A command takes them for itself, as one that ends soon may."""
    kept = {each: signal.getsignal(each) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)
