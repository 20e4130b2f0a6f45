"""Ways to the database, in words and as JSON: each in a line, what is wrong with it beneath."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from umetrics.render.audit.as_markdown import section
from umetrics.render.change import INDENT
from umetrics.render.document import JsonObject
from umetrics.render.glyph import Glyph
from umetrics.render.line import Line, Style
from umetrics.render.phrase import counted, some_of
from umetrics.verify.reach.values import Hop, Passage, Way

if TYPE_CHECKING:
    from umetrics.library.reaching import Reach

STYLES: Mapping[Passage, Style] = MappingProxyType(
    {Passage.OK: "good", Passage.UNKNOWN: "warning", Passage.BLOCKED: "error"}
)
GLYPHS: Mapping[Passage, Glyph] = MappingProxyType(
    {
        Passage.OK: Glyph.UNCHANGED,
        Passage.UNKNOWN: Glyph.CONFLICT,
        Passage.BLOCKED: Glyph.DESTROY,
    }
)


def way_text(way: Way) -> str:
    """`orders-api to proxy orders: ok (9 hops)`."""
    return f"{way.source} to {way.target}: {way.passage} ({counted(len(way.hops), 'hop')})"


def hop_text(hop: Hop) -> str:
    """What it is, why it is not open, and what was looked at."""
    ids = f" [{some_of(hop.ids)}]" if hop.ids else ""
    return f"{hop.passage}: {hop.what}{': ' if hop.reason else ''}{hop.reason}{ids}"


def reach_lines(reach: Reach) -> Iterator[Line]:
    """All of it: functions first, then our tasks, then what is to be asked of owners."""
    for heading, ways in (
        ("From functions to the database:", reach.functions),
        ("From our tasks to the database:", reach.tasks),
    ):
        if ways:
            yield Line()
            yield Line(heading, "strong")
            for way in ways:
                yield Line(way_text(way), STYLES[way.passage], mark=GLYPHS[way.passage])
                for hop in way.hops:
                    if hop.passage is not Passage.OK:
                        yield Line(hop_text(hop), indent=INDENT)
    requests = dict.fromkeys(each for way in reach.tasks for each in way.requests)
    if requests:
        yield Line()
        yield Line("To be done with the database's owner, before our tasks can use it:", "strong")
        yield from (Line(each, mark="-", indent=2) for each in requests)
    notes = _notes(reach)
    if notes:
        yield Line()
        yield from (Line(each, "warning") for each in notes)


def _notes(reach: Reach) -> tuple[str, ...]:
    absent = (f"{each} is configured, and not in {reach.region}" for each in reach.absent)
    return (*absent, *reach.remarks)


def reach_json(reach: Reach) -> JsonObject:
    """Every hop of every way."""
    return {
        "broken": reach.is_broken,
        "functions": [_way_json(each) for each in reach.functions],
        "tasks": [_way_json(each) for each in reach.tasks],
        "absent": list(reach.absent),
        "remarks": list(reach.remarks),
    }


def _way_json(way: Way) -> JsonObject:
    return {
        "from": way.source,
        "to": way.target,
        "passage": way.passage.value,
        "hops": [
            {
                "what": hop.what,
                "passage": hop.passage.value,
                "ids": list(hop.ids),
                "reason": hop.reason,
                "requests": list(hop.requests),
            }
            for hop in way.hops
        ],
        "requests": list(way.requests),
    }


def reach_markdown(reach: Reach) -> str:
    """A table of ways, and what is to be asked for."""
    lines = [
        "## Ways to the database",
        *section(
            ("Way", "What is in the way", "To ask for"),
            (_row(each) for each in (*reach.functions, *reach.tasks)),
        ),
        *section(("Remark",), ((each,) for each in _notes(reach))),
    ]
    return "\n".join(lines) + "\n"


def _row(way: Way) -> tuple[str, ...]:
    wrong = "; ".join(hop_text(hop) for hop in way.hops if hop.passage is not Passage.OK)
    return way_text(way), wrong, "; ".join(way.requests)
