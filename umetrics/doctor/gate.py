"""What `up` checks before its first write: may the steps of this very plan be done? Writes nothing.

Only what the plan changes, and only what it has not shown to be allowed by reading it. IAM's
simulator alone, in one round; where it says nothing of these credentials, dry runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.deployer import Need, Place
from umetrics.deployer.kind_needs import NEEDS
from umetrics.deployer.need import Guard, Task
from umetrics.doctor.caller import caller_of
from umetrics.doctor.finding import Certainty
from umetrics.doctor.permission import Permissions, permissions
from umetrics.doctor.question import Known, batches, concerning, questions
from umetrics.doctor.rehearsal import Rehearsed, rehearsed
from umetrics.doctor.simulator import lambda_roles, real_caller, simulated
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.resources.security_group_rules import SecurityGroupRules

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.config import Config

TASKS = {
    Action.CREATE: Task.BUILD,
    Action.UPDATE: Task.BUILD,
    Action.DELETE: Task.REMOVE,
}

MAKING = frozenset({Guard.BORN, Guard.AT_BIRTH, Guard.INSIDE})

MAKING_BY_NAME = frozenset({"iam:CreateRole", "iam:CreatePolicy", "logs:CreateLogGroup"})
"""What makes a thing, of those under guards that changing it needs as well."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What the check came to."""

    permissions: Permissions
    rehearsal: Rehearsed = field(default_factory=Rehearsed)

    @property
    def remark(self) -> str:
        """Why less is known than could be; empty where all is."""
        found = self.permissions
        if found.certainty is not Certainty.UNDECIDABLE:
            return ""
        count = f"{len(found.undecided)} of {len(found.asked)} permissions"
        why = found.note or f"policies ask for {', '.join(found.keys) or 'more'}"
        return f"{count} could not be checked beforehand: {why}. Going on."


def needs_of(plan: Plan, config: Config) -> tuple[Need, ...]:
    """What the steps of a plan need, that only look at nothing."""
    found: dict[Need, None] = {}
    for step in plan.changes:
        for need in _needs_of(step):
            if need.when(config):
                found[need] = None
    return tuple(found)


def _needs_of(step: Step) -> Iterator[Need]:
    spec = step.desired.spec if step.desired else step.found and step.found.spec
    task = TASKS[step.action]
    needs = (need for need in NEEDS[type(spec)] if need.task is task)
    if step.action is not Action.UPDATE or step.dying or isinstance(spec, SecurityGroupRules):
        yield from needs
        return
    for need in needs:
        actions = tuple(each for each in need.actions if each not in MAKING_BY_NAME)
        if need.guard not in MAKING and actions:
            yield replace(need, actions=actions)


def passage(aws: Aws, plan: Plan, place: Place, name: str, known: Known) -> Passage:
    """Whether the plan may be carried out; to be called on the main thread."""
    needs = concerning(needs_of(plan, place.config), place)
    caller = real_caller(aws, caller_of(aws.identity.arn))
    if place.lambda_roles:
        known = replace(known, lambda_roles=lambda_roles(aws, place.lambda_roles))
    answers, why = simulated(aws, caller, batches(questions(needs, place, known)))
    rehearsal = rehearsed(aws, needs, place) if why else Rehearsed()
    return Passage(
        permissions(
            needs,
            answers,
            place,
            name,
            measured=rehearsal.measured,
            note=why.reason if why else "",
        ),
        rehearsal,
    )
