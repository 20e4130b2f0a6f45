"""What the table [tags] says against itself, and against the tags of what is ours. Pure.

No value could ever satisfy both sides: the audit would never be clean, and no repair would help.
Problems name dotted keys, for the caller to say where each stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from umetrics.config.kind import Table, Value, shown
from umetrics.config.sharing import is_said
from umetrics.errors import Problem
from umetrics.tags import MAIL

REQUIRED, FORBIDDEN = "tags.required", "tags.forbidden"
ALLOWED, PATTERNS, EMAILS = "tags.allowed", "tags.patterns", "tags.emails"
OF_OURS = {"Project": "project", "Owner": "owner"}
"""The settings whose value is a tag of everything of ours.

Not `environment`: one table [tags] serves all stages, also those that nobody ever builds.
"""


@dataclass(frozen=True, slots=True)
class _Demand:
    """What a setting wants of the values of a key; `said` is that in its own words."""

    setting: str
    key: str
    said: str
    is_met: Callable[[str], bool]


def problems_of_tagging(
    values: Mapping[str, Value], origins: Mapping[str, str]
) -> Iterator[Problem]:
    """Every problem; `values` lacks those that are wrong by themselves."""
    required = _texts(values.get(REQUIRED))
    for key in _texts(values.get(FORBIDDEN)):
        if key in required:
            yield Problem(FORBIDDEN, shown(key), f"no key that `{REQUIRED}` names")
    yield from _twins(required)
    demands = [*_demands_on_values(values)]
    yield from _among_allowed(values, origins, demands)
    for demand in (*demands, *_choices(values)):
        setting = OF_OURS.get(demand.key, "")
        value = values.get(setting)
        if isinstance(value, str) and is_said(setting, origins) and not demand.is_met(value):
            allowed = f"what fits `{setting}`, which is {shown(value)}"
            yield Problem(demand.setting, f"{demand.said} for {demand.key}", allowed)


def _twins(required: tuple[str, ...]) -> Iterator[Problem]:
    folded: dict[str, str] = {}
    for key in required:
        twin = folded.setdefault(key.casefold(), key)
        if twin != key:
            allowed = "keys that differ in more than case: on a role, IAM takes these for one"
            yield Problem(REQUIRED, f"{shown(twin)} and {shown(key)}", allowed)


def _among_allowed(
    values: Mapping[str, Value], origins: Mapping[str, str], demands: list[_Demand]
) -> Iterator[Problem]:
    """Values that one setting allows and another refuses, told of the one that somebody set."""
    for demand in demands:
        for value in _table(values.get(ALLOWED)).texts(demand.key):
            if demand.is_met(value):
                continue
            if is_said(ALLOWED, origins):
                wanted = f"what `{demand.setting}` wants of {demand.key}: {demand.said}"
                yield Problem(ALLOWED, f"{shown(value)} for {demand.key}", wanted)
            else:
                wanted = f"what fits `{ALLOWED}`, which has {shown(value)}"
                yield Problem(demand.setting, f"{demand.said} for {demand.key}", wanted)


def _demands_on_values(values: Mapping[str, Value]) -> Iterator[_Demand]:
    for key, pattern in _table(values.get(PATTERNS)).rows:
        fits = partial(_fits, re.compile(str(pattern)))
        yield _Demand(PATTERNS, key, shown(pattern), fits)
    for key in _texts(values.get(EMAILS)):
        yield _Demand(EMAILS, key, "an e-mail address", partial(_fits, MAIL))


def _choices(values: Mapping[str, Value]) -> Iterator[_Demand]:
    for key, listed in _table(values.get(ALLOWED)).rows:
        texts = _texts(listed)
        yield _Demand(ALLOWED, key, shown(list(texts)), texts.__contains__)


def _fits(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.fullmatch(text) is not None


def _table(value: Value) -> Table:
    return value if isinstance(value, Table) else Table()


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
