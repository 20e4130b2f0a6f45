"""What a plan tells of the tags that its calls will put on things, by ARN template. Pure.

Of several resources of a kind the first stands for all: each would be one more question. Without a
plan that is the first of the blueprint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
from umetrics.provision.resources.parameter import Parameter
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import RouteTable
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc

if TYPE_CHECKING:
    from umetrics.provision.model import Resource
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
    Parameter: arns.PARAMETERS,
    Role: arns.ROLES,
    RouteTable: ec2("route-table"),
    SecurityGroup: ec2("security-group"),
    SecurityGroupRules: ec2("security-group-rule"),
    Subnet: ec2("subnet"),
    Vpc: ec2("vpc"),
}
"""By kind, the template of what carries its tags."""


KEYS: Mapping[str, str] = {
    arns.BUDGETS: "budget/monthly",
    arns.LOG_GROUPS: "log-group/flow-logs",
    arns.POLICIES: "policy/lambda-emf",
    arns.ROLES: "role/ecs-task-execution",
    ec2("elastic-ip"): "elastic-ip/nat",
    ec2("internet-gateway"): "internet-gateway",
    ec2("natgateway"): "nat-gateway",
    ec2("route-table"): "route-table/public",
    ec2("security-group"): "security-group/alb",
    ec2("security-group-rule"): "rules/alb",
    ec2("subnet"): "subnet/public-a",
    ec2("vpc"): "vpc",
    ec2("vpc-endpoint"): "endpoint/s3",
    ec2("vpc-flow-log"): "flow-log/vpc",
}
"""By template, the key of the first in the blueprint."""

REGIONLESS = frozenset({arns.BUDGETS, arns.POLICIES, arns.ROLES})
"""What knows no region, and so is tagged with ours."""


@dataclass(frozen=True, slots=True)
class Planned:
    """All tags of what is made, and those that what is there lacks."""

    made: Mapping[str, Tags] = field(default_factory=dict)
    lacking: Mapping[str, Tags] = field(default_factory=dict)


def planned_by(plan: Plan) -> Planned:
    """As the steps of a plan will do it."""
    made: dict[str, Tags] = {}
    lacking: dict[str, Tags] = {}
    for step in plan.changes:
        if step.desired is None:
            continue
        template = TEMPLATES[type(step.desired.spec)]
        if step.action is Action.CREATE or template == TEMPLATES[SecurityGroupRules]:
            made.setdefault(template, carrying(step.desired))
        if tags := dict(_lacking(step)):
            lacking.setdefault(template, tags)
    return Planned(made, lacking)


def carrying(resource: Resource[Any]) -> Tags:
    """The tags of a resource; a set of rules has its tags on the rules alone."""
    is_virtual = isinstance(resource.spec, SecurityGroupRules)
    return resource.part_tags if is_virtual else resource.tags


def _lacking(step: Step) -> Iterator[tuple[str, str]]:
    """What it lacks; rules that lack any get all of theirs at once."""
    missing = step.difference.missing if step.difference else ()
    if step.desired and isinstance(step.desired.spec, SecurityGroupRules):
        if step.action is Action.CREATE or missing:
            yield from carrying(step.desired).items()
        return
    for each in missing:
        if each.part is None:
            yield from each.tags.items()
