"""By which calls a difference is put right: tables, and no logic.

A new field of a kind is one new row; a test holds them against all kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from umetrics.provision.resources.budget import Budget
from umetrics.provision.resources.endpoint import GatewayEndpoint
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.log_group import LogGroup
from umetrics.provision.resources.parameter import Parameter
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import RouteTable
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc

Actions = frozenset[str]
NONE: Actions = frozenset()

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

TAGGING = frozenset(
    {
        *("ec2:CreateTags", "iam:TagPolicy", "iam:TagRole"),
        *("budgets:TagResource", "logs:TagResource", "ssm:AddTagsToResource"),
    }
)
UNTAGGING = "iam:UntagRole"

AUTHORIZE = "ec2:AuthorizeSecurityGroup{direction}"
REVOKE = "ec2:RevokeSecurityGroup{direction}"


@dataclass(frozen=True, slots=True)
class Mending:
    """Actions that put into a field what it lacks, exchange it, or take out what is too much.

    `{direction}` is that of a rule. `perhaps` is what no plan can know.
    """

    adding: Actions = NONE
    changing: Actions = NONE
    removing: Actions = NONE
    perhaps: Actions = NONE


def by(*actions: str, perhaps: Actions = NONE) -> Mending:
    """The same, whatever differs."""
    return Mending(frozenset(actions), frozenset(actions), frozenset(actions), perhaps)


ASSOCIATING = frozenset({"ec2:AssociateRouteTable", "ec2:ReplaceRouteTableAssociation"})
"""Which of them depends on the table that the subnet uses now, which may be anybody's."""

MENDING: Mapping[tuple[type, str], Mending] = {
    (Vpc, "dns_support"): by("ec2:ModifyVpcAttribute"),
    (Vpc, "dns_hostnames"): by("ec2:ModifyVpcAttribute"),
    (Vpc, "default_group_rules"): by(REVOKE),
    (InternetGateway, "vpc"): by("ec2:AttachInternetGateway"),
    (Subnet, "public_ip_on_launch"): by("ec2:ModifySubnetAttribute"),
    (RouteTable, "routes"): Mending(
        frozenset({"ec2:CreateRoute"}),
        frozenset({"ec2:ReplaceRoute"}),
        frozenset({"ec2:DeleteRoute"}),
    ),
    (RouteTable, "associations"): Mending(ASSOCIATING, ASSOCIATING),
    (GatewayEndpoint, "route_tables"): by("ec2:ModifyVpcEndpoint"),
    (SecurityGroupRules, "rules"): Mending(
        frozenset({AUTHORIZE}), frozenset({AUTHORIZE, REVOKE}), frozenset({REVOKE})
    ),
    (Role, "trust"): by("iam:UpdateAssumeRolePolicy"),
    (Role, "permissions"): by("iam:PutRolePolicy"),
    (Role, "permissions_boundary"): Mending(
        frozenset({"iam:PutRolePermissionsBoundary"}),
        frozenset({"iam:PutRolePermissionsBoundary"}),
        frozenset({"iam:DeleteRolePermissionsBoundary"}),
    ),
    (ManagedPolicy, "document"): by(
        "iam:CreatePolicyVersion",
        "iam:ListPolicyVersions",
        perhaps=frozenset({"iam:DeletePolicyVersion"}),
    ),
    (ManagedPolicy, "attached_roles"): Mending(
        adding=frozenset({"iam:AttachRolePolicy"}), removing=frozenset({"iam:DetachRolePolicy"})
    ),
    (LogGroup, "retention_days"): by("logs:PutRetentionPolicy"),
    (Budget, "limit"): by("budgets:ModifyBudget"),
    (Budget, "costs_of"): by("budgets:ModifyBudget"),
    (Budget, "alerts"): by("budgets:ModifyBudget"),
    (Parameter, "value"): by("ssm:PutParameter"),
}
"""By kind and field. Fields that AWS never changes are conflicts, and in no plan that is done."""

HANGING: Mapping[tuple[type, str], Callable[[Any], bool]] = {
    (InternetGateway, "ec2:DetachInternetGateway"): lambda gateway: bool(gateway.vpc),
    (RouteTable, "ec2:DisassociateRouteTable"): lambda table: bool(table.associations),
    (Role, "iam:DetachRolePolicy"): lambda role: any(map(_is_arn, role.foreign_policies)),
    (Role, "iam:DeleteRolePolicy"): lambda role: (
        bool(role.permissions.statements) or not all(map(_is_arn, role.foreign_policies))
    ),
    (ManagedPolicy, "iam:DetachRolePolicy"): lambda policy: bool(policy.attached_roles),
}
"""What a removal calls only where something hangs on the thing: whether it does."""

WHATEVER_HANGS = frozenset(
    {
        "iam:DeletePolicyVersion",
        "iam:ListInstanceProfilesForRole",
        "iam:ListPolicyVersions",
        "iam:RemoveRoleFromInstanceProfile",
    }
)
"""The same, of what no look tells: AWS refuses the removal, and then it is looked for."""


def _is_arn(policy: str) -> bool:
    """Whether a policy of a role is one that is attached, and not one of its own."""
    return policy.startswith("arn:")
