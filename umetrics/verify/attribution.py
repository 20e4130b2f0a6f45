"""Who it was, by our own call log: what no call of ours named, we have not changed. Pure.

Being named is not being changed: a subnet is made *in* a VPC. Which parameters only name is one
table, and so is what a call that does change can change. All else that a call of ours names counts
as changed by it.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from umetrics.verify.catalogue import BY_NAME
from umetrics.verify.compare import Alteration, Comparison, Difference
from umetrics.verify.values import Gap, NamingCall, Record, Snapshot, Thing

ROUTES = ("ec2:CreateRoute", "ec2:ReplaceRoute")
RULES = tuple(
    f"ec2:{verb}SecurityGroup{way}"
    for verb in ("Authorize", "Revoke")
    for way in ("Ingress", "Egress")
)
ATTACHING, DETACHING = "iam:AttachRolePolicy", "iam:DetachRolePolicy"

ONLY_NAMED: frozenset[tuple[str, str]] = frozenset(
    {
        *((f"ec2:Create{what}", "VpcId") for what in ("Subnet", "SecurityGroup", "RouteTable")),
        ("ec2:CreateVpcEndpoint", "VpcId"),
        ("ec2:CreateNatGateway", "SubnetId"),
        *((each, "GatewayId") for each in ROUTES),
        *((each, "NatGatewayId") for each in ROUTES),
        *((each, "IpPermissions.UserIdGroupPairs.GroupId") for each in RULES),
        ("iam:CreateRole", "PermissionsBoundary"),
        ("iam:PutRolePermissionsBoundary", "PermissionsBoundary"),
        (ATTACHING, "PolicyArn"),
        (DETACHING, "PolicyArn"),
    }
)
"""Calls, and parameters of theirs that name something which the call leaves as it is."""

ATTACHMENTS = "AttachedManagedPolicies"
CHANGING_ATTACHMENTS = frozenset({ATTACHING, DETACHING})
"""Calls that change that one field of a role, and of it one policy; all others change any."""

METRICS_POLICY = "ObservabilityLambdaEmf"
"""How the name of our metrics policy ends."""


class Standing(enum.StrEnum):
    """What an alteration means for us, the gravest first."""

    OURS = "changed by us"
    UNTOLD = "changed, by us or by others"
    OTHERS = "changed by others"
    DOCUMENTED = "changed by us as documented"


DISTURBED = 7
NOT_ALLOWED = 4
NOT_CLEAN = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """An alteration and whose it is; `call` is the call of ours that names it."""

    alteration: Alteration
    standing: Standing
    call: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of everything foreign since a snapshot of `since` (UTC)."""

    since: str
    compared: int
    judged: tuple[Judged, ...]
    gaps: tuple[Gap, ...]

    def of(self, standing: Standing) -> tuple[Judged, ...]:
        """What is judged so."""
        return tuple(each for each in self.judged if each.standing is standing)

    @property
    def untouched(self) -> int:
        """How many things are as they were."""
        return self.compared - len({each.alteration.key for each in self.judged})

    @property
    def is_blind(self) -> bool:
        """Whether there was nothing to compare because something could not be seen."""
        return not self.compared and bool(self.gaps)

    @property
    def exit_code(self) -> int:
        """7 where we disturbed something, 3 where that cannot be told, 4 where nothing may be seen.

        Else 0.
        """
        if self.of(Standing.OURS):
            return DISTURBED
        if self.is_blind and any(gap.denied for gap in self.gaps):
            return NOT_ALLOWED
        return NOT_CLEAN if self.of(Standing.UNTOLD) else 0


def attribute(comparison: Comparison, before: Snapshot, record: Record) -> Verdict:
    """The verdict, by the record of our calls since `before`."""
    judged = [
        each
        for alteration in comparison.alterations
        for each in _judged(alteration, before, record)
    ]
    return Verdict(before.taken_at, comparison.compared, tuple(judged), comparison.gaps)


def _judged(alteration: Alteration, before: Snapshot, record: Record) -> Iterator[Judged]:
    """One judgement, or two where part of a change is ours as documented.

    What no call names was done by others only where it is certain that these are all calls.
    """
    not_ours = Standing.OTHERS if record.is_whole else Standing.UNTOLD
    touching = [call for call in record.calls if touches(call, alteration.thing)]
    if not alteration.differences:  # it appeared, or has gone
        making = [call for call in touching if call.operation not in CHANGING_ATTACHMENTS]
        yield _part(alteration, (), Standing.OURS if making else not_ours, making)
        return
    rest: list[Difference] = []
    for difference in chain.from_iterable(map(_apart, alteration.differences)):
        if _is_documented(difference, alteration.thing, before, touching):
            yield _part(alteration, [difference], Standing.DOCUMENTED, touching)
        else:
            rest.append(difference)
    ours = [each for each in rest if _may_have_changed(each, touching)]
    others = [each for each in rest if each not in ours]
    if ours:
        yield _part(alteration, ours, Standing.OURS, touching)
    if others:
        yield _part(alteration, others, not_ours, [])


def _apart(difference: Difference) -> Iterator[Difference]:
    """Policies that were attached or detached, one by one: each is somebody's own doing."""
    if difference.path != ATTACHMENTS:
        yield difference
        return
    for each in _elements(difference.before):
        yield replace(difference, before=json.dumps([each]), after=None)
    for each in _elements(difference.after):
        yield replace(difference, before=None, after=json.dumps([each]))


def _part(
    alteration: Alteration,
    differences: Iterable[Difference],
    standing: Standing,
    touching: list[NamingCall],
) -> Judged:
    part = replace(alteration, differences=tuple(differences))
    return Judged(part, standing, touching[0].operation if touching else "")


def touches(call: NamingCall, thing: Thing) -> bool:
    """Whether a call may have changed a thing: it names it, and not only in passing."""
    named_by = BY_NAME[thing.kind].named_by
    return any(
        value in {thing.id, thing.arn}
        and (not named_by or path.rpartition(".")[2] in named_by)
        and (call.operation, path) not in ONLY_NAMED
        for path, value in call.named
    )


def _may_have_changed(difference: Difference, touching: Iterable[NamingCall]) -> bool:
    """Of a call that attaches or detaches, only that very policy can be its doing."""
    anything = any(call.operation not in CHANGING_ATTACHMENTS for call in touching)
    if anything or difference.path != ATTACHMENTS:
        return anything
    policies = {*_policies(difference.before), *_policies(difference.after)}
    return any(not policies.isdisjoint(_named(call, "PolicyArn")) for call in touching)


def _named(call: NamingCall, parameter: str) -> Iterator[str]:
    return (value for path, value in call.named if path == parameter)


def _is_documented(
    difference: Difference, thing: Thing, before: Snapshot, touching: Iterable[NamingCall]
) -> bool:
    """Whether it is our metrics policy, put on a role that was named or taken off one, by us."""
    if thing.kind != "iam-role" or difference.path != ATTACHMENTS:
        return False
    project, _, stage = before.deployment.partition("/")
    ours = f":policy/umetrics/{project}/{stage}/{project}-{stage}-{METRICS_POLICY}"
    put_on, taken_off = _policies(difference.after), _policies(difference.before)
    if not (put_on or taken_off):
        return False
    if not all(arn.endswith(ours) for arn in (*put_on, *taken_off)):
        return False
    concerned = {*put_on, *taken_off}
    operations = {
        call.operation for call in touching if not concerned.isdisjoint(_named(call, "PolicyArn"))
    }
    named = thing.id in before.lambda_roles
    return (not put_on or (named and ATTACHING in operations)) and (
        not taken_off or DETACHING in operations
    )


def _policies(told: str | None) -> list[str]:
    named = (each.get("PolicyArn") for each in _elements(told) if isinstance(each, Mapping))
    return [arn for arn in named if isinstance(arn, str)]


def _elements(told: str | None) -> list[Any]:
    elements = json.loads(told) if told else []
    return elements if isinstance(elements, list) else [elements]
