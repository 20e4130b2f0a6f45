"""What each kind of resource needs: one row for each, beside the others. A table, and no logic.

A new kind is one new row; a test holds it against the kinds that umetrics knows. Actions, their
resource types and their condition keys are the Service Authorization Reference's:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html, and so on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from umetrics.deployer import arn
from umetrics.deployer.need import (
    Guard,
    Need,
    Task,
    changing,
    ec2,
    looking,
    making,
    tagging,
)
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
    from umetrics.config import Config

IMPLICIT = tuple(map(ec2, ("network-acl", "route-table", "security-group")))
"""What AWS makes beside a VPC. No deployment is ever written on these."""


def without_nat(config: Config) -> bool:
    """Only then a route table of ours loses a way out that it had."""
    return config.network.nat == "none"


def bounded(config: Config) -> bool:
    """Every role of ours has a boundary."""
    return config.iam.permissions_boundary is not None


def unbounded(config: Config) -> bool:
    """A boundary that a role of ours has is one too many."""
    return not bounded(config)


BUILD, REMOVE, MEND = Task.BUILD, Task.REMOVE, Task.MEND

NEEDS: Mapping[type, tuple[Need, ...]] = {
    # Deletes stand under BUILD where `up` takes away what it made a moment ago and a rival made,
    # too (VPC, internet gateway, address, table), or what came out failed (NAT gateway, endpoint).
    Vpc: (
        looking(
            "ec2:DescribeNetworkAcls",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcs",
        ),
        *making("CreateVpc", "vpc"),
        *tagging("vpc"),
        changing(BUILD, "DeleteVpc", "ModifyVpcAttribute", on=("vpc",)),
        # The default group is emptied before it is tagged: nothing tells it from others' by then.
        Need(
            BUILD,
            ("ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"),
            (ec2("security-group"),),
            Guard.EMPTIED,
        ),
        *(Need(task, ("ec2:CreateTags",), IMPLICIT, Guard.MARKED_FIRST) for task in (BUILD, MEND)),
        Need(BUILD, ("ec2:CreateTags",), IMPLICIT, Guard.MARKED),
        Need(MEND, ("ec2:CreateTags", "ec2:DeleteTags"), IMPLICIT, Guard.MARKED),
        changing(REMOVE, "DeleteVpc", on=("vpc",)),
        Need(
            REMOVE,
            (
                "ec2:DescribeEgressOnlyInternetGateways",
                "ec2:DescribeVpcPeeringConnections",
                "ec2:DescribeVpnGateways",
            ),
        ),
    ),
    InternetGateway: (
        looking("ec2:DescribeInternetGateways"),
        *making("CreateInternetGateway", "internet-gateway"),
        *tagging("internet-gateway"),
        changing(BUILD, "AttachInternetGateway", on=("internet-gateway", "vpc")),
        changing(BUILD, "DeleteInternetGateway", on=("internet-gateway",)),
        changing(REMOVE, "DeleteInternetGateway", on=("internet-gateway",)),
        changing(REMOVE, "DetachInternetGateway", on=("internet-gateway", "vpc")),
    ),
    Subnet: (
        looking("ec2:DescribeAvailabilityZones", "ec2:DescribeSubnets"),
        *making("CreateSubnet", "subnet", inside=("vpc",)),
        *tagging("subnet"),
        changing(BUILD, "ModifySubnetAttribute", on=("subnet",)),
        changing(REMOVE, "DeleteSubnet", on=("subnet",)),
    ),
    RouteTable: (
        looking("ec2:DescribeRouteTables"),
        *making("CreateRouteTable", "route-table", inside=("vpc",)),
        *tagging("route-table"),
        changing(BUILD, "CreateRoute", "DeleteRouteTable", "ReplaceRoute", on=("route-table",)),
        changing(
            BUILD,
            "AssociateRouteTable",
            "ReplaceRouteTableAssociation",
            on=("route-table", "subnet"),
        ),
        Need(BUILD, ("ec2:DeleteRoute",), (ec2("route-table"),), Guard.OURS, without_nat),
        changing(REMOVE, "DeleteRouteTable", on=("route-table",)),
        changing(REMOVE, "DisassociateRouteTable", on=("route-table", "subnet")),
    ),
    ElasticIp: (
        looking("ec2:DescribeAddresses"),
        *making("AllocateAddress", "elastic-ip"),
        *tagging("elastic-ip"),
        changing(BUILD, "ReleaseAddress", on=("elastic-ip",)),
        changing(REMOVE, "ReleaseAddress", on=("elastic-ip",)),
    ),
    NatGateway: (
        looking("ec2:DescribeNatGateways"),
        *making("CreateNatGateway", "natgateway", inside=("elastic-ip", "subnet")),
        *tagging("natgateway"),
        changing(BUILD, "DeleteNatGateway", on=("natgateway",)),
        changing(REMOVE, "DeleteNatGateway", on=("natgateway",)),
    ),
    GatewayEndpoint: (
        looking("ec2:DescribeVpcEndpoints"),
        *making("CreateVpcEndpoint", "vpc-endpoint", inside=("route-table", "vpc")),
        *tagging("vpc-endpoint"),
        changing(BUILD, "DeleteVpcEndpoints", on=("vpc-endpoint",)),
        changing(BUILD, "ModifyVpcEndpoint", on=("route-table", "vpc-endpoint")),
        changing(REMOVE, "DeleteVpcEndpoints", on=("vpc-endpoint",)),
    ),
    SecurityGroup: (
        looking("ec2:DescribeSecurityGroups"),
        *making("CreateSecurityGroup", "security-group", inside=("vpc",)),
        *tagging("security-group"),
        changing(REMOVE, "DeleteSecurityGroup", on=("security-group",)),
        Need(REMOVE, ("ec2:DescribeNetworkInterfaces",)),
    ),
    SecurityGroupRules: (
        looking("ec2:DescribeSecurityGroupRules"),
        *making("AuthorizeSecurityGroupEgress", "security-group-rule", inside=("security-group",)),
        *making("AuthorizeSecurityGroupIngress", "security-group-rule", inside=("security-group",)),
        *tagging("security-group-rule"),
        # A rule that somebody else made and that is wanted as it is; the group protects it.
        Need(BUILD, ("ec2:CreateTags",), (ec2("security-group-rule"),), Guard.TAKEN_OVER),
        *(
            changing(
                task,
                "RevokeSecurityGroupEgress",
                "RevokeSecurityGroupIngress",
                on=("security-group",),
            )
            for task in (BUILD, REMOVE)
        ),
    ),
    Role: (
        looking("iam:ListRoles"),
        looking(
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            on=(arn.ROLES,),
        ),
        looking("iam:GetRole", on=arn.ROLE_NAMES),
        Need(
            BUILD,
            ("iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"),
            (arn.ROLES,),
            Guard.BOUNDED,
        ),
        Need(BUILD, ("iam:PutRolePermissionsBoundary",), (arn.ROLES,), Guard.BOUNDED, when=bounded),
        Need(BUILD, ("iam:DeleteRolePermissionsBoundary",), (arn.ROLES,), when=unbounded),
        Need(BUILD, ("iam:TagRole", "iam:UntagRole"), (arn.ROLES,)),
        Need(
            REMOVE,
            (
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:ListInstanceProfilesForRole",
            ),
            (arn.ROLES,),
        ),
        Need(REMOVE, ("iam:RemoveRoleFromInstanceProfile",), arn.PROFILE_NAMES),
        Need(MEND, ("iam:ListRoleTags", "iam:TagRole", "iam:UntagRole"), (arn.ROLES,)),
    ),
    ManagedPolicy: (
        looking("iam:ListPolicies"),
        looking(
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:ListEntitiesForPolicy",
            on=(arn.POLICIES,),
        ),
        looking("iam:GetPolicy", on=arn.POLICY_NAMES),
        looking("iam:GetRole", on=(arn.LAMBDA_ROLES,)),
        Need(
            BUILD,
            (
                "iam:CreatePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicyVersion",
                "iam:ListPolicyVersions",
                "iam:TagPolicy",
            ),
            (arn.POLICIES,),
        ),
        Need(
            BUILD,
            ("iam:AttachRolePolicy", "iam:DetachRolePolicy"),
            (arn.LAMBDA_ROLES,),
            Guard.ATTACHING,
        ),
        Need(
            REMOVE,
            ("iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:ListPolicyVersions"),
            (arn.POLICIES,),
        ),
        Need(REMOVE, ("iam:DetachRolePolicy",), (arn.LAMBDA_ROLES,), Guard.ATTACHING),
        Need(MEND, ("iam:ListPolicyTags", "iam:TagPolicy", "iam:UntagPolicy"), (arn.POLICIES,)),
    ),
    LogGroup: (
        looking("logs:DescribeLogGroups", on=(arn.ANY_LOG_GROUP,)),
        looking("logs:ListTagsForResource", on=(arn.LOG_GROUPS,)),
        Need(
            BUILD,
            ("logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"),
            (arn.LOG_GROUPS,),
        ),
        Need(REMOVE, ("logs:DeleteLogGroup",), (arn.LOG_GROUPS,)),
        Need(MEND, ("logs:TagResource", "logs:UntagResource"), (arn.LOG_GROUPS,)),
    ),
    FlowLog: (
        looking("ec2:DescribeFlowLogs"),
        *making("CreateFlowLogs", "vpc-flow-log", inside=("vpc",)),
        *tagging("vpc-flow-log"),
        Need(BUILD, ("iam:PassRole",), (arn.FLOW_LOG_ROLE,), Guard.PASSED_ON),
        changing(REMOVE, "DeleteFlowLogs", on=("vpc-flow-log",)),
    ),
    Budget: (
        looking("budgets:ViewBudget", on=(arn.ANY_BUDGET,)),
        looking("budgets:ListTagsForResource", on=(arn.BUDGETS,)),
        Need(BUILD, ("budgets:ModifyBudget", "budgets:TagResource"), (arn.BUDGETS,)),
        Need(REMOVE, ("budgets:ModifyBudget",), (arn.BUDGETS,)),
        Need(MEND, ("budgets:TagResource", "budgets:UntagResource"), (arn.BUDGETS,)),
    ),
    Parameter: (
        looking("ssm:DescribeParameters"),
        looking("ssm:GetParameters", "ssm:ListTagsForResource", on=(arn.PARAMETERS,)),
        Need(
            BUILD,
            ("ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter"),
            (arn.PARAMETERS,),
        ),
        Need(REMOVE, ("ssm:DeleteParameter",), (arn.PARAMETERS,)),
        Need(MEND, ("ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"), (arn.PARAMETERS,)),
    ),
}
"""By spec, what handling resources of that kind needs."""
