"""How a line becomes terminal text: nothing untrusted gets through, nothing gets lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from umetrics.render.line import SGR, Line, Look, compose, visible

PLAIN = Look()
COLOURED = Look(colour=True)
ASCII = Look(unicode=False)

texts = some.text(
    some.characters(exclude_categories=[])
    | some.sampled_from(["\x1b", "\x9b", "\r", "\n", "\u202e", "\ud800", " ", "é", "\u2028"])
)
looks = some.builds(Look, some.booleans(), some.booleans(), some.sampled_from([0, 20, 40, 80]))
lines = some.builds(
    Line,
    texts,
    some.sampled_from([*SGR]),
    texts,
    some.integers(0, 8),
    some.booleans(),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("[red]x[/red]", "[red]x[/red]"),
        ("\x9b2J", r"\x9b2J"),
        ("\x1b]8;;http://x\x07link", r"\x1b]8;;http://x\x07link"),
        ("one\ntwo\r\tthree", r"one\ntwo\r\tthree"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("a\u200bb", r"a\u200bb"),
        ("\ud800", r"\ud800"),
        ("grün 日本", "grün 日本"),
        ("a ##[error]b", r"a \x23#[error]b"),
        ("##vso[task.complete]", r"\x23#vso[task.complete]"),
        ("## a heading", "## a heading"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert compose([Line(text)], PLAIN) == f"{shown}\n"


def test_no_row_begins_with_what_a_ci_system_takes_for_a_command() -> None:
    command = "::error title=x::y"
    wide = "w" * 78
    assert compose([Line(command)], PLAIN) == "\\x3a:error title=x::y\n"
    assert compose([Line(f"  {command}", indent=2)], PLAIN) == "    \\x3a:error title=x::y\n"
    assert compose([Line(f"{wide} {command}")], PLAIN) == f"{wide}\n\\x3a:error title=x::y\n"
    assert compose([Line(f"{wide} {command}", mark="~")], PLAIN) == (
        f"~ {wide}\n  \\x3a:error title=x::y\n"
    )
    assert compose([Line(command, mark="fix:")], PLAIN) == f"fix: {command}\n"


def test_without_unicode_everything_else_is_an_escape_and_our_separator_a_bar() -> None:
    assert visible("grün", ascii_only=True) == r"gr\xfcn"
    assert compose([Line("3 to create · $1/month")], ASCII) == "3 to create | $1/month\n"


@given(some.lists(lines, max_size=3), looks)
def test_output_holds_no_control_character_but_our_own_colours(
    content: list[Line], look: Look
) -> None:
    text = compose(content, look)
    for code in filter(None, SGR.values()):
        text = text.replace(f"\x1b[{code}m", "") if look.colour else text
    text = text.replace("\x1b[0m", "") if look.colour else text
    assert not [each for each in text if each != "\n" and unicodedata.category(each)[0] == "C"]
    assert look.unicode or text.isascii()
    text.encode("utf-8")


@given(some.text(some.characters(codec="ascii")), looks)
def test_wrapping_loses_nothing_but_blanks_at_the_breaks(text: str, look: Look) -> None:
    composed = compose([Line(text, "plain", indent=4)], Look(unicode=look.unicode, width=20))
    assert composed.replace(r"\x3a:", "::").split() == visible(text).split()


def test_colour_is_on_the_mark_and_the_words_say_the_same_without_it() -> None:
    line = Line("route-table/private", "create", mark="+", indent=2)
    assert compose([line], COLOURED) == "  \x1b[32m+\x1b[0m route-table/private\n"
    assert compose([line], PLAIN) == "  + route-table/private\n"
    assert compose([Line("Network", "strong")], COLOURED) == "\x1b[1mNetwork\x1b[0m\n"


def test_a_long_line_breaks_between_words_and_hangs_beneath_its_text() -> None:
    text = "routes: 0.0.0.0/0 -> nat-0123456789abcdef0 (blackhole) becomes 0.0.0.0/0 -> nat-1"
    assert compose([Line(text, "change", mark="~", indent=6)], PLAIN) == (
        "      ~ routes: 0.0.0.0/0 -> nat-0123456789abcdef0 (blackhole) becomes 0.0.0.0/0\n"
        "        -> nat-1\n"
    )


def test_an_arn_stays_whole_however_narrow_the_terminal_is() -> None:
    arn = "arn:aws:iam::123456789012:role/umetrics/UserMetrics/dev/UserMetrics-dev-Grafana"
    composed = compose([Line(f"attached to {arn}", indent=2)], Look(width=40))
    assert arn in composed.splitlines()[1]


def test_what_is_meant_for_pasting_is_not_wrapped() -> None:
    text = "word " * 40 + "end"
    assert compose([Line(text, verbatim=True)], PLAIN) == f"{text}\n"
    assert compose([Line(text)], Look(width=0)) == f"{text}\n"


def test_an_empty_line_is_empty_even_in_colour() -> None:
    assert compose([Line(), Line("", "error", indent=4)], COLOURED) == "\n\n"
