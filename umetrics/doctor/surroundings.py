"""What a check sees of the account, as values; what AWS did not tell is `Unread`, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from umetrics.audit.organisation import Organisation
from umetrics.doctor.address import Neighbour
from umetrics.doctor.finding import Unread
from umetrics.doctor.quota import Limits, Used


@dataclass(frozen=True, slots=True)
class Trails:
    """CloudTrail's trails that are there, and those that write."""

    there: int
    logging: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All of it. `vpc` says whether a VPC of ours stands, `zones` are ids of those usable.

    `active_cost_keys` are those that finance counts by; `web_acls` is None where nobody asked.
    """

    neighbours: tuple[Neighbour, ...]
    unread_neighbours: tuple[tuple[str, Unread], ...]
    vpc_stands: bool
    used: Used
    nat_by_zone: Mapping[str, int] | Unread
    limits: Limits
    zones: tuple[str, ...] | Unread
    organisation: Organisation
    active_cost_keys: frozenset[str] | Unread
    trails: Trails | Unread
    web_acls: int | Unread | None
