"""What each stream can show, and the mark of the sandbox."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

from umetrics.render.line import Line, Look
from umetrics.render.screen import Screen

MARK = "sandbox: a local AWS on this machine, no real account\n"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return True


@contextmanager
def terminal(columns: int) -> Iterator[TextIO]:
    """A real pseudo-terminal of that width."""
    pytest.importorskip("pty")
    import fcntl
    import pty
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(leader, "rb", buffering=0), os.fdopen(follower, "w") as stream:
        yield stream


def detect(
    environment: dict[str, str], stream: io.StringIO | None = None, *, no_color: bool = False
) -> Screen:
    """Both streams alike."""
    return Screen.detect(environment, stream or Terminal(), stream or Terminal(), no_color=no_color)


def test_a_terminal_has_colour_and_animation() -> None:
    screen = detect({"TERM": "xterm"})
    assert screen.look.colour
    assert screen.terminal
    assert screen.interactive


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_is_off_where_the_environment_says_so(environment: dict[str, str]) -> None:
    screen = detect(environment)
    assert not screen.look.colour
    assert not screen.talk_look.colour


def test_colour_is_off_with_the_flag_and_on_with_an_empty_no_color() -> None:
    assert not detect({}, no_color=True).look.colour
    assert detect({"NO_COLOR": ""}).look.colour


def test_without_a_terminal_there_is_neither_colour_nor_animation() -> None:
    screen = detect({}, io.StringIO())
    assert not screen.look.colour
    assert not screen.interactive
    assert not screen.terminal


def test_each_stream_is_judged_by_itself() -> None:
    screen = Screen.detect({}, io.StringIO(), Terminal())
    assert not screen.look.colour
    assert screen.talk_look.colour
    assert screen.interactive
    assert not screen.terminal


@pytest.mark.parametrize("environment", [{"CI": "true"}, {"CI": "1"}, {"TERM": "dumb"}])
def test_there_is_no_animation_in_ci_or_on_a_dumb_terminal(environment: dict[str, str]) -> None:
    assert not detect(environment).interactive


@pytest.mark.parametrize(
    ("encoding", "unicode"),
    [("utf-8", True), ("UTF-16", True), ("ascii", False), ("cp1252", False)],
)
def test_only_a_utf_stream_gets_unicode(encoding: str, unicode: bool) -> None:
    assert detect({}, Terminal(encoding)).look.unicode is unicode


def test_ascii_streams_never_break_on_what_they_cannot_encode() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Screen.detect({}, stream, stream).result("grün · 日本 \ud800")
    stream.seek(0)
    assert stream.read() == "gr\\xfcn | \\u65e5\\u672c \\ud800\n"


def test_width_is_the_terminals_unless_columns_says_otherwise() -> None:
    with terminal(132) as stream:
        assert Screen.detect({}, stream, stream).look.width == 132
        assert Screen.detect({"COLUMNS": "100"}, stream, stream).look.width == 100
    with terminal(0) as stream:
        assert Screen.detect({}, stream, stream).look.width == 80


@pytest.mark.parametrize(
    ("columns", "width"), [("", 80), ("x", 80), ("0", 80), ("5", 40), ("²", 80)]
)
def test_a_file_is_written_for_80_columns(columns: str, width: int) -> None:
    assert detect({"COLUMNS": columns}, io.StringIO()).look.width == width


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    assert not Screen.detect({}, stream, stream).terminal


def test_results_go_to_stdout_and_talk_to_stderr() -> None:
    out, err = io.StringIO(), io.StringIO()
    screen = Screen(out, err, look=Look(), talk_look=Look(colour=True))
    screen.show([Line("a"), Line("b", "error")])
    screen.result("c")
    screen.say("looking", "good")
    assert out.getvalue() == "a\nb\nc\n"
    assert err.getvalue() == "\x1b[32mlooking\x1b[0m\n"


def test_the_sandbox_marks_each_stream_once_and_before_anything_else() -> None:
    out, err = io.StringIO(), io.StringIO()
    screen = Screen(out, err, sandbox=True)
    screen.result("a")
    screen.result("b")
    screen.say("c")
    assert out.getvalue() == f"{MARK}a\nb\n"
    assert err.getvalue() == f"{MARK}c\n"


def test_the_sandbox_mark_stands_once_on_a_terminal_that_shows_both_streams() -> None:
    stream = Terminal()
    screen = Screen(stream, stream, terminal=True, sandbox=True)
    screen.say("c")
    screen.result("a")
    assert stream.getvalue() == f"{MARK}c\na\n"


def test_a_document_for_machines_is_never_marked() -> None:
    out = io.StringIO()
    Screen(out, io.StringIO(), sandbox=True).show_data('{"a": 1}')
    assert out.getvalue() == '{"a": 1}\n'
