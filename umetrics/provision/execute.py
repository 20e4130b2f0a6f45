"""A plan -> outcomes: each step starts when its own requirements are met; there are no waves.

The coordinating thread (the caller's) starts steps and passes on events; workers carry steps out
with `Carrier` (`carry.py`). A failure skips what depends on it and nothing else. On Ctrl-C nothing
more is started, calls in flight are answered, waits break off, and the journal keeps the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from umetrics.errors import Interrupted, UmetricsError
from umetrics.pool import Workers
from umetrics.provision.carry import Carrier
from umetrics.provision.events import (
    Done,
    Event,
    Failed,
    Heartbeat,
    Noticed,
    Outcome,
    Skipped,
    Started,
)
from umetrics.provision.journal import Journal
from umetrics.provision.plan import Action, Plan, Step

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.provision.resources import Handlers

WORKERS = 8
"""Steps at a time: enough for the widest part of the plan, well below EC2's request buckets."""

TICK = 0.2
"""Seconds between two looks at the inbox, so that Ctrl-C is noticed at once."""

HEARTBEAT = 30.0
"""Seconds of silence after which a log should show that the run is alive."""

SLOW_WEIGHT = 100

Notify = Callable[[Event], None]


def execute(
    plan: Plan,
    handlers: Handlers,
    aws: Aws,
    *,
    journal: Journal,
    notify: Notify,
    workers: int = WORKERS,
) -> tuple[Outcome, ...]:
    """Carry out a plan without conflicts; one outcome per step that does something, in order.

    Never raises for a failed step: look at the outcomes. Setting `aws.patience.stopping` makes it
    stop early.
    """
    crew = Workers(workers)
    carrier = Carrier(handlers, aws, journal, plan, crew.report)
    return _Run(plan, carrier, notify, crew).run()


@dataclass
class _Run:
    plan: Plan
    carrier: Carrier
    notify: Notify
    workers: Workers
    running: dict[str, tuple[Started, float]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    last_event: float = field(default_factory=time.monotonic)

    def run(self) -> tuple[Outcome, ...]:
        graph = TopologicalSorter({step.key: step.requires for step in self.plan.steps})
        graph.prepare()
        steps = {step.key: step for step in self.plan.steps}
        urgency = _urgency(self.plan)
        try:
            while graph.is_active():
                for key in sorted(graph.get_ready(), key=lambda key: (-urgency[key], key)):
                    if not self._begin(steps[key]):
                        graph.done(key)
                if self.running:
                    graph.done(*self._ended())
        finally:
            self.workers.close()
        return tuple(
            self.outcomes[step.key] for step in self.plan.steps if step.key in self.outcomes
        )

    def _begin(self, step: Step) -> bool:
        """Start a step on a worker; False when it is over at once."""
        if step.action is Action.NONE:
            return False
        stopped = self.carrier.aws.patience.stopping.is_set()
        if stopped or (because := self._broken(step)) is not None:
            self._conclude(
                Skipped(step.key, step.kind.label, step.action, "" if stopped else because or "")
            )
            return False
        started = Started(step.key, step.kind.label, step.action)
        self.running[step.key] = started, time.monotonic()
        self._tell(started)
        self.workers.start(partial(self._carry, step))
        return True

    def _broken(self, step: Step) -> str | None:
        """The first requirement that did not succeed, by its own first cause."""
        for key in sorted(step.requires):
            outcome = self.outcomes.get(key)
            if isinstance(outcome, Failed):
                return key
            if isinstance(outcome, Skipped):
                return outcome.because or key
        return None

    def _carry(self, step: Step) -> None:
        """On a worker: whatever happens ends in exactly one report."""
        began = time.monotonic()
        label = step.kind.label
        try:
            made = self.carrier.carry(step)
            seconds = time.monotonic() - began
            self.workers.report(Done(step.key, label, step.action, made, seconds))
        except Interrupted:
            # What it made is on record; the next run goes on waiting for it.
            self.workers.report(Skipped(step.key, label, step.action, ""))
        except UmetricsError as error:
            seconds = time.monotonic() - began
            self.workers.report(Failed(step.key, label, step.action, error, seconds))
        except Exception as error:  # noqa: BLE001  # a bug must not hang the coordinator
            unexpected = UmetricsError(f"{type(error).__name__}: {error}")
            unexpected.__cause__ = error
            seconds = time.monotonic() - began
            self.workers.report(Failed(step.key, label, step.action, unexpected, seconds))

    def _ended(self) -> list[str]:
        """Wait for a worker; the keys of the steps that ended."""
        report = self.workers.next_report(TICK)
        if report is None:
            self._beat()
            return []
        if isinstance(report, Noticed):
            self._tell(report)
        if isinstance(report, Done | Failed | Skipped):
            self._conclude(report)
            return [report.key]
        return []

    def _conclude(self, outcome: Outcome) -> None:
        self.running.pop(outcome.key, None)
        self.outcomes[outcome.key] = outcome
        self._tell(outcome)

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self.last_event >= HEARTBEAT:
            self._tell(
                Heartbeat(tuple((started, now - since) for started, since in self.running.values()))
            )

    def _tell(self, event: Event) -> None:
        self.last_event = time.monotonic()
        self.notify(event)


def _urgency(plan: Plan) -> dict[str, int]:
    """How much work hangs on each step: the weight of the longest chain that it begins."""
    dependents: dict[str, list[str]] = {step.key: [] for step in plan.steps}
    for step in plan.steps:
        for key in step.requires:
            dependents[key].append(step.key)
    weights = {step.key: SLOW_WEIGHT if step.kind.is_slow else 1 for step in plan.steps}
    urgency: dict[str, int] = {}
    order = TopologicalSorter({step.key: step.requires for step in plan.steps}).static_order()
    for key in reversed(tuple(order)):
        urgency[key] = weights[key] + max((urgency[each] for each in dependents[key]), default=0)
    return urgency
