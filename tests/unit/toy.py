"""A world in memory with three kinds of things, for tests of the engine: no AWS, no waiting.

A `House` stands on a `Ground`; a `Lamp` refers to nothing and comes after all houses. Spec,
handler and world obey the contracts of `model.py` and `handler.py`, so the engine cannot tell.
"""

# ruff: noqa: ANN401  # specs are of many kinds

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from umetrics.errors import UmetricsError
from umetrics.patience import Patience
from umetrics.provision.model import (
    Blueprint,
    Found,
    KindInfo,
    Kinds,
    Part,
    Phase,
    Ref,
    Resource,
    Snapshot,
    Where,
    fixed,
    informational,
    receipted,
)
from umetrics.provision.resources.handler import Kind
from umetrics.tags import Tags, identity_tags

if TYPE_CHECKING:
    from umetrics.aws import Aws

S = TypeVar("S")

DEPLOYMENT = "UserMetrics/dev"
OTHER = "SomebodyElse/prod"


@dataclass(frozen=True, slots=True)
class Ground:
    place: str = field(default="hill", metadata=fixed())
    size: int = 1


@dataclass(frozen=True, slots=True)
class Door:
    """An element with a slot: one door for each wall."""

    wall: str
    leads_to: str
    id: str = field(default="", compare=False)
    ours: bool = field(default=False, compare=False)

    @property
    def identity(self) -> object:
        return self.wall

    def __str__(self) -> str:
        return f"{self.wall} -> {self.leads_to}"


@dataclass(frozen=True, slots=True)
class House:
    ground: str = field(default="", metadata=fixed())
    floors: int = 1
    doors: frozenset[Door] = frozenset()
    guests: frozenset[str] = field(default=frozenset(), metadata=receipted())
    mood: str = field(default="", metadata=informational())


@dataclass(frozen=True, slots=True)
class Lamp:
    light: str = "white"


Answer = Callable[[], object] | UmetricsError | Exception
"""What happens instead of a call, or (a callable) just before it is answered."""


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self) -> Patience:
        return Patience(clock=self, sleep=self.sleep)


@dataclass
class FakeAws:
    """All that the engine itself uses of `Aws`."""

    patience: Patience

    @property
    def as_aws(self) -> Aws:
        return cast("Aws", self)


@dataclass
class World:
    """What exists, what was done to it in which order, and what is to go wrong.

    `before` and `after` hold, per (method, key), what happens before and after the call acts;
    `settles_as` what the next waits end in, other than well.
    """

    things: dict[str, Found[Any]] = field(default_factory=dict)
    history: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    before: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)
    after: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)
    comes_as: Phase = Phase.READY
    settles_as: list[Phase] = field(default_factory=list)
    running: int = 0
    most_at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0

    def put(self, key: str, spec: object, *, tags: Tags | None = None, **others: Any) -> Found[Any]:
        """Something is there, ours by tag unless `tags` says otherwise."""
        with self._lock:
            self._count += 1
            name = f"{type(spec).__name__.lower()}-{self._count:04}"
        found = Found(name, spec, full_tags(key) if tags is None else tags, **others)
        self.things[found.id] = found
        return found

    def change(self, found: Found[Any], **changes: Any) -> None:
        self.things[found.id] = replace(self.things[found.id], **changes)

    @contextmanager
    def call(self, method: str, key: str) -> Iterator[None]:
        """One call: counted, recorded, and wrong where it is to be."""
        with self._lock:
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
            self.history.append((method, key))
        try:
            self._happen(self.before, method, key)
            yield
            self._happen(self.after, method, key)
        finally:
            with self._lock:
                self.running -= 1

    def _happen(self, faults: dict[tuple[str, str], list[Answer]], method: str, key: str) -> None:
        planned = faults.get((method, key), [])
        if not planned:
            return
        answer = planned.pop(0)
        if isinstance(answer, Exception):
            raise answer
        answer()

    def keys(self) -> list[str]:
        return sorted(found.key for found in self.things.values())

    def of(self, key: str) -> Found[Any]:
        (found,) = (each for each in self.things.values() if each.key == key)
        return found

    def done(self, *methods: str) -> list[tuple[str, str]]:
        """The history of these methods."""
        return [(method, key) for method, key in self.history if method in methods]

    def snapshot(self, **others: Any) -> Snapshot:
        found: dict[str, tuple[Found[Any], ...]] = {}
        for each in self.things.values():
            if each.deployment == DEPLOYMENT:
                found[each.key] = (*found.get(each.key, ()), each)
        return Snapshot(DEPLOYMENT, found, **others)


class ToyHandler(Kind[S]):
    """One kind in a world."""

    def __init__(self, world: World, spec: type[S]) -> None:
        self.world = world
        self.spec = spec
        self.label = spec.__name__.lower()

    def call(self, aws: Aws, method: str, key: str) -> AbstractContextManager[None]:
        """One call to the world, by way of the AWS that the engine was given."""
        assert isinstance(aws, FakeAws)
        return self.world.call(method, key)

    def find(self, aws: Aws, where: Where) -> Iterable[Found[S]]:
        with self.call(aws, "find", self.label):
            mine = [each for each in self.world.things.values() if isinstance(each.spec, self.spec)]
            return [each for each in mine if where.matches(each)]

    def create(self, aws: Aws, desired: Resource[S], token: str) -> Found[S]:
        self.world.tokens.append(token)
        with self.call(aws, "create", desired.key):
            spec = self._bare(desired.spec)
            return self.world.put(desired.key, spec, tags=desired.tags, phase=self.world.comes_as)

    def _bare(self, spec: S) -> S:
        """As AWS makes it: sets are filled by later calls."""
        bare: Any = spec
        return replace(bare, doors=frozenset(), guests=frozenset()) if self.spec is House else spec

    def settle(self, aws: Aws, found: Found[S]) -> Found[S]:
        with self.call(aws, "settle", found.key):
            phase = self.world.settles_as.pop(0) if self.world.settles_as else Phase.READY
            note = "it broke" if phase is Phase.FAILED else ""
            self.world.change(found, phase=phase, note=note)
            return self.world.things[found.id]

    def update(self, aws: Aws, found: Found[S], desired: Resource[S]) -> None:
        with self.call(aws, "update", desired.key):
            self.world.change(found, spec=desired.spec)

    def retag(self, aws: Aws, found: Found[S], tags: Tags) -> None:
        with self.call(aws, "retag", found.key):
            self.world.change(found, tags={**self.world.things[found.id].tags, **tags})

    def retag_parts(self, aws: Aws, parts: Iterable[Part], tags: Tags) -> None:
        chosen = {part.id for part in parts}
        with self.call(aws, "retag_parts", ",".join(sorted(chosen))):
            for found in [*self.world.things.values()]:
                mended = tuple(
                    replace(part, tags={**part.tags, **tags}) if part.id in chosen else part
                    for part in found.parts
                )
                self.world.change(found, parts=mended)

    def tags_now(self, aws: Aws, found: Found[S]) -> Tags | None:
        with self.call(aws, "tags_now", found.key):
            now = self.world.things.get(found.id)
            return None if now is None else now.tags

    def delete(self, aws: Aws, found: Found[S]) -> None:
        with self.call(aws, "delete", found.key):
            self.world.things.pop(found.id, None)


KINDS: Kinds = {
    Ground: KindInfo("Ground", "ground"),
    House: KindInfo("House", "house", is_slow=True),
    Lamp: KindInfo("Lamp", "lamp", after=(House,)),
}


def handlers(world: World) -> dict[type, ToyHandler[Any]]:
    return {kind: ToyHandler(world, kind) for kind in KINDS}


def full_tags(key: str) -> dict[str, str]:
    return {**identity_tags(DEPLOYMENT, key), "Owner": "me"}


def wanted(key: str, spec: object, *, part_tags: Tags | None = None) -> Resource[Any]:
    return Resource(key, spec, full_tags(key), part_tags or {})


def blueprint(*resources: Resource[Any]) -> Blueprint:
    return Blueprint(DEPLOYMENT, resources)


def village(*houses: str) -> Blueprint:
    """A ground, houses on it, and a lamp after them."""
    return blueprint(
        wanted("ground", Ground()),
        *(wanted(f"house/{name}", House(Ref("ground"))) for name in houses),
        wanted("lamp", Lamp()),
    )


@dataclass
class Notebook:
    """A journal that remembers what it was told, in order."""

    world: World
    unfinished: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    members: dict[str, frozenset[str]] = field(default_factory=dict)
    kinds: set[tuple[str, str, str]] = field(default_factory=set)

    def intend(self, key: str, kind: str, token: str) -> str:
        self.world.history.append(("intend", key))
        self.kinds.add(("intend", key, kind))
        return self.unfinished.setdefault(key, token)

    def renew(self, key: str, kind: str, token: str) -> None:
        self.world.history.append(("renew", key))
        self.kinds.add(("renew", key, kind))
        self.unfinished[key] = token

    def record(self, key: str, kind: str, found: Found[Any], members: Iterable[str]) -> None:
        self.world.history.append(("record", key))
        self.kinds.add(("record", key, kind))
        self.unfinished.pop(key, None)
        self.ids[key] = found.id
        self.members[key] = frozenset(members)

    def forget(self, key: str) -> None:
        self.world.history.append(("forget", key))
        self.ids.pop(key, None)
