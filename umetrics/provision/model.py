"""The values that all of provisioning speaks in: what is wanted, what is found, how fields compare.

A *spec* is a frozen dataclass with one shape for both sides: in a wanted spec the id of another
resource is a `Ref` to its key, in a found one it is the id. How a field is compared is said where
the field is declared (`fixed`, `informational`, `receipted`), so `diff.py` needs no table of kinds.

Nothing here calls AWS, decides or prints.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, runtime_checkable

from umetrics.tags import DEPLOYMENT, RESOURCE, Tags

S = TypeVar("S")


class Ref(str):
    """The key of another resource, standing where its id will go."""

    __slots__ = ()


class Comparison(enum.Enum):
    """How the planner compares a field of a spec."""

    PLAIN = "plain"
    FIXED = "fixed"
    INFORMATIONAL = "informational"


_COMPARISON = "umetrics.comparison"
_RECEIPTED = "umetrics.receipted"


def fixed() -> dict[str, Any]:
    """Field metadata: once set, AWS cannot change this in place, so a difference is a conflict."""
    return {_COMPARISON: Comparison.FIXED}


def informational() -> dict[str, Any]:
    """Field metadata: observed and shown, never compared (what others put on our resource)."""
    return {_COMPARISON: Comparison.INFORMATIONAL}


def receipted() -> dict[str, Any]:
    """Field metadata: a set whose elements carry no mark of ours; receipts say which we added."""
    return {_RECEIPTED: True}


@runtime_checkable
class Element(Protocol):
    """An element of a set field that can be told apart by less than its whole value.

    `identity` is what makes two elements the same slot (a route's destination): a wanted element
    replaces the found one of its slot. `ours` says whether a found element that nobody wants may
    be removed; what is not ours is shown and left.
    """

    @property
    def identity(self) -> object:
        """The slot."""
        ...

    @property
    def ours(self) -> bool:
        """Whether it may be removed."""
        ...


@runtime_checkable
class Knowing(Protocol):
    """A spec that says more when it is told which ids are ours, and which of those are wanted."""

    def knowing(self, ours: frozenset[str], wanted: frozenset[str], goal: Self) -> Self:
        """The same, with what is ours to remove marked, and without what moves by itself."""
        ...


@runtime_checkable
class Yielding(Protocol):
    """A spec of something that can stay when part of what it names goes."""

    def letting_go(self, ids: frozenset[str]) -> tuple[Self, Self] | None:
        """The same, with what names these ids marked as ours to remove, and without that.

        None where it cannot stay.
        """
        ...


class Spec(Protocol):
    """Any frozen dataclass that describes one kind of resource."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SpecField:
    """One field of a spec, with how it compares."""

    name: str
    comparison: Comparison
    receipted: bool


def spec_fields(spec: Spec) -> Iterator[SpecField]:
    """The fields of a spec (instance or class), in order."""
    for declared in dataclasses.fields(spec):
        yield SpecField(
            declared.name,
            declared.metadata.get(_COMPARISON, Comparison.PLAIN),
            bool(declared.metadata.get(_RECEIPTED)),
        )


class Phase(enum.Enum):
    """Where a found resource is in its life."""

    READY = "ready"
    PENDING = "pending"
    LEAVING = "leaving"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """Something that carries tags of its own beneath a resource.

    A rule of a group, or what AWS makes with a VPC. `kind` is a label for people; `judged` is
    False for what AWS itself owns (the NAT gateway's interface): listed, never repaired.
    """

    kind: str
    id: str
    tags: Tags = field(default_factory=dict)
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Resource(Generic[S]):
    """Something wanted: `tags` on itself, `part_tags` on each judged part of it."""

    key: str
    spec: S
    tags: Tags
    part_tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found(Generic[S]):
    """Something observed in AWS.

    `id` is AWS's unchangeable id (`vpc-...`, or the RoleId), `arn` is empty where AWS gives none.
    `note` explains a phase (why a NAT gateway failed). A `virtual` resource has no tags in AWS but
    those of its parts (the rules of a group).
    """

    id: str
    spec: S
    tags: Tags
    arn: str = ""
    parts: tuple[Part, ...] = ()
    phase: Phase = Phase.READY
    note: str = ""
    virtual: bool = False

    @property
    def key(self) -> str:
        """The resource key from the identity pair; empty when the tag is missing."""
        return self.tags.get(RESOURCE, "")

    @property
    def deployment(self) -> str:
        """The deployment from the identity pair; empty when the tag is missing."""
        return self.tags.get(DEPLOYMENT, "")


@dataclass(frozen=True, slots=True)
class Where:
    """What a handler is asked to look for: a deployment's resources, or given ids.

    Both are matched again on the client, whatever AWS's filters did. `within` holds the found
    parents of kinds that live inside another one (rules inside groups).
    """

    deployment: str
    ids: frozenset[str] = frozenset()
    within: tuple[Found[Any], ...] = ()

    def matches(self, found: Found[Any]) -> bool:
        """Whether `found` is what was asked for."""
        if self.ids:
            return found.id in self.ids
        return found.deployment == self.deployment


@dataclass(frozen=True, slots=True)
class KindInfo:
    """What the planner must know of a kind beyond its specs.

    `name` stands in receipts, `label` is for people, `after` are kinds that must be there before
    and go after, `is_slow` marks the kind whose creation takes minutes, `holds` is what is lost for
    good with one.
    """

    name: str
    label: str
    after: tuple[type, ...] = ()
    is_slow: bool = False
    holds: str = ""


Kinds = Mapping[type, KindInfo]
"""Spec class -> what the planner must know of it."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Somebody else's resource in the place of one of ours: used and shown, and never a step.

    `kind` and `attributes` are what a receipt would say of it, `label` is for people, and so is
    what is remarked on it.
    """

    key: str
    kind: str
    label: str
    id: str
    remarks: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Everything wanted for one deployment, in an order that reads well.

    `required` are the tags that everything of the deployment carries, wanted or no longer wanted.
    `shared` is what the resources refer to besides each other.
    """

    deployment: str
    resources: tuple[Resource[Any], ...]
    required: Tags = field(default_factory=dict)
    shared: tuple[Shared, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all resources."""
        return frozenset(resource.key for resource in self.resources)

    @property
    def shared_ids(self) -> Ids:
        """The ids of what is shared, by key."""
        return {each.key: each.id for each in self.shared}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of a deployment that AWS showed in one sweep.

    `found` holds all that claims a key, the dying included; `stripped` are keys known only by our
    receipts; `estranged` are those whose id our receipts name but that carry another identity;
    `obstacles` says why something wanted cannot be had; `owned` names, by key, the
    elements of receipted sets that we put there.
    """

    deployment: str
    found: Mapping[str, tuple[Found[Any], ...]]
    stripped: frozenset[str] = frozenset()
    estranged: Mapping[str, Found[Any]] = field(default_factory=dict)
    obstacles: Mapping[str, str] = field(default_factory=dict)
    owned: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, keys: Collection[str]) -> Snapshot:
        """What was found under these keys alone."""
        found = {key: each for key, each in self.found.items() if key in keys}
        return dataclasses.replace(self, found=found)

    def living(self, key: str) -> tuple[Found[Any], ...]:
        """What exists under a key and is neither leaving nor failed."""
        return tuple(each for each in self.found.get(key, ()) if each.phase in LIVING)

    def dying(self, key: str) -> tuple[Found[Any], ...]:
        """What is on its way out under a key."""
        return tuple(each for each in self.found.get(key, ()) if each.phase not in LIVING)


LIVING = frozenset({Phase.READY, Phase.PENDING})

Ids = Mapping[str, str]
"""Resource key -> id, of what exists."""
