"""Whether there is room for what the plan adds: what one may have, has, and would have. Pure.

Codes and AWS's defaults: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html#using-instance-addressing-limit,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from umetrics.doctor.finding import Certainty, Check, Finding, Status, Unread
from umetrics.provision.plan import Action, Plan
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of a kind an account may have: in Service Quotas' terms, and AWS's default."""

    kind: type
    name: str
    service: str
    code: str
    default: int


QUOTAS = (
    Quota(Vpc, "VPCs", "vpc", "L-F678F1CE", 5),
    Quota(InternetGateway, "internet gateways", "vpc", "L-A4707A72", 5),
    Quota(NatGateway, "NAT gateways", "vpc", "L-FE5A380F", 5),
    Quota(ElasticIp, "Elastic IPs", "ec2", "L-0263D0A3", 5),
    Quota(SecurityGroup, "security groups", "vpc", "L-E79EC296", 2500),
    Quota(Role, "IAM roles", "iam", "L-FE177D64", 1000),
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many of each kind; of NAT gateways, in each zone besides."""

    kinds: Mapping[type, int] = field(default_factory=Counter)
    nat_by_zone: Mapping[str, int] = field(default_factory=Counter)


def added_by(plan: Plan) -> Count:
    """What a plan would make."""
    making = {
        step.key: step.desired.spec
        for step in plan.steps
        if step.action is Action.CREATE and step.desired
    }
    zones = {
        step.key: step.desired.spec.zone
        for step in plan.steps
        if step.desired and isinstance(step.desired.spec, Subnet)
    }
    return Count(
        Counter(type(spec) for spec in making.values()),
        Counter(
            zones.get(spec.subnet, spec.subnet)
            for spec in making.values()
            if isinstance(spec, NatGateway)
        ),
    )


Used = Mapping[type, int | Unread]
Limits = Mapping[str, int | Unread]
"""By code; one that AWS does not tell is AWS's default."""


@dataclass(frozen=True, slots=True)
class Room:
    """Of one quota, in one zone or altogether."""

    quota: Quota
    used: int
    added: int
    limit: int
    is_default: bool
    zone: str = ""
    unread: Unread | None = None
    """Why what was applied is not known."""

    @property
    def suffices(self) -> bool:
        """Whether nothing is added, or what is added fits."""
        return not self.added or self.used + self.added <= self.limit

    @property
    def text(self) -> str:
        """`VPCs: 5 of 5 in use, 1 more is wanted`."""
        where = f" in {self.zone}" if self.zone else ""
        why = ", what was applied is not known" if self.unread else ""
        limit = f"{self.limit}{f' (the default{why})' if self.is_default else ''}"
        return f"{self.quota.name}{where}: {self.used} of {limit} in use, {self.added} to be added"


def quota_findings(
    used: Used, nat_by_zone: Mapping[str, int] | Unread, limits: Limits, added: Count | None
) -> Iterator[Finding]:
    """What there is no room for; else that there is. Without `added` only what is used up."""
    rooms: list[Room] = []
    unread: list[Finding] = []
    for quota in QUOTAS:
        counted = nat_by_zone if quota.kind is NatGateway else used[quota.kind]
        if isinstance(counted, Unread):
            unread.append(counted.finding(Check.QUOTAS, f"{quota.name} are not counted"))
        else:
            rooms += _rooms(quota, counted, limits, added)
    tight = [room for room in rooms if not room.suffices]
    for room in tight:
        if room.unread is not None:
            yield room.unread.finding(Check.QUOTAS, room.text)
            continue
        hint = (
            "delete what nobody needs, or ask for more under Service Quotas "
            f"({room.quota.service}, {room.quota.code})"
        )
        yield Finding(Check.QUOTAS, Status.PROBLEM, room.text, hint=hint)
    yield from unread
    if added is None:
        text = "what would be added is not known, since there is no plan"
        yield Finding(Check.QUOTAS, Status.UNKNOWN, text, Certainty.UNDECIDABLE)
    elif rooms and not tight:
        wanted = [room.text for room in rooms if room.added]
        text = f"room for all that is added: {'; '.join(wanted)}" if wanted else "nothing is added"
        yield Finding(Check.QUOTAS, Status.OK, text)


def _rooms(
    quota: Quota, counted: int | Mapping[str, int], limits: Limits, added: Count | None
) -> Iterator[Room]:
    told = limits.get(quota.code, quota.default)
    is_default = isinstance(told, Unread) or quota.code not in limits
    limit = quota.default if isinstance(told, Unread) else told
    unread = told if isinstance(told, Unread) else None
    adding = added or Count()
    if isinstance(counted, int):
        count = adding.kinds.get(quota.kind, 0)
        yield Room(quota, counted, count, limit, is_default, unread=unread)
        return
    for zone, count in sorted(adding.nat_by_zone.items()):
        yield Room(quota, counted.get(zone, 0), count, limit, is_default, zone, unread)
