"""What `up` checks before its first write: may the steps of this very plan be done? Writes nothing.

Only what the plan changes, and only what it has not shown to be allowed by reading it. IAM's
simulator alone, in one round; where it says nothing of these credentials, dry runs. What the steps
come to only after a failure, or against a rival, is asked as well, and stops nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.deployer import Need, Place
from umetrics.deployer.kind_needs import NEEDS
from umetrics.deployer.need import Guard, Task
from umetrics.doctor.caller import caller_of
from umetrics.doctor.carried import TAGGING
from umetrics.doctor.finding import Certainty
from umetrics.doctor.permission import Permissions, permissions
from umetrics.doctor.question import Known, batches, concerning, questions
from umetrics.doctor.rehearsal import Rehearsed, rehearsed
from umetrics.doctor.simulator import real_caller, simulated, with_foreign
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

CLEANING_UP = frozenset(
    {
        "ec2:DeleteInternetGateway",
        "ec2:DeleteNatGateway",
        "ec2:DeleteRouteTable",
        "ec2:DeleteVpc",
        "ec2:DeleteVpcEndpoints",
        "ec2:ReleaseAddress",
    }
)
"""After a rival has made the same, or what came out has failed: no plan knows that beforehand."""

AFTERWARDS = frozenset(
    {
        "ec2:DeleteRoute",
        "ec2:ModifySubnetAttribute",
        "ec2:ModifyVpcEndpoint",
        "ec2:ReplaceRoute",
        "ec2:ReplaceRouteTableAssociation",
        "iam:CreatePolicyVersion",
        "iam:DeletePolicyVersion",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DetachRolePolicy",
        "iam:ListPolicyVersions",
        "iam:PutRolePermissionsBoundary",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
    }
)
"""What is done to a thing that is there already, and to one that is made only if AWS is not yet
as it was asked to be."""

TAGGED_LATER = frozenset({Guard.OURS, Guard.MARKED})

MAKING_BY_NAME = frozenset({"iam:CreateRole", "iam:CreatePolicy", "logs:CreateLogGroup"})
"""What makes a thing, of those under guards that changing it needs as well."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What the check came to."""

    permissions: Permissions
    rehearsal: Rehearsed = field(default_factory=Rehearsed)
    contingent: tuple[str, ...] = ()
    """What is not allowed and would be needed only after a failure, or against a rival."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What stops nothing and is good to know."""
        return tuple(filter(None, (self._unknown, self._contingent)))

    @property
    def _contingent(self) -> str:
        if not self.contingent:
            return ""
        return (
            f"not allowed: {', '.join(self.contingent)}. This plan needs none of it unless "
            "something fails midway or another run makes the same. Going on."
        )

    @property
    def _unknown(self) -> str:
        """Why less is known than could be; empty where all is."""
        found = self.permissions
        if found.certainty is not Certainty.UNDECIDABLE:
            return ""
        count = f"{len(found.undecided)} of {len(found.asked)} permissions"
        why = found.note or f"policies ask for {', '.join(found.keys) or 'more'}"
        return f"{count} could not be checked beforehand: {why}. Going on."


def needs_of(plan: Plan, config: Config) -> tuple[Need, ...]:
    """What the steps of a plan call, that only look at nothing."""
    return _all_of(plan, config, _called)


def contingent_of(plan: Plan, config: Config) -> tuple[Need, ...]:
    """What they call besides only where something goes wrong."""
    return _all_of(plan, config, _contingent)


def _all_of(
    plan: Plan, config: Config, part: Callable[[Step, Need], frozenset[str]]
) -> tuple[Need, ...]:
    found: dict[Need, None] = {}
    for step in plan.changes:
        for need in _needs_of(step):
            wanted = part(step, need)
            actions = tuple(each for each in need.actions if each in wanted)
            if need.when(config) and actions:
                found[replace(need, actions=actions)] = None
    return tuple(found)


def _called(step: Step, need: Need) -> frozenset[str]:
    return frozenset(need.actions) - _contingent(step, need)


def _contingent(step: Step, need: Need) -> frozenset[str]:
    """Those of the actions that the step will not come to if all goes well."""
    if step.action is Action.DELETE or step.dying:
        return frozenset()
    if step.action is Action.UPDATE:
        return CLEANING_UP.intersection(need.actions)
    spec = step.desired.spec if step.desired else None
    later = CLEANING_UP | AFTERWARDS
    if need.guard in TAGGED_LATER and not isinstance(spec, SecurityGroupRules):
        later |= {TAGGING}
    return later.intersection(need.actions)


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
    besides = concerning(contingent_of(plan, place.config), place)
    caller = real_caller(aws, caller_of(aws.identity.arn))
    known = with_foreign(aws, known, place)
    answers, why = simulated(aws, caller, batches(questions((*needs, *besides), place, known)))
    rehearsal = rehearsed(aws, needs, place) if why else Rehearsed()
    mine = {id(each) for each in needs}
    found = permissions(
        needs,
        [each for each in answers if id(each.question.need) in mine],
        place,
        name,
        measured=rehearsal.measured,
        note=why.reason if why else "",
    )
    refused = {
        each.question.action
        for each in answers
        if id(each.question.need) not in mine and each.decision.is_refusal
    }
    return Passage(found, rehearsal, tuple(sorted(refused.difference(found.asked))))
