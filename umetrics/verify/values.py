"""What a look brings: things, what could not be seen, and what was called in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from umetrics.verify.normal import Fact

Key: TypeAlias = tuple[str, str]
"""Kind and id of a thing."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something as it was found. `kind` is a row's name."""

    kind: str
    id: str
    arn: str
    facts: Mapping[str, Fact] = field(hash=False)

    @property
    def key(self) -> Key:
        """What it is found by again."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class Gap:
    """A kind that could not be looked at, or a field of it (`part`); `denied` where we may not."""

    kind: str
    reason: str
    denied: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True)
class NamingCall:
    """A call that could change something: `service:Operation`, and what it named.

    `named` are pairs of a parameter's path, such as `IpPermissions.UserIdGroupPairs.GroupId`, and
    a value.
    """

    operation: str
    named: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Record:
    """The calls of ours since a snapshot; `is_whole` where it is certain that these are all."""

    calls: tuple[NamingCall, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at everything in a region.

    `taken_at` is UTC, ISO 8601. `receipts` are the ids in our receipts then that nobody else can
    have: what is ours is told by them and by tags, of two looks at once. `salt` is what its hashes
    begin with, without which no other look could be compared. `record` is the id of the line behind
    which our calls since then are recorded. `lambda_roles` are the roles that the configuration
    gives our metrics policy. `concluded` says that the run that took
    it has told what became of it all.
    """

    deployment: str
    account: str
    region: str
    taken_at: str
    things: Mapping[Key, Thing] = field(hash=False)
    gaps: tuple[Gap, ...] = ()
    receipts: frozenset[str] = frozenset()
    salt: str = ""
    record: str = ""
    lambda_roles: frozenset[str] = frozenset()
    concluded: bool = False

    @property
    def unseen(self) -> frozenset[str]:
        """The kinds of which nothing can be said."""
        return frozenset(gap.kind for gap in self.gaps if not gap.part)

    @property
    def unseen_fields(self) -> frozenset[tuple[str, str]]:
        """Kind and name of the fields of which nothing can be said."""
        return frozenset((gap.kind, gap.part) for gap in self.gaps if gap.part)
