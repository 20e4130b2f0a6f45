"""Settings put into the text of a configuration, of which all else stays as somebody wrote it.

Comments, order and spacing are kept. Pure: text in, text out; finding, reading and replacing the
file is for others. What comes out is parsed again and held against what was wanted, so an edit that
went wrong is an error and not a file.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from umetrics.config.kind import in_toml
from umetrics.errors import ConfigurationError, Problem

Assigned = str | tuple[str, ...] | None
"""What a key shall say; None takes it out."""

BYTE_ORDER_MARK = "\ufeff"

_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)


def edited(text: str, tables: Sequence[str], values: Mapping[str, Assigned]) -> str:
    """`text` with these keys of one table, which is made where it is missing.

    A key that stands there as a comment (`#vpc_id = "..."`) comes to life in that place, any other
    new one stands at the head of the table. `text` must be TOML. Raises `ConfigurationError` for a
    table that cannot be edited without being written anew.
    """
    plain = text.removeprefix(BYTE_ORDER_MARK)
    wanted = _wanted(plain, tables, values)
    if wanted == tomllib.loads(plain):
        return text
    unix = plain.replace("\r\n", "\n")
    for begun in (_with_places(unix, tables, values), unix):
        with suppress(ValueError, TOMLKitError):
            result = _assigned(begun, tables, values)
            if tomllib.loads(result) == wanted:
                mark = text[: len(text) - len(plain)]
                return mark + (result if unix == plain else result.replace("\n", "\r\n"))
    place = f"[{'.'.join(tables)}]"
    raise ConfigurationError(
        place,
        [Problem(place, "a table that cannot be edited in place", "a table with a heading")],
        hint="write it yourself: " + "; ".join(_lines(values)),
    )


def _lines(values: Mapping[str, Assigned]) -> Iterator[str]:
    for name, value in values.items():
        yield f"no {name}" if value is None else f"{name} = {in_toml(value)}"


def _wanted(
    text: str, tables: Sequence[str], values: Mapping[str, Assigned]
) -> MutableMapping[str, Any]:
    content = copy.deepcopy(tomllib.loads(text))
    _put(content, tables, values)
    return content


def _put(
    content: MutableMapping[str, Any], tables: Sequence[str], values: Mapping[str, Assigned]
) -> None:
    """In a document as Python has it, or as tomlkit has it."""
    table = content
    for name in tables:
        if name not in table:
            table[name] = {}
        table = table[name]
    for name, value in values.items():
        if value is None:
            table.pop(name, None)
        elif table.get(name) != (plain := value if isinstance(value, str) else list(value)):
            table[name] = plain


def _assigned(text: str, tables: Sequence[str], values: Mapping[str, Assigned]) -> str:
    document = tomlkit.parse(text)
    _put(document, tables, values)
    return document.as_string()


def _with_places(text: str, tables: Sequence[str], values: Mapping[str, Assigned]) -> str:
    """With a line, still without its value, for each new key where a person would put it.

    By itself tomlkit puts new keys at the end of a table, and so below the comment that introduces
    the next one.
    """
    present = tomllib.loads(text)
    for name in tables:
        present = present.get(name, {})
    heading = re.compile(
        rf"^[ \t]*\[[ \t]*{re.escape('.'.join(tables))}[ \t]*\].*\n?", re.MULTILINE
    )
    if not heading.search(text):
        text = f"{text.rstrip()}\n\n[{'.'.join(tables)}]\n".lstrip("\n")
    new = [name for name, value in values.items() if value is not None and name not in present]
    for name in reversed(new):
        text = _with_place(text, heading, name)
    return text


def _with_place(text: str, heading: re.Pattern[str], name: str) -> str:
    found = heading.search(text)
    begin = found.end() if found else 0
    following = _HEADER.search(text, begin)
    asleep = re.compile(rf"^#[ \t]*{name}[ \t]*=.*\n?", re.MULTILINE)
    commented = asleep.search(text, begin, following.start() if following else len(text))
    before, after = commented.span() if commented else (begin, begin)
    line_break = "" if text[:before].endswith("\n") else "\n"
    return f'{text[:before]}{line_break}{name} = ""\n{text[after:]}'
