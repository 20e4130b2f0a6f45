"""What is other in AWS than it is wanted, of all that was built. Pure; proposes nothing.

What was never built has not drifted, and neither has what is no longer wanted: `plan` is about
these. What others put beside ours, and what is still on its way, is no drift either.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from umetrics.provision.model import Found, Snapshot
from umetrics.provision.plan import Action, Plan, Step


class Problem(enum.StrEnum):
    """In which way something is not as it should be; the gravest where there are several."""

    MISSING = "missing"
    ESTRANGED = "of another deployment"
    CHANGED = "changed"
    RETAGGED = "tags changed"


class Recorded(Protocol):
    """What a receipt says of something that was built."""

    @property
    def id(self) -> str:
        """AWS's id of it."""
        ...

    @property
    def arn(self) -> str:
        """Its ARN; empty where AWS gives none."""
        ...


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that is not as wanted; `step` says in what, `id` and `arn` what it is or was."""

    step: Step
    problem: Problem
    id: str
    arn: str = ""

    @property
    def key(self) -> str:
        """The resource key."""
        return self.step.key


@dataclass(frozen=True, slots=True)
class Drift:
    """All that was built, what of it has drifted, and what is ours but no longer wanted."""

    deployment: str
    judged: tuple[Step, ...]
    deviations: tuple[Deviation, ...]
    orphans: tuple[Found[Any], ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether everything that was built is as wanted."""
        return not self.deviations


def find_drift(plan: Plan, snapshot: Snapshot, receipts: Mapping[str, Recorded]) -> Drift:
    """Judge what `snapshot` or `receipts` know, by the `plan` that was drawn from that snapshot."""
    judged = tuple(
        step for step in plan.steps if step.key in receipts or step.key in snapshot.found
    )
    deviations = (_deviation(step, snapshot, receipts.get(step.key)) for step in judged)
    return Drift(plan.deployment, judged, tuple(each for each in deviations if each), plan.orphans)


def _deviation(step: Step, snapshot: Snapshot, receipt: Recorded | None) -> Deviation | None:
    problem = _problem(step, snapshot)
    if problem is None:
        return None
    present = (*snapshot.living(step.key), *snapshot.dying(step.key))
    known = present[0] if present else receipt
    return Deviation(step, problem, known.id if known else "", known.arn if known else "")


def _problem(step: Step, snapshot: Snapshot) -> Problem | None:
    if step.key in snapshot.estranged:
        return Problem.ESTRANGED
    if not snapshot.living(step.key):
        return Problem.MISSING
    if step.action is Action.CONFLICT or (step.difference and step.difference.changes):
        return Problem.CHANGED
    return Problem.RETAGGED if step.difference and step.difference.missing else None
