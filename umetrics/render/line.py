r"""One line of output as a value, and the one place where values become terminal text.

`compose` makes untrusted text visible, wraps, colours and falls back to ASCII. Everything shown
passes through it, so no tag value or AWS message can colour, erase or forge anything: text is
never markup, and a control character is shown as an escape (`\x1b`), not sent. The same goes for
what a CI system obeys that it finds in a log: `::error::` at a line's beginning is `\x3a:error::`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Style = Literal[
    "plain",
    "strong",
    "quiet",
    "create",
    "change",
    "destroy",
    "conflict",
    "good",
    "warning",
    "error",
]
"""How something is coloured. Colour only ever repeats what glyphs and words already say."""

SGR: dict[Style, str] = {
    "plain": "",
    "strong": "1",
    "quiet": "2",
    "create": "32",
    "change": "33",
    "destroy": "31",
    "conflict": "1;35",
    "good": "32",
    "warning": "33",
    "error": "1;31",
}
"""Terminal codes: https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters."""

SEPARATOR = " · "
ASCII_SEPARATOR = " | "

STANDARD_WIDTH = 80
DEEPEST_HANG = 6
NARROWEST_TEXT = 20
"""Columns: text is never squeezed into less, however narrow the terminal is."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the far end can show. `width` in columns; 0 never wraps."""

    colour: bool = False
    unicode: bool = True
    width: int = STANDARD_WIDTH


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: `text` may hold anything, whoever wrote it.

    `style` colours `mark` where there is one, else the text. `verbatim` lines are meant for
    pasting and are never wrapped.
    """

    text: str = ""
    style: Style = "plain"
    mark: str = ""
    indent: int = 0
    verbatim: bool = False


_COMMAND_ANYWHERE = re.compile(r"#(?=#\w*\[)")
"""`##[error]` of GitHub, `##vso[task.complete]` of Azure, `##teamcity[...]`."""

_COMMAND_AT_FIRST = re.compile(r"\s*(:)(?=:)")
"""GitHub passes over blanks before its commands:
https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs."""


def visible(text: str, *, ascii_only: bool = False) -> str:
    r"""The text with all that a terminal would not print shown as escapes: `\x1b`, `\n`, `\u202e`.

    That is control characters, direction and width tricks, lone surrogates, commands to a CI system
    that counts wherever in a line they stand, and with `ascii_only` everything beyond ASCII.
    """
    if "##" in text:
        text = _COMMAND_ANYWHERE.sub(r"\\x23", text)
    if text.isprintable() and (not ascii_only or text.isascii()):
        return text
    return "".join(_visible_character(character, ascii_only=ascii_only) for character in text)


def _visible_character(character: str, *, ascii_only: bool) -> str:
    if character.isprintable() and (not ascii_only or character.isascii()):
        return character
    return character.encode("unicode_escape").decode("ascii")


def compose(lines: Iterable[Line], look: Look) -> str:
    """The lines as text for one look, each ending in a newline."""
    return "".join(f"{row}\n" for line in lines for row in _rows(line, look))


def _rows(line: Line, look: Look) -> Iterator[str]:
    margin = " " * line.indent
    mark, text = _shown(line.mark, look), _shown(line.text, look)
    lead = f"{mark} " if mark and text else mark
    hang = margin + " " * min(len(lead), DEEPEST_HANG)
    first, *rest = _wrapped(text, look, first=len(margin + lead), others=len(hang), line=line)
    if not lead:
        first = _harmless(first)
    rest = [_harmless(row) for row in rest]
    if mark:
        yield margin + _painted(mark, line.style, look) + lead[len(mark) :] + first
        yield from (hang + row for row in rest)
    else:
        yield (margin + _painted(first, line.style, look)) if first else ""
        yield from (hang + _painted(row, line.style, look) for row in rest)


def _harmless(row: str) -> str:
    """A row that no CI system takes for a command, wherever its text is from."""
    command = _COMMAND_AT_FIRST.match(row)
    return f"{row[: command.start(1)]}\\x3a{row[command.end(1) :]}" if command else row


def _shown(text: str, look: Look) -> str:
    if not look.unicode:
        text = text.replace(SEPARATOR, ASCII_SEPARATOR)
    return visible(text, ascii_only=not look.unicode)


def _wrapped(text: str, look: Look, *, first: int, others: int, line: Line) -> list[str]:
    """Broken between words only: an id or ARN stays whole, so that it can be found and copied."""
    if line.verbatim or not look.width or first + len(text) <= look.width:
        return [text]
    rows = textwrap.wrap(
        text,
        max(look.width - others, NARROWEST_TEXT),
        initial_indent=" " * (first - others),
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return [rows[0][first - others :], *rows[1:]] if rows else [text]


def _painted(text: str, style: Style, look: Look) -> str:
    code = SGR[style]
    return f"\x1b[{code}m{text}\x1b[0m" if look.colour and code and text else text
