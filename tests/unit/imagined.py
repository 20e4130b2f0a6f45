"""An account that is only imagined: what is there of a deployment, and what a plan does to it.

A model of execution for the planner alone: each step has its whole effect at once, in any order
that its requirements allow. No handler, no call, no waiting; `carry.py` has tests of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from random import Random
from typing import Any

from umetrics.provision.diff import Change, compare
from umetrics.provision.model import Found, Ids, Phase, Resource, Snapshot, spec_fields
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.references import mentions, references, resolve
from umetrics.provision.resources.route_table import RouteTable


@dataclass
class Account:
    """What there is of one deployment, by key; `shared` are the ids of what others lend."""

    deployment: str
    shared: Ids
    found: dict[str, tuple[Found[Any], ...]] = field(default_factory=dict)
    owned: dict[str, frozenset[str]] = field(default_factory=dict)
    made: int = 0

    @property
    def everything(self) -> Iterator[Found[Any]]:
        """Whatever its phase."""
        return (found for each in self.found.values() for found in each)

    def snapshot(self) -> Snapshot:
        """As one sweep shows it."""
        return Snapshot(self.deployment, dict(self.found), owned=dict(self.owned))

    def apply(self, plan: Plan, chance: Random) -> None:
        """Carry out all steps; raises `AssertionError` where AWS would refuse or somebody lose."""
        for step in in_some_order(plan, chance):
            if step.action is Action.DELETE:
                self._delete(step)
            elif step.action is not Action.NONE:
                self._bring_about(step)

    def put(self, key: str, *found: Found[Any]) -> None:
        """All that claims a key from now on."""
        if found:
            self.found[key] = found
        else:
            self.found.pop(key, None)

    def new_id(self, key: str) -> str:
        """One that nothing else ever had."""
        self.made += 1
        return f"{key}#{self.made}"

    def _bring_about(self, step: Step) -> None:
        desired = self._resolved(step)
        gone = {each.id for each in step.dying if step.found is None or each.phase is Phase.FAILED}
        others = [each for each in self.found.get(step.key, ()) if each.id not in gone]
        if step.found is None:
            made = Found(self.new_id(step.key), desired.spec, desired.tags)
        else:
            made = _changed(step, desired, next(x for x in others if x.id == step.id))
        self.put(step.key, made, *(each for each in others if each.id != made.id))
        self.owned[step.key] = frozenset(_receipted(desired))
        if isinstance(made.spec, RouteTable):
            self._let_others_go(made.id, {each.subnet for each in desired.spec.associations})

    def _resolved(self, step: Step) -> Resource[Any]:
        assert step.desired is not None
        ids = {key: each[0].id for key, each in self.found.items()} | dict(self.shared)
        desired = replace(step.desired, spec=resolve(step.desired.spec, ids))
        assert references(desired.spec) == set(), f"{step.key} comes before what it refers to"
        return desired

    def _let_others_go(self, table: str, subnets: set[str]) -> None:
        """A subnet uses one table: where it comes to one, it leaves all others."""
        for key, all_of_it in self.found.items():
            self.found[key] = tuple(
                without(found, "associations", lambda each: each.subnet in subnets)
                if isinstance(found.spec, RouteTable) and found.id != table
                else found
                for found in all_of_it
            )

    def _delete(self, step: Step) -> None:
        ids = {each.id for each in (step.found, *step.dying) if each is not None}
        assert not ids & set(self.shared.values()), f"{step.key} is not ours"
        self.put(step.key, *(each for each in self.found[step.key] if each.id not in ids))
        self._let_others_go("", ids)  # the association of a subnet goes with it
        # What is leaving lets go by itself; a delete waits for that.
        users = [
            each.id
            for each in self.everything
            if ids & mentions(each.spec) and each.phase is not Phase.LEAVING
        ]
        assert users == [], f"{step.key} is deleted under {users}"


def in_some_order(plan: Plan, chance: Random) -> Iterator[Step]:
    """Each step once those are done that it requires, and otherwise as chance has it."""
    steps = {step.key: step for step in plan.steps}
    sorter = TopologicalSorter({step.key: step.requires for step in plan.steps})
    sorter.prepare()
    ready: list[str] = []
    while sorter.is_active():
        ready += sorted(sorter.get_ready())
        key = ready.pop(chance.randrange(len(ready)))
        yield steps[key]
        sorter.done(key)


def _changed(step: Step, desired: Resource[Any], now: Found[Any]) -> Found[Any]:
    """What an update leaves: the differences settled, the tags put back, the wait over."""
    assert step.found is not None
    spec = now.spec
    for change in compare(desired, step.found, step.owned).changes:
        spec = replace(spec, **{change.field: _settled(getattr(spec, change.field), change)})
    parts = tuple(replace(each, tags={**each.tags, **desired.part_tags}) for each in now.parts)
    tags = {**now.tags, **desired.tags}
    return replace(now, spec=spec, tags=tags, parts=parts, phase=Phase.READY)


def _settled(value: object, change: Change) -> object:
    if not isinstance(value, frozenset):
        return change.after
    return (value - {change.before}) | ({change.after} - {None})


def _receipted(desired: Resource[Any]) -> Iterator[str]:
    for each in spec_fields(desired.spec):
        if each.receipted:
            yield from map(str, getattr(desired.spec, each.name))


def without(found: Found[Any], name: str, unwanted: Callable[[Any], bool]) -> Found[Any]:
    """The same with fewer elements in one of its sets."""
    left = frozenset(each for each in getattr(found.spec, name) if not unwanted(each))
    return replace(found, spec=replace(found.spec, **{name: left}))
