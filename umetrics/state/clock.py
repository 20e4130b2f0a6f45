"""Points in time as they stand in files: UTC, ISO 8601, ending in Z."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_STAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII
)
_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def utc_now() -> str:
    """This moment, to the second: `2026-03-01T09:30:00Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> datetime:
    """The moment that `text` names; `ValueError` for anything but UTC ending in Z."""
    if not _STAMP.fullmatch(text):
        raise ValueError(f"{text!r} is not a UTC time such as 2026-03-01T09:30:00Z")
    return datetime.fromisoformat(text)


def seconds_since(since: str, now: str) -> int:
    """How long ago `since` was, in whole seconds.

    Clocks of two machines differ, and clocks are set: a moment in the future counts as now.
    """
    return max(0, int((parse_utc(now) - parse_utc(since)).total_seconds()))


def age(since: str, now: str) -> str:
    """How long ago `since` was, for people: `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`."""
    seconds = seconds_since(since, now)
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"
