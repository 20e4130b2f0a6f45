"""From needs to the statements of a policy for one configuration. Pure.

    grants(Mode.APPLY, place, kinds) -> (Grant("AnyResource", ...), Grant("Make", ...), ...)

Needs under one guard are put together where that allows nothing more: creates are kept apart so
that none stands beside a type that it names as something that is there already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.deployer import arn
from umetrics.deployer.arn import Place
from umetrics.deployer.command_needs import BY_TAGGING_API, COMMANDS, TAGGED_BY_API, Mode
from umetrics.deployer.condition import Condition, condition
from umetrics.deployer.kind_needs import NEEDS
from umetrics.deployer.need import EVERYTHING, Guard, Need, Task
from umetrics.provision.policy_document import Statement
from umetrics.provision.resources import HANDLERS

if TYPE_CHECKING:
    from umetrics.config import Config

SIDS: Mapping[Guard, str] = {
    Guard.BORN: "Make",
    Guard.AT_BIRTH: "TagWhatIsMade",
    Guard.INSIDE: "MakeInside",
    Guard.OURS: "ChangeOurs",
    Guard.EMPTIED: "EmptyDefaultGroup",
    Guard.MARKED_FIRST: "TagBesideVpc",
    Guard.MARKED: "TagBesideVpcAgain",
    Guard.TAKEN_OVER: "TakeOverRules",
    Guard.ATTACHING: "AttachToLambdaRoles",
    Guard.BOUNDED: "MakeRoles",
    Guard.PASSED_ON: "PassRole",
}

SIDS_OF_RESOURCES: Mapping[str, str] = {
    EVERYTHING: "AnyResource",
    arn.ROLES: "Roles",
    arn.POLICIES: "Policies",
    arn.ROLE_NAMES[0]: "RoleNames",
    arn.POLICY_NAMES[0]: "PolicyNames",
    arn.PROFILE_NAMES[0]: "InstanceProfiles",
    arn.LAMBDA_ROLES: "LambdaRoles",
    arn.LOG_GROUPS: "LogGroups",
    arn.ANY_LOG_GROUP: "ListLogGroups",
    arn.BUDGETS: "Budgets",
    arn.ANY_BUDGET: "ListBudgets",
    arn.PARAMETERS: "Parameters",
    arn.PRINCIPALS[0]: "Simulate",
    arn.TRAILS: "Trails",
}
"""By the first resource, of statements without a guard."""

JOINED = frozenset({Guard.AT_BIRTH, Guard.INSIDE, Guard.OURS})
"""Guards that protect by themselves: one statement for all types allows what is ours alone."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement that allows something. Actions and resources are sorted."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Condition = field(default_factory=dict, hash=False)

    @property
    def statement(self) -> Statement:
        """As JSON has it."""
        said = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        return {**said, "Condition": self.condition} if self.condition else said


def needs(mode: Mode, config: Config, kinds: Collection[type]) -> tuple[Need, ...]:
    """What `mode` needs; `kinds` are those that are wanted or that stand."""
    return tuple(need for need in _needs(kinds) if need.task in mode.tasks and need.when(config))


def grants(mode: Mode, place: Place, kinds: Collection[type]) -> tuple[Grant, ...]:
    """The statements for `mode`; `kinds` are those that are wanted or that stand."""
    return granted(needs(mode, place.config, kinds), place)


def granted(
    needed: Sequence[Need], place: Place, *, among: Sequence[Need] = ()
) -> tuple[Grant, ...]:
    """The statements for these needs, which may be some `among` all that a deployer has."""
    whole = among or needed
    creates = {
        action.partition(":")[2]
        for need in whole
        if need.guard is Guard.BORN
        for action in need.actions
    }
    made = [
        replace(draft.grant(place), condition=condition(draft.guard, place, creates))
        for draft in _drafts(needed, _parents(whole))
    ]
    return tuple(
        _numbered([each for each in (*made, *_inside_others(needed, place)) if each.resources])
    )


def _needs(kinds: Collection[type]) -> Iterator[Need]:
    """What is looked for whatever is configured counts, and all of the kinds that are concerned."""
    yield from COMMANDS
    for kind, needs in NEEDS.items():
        always_sought = not HANDLERS[kind].on_demand
        yield from (
            need for need in needs if kind in kinds or (always_sought and need.task is Task.LOOK)
        )
    if TAGGED_BY_API & set(kinds):
        yield from BY_TAGGING_API


@dataclass(slots=True)
class _Draft:
    """A statement that is being put together, of templates yet."""

    guard: Guard
    actions: set[str] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)
    first: str = ""

    def take(self, need: Need) -> None:
        self.actions.update(need.actions)
        self.resources.update(need.resources)
        self.first = self.first or need.resources[0]

    def grant(self, place: Place) -> Grant:
        """Without its condition."""
        sid = (
            SIDS_OF_RESOURCES.get(self.first, "") if self.guard is Guard.NONE else SIDS[self.guard]
        )
        templates = self.resources
        if self.guard is Guard.INSIDE:
            templates = {each for each in templates if not place.shares(each)}
        arns = {each for template in templates for each in place.arns(template)}
        return Grant(sid, tuple(sorted(self.actions)), tuple(sorted(arns)))


def _drafts(needed: Iterable[Need], parents: Mapping[str, set[str]]) -> list[_Draft]:
    """Needs put together, in the order in which the first of each came."""
    drafts: list[_Draft] = []
    for need in needed:
        for draft in drafts:
            if draft.guard is need.guard and _fits(need, draft, parents):
                break
        else:
            draft = _Draft(need.guard)
            drafts.append(draft)
        draft.take(need)
    return drafts


def _parents(needed: Iterable[Need]) -> dict[str, set[str]]:
    """By create, the types of what it names that is there already."""
    parents: dict[str, set[str]] = {}
    for need in needed:
        if need.guard is Guard.INSIDE:
            for action in need.actions:
                parents.setdefault(action, set()).update(need.resources)
    return parents


def _fits(need: Need, draft: _Draft, parents: Mapping[str, set[str]]) -> bool:
    """Whether the two may be one statement, which allows each action on each resource."""
    if need.guard is Guard.BORN:
        actions = draft.actions.union(need.actions)
        resources = draft.resources.union(need.resources)
        return all(parents.get(action, set()).isdisjoint(resources) for action in actions)
    return need.guard in JOINED or draft.resources == set(need.resources)


def _inside_others(needed: Iterable[Need], place: Place) -> Iterator[Grant]:
    """What is made in a VPC of somebody else's, which is named by its id and by nothing else."""
    actions: set[str] = set()
    vpcs: set[str] = set()
    for need in needed:
        shared = [each for each in need.resources if place.shares(each)]
        if need.guard is Guard.INSIDE and shared:
            actions.update(need.actions)
            vpcs.update(map(place.inside, shared))
    yield Grant("MakeInSharedVpc", tuple(sorted(actions)), tuple(sorted(vpcs)))


def _numbered(given: Iterable[Grant]) -> Iterator[Grant]:
    """Sids are unique within a document: a second one of a name gets a number."""
    seen: dict[str, int] = {}
    for grant in given:
        seen[grant.sid] = count = seen.get(grant.sid, 0) + 1
        yield grant if count == 1 else replace(grant, sid=f"{grant.sid}{count}")
