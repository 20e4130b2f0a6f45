"""What commands need besides the kinds that they handle: a table.

`sts:GetCallerIdentity` is in no table: AWS allows it to everybody, even against a policy.
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from umetrics.deployer import arn
from umetrics.deployer.need import Need, Task, checking
from umetrics.provision.resources.log_group import LogGroup
from umetrics.provision.resources.parameter import Parameter

if TYPE_CHECKING:
    from umetrics.config import Config


class Mode(StrEnum):
    """What somebody is to be able to do: commands that go together."""

    READ = "read"
    APPLY = "apply"
    DESTROY = "destroy"
    AUDIT = "audit"
    ALL = "all"

    @property
    def tasks(self) -> frozenset[Task]:
        """Whoever changes anything looks at it first, and may be told what to expect."""
        return frozenset({Task.LOOK, Task.CHECK, *_TASKS[self]})


_TASKS: dict[Mode, tuple[Task, ...]] = {
    Mode.READ: (),
    Mode.APPLY: (Task.BUILD,),
    Mode.DESTROY: (Task.REMOVE,),
    Mode.AUDIT: (Task.MEND,),
    Mode.ALL: (Task.BUILD, Task.REMOVE, Task.MEND),
}


def in_production(config: Config) -> bool:
    """Where it would be noticed."""
    return config.environment == "prod" or config.protected


OTHERS = (
    checking(
        "cloudformation:DescribeStacks",
        "codepipeline:GetPipelineState",
        "codepipeline:ListPipelines",
        "ec2:DescribeAddresses",
        "ec2:DescribeEgressOnlyInternetGateways",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeVpcs",
        "ec2:DescribeVpnGateways",
        "iam:GetAccountAuthorizationDetails",
        "iam:ListPolicyTags",
        "iam:ListRoles",
        "lambda:GetFunction",
        "lambda:ListFunctions",
        "lambda:ListTags",  # without it, GetFunction leaves the tags out
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeDBProxies",
        "rds:DescribeDBProxyTargets",
        "rds:ListTagsForResource",
    ),
)
"""What others have: looked at by `up` around its writes, and by `verify`."""

COMMANDS = (
    *OTHERS,
    checking(
        "cloudtrail:LookupEvents",  # `drift` and `verify`: who changed it last
        "sts:DecodeAuthorizationMessage",  # what EC2 says when it refuses
    ),
    # `doctor`, beside what every command looks at.
    checking(
        "ce:ListCostAllocationTags",
        "cloudtrail:DescribeTrails",
        "ec2:DescribeVpcPeeringConnections",
        "iam:GetAccountSummary",
        "servicequotas:GetServiceQuota",
        "tag:ListRequiredTags",
    ),
    checking("cloudtrail:GetTrailStatus", on=(arn.TRAILS,)),
    checking("iam:SimulatePrincipalPolicy", on=arn.PRINCIPALS),
    Need(Task.CHECK, ("wafv2:ListWebACLs",), when=in_production),
    Need(
        Task.MEND,
        (
            "ce:StartCostAllocationTagBackfill",
            "ce:UpdateCostAllocationTagsStatus",
            "ec2:DescribeTags",
        ),
    ),
)
"""What a task needs whatever is built."""

BY_TAGGING_API = (Need(Task.MEND, ("tag:GetResources", "tag:TagResources", "tag:UntagResources")),)
"""Tags of what is neither EC2's nor IAM's nor a budget are repaired through the tagging API."""

TAGGED_BY_API = frozenset({LogGroup, Parameter})
