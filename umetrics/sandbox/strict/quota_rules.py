"""Quotas: moto lets an account have any number of anything.

The numbers are `Settings.quotas`. A rule in a security group counts as often as it has sources or
destinations; that a prefix list counts with all its entries is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule
from umetrics.sandbox.strict.world import Quotas

CODES = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
NUMBERS = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"

COUNTED_GATEWAYS = ("pending", "available", "deleting")
"""Gateways in these states count against the quota of their zone."""

TARGETS = ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds")


def _quota(
    action: str,
    code: str,
    message: str,
    most: Callable[[Quotas], int],
    count: Callable[[Call], int],
) -> Rule:
    """The rule that `action` is refused with `code` when the quota is reached already."""

    def reached(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        limit = most(call.world.settings.quotas)
        if count(call) >= limit:
            refuse(code, message.format(limit))
        return proceed()

    name = f"{action.removeprefix('create_').removeprefix('allocate_').replace('_', '-')}-quota"
    return rule(name, service="ec2", actions=action, source=f"{NUMBERS}; {code}: {CODES}")(reached)


def _zone(call: Call) -> str | None:
    """The zone of the subnet that is named."""
    wanted = call.parameter("SubnetId")
    return next((zone for zone, subnets in call.backend.subnets.items() if wanted in subnets), None)


def _gateways_of_zone(call: Call) -> int:
    subnets = call.backend.subnets.get(_zone(call), {})
    gateways = call.backend.nat_gateways.values()
    return sum(each.subnet_id in subnets and each.state in COUNTED_GATEWAYS for each in gateways)


def _subnets_of_vpc(call: Call) -> int:
    vpc = call.parameter("VpcId")
    zones = call.backend.subnets.values()
    return sum(each.vpc_id == vpc for subnets in zones for each in subnets.values())


def _tables_of_vpc(call: Call) -> int:
    vpc = call.parameter("VpcId")
    return sum(each.vpc_id == vpc for each in call.backend.route_tables.values())


def _gateway_endpoints(call: Call) -> int:
    if call.parameter("VpcEndpointType", "Gateway") != "Gateway":
        return -1
    return sum(
        each.vpc_endpoint_type == "Gateway" and each.state != "deleted"
        for each in call.backend.vpc_end_points.values()
    )


@rule(
    "security-group-rule-quota",
    service="ec2",
    actions=("authorize_security_group_ingress", "authorize_security_group_egress"),
    source=f"{NUMBERS}; RulesPerSecurityGroupLimitExceeded: {CODES}",
)
def rules_of_group(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A group has only so many rules in each direction; a call that goes beyond adds none."""
    wanted = call.parameter("GroupId")
    groups = (group for groups in call.backend.groups.values() for group in groups.values())
    group = next((each for each in groups if each.id == wanted), None)
    limit = call.world.settings.quotas.rules_per_group_and_direction
    if group is not None:
        inward = call.action.endswith("ingress")
        there = group.ingress_rules if inward else group.egress_rules
        if len(there) + _asked(call) > limit:
            refuse(
                "RulesPerSecurityGroupLimitExceeded",
                "The maximum number of rules per security group has been reached.",
            )
    return proceed()


def _asked(call: Call) -> int:
    permissions = call.parameter("IpPermissions")
    if not permissions:
        return 1
    return sum(max(1, sum(len(each.get(name, ())) for name in TARGETS)) for each in permissions)


@rule(
    "role-quota",
    service="iam",
    actions="create_role",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; its words "
    "as those of policy-sizes: Cannot exceed quota for RolesPerAccount",
)
def roles_of_account(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """An account has only so many roles."""
    limit = call.world.settings.quotas.roles
    if len(call.backend.roles) >= limit:
        refuse("LimitExceeded", f"Cannot exceed quota for RolesPerAccount: {limit}")
    return proceed()


RULES: tuple[Rule, ...] = (
    _quota(
        "create_vpc",
        "VpcLimitExceeded",
        "The maximum number of VPCs has been reached.",
        lambda quotas: quotas.vpcs,
        lambda call: len(call.backend.vpcs),
    ),
    _quota(
        "create_internet_gateway",
        "InternetGatewayLimitExceeded",
        "The maximum number of internet gateways has been reached.",
        lambda quotas: quotas.internet_gateways,
        lambda call: len(call.backend.internet_gateways),
    ),
    _quota(
        "allocate_address",
        "AddressLimitExceeded",
        "The maximum number of addresses has been reached.",
        lambda quotas: quotas.addresses,
        lambda call: len(call.backend.addresses),
    ),
    _quota(
        "create_nat_gateway",
        "NatGatewayLimitExceeded",
        "Performing this operation would exceed the limit of {} NAT gateways",
        lambda quotas: quotas.nat_gateways_per_zone,
        _gateways_of_zone,
    ),
    _quota(
        "create_subnet",
        "SubnetLimitExceeded",
        "The maximum number of subnets has been reached.",
        lambda quotas: quotas.subnets_per_vpc,
        _subnets_of_vpc,
    ),
    _quota(
        "create_route_table",
        "RouteTableLimitExceeded",
        "The maximum number of route tables has been reached.",
        lambda quotas: quotas.route_tables_per_vpc,
        _tables_of_vpc,
    ),
    _quota(
        "create_security_group",
        "SecurityGroupLimitExceeded",
        "The maximum number of security groups has been reached.",
        lambda quotas: quotas.security_groups,
        lambda call: sum(len(groups) for groups in call.backend.groups.values()),
    ),
    _quota(
        "create_vpc_endpoint",
        "VpcEndpointLimitExceeded",
        "The maximum number of VPC endpoints has been reached.",
        lambda quotas: quotas.gateway_endpoints,
        _gateway_endpoints,
    ),
    rules_of_group,
    roles_of_account,
)
