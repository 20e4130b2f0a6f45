"""What of an account is looked at, one row each; a new kind is one new row.

How a kind is listed is mostly the tag audit's catalogue, which knows it already. A row adds which
fields change by themselves, with the reason: they are the whole ignore list, and a difference in
any other field is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from umetrics.audit.catalogue import KINDS as TAGGABLE
from umetrics.audit.catalogue.kind import Kind, Listing, Parameters


@dataclass(frozen=True, slots=True)
class Question:
    """One more call about each thing of a kind; what it answers at `result` becomes a field.

    The call is asked with the thing's id as `parameter`.
    """

    operation: str
    parameter: str
    result: str
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A kind, and how two looks at a thing of it are compared.

    `volatile` are fields that change by themselves: path -> why. `secret` are paths of which only
    a hash is kept, since people put passwords there. `guests` is the path of a list in which
    elements that name something of ours are ours. `named_by` are the parameters by which calls
    name a thing, or tell its ARN, where the id is a mere name; empty where ids are AWS's own.
    `asked` is what the listing does not tell.
    """

    kind: Kind
    volatile: Mapping[str, str] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()
    guests: str = ""
    named_by: tuple[str, ...] = ()
    asked: tuple[Question, ...] = ()

    @property
    def name(self) -> str:
        """Of the kind, for machines."""
        return self.kind.name


_KNOWN = {kind.name: kind for kind in TAGGABLE}


def _details(name: str, result: str, filter_: str) -> Kind:
    """A kind of IAM's with its documents: one paged call tells them all.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """
    listing = Listing("GetAccountAuthorizationDetails", result, 1000, {"Filter": [filter_]})
    return replace(_KNOWN[name], listing=listing)


STACK = Kind(
    "cloudformation-stack",
    "CloudFormation stack",
    "cloudformation",
    Listing("DescribeStacks", "Stacks"),
    "StackName",
    "arn:{partition}:cloudformation:{region}:{account}:stack/*",
    arn_at="StackId",
)


def _attribute(name: str) -> Question:
    """One of the two DNS attributes of a VPC, which no list tells."""
    return Question(
        "DescribeVpcAttribute", "VpcId", name[0].upper() + name[1:], {"Attribute": name}
    )


RESTORABLE = "moves on with every backup"
USED = "moves on whenever the role is used"

ROWS: tuple[Row, ...] = (
    Row(_KNOWN["vpc"], asked=(_attribute("enableDnsSupport"), _attribute("enableDnsHostnames"))),
    Row(
        _KNOWN["subnet"],
        {"AvailableIpAddressCount": "goes with every interface that comes and goes in it"},
    ),
    Row(_KNOWN["route-table"], guests="Associations"),
    Row(_KNOWN["internet-gateway"]),
    Row(_KNOWN["egress-only-internet-gateway"]),
    Row(_KNOWN["vpn-gateway"]),
    Row(_KNOWN["nat-gateway"]),
    Row(_KNOWN["elastic-ip"]),
    Row(_KNOWN["security-group"]),
    Row(_KNOWN["network-acl"], guests="Associations"),
    Row(_KNOWN["vpc-endpoint"]),
    Row(_KNOWN["vpc-peering-connection"]),
    Row(
        _details("iam-role", "RoleDetailList", "Role"),
        {
            "RoleLastUsed": USED,
            "InstanceProfileList.Roles.RoleLastUsed": USED,
        },
        named_by=("RoleName",),
    ),
    Row(
        _details("iam-policy", "Policies", "LocalManagedPolicy"),
        {
            "AttachmentCount": "goes with attachments, which are told of the roles",
            "PermissionsBoundaryUsageCount": "goes with boundaries, which are told of the roles",
        },
        named_by=("PolicyArn",),
    ),
    Row(
        _KNOWN["lambda-function"],
        secret=frozenset({"Environment"}),
        named_by=("FunctionName",),
    ),
    Row(
        _KNOWN["rds-cluster"],
        {
            "EarliestRestorableTime": RESTORABLE,
            "LatestRestorableTime": RESTORABLE,
            "Capacity": "goes with the load of a serverless cluster",
        },
        named_by=("DBClusterIdentifier",),
    ),
    Row(
        _KNOWN["rds-instance"],
        {"LatestRestorableTime": RESTORABLE},
        named_by=("DBInstanceIdentifier",),
    ),
    Row(_KNOWN["rds-proxy"], named_by=("DBProxyName",)),
    Row(
        STACK,
        {"DriftInformation.LastCheckTimestamp": "moves on whenever somebody looks for drift"},
        secret=frozenset({"Outputs", "Parameters"}),
        named_by=("StackName",),
    ),
)
"""In the order in which they are told."""

BY_NAME: Mapping[str, Row] = {row.name: row for row in ROWS}
