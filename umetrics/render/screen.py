"""The two streams that umetrics writes to, and what each of them can show.

stdout is the result, stderr is progress and talk. This module decides colour, alphabet and width
once per run; it asks nothing, and a reader that went away (BrokenPipeError) is the caller's matter.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TextIO

from umetrics.render.line import STANDARD_WIDTH, Line, Look, Style, compose

SANDBOX_MARK = Line("a local AWS on this machine, no real account", "warning", mark="sandbox:")

NARROWEST = 40
"""Columns; below that, wrapping harms more than it helps."""


@dataclass(slots=True)
class Screen:
    """Where a run writes.

    `look` and `talk_look` are what stdout and stderr can show. `terminal` says that a person
    watches stdout, `interactive` that one watches stderr, so that animation makes sense there.
    With `sandbox`, the first text on each stream is preceded by a mark (once where both are one
    terminal); data is never marked.
    """

    stdout: TextIO
    stderr: TextIO
    _: KW_ONLY
    look: Look = field(default_factory=Look)
    talk_look: Look = field(default_factory=Look)
    terminal: bool = False
    interactive: bool = False
    sandbox: bool = False
    _marked: set[str] = field(default_factory=set, init=False)

    @classmethod
    def detect(
        cls,
        environment: Mapping[str, str],
        stdout: TextIO,
        stderr: TextIO,
        *,
        no_color: bool = False,
        sandbox: bool = False,
    ) -> Screen:
        """From `NO_COLOR`, `TERM`, `CI`, `COLUMNS` and the streams themselves."""
        dumb = environment.get("TERM") == "dumb"
        colourless = no_color or dumb or bool(environment.get("NO_COLOR"))
        in_ci = environment.get("CI", "").lower() in {"1", "true"}
        return cls(
            stdout,
            stderr,
            look=_look(stdout, environment, colourless=colourless),
            talk_look=_look(stderr, environment, colourless=colourless),
            terminal=is_terminal(stdout),
            # Without cursor movements there is no animation, whatever the terminal's colours.
            interactive=is_terminal(stderr) and not in_ci and not dumb,
            sandbox=sandbox,
        )

    def show(self, lines: Iterable[Line]) -> None:
        """Write result lines to stdout, one by one as they come."""
        self.mark("stdout")
        for line in lines:
            self.stdout.write(compose([line], self.look))
        self.stdout.flush()

    def show_data(self, text: str) -> None:
        """Write a whole document to stdout: JSON, CSV, dotenv. Nothing is added to it."""
        self.stdout.write(text if text.endswith("\n") else f"{text}\n")
        self.stdout.flush()

    def tell(self, lines: Iterable[Line]) -> None:
        """Write talk to stderr."""
        self.mark("stderr")
        self.stderr.write(compose(lines, self.talk_look))
        self.stderr.flush()

    def result(self, text: str, style: Style = "plain") -> None:
        """One line of result."""
        self.show([Line(text, style)])

    def say(self, text: str, style: Style = "plain") -> None:
        """One line of talk."""
        self.tell([Line(text, style)])

    def mark(self, name: str) -> None:
        """Put the sandbox mark on `stdout` or `stderr`, unless it is there already."""
        if not self.sandbox or name in self._marked:
            return
        one_terminal = self.terminal and is_terminal(self.stderr)
        self._marked |= {"stdout", "stderr"} if one_terminal else {name}
        stream, look = (
            (self.stdout, self.look) if name == "stdout" else (self.stderr, self.talk_look)
        )
        stream.write(compose([SANDBOX_MARK], look))


def is_terminal(stream: TextIO) -> bool:
    """Whether a person watches the stream; False for one that is closed."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def _look(stream: TextIO, environment: Mapping[str, str], *, colourless: bool) -> Look:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return Look(
        colour=is_terminal(stream) and not colourless,
        unicode=encoding.lower().startswith("utf"),
        width=_width(stream, environment),
    )


def _width(stream: TextIO, environment: Mapping[str, str]) -> int:
    """Of the terminal, or as COLUMNS says; a file is written for 80 columns."""
    named = environment.get("COLUMNS", "")
    if named.isascii() and named.isdigit() and int(named):
        return max(int(named), NARROWEST)
    if not is_terminal(stream):
        return STANDARD_WIDTH
    try:
        # Some terminals (serial lines, pipes of an editor) say that they have 0 columns.
        return max(os.get_terminal_size(stream.fileno()).columns or STANDARD_WIDTH, NARROWEST)
    except (OSError, ValueError):
        return STANDARD_WIDTH
