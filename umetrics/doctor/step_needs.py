"""What the steps of a plan call: surely, and only if something goes wrong. Pure.

A create calls what its kind needs; a change only what puts right the fields that differ; a removal
also what takes off what hangs on the thing. Each drift that is repaired in the tests is held
against the calls that are really made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from umetrics import tags
from umetrics.deployer import Need
from umetrics.deployer.kind_needs import NEEDS
from umetrics.deployer.need import Guard, Task
from umetrics.doctor.mending import (
    AFTERWARDS,
    ASSOCIATING,
    AUTHORIZE,
    CLEANING_UP,
    HANGING,
    MENDING,
    NONE,
    REVOKE,
    TAGGING,
    UNTAGGING,
    WHATEVER_HANGS,
    Actions,
    Mending,
)
from umetrics.provision.diff import Change, Difference
from umetrics.provision.model import Phase, Ref
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.resources.route_table import RouteTable
from umetrics.provision.resources.security_group_rules import NEW_GROUP_EGRESS, SecurityGroupRules

if TYPE_CHECKING:
    from umetrics.config import Config

TASKS = {
    Action.CREATE: Task.BUILD,
    Action.UPDATE: Task.BUILD,
    Action.DELETE: Task.REMOVE,
}

TAGGED_LATER = frozenset({Guard.OURS, Guard.MARKED, Guard.TAKEN_OVER})


@dataclass(frozen=True, slots=True)
class Asked:
    """Of the actions of one need, those that a step surely calls, and those that it may."""

    surely: Actions = NONE
    perhaps: Actions = NONE


def needs_of(plan: Plan, config: Config) -> tuple[Need, ...]:
    """What the steps of a plan call, that only look at nothing."""
    return _merged(plan, config, surely=True)


def contingent_of(plan: Plan, config: Config) -> tuple[Need, ...]:
    """What they call besides only where something goes wrong, or no plan can know it."""
    return _merged(plan, config, surely=False)


def lambda_roles_of(plan: Plan) -> frozenset[str]:
    """The roles of others that our policy is attached to, or detached from."""
    found: set[str] = set()
    for step in plan.changes:
        if step.difference and step.action is Action.UPDATE:
            found.update(
                str(change.after or change.before)
                for change in step.difference.changes
                if change.field == "attached_roles"
            )
            continue
        resource = step.desired or step.found
        found.update(getattr(resource.spec if resource else None, "attached_roles", ()))
    return frozenset(found)


def _merged(plan: Plan, config: Config, *, surely: bool) -> tuple[Need, ...]:
    found: dict[Need, None] = {}
    for step in plan.changes:
        for need in NEEDS[type(_spec(step))]:
            if need.task is not TASKS[step.action] or not need.when(config):
                continue
            asked = _asked(step, need)
            wanted = asked.surely if surely else asked.perhaps
            if actions := tuple(each for each in need.actions if each in wanted):
                found[replace(need, actions=actions)] = None
    return tuple(found)


def _spec(step: Step) -> Any:  # noqa: ANN401  # of any kind
    resource = step.desired or step.found or next(iter(step.dying))
    return resource.spec


def _asked(step: Step, need: Need) -> Asked:
    actions = frozenset(need.actions)
    if step.action is Action.DELETE:
        return _removing(step, actions)
    # What is leaving is only waited for.
    has_failed = any(each.phase is Phase.FAILED for each in step.dying)
    dying = CLEANING_UP & actions if has_failed else NONE
    if step.action is Action.UPDATE and step.difference:
        asked = _changing(_spec(step), step, step.difference, need)
        surely = (asked.surely & actions) | dying
        perhaps = actions if _is_half_made(step) else asked.perhaps & actions
        return Asked(surely, perhaps - surely)
    spec = _spec(step)
    if isinstance(spec, SecurityGroupRules):
        surely = _first_rules(spec, need) & actions
    else:
        surely = actions - CLEANING_UP - AFTERWARDS
        surely -= TAGGING if need.guard in TAGGED_LATER else NONE
        surely |= actions & ASSOCIATING if _takes_subnets_over(spec) else NONE
    return Asked(surely | dying, actions - surely - dying)


def _is_half_made(step: Step) -> bool:
    """Whether it may show more that differs once it is ready."""
    return step.found is not None and step.found.phase is Phase.PENDING


def _takes_subnets_over(spec: object) -> bool:
    """Whether it is a table for subnets that are there, and so may use another table now."""
    return isinstance(spec, RouteTable) and any(
        not isinstance(each.subnet, Ref) for each in spec.associations
    )


def _first_rules(spec: SecurityGroupRules, need: Need) -> Actions:
    """A new group lets everything out: that rule is revoked, or kept and tagged as ours."""
    keeps = NEW_GROUP_EGRESS in spec.rules
    outgoing = any(each.direction == "egress" for each in spec.rules - {NEW_GROUP_EGRESS})
    called = {AUTHORIZE.format(direction="Ingress")}
    called |= {AUTHORIZE.format(direction="Egress")} if outgoing else set()
    called |= set() if keeps else {REVOKE.format(direction="Egress")}
    tagged = {Guard.AT_BIRTH, Guard.TAKEN_OVER} if keeps else {Guard.AT_BIRTH}
    return frozenset(called) | (TAGGING if need.guard in tagged else NONE)


def _changing(spec: object, step: Step, difference: Difference[Any], need: Need) -> Asked:
    mended = [(MENDING[type(spec), each.field], each) for each in difference.changes]
    surely = frozenset(action for mending, each in mended for action in _sent(mending, each))
    perhaps = frozenset(action for mending, _ in mended for action in mending.perhaps)
    if need.guard is Guard.AT_BIRTH:
        authorizes = any(each.startswith("ec2:Authorize") for each in surely)
        return Asked(TAGGING if authorizes else NONE)
    if any(_is_tagged_under(need.guard, spec, each.tags, each.part) for each in difference.missing):
        surely |= TAGGING
        surely |= {UNTAGGING} if _is_misspelt(step, difference) else NONE
    return Asked(surely, perhaps)


def _sent(mending: Mending, change: Change) -> Iterator[str]:
    if not change.before:
        actions = mending.adding
    else:
        actions = mending.changing if change.after else mending.removing
    direction = str(getattr(change.after or change.before, "direction", "")).capitalize()
    return (action.format(direction=direction) for action in actions)


def _is_tagged_under(guard: Guard, spec: object, lacking: tags.Tags, part: object) -> bool:
    """Whether what lacks these tags is tagged under this guard."""
    if part is None:
        return guard not in {Guard.MARKED_FIRST, Guard.MARKED, Guard.TAKEN_OVER}
    if isinstance(spec, SecurityGroupRules):
        return guard is (Guard.TAKEN_OVER if tags.DEPLOYMENT in lacking else Guard.OURS)
    return guard is (Guard.MARKED_FIRST if "ManagedBy" in lacking else Guard.MARKED)


def _is_misspelt(step: Step, difference: Difference[Any]) -> bool:
    """Whether one of the missing keys stands there in another case, which has to go first."""
    lacking = {key for each in difference.missing if each.part is None for key in each.tags}
    wanted = {key.casefold() for key in lacking}
    there = step.found.tags if step.found else {}
    return any(key not in lacking and key.casefold() in wanted for key in there)


def _removing(step: Step, actions: Actions) -> Asked:
    spec = _spec(step)
    if isinstance(spec, SecurityGroupRules):
        directions = {each.direction.capitalize() for each in spec.rules}
        return Asked(actions & {REVOKE.format(direction=each) for each in directions})
    needless = {
        action
        for action in actions
        if (hangs := HANGING.get((type(spec), action))) and not hangs(spec)
    }
    return Asked(actions - needless - WHATEVER_HANGS, actions & WHATEVER_HANGS)
