"""Receipts -> ids by name. Pure; which names there are is the configuration's matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from umetrics.config.outputs import STANDARD, Source
from umetrics.errors import StateError
from umetrics.state import Receipt, State

Output = str | list[str]

ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]+")
"""All that ids, ARNs, names of roles and addresses consist of: nothing that any program obeys."""


def outputs(state: State, named: Iterable[tuple[str, str]] = ()) -> dict[str, Output]:
    """Ids by name: the standard names, then those that `named` adds, each with its source.

    Lists are in the order of their keys, and so of their zones; they are there even when empty.
    A single id that the receipts do not hold is left out. Raises `StateError` for a value that no
    id is like: what is returned may go into files that shells run.
    """
    values: dict[str, Output] = {
        "deployment": state.deployment,
        "account_id": state.account,
        "region": state.region,
    }
    for name, source in _sources(named).items():
        found = list(_found(state, source))
        if source.several:
            values[name] = found
        elif found:
            values[name] = found[0]
    for name, value in values.items():
        _insist_on_ids(name, [value] if isinstance(value, str) else value)
    return values


def shared_names(state: State, named: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Which of these names stand for what others own, in whole or in part."""
    others = replace(state, receipts=state.shared, shared={})
    return [name for name, source in _sources(named).items() if any(_found(others, source))]


def _sources(named: Iterable[tuple[str, str]]) -> dict[str, Source]:
    return {**STANDARD, **{name: Source.parse(text) for name, text in named}}


def _found(state: State, source: Source) -> Iterable[str]:
    recorded = {**state.receipts, **state.shared}
    for key in sorted(recorded):
        if fnmatchcase(key, source.key) and (value := _value(recorded[key], source)):
            yield value


def _value(receipt: Receipt, source: Source) -> str:
    """One attribute; empty where an older umetrics wrote the receipt without it."""
    match source.attribute:
        case "id":
            return receipt.id
        case "arn":
            return receipt.arn
        case "name":
            return receipt.arn.rpartition("/")[2]
        case attribute:
            return receipt.attributes.get(attribute, "")


def _insist_on_ids(name: str, texts: Iterable[str]) -> None:
    for text in texts:
        if not ID.fullmatch(text):
            raise StateError(
                f"{name} is recorded as {text!r}, which is no AWS id",
                hint="correct the state file, or move it away: the next `umetrics up` rebuilds it",
            )
