"""Numbers, durations and values in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from umetrics.provision.model import Ids
from umetrics.provision.references import references, resolve

NAMED_AT_MOST = 3

_MINUTE = 60
_HOUR = 60 * _MINUTE
_SHORT = 10
"""Seconds; below, tenths are worth showing."""


def counted(count: int, noun: str) -> str:
    """`1 resource`, `2 resources`, `2 policies`, `2 keys`."""
    if count == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{count} {plural}"


def duration(seconds: float) -> str:
    """`0.4 s`, `45 s`, `2 min 5 s`, `1 h 2 min`."""
    if seconds < _SHORT:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def some_of(names: Sequence[str], at_most: int = NAMED_AT_MOST) -> str:
    """The names, or the first of them and how many more."""
    if len(names) <= at_most:
        return ", ".join(names)
    return f"{', '.join(names[:at_most])} and {len(names) - at_most} more"


def worded(value: object, ids: Ids | None = None) -> str:
    """A value of a spec for people; `ids` gives what exists, by key.

    A reference to something that does not exist yet reads `(internet-gateway, to be created)`.
    """
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, frozenset | tuple):
        parts = [worded(part, ids) for part in value]
        return ", ".join(sorted(parts) if isinstance(value, frozenset) else parts) or "none"
    return str(resolve(value, _placeholders(value, ids or {})))


def _placeholders(value: object, ids: Ids) -> Mapping[str, str]:
    return {key: ids.get(key) or f"({key}, to be created)" for key in references(value)}
