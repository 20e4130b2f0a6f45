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
    """One more call about each thing of a kind; what it answers becomes fields of the thing.

    `answers` are fields, each by its path in the answer. The call is asked with what the thing has
    at the path `about` (its id where that is empty) as `parameter`, at most `rate` times a second.
    `withheld` are fields, by the path of the reason why AWS has left one out of its answer.
    """

    operation: str
    parameter: str
    answers: Mapping[str, str]
    parameters: Parameters = field(default_factory=dict)
    about: str = ""
    rate: float = 20.0
    withheld: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Beside:
    """Another list of the same things, read at the same time, and the fields that it alone tells.

    Things are found in it by the path of their unique id.
    """

    listing: Listing
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A kind, and how two looks at a thing of it are compared.

    `volatile` are fields that change by themselves: path -> why. `secret` are paths of which only
    a hash is kept, since people put passwords there. `ordered` are lists whose order means
    something; all others AWS may tell in any. `guests` is the path of a list in which
    elements that name something of ours are ours. `named_by` are the parameters by which calls
    name a thing, or tell its ARN, where the id is a mere name; empty where ids are AWS's own.
    `beside` is what a second list tells, `asked` what no list does.
    """

    kind: Kind
    volatile: Mapping[str, str] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()
    ordered: frozenset[str] = frozenset()
    guests: str = ""
    named_by: tuple[str, ...] = ()
    beside: Beside | None = None
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


def _tagged_by(name: str, tags: str) -> Kind:
    """A kind whose tags take a call each: here they are a field of the thing, as of any other."""
    return replace(_KNOWN[name], tags=tags)


STACK = Kind(
    "cloudformation-stack",
    "CloudFormation stack",
    "cloudformation",
    Listing("DescribeStacks", "Stacks"),
    "StackName",
    "arn:{partition}:cloudformation:{region}:{account}:stack/*",
    arn_at="StackId",
)

PIPELINE = Kind(
    "pipeline",
    "pipeline",
    "codepipeline",
    Listing("ListPipelines", "pipelines", 1000),
    "name",
    "arn:{partition}:codepipeline:{region}:{account}:{id}",
)


def _attribute(name: str) -> Question:
    """One of the two DNS attributes of a VPC, which no list tells."""
    told = name[0].upper() + name[1:]
    return Question("DescribeVpcAttribute", "VpcId", {told: told}, {"Attribute": name})


STATE, LAST_UPDATE = "State", "LastUpdateStatus"
"""Of a function: fields that its list does not tell."""

FUNCTION = Question(
    "GetFunction",
    "FunctionName",
    {
        "Tags": "Tags",
        "Concurrency": "Concurrency",
        f"Configuration.{STATE}": STATE,
        f"Configuration.{LAST_UPDATE}": LAST_UPDATE,
    },
    rate=100.0,
    withheld={"TagsError.Message": "Tags"},
)
"""All that is asked about a function, in the one call of Lambda that may be sent a hundred times a
second: GetFunctionConfiguration and ListTags share 15 with the rest of its control plane. Tags are
left out where `lambda:ListTags` is not allowed.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and
https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
"""

RUN = "goes with every run of the pipeline; the status of each stage is compared"

DNS_SERVERS = frozenset({"DomainMemberships.DnsIps"})
"""The primary one, and the secondary."""

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
        # https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html lacks them.
        beside=Beside(Listing("ListRoles", "Roles", 1000), ("Description", "MaxSessionDuration")),
    ),
    Row(
        replace(_details("iam-policy", "Policies", "LocalManagedPolicy"), tags="Tags"),
        {
            "AttachmentCount": "goes with attachments, which are told of the roles",
            "PermissionsBoundaryUsageCount": "goes with boundaries, which are told of the roles",
        },
        named_by=("PolicyArn",),
        asked=(Question("ListPolicyTags", "PolicyArn", {"Tags": "Tags"}, about="Arn"),),
    ),
    Row(
        _tagged_by("lambda-function", "Tags"),
        {
            STATE: "goes to Inactive where nobody calls the function; the ways tell it",
            LAST_UPDATE: "goes with every update, which the revision tells",
        },
        secret=frozenset({"Environment"}),
        ordered=frozenset(
            {
                "Layers",  # a later one lies over an earlier one
                "ImageConfigResponse.ImageConfig.Command",
                "ImageConfigResponse.ImageConfig.EntryPoint",
            }
        ),
        named_by=("FunctionName",),
        asked=(FUNCTION,),
    ),
    Row(
        _KNOWN["rds-cluster"],
        {
            "EarliestRestorableTime": RESTORABLE,
            "LatestRestorableTime": RESTORABLE,
            "Capacity": "goes with the load of a serverless cluster",
        },
        ordered=DNS_SERVERS,
        named_by=("DBClusterIdentifier",),
    ),
    Row(
        _KNOWN["rds-instance"],
        {"LatestRestorableTime": RESTORABLE},
        ordered=DNS_SERVERS,
        named_by=("DBInstanceIdentifier",),
    ),
    Row(
        _tagged_by("rds-proxy", "TagList"),
        named_by=("DBProxyName",),
        asked=(
            Question(
                "ListTagsForResource", "ResourceName", {"TagList": "TagList"}, about="DBProxyArn"
            ),
        ),
    ),
    Row(
        STACK,
        {"DriftInformation.LastCheckTimestamp": "moves on whenever somebody looks for drift"},
        secret=frozenset({"Outputs", "Parameters"}),
        named_by=("StackName",),
    ),
    Row(
        PIPELINE,
        {
            "stageStates.actionStates": RUN,
            "stageStates.inboundExecution": RUN,
            "stageStates.inboundExecutions": RUN,
            "stageStates.latestExecution.pipelineExecutionId": RUN,
        },
        ordered=frozenset({"stageStates"}),
        named_by=("name",),
        asked=(Question("GetPipelineState", "name", {"stageStates": "stageStates"}),),
    ),
)
"""In the order in which they are told."""

BY_NAME: Mapping[str, Row] = {row.name: row for row in ROWS}
