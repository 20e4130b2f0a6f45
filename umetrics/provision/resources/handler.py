"""What every kind of resource can do. A kind is one file: its spec, and a handler of this shape.

Handlers act and never decide: which of these methods is called, in what order, how often it is
tried again, and with which tags is the engine's business (`plan.py`, `execute.py`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from umetrics.provision.model import Found, Part, Resource, Where
from umetrics.tags import Tags

if TYPE_CHECKING:
    from umetrics.aws import Aws

S = TypeVar("S")

FREE_WITHIN = 900
"""Seconds for dependents to let go; a network interface of a stopped task can take minutes."""


class Handler(Protocol[S]):
    """One kind of resource.

    `label` is the kind's name for people. `after` are kinds that must be finished before one of
    this kind is created, and are deleted only after it, where no reference in a spec says so.
    `within` is the kind whose found resources `find` needs to know in `where.within`. `is_slow`
    marks a kind that takes minutes, so that what leads to it is begun first. `may_be_doubled`
    marks a kind of which AWS makes a second one without a word when it is asked again (others are
    refused by name, address range or use). `free_within` is for how many seconds a delete is tried
    again while AWS says that something still depends on the resource. `on_demand` marks a kind that
    is looked for only where it is wanted or the state file names one, so that whoever never had one
    makes no call for it. `known_by_name` marks a kind whose id is a name that anybody may give
    again: a receipt of it proves nothing, only the identity tags do. `holds` says in words what is
    lost for good with one of this kind.
    """

    label: str
    after: tuple[type, ...]
    within: type | None
    is_slow: bool
    may_be_doubled: bool
    free_within: float
    on_demand: bool
    known_by_name: bool
    holds: str

    def prepare(self, aws: Aws) -> None:
        """Make the clients that no other kind needs; on the main thread, before all else."""
        ...

    def find(self, aws: Aws, where: Where) -> Iterable[Found[S]]:
        """All resources that fit `where`, matched again on the client; no order."""
        ...

    def glance(self, aws: Aws, where: Where) -> Iterable[Found[S]]:
        """As `find`, but only what one listing tells: ids, tags and phases; the specs may lack."""
        ...

    def occupant(self, aws: Aws, desired: Resource[S]) -> str:
        """Who holds the name of a wanted resource that was not found; empty when it is free."""
        ...

    def unmet(self, aws: Aws, desired: Resource[S], found: Found[S] | None) -> str:
        """What the wanted resource needs and AWS does not have; empty when nothing is lacking."""
        ...

    def create(self, aws: Aws, desired: Resource[S], token: str) -> Found[S]:
        """Make it: exactly one mutating call, with the tags in it; does not wait.

        `token` is the idempotency token for APIs that take one.
        """
        ...

    def settle(self, aws: Aws, found: Found[S]) -> Found[S]:
        """Wait until others may use it; what it is then."""
        ...

    def update(self, aws: Aws, found: Found[S], desired: Resource[S]) -> None:
        """Bring `found` to `desired`, by set differences; doing it twice is harmless."""
        ...

    def retag(self, aws: Aws, found: Found[S], tags: Tags) -> None:
        """Write these tags on the resource itself; its other tags stay."""
        ...

    def retag_parts(self, aws: Aws, parts: Iterable[Part], tags: Tags) -> None:
        """Write these tags on parts of a resource; their other tags stay."""
        ...

    def tags_now(self, aws: Aws, found: Found[S]) -> Tags | None:
        """The tags at this moment; None when the resource is gone."""
        ...

    def delete(self, aws: Aws, found: Found[S]) -> None:
        """Take it away, or wait when it is already leaving; returns when it is gone."""
        ...


class Kind(Generic[S]):
    """The answers that most kinds give; a kind overrides what is different about it."""

    label: str
    after: tuple[type, ...] = ()
    within: type | None = None
    is_slow: bool = False
    may_be_doubled: bool = False
    free_within: float = FREE_WITHIN
    on_demand: bool = False
    known_by_name: bool = False
    holds: str = ""

    def prepare(self, aws: Aws) -> None:
        """It needs none but those that every run has."""
        del aws

    @abstractmethod
    def find(self, aws: Aws, where: Where) -> Iterable[Found[S]]:
        """Each kind says how."""

    def glance(self, aws: Aws, where: Where) -> Iterable[Found[S]]:
        """Most kinds know no cheaper way."""
        return self.find(aws, where)

    def occupant(self, aws: Aws, desired: Resource[S]) -> str:
        """Nothing can hold the name of a resource that has none."""
        del aws, desired
        return ""

    def unmet(self, aws: Aws, desired: Resource[S], found: Found[S] | None) -> str:
        """It needs nothing but what references already say."""
        del aws, desired, found
        return ""

    def settle(self, aws: Aws, found: Found[S]) -> Found[S]:
        """Usable at once."""
        del aws
        return found

    def update(self, aws: Aws, found: Found[S], desired: Resource[S]) -> None:
        """Nothing about it can change in place."""
        del aws, found, desired

    def retag_parts(self, aws: Aws, parts: Iterable[Part], tags: Tags) -> None:
        """It has no parts."""
        del aws, parts, tags
