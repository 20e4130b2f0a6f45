"""A deployment under test: umetrics in this process on an account in memory, never sleeping.

Each `up` and `destroy` is what one run of the command line does, with a store and an identity of
its own. Clients are shared by all tests of a process, since making them is slow and they hold
nothing of the account.
"""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from tests.support.wire import Wire
from umetrics.aws import Aws
from umetrics.config import Config, load
from umetrics.errors import UmetricsError
from umetrics.library import Foundation
from umetrics.patience import Patience
from umetrics.provision.events import Done, Event, Failed, Outcome
from umetrics.provision.plan import Action, Plan
from umetrics.reconciler import Reconciler
from umetrics.refusals import refuse_conflicts
from umetrics.sandbox.strict import Settings
from umetrics.state import Receipt, StateStore

REGION = "us-east-1"

TAKING_TIME = Settings(
    nat_pending=1.0,
    nat_deleting=1.0,
    address_held=0.5,
    endpoint_pending=0.5,
    endpoint_deleting=0.5,
)
"""Long enough for a run to look several times; AWS's minutes would be more of the same looks."""

OVERSLEEPING = 3
"""How much longer than asked a sleep takes: the looks of a long wait would be more of the same."""

SETTLED = 2.0
"""Seconds after which nothing is under way any more."""

EVERY_KEY = frozenset(
    {
        "vpc",
        "internet-gateway",
        "subnet/public-a",
        "subnet/public-b",
        "subnet/private-a",
        "subnet/private-b",
        "route-table/public",
        "elastic-ip/nat",
        "nat-gateway",
        "route-table/private",
        "endpoint/s3",
        "security-group/alb",
        "security-group/openreplay",
        "security-group/umami",
        "rules/alb",
        "rules/openreplay",
        "rules/umami",
        "role/ecs-task-execution",
        "role/openreplay-task",
        "role/umami-task",
        "role/grafana",
        "policy/lambda-emf",
    }
)
"""Section 1 of the requirements."""


@dataclass
class Clock:
    """A clock that only sleeping moves on. `slept` counts how often somebody did."""

    now: float = 0.0
    slept: int = 0
    oversleeping: int = OVERSLEEPING
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> float:
        """Seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Time passes, for everybody."""
        with self._mutex:
            self.now += self.oversleeping * seconds
            self.slept += 1

    def settle(self) -> None:
        """So much time passes, without anybody waiting, that nothing is under way any more."""
        self.now += SETTLED


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to the account, the wire it runs through, and the clock it waits by."""

    aws: Aws
    wire: Wire
    clock: Clock

    def reset(self) -> None:
        """As if nothing had happened yet."""
        self.wire.reset()
        self.clock.slept, self.clock.oversleeping = 0, OVERSLEEPING
        self.aws.patience.stopping.clear()


@functools.cache
def line() -> Line:
    """The one of this process."""
    wire, clock = Wire(), Clock()
    session = boto3.Session(aws_access_key_id="t", aws_secret_access_key="t", region_name=REGION)
    wire.hang_on(session)
    aws = Aws(session, REGION, patience=Patience(clock=clock, sleep=clock.sleep))
    assert aws.once.ec2 is not None  # made here, on the main thread
    return Line(aws, wire, clock)


@dataclass(frozen=True, slots=True)
class Run:
    """What a command did. `left` are keys that its closing check found not as they should be."""

    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def errors(self) -> dict[str, UmetricsError]:
        """What failed, and why."""
        return errors_of(self.outcomes)

    @property
    def did(self) -> dict[str, str]:
        """Key -> action of what was done."""
        return {each.key: each.action.value for each in self.outcomes if isinstance(each, Done)}

    def insist(self) -> Run:
        """It must have done all that it planned, and its closing check must have liked it."""
        assert {key: repr(error) for key, error in self.errors.items()} == {}
        assert self.did == changes_of(self.plan)
        assert self.left == ()
        return self


@dataclass
class Deployment:
    """One stage, its configuration and its state file."""

    folder: Path
    stage: str = "dev"
    settings: str = ""
    workers: int = 1
    line: Line = field(default_factory=line)

    @property
    def config(self) -> Config:
        """As `umetrics.toml` says."""
        path = self.folder / "umetrics.toml"
        path.write_text(self.settings)
        return load(self.stage, path=path, environment={})

    @property
    def store(self) -> StateStore:
        """A store as a new process opens it."""
        return StateStore(self.folder / "state", self.stage)

    @property
    def receipts(self) -> Mapping[str, Receipt]:
        """What the state file says now."""
        state = self.store.read()
        return state.receipts if state else {}

    def id(self, key: str) -> str:
        """By receipt."""
        return self.receipts[key].id

    def begin(self) -> Reconciler:
        """What a new process begins with."""
        self.line.aws.__dict__.pop("identity", None)
        self.line.aws.log.operations.clear()
        self.line.wire.calls.clear()
        return Reconciler(self.config, self.line.aws, self.store, workers=self.workers)

    @property
    def library(self) -> Foundation:
        """The same as programs and the command line use it."""
        self.begin()
        return Foundation(self.config, self.folder / "state", self._connect, workers=self.workers)

    def _connect(self, *, read_only: bool) -> Aws:
        """One connection serves both ways: no guard is under test here."""
        del read_only
        return self.line.aws

    def plan(self, *, prune: bool = False) -> Plan:
        """What `up` would do."""
        foundation = self.begin()
        return foundation.plan(foundation.look(), prune=prune)

    def up(self, *, prune: bool = False, prune_rules: bool = False, verify: bool = True) -> Run:
        """The whole command, with its closing check unless there was nothing to do."""
        foundation = self.begin()
        view = foundation.look()
        plan = foundation.plan(view, prune=prune, prune_rules=prune_rules)
        refuse_conflicts(plan)
        foundation.begin(view, resumable=plan.keys, shared=plan.shared)
        if plan.is_empty:
            return Run(plan)
        outcomes = foundation.apply(plan, _ignore)
        if errors_of(outcomes) or not verify:
            return Run(plan, outcomes)
        left = foundation.verify_up(prune_rules=prune_rules)
        return Run(plan, outcomes, left=tuple(changes_of(left)))

    def destroy(self, *, verify: bool = True) -> Run:
        """The whole command, with its closing sweep."""
        foundation = self.begin()
        view = foundation.look(thorough=True)
        plan = foundation.plan_destroy(view)
        foundation.begin(view, shared=())
        outcomes = foundation.apply(plan, _ignore)
        if errors_of(outcomes) or not verify:
            return Run(plan, outcomes)
        return Run(plan, outcomes, left=tuple(foundation.verify_destroyed().found))

    def forget_state(self) -> None:
        """Somebody deletes the state folder."""
        shutil.rmtree(self.folder / "state")


def changes_of(plan: Plan) -> dict[str, str]:
    """The steps that are not `none`: key -> action."""
    return {step.key: step.action.value for step in plan.steps if step.action is not Action.NONE}


def errors_of(outcomes: tuple[Outcome, ...]) -> dict[str, UmetricsError]:
    """What failed, and why."""
    return {each.key: each.error for each in outcomes if isinstance(each, Failed)}


def _ignore(_event: Event) -> None:
    """Nobody watches."""
