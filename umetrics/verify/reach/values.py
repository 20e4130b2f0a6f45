"""Where things stand in a network, one hop between two of them, and a whole way."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from ipaddress import IPv4Network


class Passage(enum.StrEnum):
    """Whether a hop lets traffic through, the gravest first."""

    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet and its range."""

    id: str
    vpc: str
    range: IPv4Network


@dataclass(frozen=True, slots=True)
class Place:
    """Something with interfaces in some subnets, each with all of these groups.

    `port` is where it listens; 0 where nobody connects to it. `unseen` are subnets of which no
    range of IPv4 was seen.
    """

    name: str
    subnets: tuple[Subnet, ...]
    groups: tuple[str, ...]
    port: int = 0
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing on the way, and why it does not let traffic through, or why that is not known.

    `ids` are what was looked at. `requests` are what its owner would have to do.
    """

    what: str
    passage: Passage
    ids: tuple[str, ...] = ()
    reason: str = ""
    requests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """All hops from one place to another."""

    source: str
    target: str
    hops: tuple[Hop, ...]

    @property
    def passage(self) -> Passage:
        """Blocked where any hop is, else unknown where any is."""
        passages = {hop.passage for hop in self.hops}
        return next((each for each in Passage if each in passages), Passage.UNKNOWN)

    @property
    def requests(self) -> tuple[str, ...]:
        """What the owners along the way would have to do, each once."""
        return tuple(dict.fromkeys(each for hop in self.hops for each in hop.requests))
