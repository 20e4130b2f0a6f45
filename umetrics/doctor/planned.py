"""What a plan tells of the tags that its calls will carry, by ARN template. Pure.

Of several resources of a kind the first stands for all: each would be one more question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from umetrics.deployer import arn as arns
from umetrics.deployer.need import ec2
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.resources.budget import Budget
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.endpoint import GatewayEndpoint
from umetrics.provision.resources.flow_log import FlowLog
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.log_group import LogGroup
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import RouteTable
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc

if TYPE_CHECKING:
    from umetrics.tags import Tags

TEMPLATES: Mapping[type, str] = {
    Budget: arns.BUDGETS,
    ElasticIp: ec2("elastic-ip"),
    FlowLog: ec2("vpc-flow-log"),
    GatewayEndpoint: ec2("vpc-endpoint"),
    InternetGateway: ec2("internet-gateway"),
    LogGroup: arns.LOG_GROUPS,
    ManagedPolicy: arns.POLICIES,
    NatGateway: ec2("natgateway"),
    Role: arns.ROLES,
    RouteTable: ec2("route-table"),
    SecurityGroup: ec2("security-group"),
    SecurityGroupRules: ec2("security-group-rule"),
    Subnet: ec2("subnet"),
    Vpc: ec2("vpc"),
}
"""By kind, the template of what carries its tags."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Tags that a call will put on what is there; where nothing is told, any of ours may be."""

    lacking: Mapping[str, Tags] = field(default_factory=dict)


def planned_by(plan: Plan) -> Planned:
    """As the steps of a plan will do it."""
    lacking: dict[str, Tags] = {}
    for step in plan.changes:
        if step.desired and (tags := dict(_lacking(step))):
            lacking.setdefault(TEMPLATES[type(step.desired.spec)], tags)
    return Planned(lacking)


def _lacking(step: Step) -> Iterator[tuple[str, str]]:
    """What it lacks; of a set of rules its rules have the tags, and get all of theirs at once."""
    missing = step.difference.missing if step.difference else ()
    if step.desired and isinstance(step.desired.spec, SecurityGroupRules):
        if step.action is Action.CREATE or missing:
            yield from step.desired.part_tags.items()
        return
    for each in missing:
        if each.part is None:
            yield from each.tags.items()
