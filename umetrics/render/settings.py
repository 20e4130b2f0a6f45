"""What a configuration says, setting by setting, each with where that comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from umetrics.config.kind import Table, Value, in_toml
from umetrics.render.line import STANDARD_WIDTH, Line, Style

if TYPE_CHECKING:
    from umetrics.config import Config, Entry
    from umetrics.render.document import Json, JsonObject

WIDEST_ALIGNED = 30
"""Columns of values: wider ones do not push the origins of all others to the right."""

UNSET = "-"


def entry_lines(entries: Sequence[Entry]) -> Iterator[Line]:
    """Key, value and origin of each; what does not fit beside the key goes below, indented."""
    values = [UNSET if each.value is None else in_toml(each.value) for each in entries]
    key_width = max(len(each.key) for each in entries)
    value_width = max(len(value) for value in ("VALUE", *values) if len(value) <= WIDEST_ALIGNED)
    yield Line(f"{'KEY':{key_width}}  {'VALUE':{value_width}}  ORIGIN", "quiet")
    room = STANDARD_WIDTH - key_width - 2
    for each, value in zip(entries, values, strict=True):
        cells = [f"{value:{value_width}}  {each.origin}"]
        if len(cells[0]) > room:
            cells = [*_folded(value, room), *_folded(f"from {each.origin}", room)]
        style: Style = "quiet" if each.origin == "default" else "plain"
        for name, cell in zip((each.key, *[""] * len(cells)), cells, strict=False):
            yield Line(f"{name:{key_width}}  {cell}", style)


def _folded(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def config_json(config: Config, entries: Sequence[Entry]) -> JsonObject:
    """The file in use, null without one; then each setting, null where it is unset."""
    settings: list[Json] = [
        {"key": each.key, "value": _json(each.value), "origin": each.origin} for each in entries
    ]
    return {
        "source": str(config.source) if config.source else None,
        "settings": settings,
        "warnings": list(config.warnings),
    }


def _json(value: Value) -> Json:
    if isinstance(value, Table):
        return {name: _json(each) for name, each in value.rows}
    return value
