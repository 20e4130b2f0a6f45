"""A least-privilege policy for whoever runs umetrics, made by hand: one project, one stage.

It rests on what AWS can tell apart. Things that are made must be born with our identity; things
that are changed must carry it. What AWS makes beside our VPC never does, and is emptied before it
is tagged: so those three kinds may be tagged, and groups emptied, while no deployment is written on
them. AWS cannot tell them from other people's in another way.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.support.principals import ACCOUNT, REGION, Statement, allow

DEPLOYMENT = "umetrics:deployment"

READS = [
    *(f"ec2:Describe{what}" for what in (
        "Addresses", "AvailabilityZones", "EgressOnlyInternetGateways", "FlowLogs",
        "InternetGateways", "NatGateways", "NetworkAcls", "NetworkInterfaces", "RouteTables",
        "SecurityGroupRules", "SecurityGroups", "Subnets", "VpcAttribute", "VpcEndpoints",
        "VpcPeeringConnections", "Vpcs", "VpnGateways",
    )),
    "iam:ListPolicies",
    "iam:ListRoles",
]  # fmt: skip

MADE = {
    "AllocateAddress": "elastic-ip",
    "AuthorizeSecurityGroupEgress": "security-group-rule",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
}
"""Actions, and what they make."""

CHANGES = [
    "AssociateRouteTable", "AttachInternetGateway", "CreateRoute", "DeleteFlowLogs",
    "DeleteInternetGateway", "DeleteNatGateway", "DeleteRoute", "DeleteRouteTable",
    "DeleteSecurityGroup", "DeleteSubnet", "DeleteVpc", "DeleteVpcEndpoints",
    "DetachInternetGateway", "DisassociateRouteTable",
    "ModifySubnetAttribute", "ModifyVpcAttribute", "ModifyVpcEndpoint", "ReleaseAddress",
    "ReplaceRoute", "ReplaceRouteTableAssociation", "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
]  # fmt: skip

IMPLICIT = ["network-acl", "route-table", "security-group"]

ROLES = [
    "CreateRole", "DeleteRole", "DeleteRolePermissionsBoundary", "DeleteRolePolicy", "GetRole",
    "GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole",
    "ListRolePolicies", "PutRolePermissionsBoundary", "PutRolePolicy", "TagRole", "UntagRole",
    "UpdateAssumeRolePolicy",
]  # fmt: skip

POLICIES = [
    "CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "GetPolicy",
    "GetPolicyVersion", "ListEntitiesForPolicy", "ListPolicyVersions", "TagPolicy",
]  # fmt: skip

MONITORING = [
    "budgets:ListTagsForResource", "budgets:ModifyBudget", "budgets:TagResource",
    "budgets:ViewBudget", "logs:CreateLogGroup", "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy", "logs:DescribeLogGroups", "logs:ListTagsForResource",
    "logs:PutRetentionPolicy", "logs:TagResource",
]  # fmt: skip
"""The sandbox judges these by no resource."""


def deployer_policy(project: str = "UserMetrics", stage: str = "dev") -> tuple[Statement, ...]:
    """Everything that plan, up and destroy need, whatever the configuration says."""
    deployment = f"{project}/{stage}"
    born = {"aws:RequestTag/" + DEPLOYMENT: deployment}
    ours = {"aws:ResourceTag/" + DEPLOYMENT: deployment}
    new = sorted(set(MADE.values()))
    path = f"umetrics/{project}/{stage}/*"
    return (
        allow(READS),
        allow(_ec2(MADE), _arns(new), StringEquals=born),
        allow(_ec2([*MADE, *CHANGES]), _arns(["*"]), StringEquals=ours),
        allow("ec2:CreateTags", _arns(new), StringEquals={**born, "ec2:CreateAction": list(MADE)}),
        allow("ec2:CreateTags", _arns(["*"]), StringEquals=ours),
        *_beside_the_vpc(),
        allow(_iam(ROLES), f"arn:aws:iam::{ACCOUNT}:role/{path}"),
        allow(_iam(POLICIES), f"arn:aws:iam::{ACCOUNT}:policy/{path}"),
        allow("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/{project}-{stage}-*"),
        allow(MONITORING),
        allow(
            "iam:PassRole",
            f"arn:aws:iam::{ACCOUNT}:role/{path}ObservabilityFlowLogs",
            StringEquals={"iam:PassedToService": "vpc-flow-logs.amazonaws.com"},
        ),
    )


def _beside_the_vpc() -> tuple[Statement, ...]:
    nobodys = {"aws:ResourceTag/" + DEPLOYMENT: "true"}
    return (
        allow(
            "ec2:CreateTags",
            _arns(IMPLICIT),
            StringEquals={"aws:RequestTag/ManagedBy": "umetrics"},
            Null=nobodys,
        ),
        allow(
            ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
            _arns(["security-group"]),
            Null=nobodys,
        ),
    )


def _ec2(operations: Iterable[str]) -> list[str]:
    return [f"ec2:{each}" for each in operations]


def _iam(operations: Iterable[str]) -> list[str]:
    return [f"iam:{each}" for each in operations]


def _arns(kinds: Iterable[str]) -> list[str]:
    return [f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/*" for kind in kinds]
