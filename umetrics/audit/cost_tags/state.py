"""The state of each cost allocation key, from what is carried, told and remembered. Pure.

A key shows in Cost Explorer up to 24 hours after its first use, and counts up to 24 hours after it
was activated; only the payer of the organization may activate it:
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from umetrics.state import Sighting

KEYS = ("Project", "Component", "Function", "Environment", "CostCenter", "DataType", "Owner")
"""The keys by which finance tells costs apart."""

A_DAY = timedelta(hours=24)
"""How long AWS takes, at most, to show a key, and again to count by it."""


class Status(enum.StrEnum):
    """Where a key is on its way."""

    UNUSED = "unused"
    """Nothing of ours carries it, so there is nothing to activate."""

    NOT_SEEN = "not seen"
    """Carried, and not yet known to Cost Explorer."""

    INACTIVE = "inactive"
    ACTIVATING = "activating"
    ACTIVE = "active"
    NOT_THE_PAYER = "not the payer"
    """This account is a member of an organization, whose payer alone may look and activate."""

    DENIED = "denied"
    """A permission is missing."""


SETTLED = frozenset({Status.UNUSED, Status.ACTIVE})
"""Nothing is left to be done or waited for."""

BEYOND_US = frozenset({Status.NOT_THE_PAYER, Status.DENIED})
"""Somebody with other credentials has to go on."""


@dataclass(frozen=True, slots=True)
class Told:
    """What Cost Explorer says of a key; `updated` is when it was last activated or deactivated."""

    active: bool
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key: `due` is when AWS should be done with it, `note` what it said against it."""

    key: str
    status: Status
    due: datetime | None = None
    note: str = ""

    @property
    def is_pending(self) -> bool:
        """Whether it is needed and not active."""
        return self.status not in SETTLED


def key_states(
    carried: Collection[str],
    told: Mapping[str, Told],
    sightings: Mapping[str, Sighting],
    now: datetime,
) -> tuple[KeyState, ...]:
    """The state of every key that finance knows, in finance's order."""
    return tuple(
        _state(key, told.get(key), sightings.get(key), now, is_carried=key in carried)
        for key in KEYS
    )


def _state(
    key: str, told: Told | None, sighting: Sighting | None, now: datetime, *, is_carried: bool
) -> KeyState:
    if told is not None and told.active:
        due = told.updated + A_DAY if told.updated else None
        if due is not None and now < due:
            return KeyState(key, Status.ACTIVATING, due)
        return KeyState(key, Status.ACTIVE)
    if not is_carried:
        return KeyState(key, Status.UNUSED)
    if told is not None:
        return KeyState(key, Status.INACTIVE)
    return KeyState(key, Status.NOT_SEEN, sighting.used + A_DAY if sighting else None)


def refused(
    states: Iterable[KeyState], status: Status, *, only: Collection[Status]
) -> tuple[KeyState, ...]:
    """The states, where those of `only` cannot be learnt or changed by these credentials."""
    return tuple(
        KeyState(each.key, status, note=each.note) if each.status in only else each
        for each in states
    )


def hand_over(states: Iterable[KeyState]) -> str:
    """What the payer's owner is to run; empty where nothing waits for the payer."""
    entries = [f"TagKey={each.key},Status=Active" for each in states if each.status in BEYOND_US]
    if not entries:
        return ""
    return (
        "aws ce update-cost-allocation-tags-status --region us-east-1 "
        f"--cost-allocation-tags-status {' '.join(entries)}"
    )
