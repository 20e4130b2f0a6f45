"""A world in memory and a carrier to work on it: what the tests of single steps share."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.unit.toy import KINDS, Clock, FakeAws, Notebook, World, blueprint, handlers
from umetrics.provision.carry import Carrier
from umetrics.provision.events import Noticed
from umetrics.provision.model import Blueprint, Resource
from umetrics.provision.plan import Action, Plan, plan_destroy, plan_up


@dataclass
class Bench:
    """A world, and a carrier to work on it; what happens is told by `world.history`."""

    world: World = field(default_factory=World)
    clock: Clock = field(default_factory=Clock)
    noticed: list[Noticed] = field(default_factory=list)
    carrier: Carrier = field(init=False)
    journal: Notebook = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Notebook(self.world)
        self.aws = FakeAws(self.clock.patience())

    def carry(self, plan: Plan, *keys: str) -> str:
        """Carry out these steps of a plan (all, without keys); the last id."""
        aws = self.aws.as_aws
        told = self.noticed.append
        self.carrier = Carrier(handlers(self.world), aws, self.journal, plan, told)
        last = ""
        for step in plan.steps:
            if step.action is not Action.NONE and (not keys or step.key in keys):
                last = self.carrier.carry(step)
        return last

    def up(self, *resources: Resource[object], owned: frozenset[str] = frozenset()) -> str:
        snapshot = self.world.snapshot(owned={each.key: owned for each in resources})
        return self.carry(plan_up(self.blueprint(*resources), snapshot, KINDS))

    def destroy(self) -> str:
        return self.carry(plan_destroy(self.world.snapshot(), KINDS))

    @staticmethod
    def blueprint(*resources: Resource[object]) -> Blueprint:
        return blueprint(*resources)

    def is_settled(self, *resources: Resource[object]) -> bool:
        return plan_up(self.blueprint(*resources), self.world.snapshot(), KINDS).is_empty
