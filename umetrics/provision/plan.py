"""Decisions: from what is wanted and what was found to a list of steps. Pure.

Order is not decided here but follows from data: each step names the keys it `requires`. Upwards
these are the references in the wanted specs; downwards, everything whose observed spec still names
the id. So destroying needs no blueprint, and takes along what no blueprint knows any more.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from umetrics.errors import Twins
from umetrics.provision.diff import Change, Difference, compare
from umetrics.provision.model import (
    Blueprint,
    Found,
    KindInfo,
    Kinds,
    Knowing,
    Phase,
    Resource,
    Shared,
    Snapshot,
    Spec,
)
from umetrics.provision.references import mentions, references, resolve
from umetrics.tags import DEPLOYMENT, RESOURCE


class Action(enum.StrEnum):
    """What a step does."""

    NONE = "none"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Step:
    """One resource, and what is to happen to it.

    `desired` is None when deleting, `found` None when there is nothing yet. `dying` is what held
    the key before and must be gone first. `reason` explains a conflict.
    """

    key: str
    kind: KindInfo
    action: Action
    desired: Resource[Any] | None = None
    found: Found[Any] | None = None
    difference: Difference[Any] | None = None
    dying: tuple[Found[Any], ...] = ()
    requires: frozenset[str] = frozenset()
    owned: frozenset[str] = frozenset()
    reason: str = ""

    @property
    def id(self) -> str:
        """The id of what was found; empty when there is nothing yet."""
        return self.found.id if self.found else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of one run; `orphans` are ours by tag, wanted by nobody, and left as they are.

    `shared` is what others own and the steps refer to, `is_destroy` tells which way it goes.
    """

    deployment: str
    steps: tuple[Step, ...]
    orphans: tuple[Found[Any], ...] = ()
    shared: tuple[Shared, ...] = ()
    is_destroy: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all steps."""
        return frozenset(step.key for step in self.steps)

    @property
    def going(self) -> frozenset[str]:
        """The keys of what is deleted."""
        return frozenset(step.key for step in self.steps if step.action is Action.DELETE)

    @property
    def counts(self) -> Counter[Action]:
        """How many steps of each action."""
        return Counter(step.action for step in self.steps)

    @property
    def conflicts(self) -> tuple[Step, ...]:
        """The steps that forbid the whole plan."""
        return tuple(step for step in self.steps if step.action is Action.CONFLICT)

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that would write."""
        writing = {Action.CREATE, Action.UPDATE, Action.DELETE}
        return tuple(step for step in self.steps if step.action in writing)

    @property
    def is_empty(self) -> bool:
        """Whether everything is as wanted, orphans aside."""
        return not self.changes and not self.conflicts

    @property
    def unsettled(self) -> tuple[str, ...]:
        """The keys of what is not as wanted."""
        return tuple(step.key for step in (*self.changes, *self.conflicts))

    @property
    def evictions(self) -> tuple[Change, ...]:
        """What others put on our resources and is removed all the same, because that was asked."""
        return tuple(
            change
            for step in self.changes
            if step.difference
            for change in step.difference.changes
            if change.after is None and getattr(change.before, "foreign", False)
        )

    def of(self, keys: Collection[str]) -> Plan:
        """The steps of these keys, to be looked at: what they require may be missing."""
        return replace(self, steps=tuple(step for step in self.steps if step.key in keys))

    def step(self, key: str) -> Step:
        """The step of one key; `KeyError` when there is none."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)


def plan_up(blueprint: Blueprint, snapshot: Snapshot, kinds: Kinds, *, prune: bool = False) -> Plan:
    """What makes AWS look like the blueprint; raises `Twins`."""
    refuse_twins(snapshot)
    ids = {key: living[0].id for key in snapshot.found if (living := snapshot.living(key))}
    ours = frozenset(each.id for all_of_it in snapshot.found.values() for each in all_of_it)
    wanted = frozenset(ids[key] for key in blueprint.keys & ids.keys())
    known = _Ids({**ids, **blueprint.shared_ids}, ours, wanted)
    steps = [_step_up(resource, snapshot, known, kinds) for resource in blueprint.resources]
    steps = [_ordered_up(step, steps, kinds) for step in steps]
    surplus = sorted(key for key in snapshot.found if key not in blueprint.keys)
    orphans = tuple(found for key in surplus for found in snapshot.living(key))
    if prune:
        steps += [_step_down(key, snapshot, kinds) for key in surplus]
        users = _users(steps)
        steps = [_after_changes(_ordered_down(step, users, kinds), steps) for step in steps]
        orphans = ()
    return Plan(blueprint.deployment, tuple(steps), orphans, blueprint.shared)


def plan_destroy(snapshot: Snapshot, kinds: Kinds) -> Plan:
    """What takes away everything that was found; raises `Twins`."""
    refuse_twins(snapshot)
    steps = [_step_down(key, snapshot, kinds) for key in sorted(snapshot.found)]
    users = _users(steps)
    ordered = tuple(_ordered_down(step, users, kinds) for step in steps)
    return Plan(snapshot.deployment, ordered, is_destroy=True)


def refuse_twins(snapshot: Snapshot) -> None:
    """Two living resources with one identity: never pick one, name them all."""
    doubled = {key: living for key in snapshot.found if len(living := snapshot.living(key)) > 1}
    if doubled:
        raise twins(doubled)


def twins(doubled: Mapping[str, Iterable[Found[Any]]]) -> Twins:
    """The error that names all ids of each key."""
    listed = "; ".join(
        f"{key}: {', '.join(found.id for found in living)}" for key, living in doubled.items()
    )
    return Twins(
        f"more than one resource carries the same umetrics identity: {listed}",
        hint="find out which one is in use, delete the other or remove its umetrics:* tags, "
        "and run the same command again",
    )


@dataclass(frozen=True, slots=True)
class _Ids:
    """By key, what lives or is shared; ids of all that is ours, and of what is wanted of it."""

    by_key: Mapping[str, str]
    ours: frozenset[str]
    wanted: frozenset[str]


def _step_up(resource: Resource[Any], snapshot: Snapshot, ids: _Ids, kinds: Kinds) -> Step:
    resolved = replace(resource, spec=resolve(resource.spec, ids.by_key))
    kind = kinds[type(resource.spec)]
    living, dying = snapshot.living(resource.key), snapshot.dying(resource.key)
    owned = snapshot.owned.get(resource.key, frozenset())
    step = Step(resource.key, kind, Action.NONE, desired=resource, dying=dying, owned=owned)
    if hindrance := _hindrance(resource.key, snapshot):
        return replace(step, action=Action.CONFLICT, reason=hindrance)
    if not living:
        return replace(step, action=Action.CREATE)
    found = living[0]
    if isinstance(found.spec, Knowing) and type(found.spec) is type(resource.spec):
        found = replace(found, spec=found.spec.knowing(ids.ours, ids.wanted, resolved.spec))
    if type(found.spec) is not type(resource.spec):
        reason = f"{found.id} carries its identity but is a {kinds[type(found.spec)].label}"
        return replace(step, action=Action.CONFLICT, found=found, reason=reason)
    difference = compare(resolved, found, owned)
    step = replace(step, found=found, difference=difference)
    if difference.conflicts:
        return replace(step, action=Action.CONFLICT, reason=_fixed_reason(difference))
    # What is leaving goes by itself; what failed stays until somebody takes it away.
    broken = any(each.phase is Phase.FAILED for each in dying)
    if difference.is_empty and found.phase is Phase.READY and not broken:
        return step
    return replace(step, action=Action.UPDATE)


def _hindrance(key: str, snapshot: Snapshot) -> str:
    if stranger := snapshot.estranged.get(key):
        return estrangement(stranger, snapshot.deployment)
    return snapshot.obstacles.get(key, "")


def estrangement(found: Found[Any], deployment: str) -> str:
    """What is wrong with something of which receipts and tags tell different things."""
    if found.deployment not in {"", deployment}:
        said = f", but its tag {DEPLOYMENT} says {found.deployment}"
    elif found.key:
        said = f" as something else than its tag {RESOURCE}, which says {found.key}"
    else:
        said = " more than once, and it has no identity tags"
    return f"our receipt names {found.id}{said}: put the tag back, or remove the receipt"


def _fixed_reason(difference: Difference[Any]) -> str:
    listed = ", ".join(
        f"{change.field} is {change.before}, wanted {change.after}"
        for change in difference.conflicts
    )
    return f"AWS cannot change this in place: {listed}"


def _step_down(key: str, snapshot: Snapshot, kinds: Kinds) -> Step:
    first, *others = *snapshot.living(key), *snapshot.dying(key)
    kind = kinds[type(first.spec)]
    return Step(key, kind, Action.DELETE, found=first, dying=tuple(others))


def _ordered_up(step: Step, steps: Iterable[Step], kinds: Kinds) -> Step:
    """What is created or changed waits for what it refers to, and for the kinds it comes after."""
    if step.desired is None:
        return step
    before = kinds[type(step.desired.spec)].after
    kinds_before = {
        other.key for other in steps if other.desired and isinstance(other.desired.spec, before)
    }
    known = {other.key for other in steps}
    wanted = (references(step.desired.spec) & known) | kinds_before
    return replace(step, requires=frozenset(wanted - {step.key}))


class _User(NamedTuple):
    """Something that was found, its kind of spec, and the texts in it: ids of others among them."""

    key: str
    kind: type[Spec]
    mentions: frozenset[str]


def _users(steps: Iterable[Step]) -> list[_User]:
    return [
        _User(step.key, type(found.spec), mentions(found.spec))
        for step in steps
        for found in _observed(step)
    ]


def _ordered_down(step: Step, users: Iterable[_User], kinds: Kinds) -> Step:
    """What is deleted waits for everything that names it, or that had to come after it."""
    if step.action is not Action.DELETE or step.found is None:
        return step
    ids = {found.id for found in (step.found, *step.dying)}
    waiting_for = {
        user.key
        for user in users
        if user.key != step.key
        and (ids & user.mentions or type(step.found.spec) in kinds[user.kind].after)
    }
    return replace(step, requires=step.requires | waiting_for)


def _after_changes(step: Step, steps: Iterable[Step]) -> Step:
    """What is pruned goes last: it serves until its successor stands and all have let go of it."""
    if step.action is not Action.DELETE:
        return step
    changing = {other.key for other in steps if other.action in {Action.CREATE, Action.UPDATE}}
    return replace(step, requires=step.requires | changing)


def _observed(step: Step) -> Iterator[Found[Any]]:
    if step.found is not None:
        yield step.found
    yield from step.dying
