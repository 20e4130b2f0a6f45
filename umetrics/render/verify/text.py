"""A verdict for people: the result, then whatever is not as it was, the gravest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from umetrics.audit.history import History, LastChange
from umetrics.render.change import INDENT
from umetrics.render.document import moment
from umetrics.render.glyph import Glyph
from umetrics.render.line import Line, Style
from umetrics.render.verify.words import (
    HEADINGS,
    cause_text,
    difference_text,
    gap_text,
    thing_text,
    unseen_text,
    verdict_text,
)
from umetrics.verify.attribution import Judged, Standing, Verdict
from umetrics.verify.compare import Manner

GLYPHS: Mapping[Manner, Glyph] = MappingProxyType(
    {
        Manner.APPEARED: Glyph.CREATE,
        Manner.GONE: Glyph.DESTROY,
        Manner.CHANGED: Glyph.CHANGE,
    }
)

STYLES: Mapping[Standing, Style] = MappingProxyType(
    {
        Standing.OURS: "error",
        Standing.UNTOLD: "warning",
        Standing.OTHERS: "change",
        Standing.DOCUMENTED: "quiet",
    }
)

MOST_SHOWN = 50
"""Things of one sort; a terminal is no place for a thousand rows."""


def summary_line(verdict: Verdict) -> Line:
    """The result in one line."""
    gaps = f" Not seen: {', '.join(map(unseen_text, verdict.gaps))}." if verdict.gaps else ""
    style: Style = "error" if verdict.exit_code else "warning" if verdict.gaps else "good"
    return Line(f"{verdict_text(verdict)}{gaps}", style)


def verdict_lines(verdict: Verdict, history: History) -> Iterator[Line]:
    """All of it."""
    style: Style = "error" if verdict.exit_code else "warning" if verdict.gaps else "good"
    yield Line(f"Since {verdict.since}: {verdict_text(verdict)}", style)
    for standing in Standing:
        found = verdict.of(standing)
        if found:
            yield Line()
            yield Line(f"{HEADINGS[standing].capitalize()}:", STYLES[standing])
            for judged in found[:MOST_SHOWN]:
                yield from _thing_lines(judged, history.changes.get(judged.alteration.key))
            if len(found) > MOST_SHOWN:
                more = len(found) - MOST_SHOWN
                yield Line(f"and {more} more; --format json has all", "quiet")
    if history.note and verdict.of(Standing.OTHERS):
        yield Line(history.note, "quiet")
    if verdict.gaps:
        yield Line()
        yield from (Line(gap_text(gap), "warning", mark=Glyph.CONFLICT) for gap in verdict.gaps)


def _thing_lines(judged: Judged, change: LastChange | None) -> Iterator[Line]:
    glyph, style = GLYPHS[judged.alteration.manner], STYLES[judged.standing]
    yield Line(thing_text(judged), style, mark=glyph)
    for difference in judged.alteration.differences:
        yield Line(difference_text(difference), indent=INDENT)
    if judged.call:
        yield Line(cause_text(judged), "quiet", indent=INDENT)
    if change is not None:
        yield Line(author_text(change), "quiet", indent=INDENT)


def author_text(change: LastChange) -> str:
    """Who it was, as CloudTrail tells."""
    return f"{change.event}, {moment(change.at)}, by {change.author}"
