"""Finding the configuration file and parsing it; what stands in it is not judged here.

`umetrics.toml` is looked for in a folder and in those above it, then `[tool.umetrics]` in a
`pyproject.toml` in the same folders. Having neither is fine. Every failure to read says which
file, why, and for a syntax error the line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from umetrics.errors import ConfigurationError, Problem

FILE = "umetrics.toml"
PYPROJECT = "pyproject.toml"
STAGES = "stages"

TomlTable = Mapping[str, object]

_POSITION = re.compile(r"(.*) \(at (.*)\)")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. `source` is None, and everything empty, when there is none.

    `heading` are the tables above ours: none in umetrics.toml, tool and umetrics in pyproject.toml.
    """

    source: Path | None = None
    content: TomlTable = field(default_factory=dict)
    heading: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name for people; what it would be called when there is none."""
        return self.source.name if self.source else FILE

    def where(self, tables: tuple[str, ...], key: str = "") -> str:
        """How messages and origins name a place: `umetrics.toml [stages.dev.network] cidr`."""
        table = ".".join((*self.heading, *tables))
        parts = (self.name, f"[{_printable(table)}]" if table else "", _printable(key))
        return " ".join(part for part in parts if part)

    def stages(self) -> Mapping[str, TomlTable]:
        """The tables under [stages]; what is not a table is left out."""
        found = self.content.get(STAGES)
        if not isinstance(found, dict):
            return {}
        return {name: table for name, table in found.items() if isinstance(table, dict)}


def read(path: Path | None, folder: Path) -> Document:
    """The document at `path`, or the one that `folder` (absolute) leads to.

    Raises `ConfigurationError` for a file that cannot be read or parsed, and for a `path` that
    does not exist.
    """
    if path is not None:
        return _document(folder / path.expanduser())
    for place in _upward(folder, FILE):
        return _document(place)
    for place in _upward(folder, PYPROJECT):
        # Other people's pyproject.toml is not ours to find fault with.
        if place.is_file() and "umetrics" in (text := _text(place)):
            content = _parsed(place, text)
            if _has_ours(content):
                return _ours(place, content)
    return Document()


def _upward(folder: Path, name: str) -> Iterator[Path]:
    for each in (folder, *folder.parents):
        if os.path.lexists(each / name):
            yield each / name


def _document(place: Path) -> Document:
    content = _parsed(place, _text(place))
    if place.name != PYPROJECT:
        return Document(place, content)
    if not _has_ours(content):
        raise _unreadable(place, "no table [tool.umetrics]", "a file that configures umetrics")
    return _ours(place, content)


def _has_ours(pyproject: TomlTable) -> bool:
    tool = pyproject.get("tool")
    return isinstance(tool, dict) and "umetrics" in tool


def _ours(place: Path, pyproject: TomlTable) -> Document:
    tool = pyproject["tool"]
    table = tool["umetrics"] if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        raise _unreadable(place, "tool.umetrics that is not a table", "[tool.umetrics] as a table")
    return Document(place, table, ("tool", "umetrics"))


def _text(place: Path) -> str:
    try:
        content = place.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _unreadable(place, reason, "a file that can be read") from error
    try:
        # A byte order mark is what some editors put in front; TOML itself knows none.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{content[error.start]:02x} on line {line}"
        raise _unreadable(place, found, "text in UTF-8", hint="save the file as UTF-8") from error


def _parsed(place: Path, text: str) -> TomlTable:
    import tomllib  # noqa: PLC0415  # slow to import, and many runs have no file

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise _unreadable(place, "lists or tables nested too deeply", "TOML") from error
    except ValueError as error:
        hint = "texts stand in quotes, and each key only once in a table"
        raise ConfigurationError(str(place), [_syntax(place, text, error)], hint=hint) from error


def _syntax(place: Path, text: str, error: ValueError) -> Problem:
    """The parser's message with its position in front; Python 3.14 alone has it as attributes."""
    split = _POSITION.fullmatch(str(error))
    found, position = split.groups() if split else (str(error), "")
    if position == "end of document":
        position = f"line {len(text.splitlines())} (the end)"
    where = f"{_printable(place.name)} {position}".rstrip()
    return Problem(where, found, "TOML (https://toml.io)")


def _unreadable(place: Path, found: str, allowed: str, *, hint: str = "") -> ConfigurationError:
    return ConfigurationError(
        str(place),
        [Problem(_printable(place.name), found, allowed)],
        hint=hint or "check the path, or leave --config out to have the file looked for",
    )


def _printable(name: str) -> str:
    return name if name.isprintable() else ascii(name)
