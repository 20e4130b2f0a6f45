"""Rows in aligned columns; a terminal gets the first 50 of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from umetrics.render.line import Line

MOST_ROWS = 50
"""On a terminal: more scroll past nobody's eyes."""


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Each row as one text, its columns as wide as their widest cell; no trailing blanks."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def table_lines(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, at_most: int | None = None
) -> Iterator[Line]:
    """A header and the rows, at most that many, and then how many more there are."""
    kept = rows[:at_most]
    heading, *texts = aligned([header, *kept])
    yield Line(heading, "quiet")
    yield from map(Line, texts)
    if len(rows) > len(kept):
        yield Line(f"and {len(rows) - len(kept)} more", "quiet")
