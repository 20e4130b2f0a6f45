"""AWS's ways of reading and writing tags, behind one face: `TAGGERS`, by way.

Each speaks of resources by `name`: an id, a role's name or an ARN. Nothing here waits or decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from umetrics.audit.repair.batch import Way
from umetrics.audit.repair.change import Change
from umetrics.audit.repair.presence import told_by_their_lists
from umetrics.audit.tag_lookup import Told
from umetrics.aws.translation import refusal
from umetrics.errors import AwsError, NotFound
from umetrics.provision.resources import ec2, iam
from umetrics.tags import Tags

if TYPE_CHECKING:
    from umetrics.aws import Aws

IDS_IN_A_FILTER = 200
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html."""

ARNS_IN_A_QUESTION = 100
"""https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html."""

DESCRIBED = MappingProxyType(
    {
        "acl": ("describe_network_acls", "NetworkAclIds"),
        "eipalloc": ("describe_addresses", "AllocationIds"),
        "eni": ("describe_network_interfaces", "NetworkInterfaceIds"),
        "fl": ("describe_flow_logs", "FlowLogIds"),
        "i": ("describe_instances", "InstanceIds"),
        "igw": ("describe_internet_gateways", "InternetGatewayIds"),
        "lt": ("describe_launch_templates", "LaunchTemplateIds"),
        "nat": ("describe_nat_gateways", "NatGatewayIds"),
        "pcx": ("describe_vpc_peering_connections", "VpcPeeringConnectionIds"),
        "rtb": ("describe_route_tables", "RouteTableIds"),
        "sg": ("describe_security_groups", "GroupIds"),
        "sgr": ("describe_security_group_rules", "SecurityGroupRuleIds"),
        "snap": ("describe_snapshots", "SnapshotIds"),
        "subnet": ("describe_subnets", "SubnetIds"),
        "vol": ("describe_volumes", "VolumeIds"),
        "vpc": ("describe_vpcs", "VpcIds"),
        "vpce": ("describe_vpc_endpoints", "VpcEndpointIds"),
    }
)
"""By the beginning of an id, the operation that knows it, and what that calls ids."""

Failures = Mapping[str, AwsError]
"""What AWS refused, by name, in an answer that is itself a success."""

T = TypeVar("T")


class Tagger(Protocol):
    """One way of tagging, in one place."""

    def __init__(self, aws: Aws) -> None: ...

    def name(self, change: Change) -> str:
        """What the calls call a resource."""
        ...

    def tags(self, changes: Sequence[Change]) -> Mapping[str, Told]:
        """The tags as they are now, by name; None for what is gone for certain.

        An error where that is not known.
        """
        ...

    def put(self, names: Sequence[str], tags: Tags) -> Failures:
        """Set tags on all of them. Raises `AwsError` where the call failed as a whole."""
        ...

    def take(self, names: Sequence[str], keys: Sequence[str]) -> Failures:
        """Take tags away from all of them. Raises as `put` does."""
        ...


@dataclass(frozen=True, slots=True)
class Ec2Tagger:
    """CreateTags and DeleteTags: all of it, or an error that names what does not exist."""

    aws: Aws

    def name(self, change: Change) -> str:
        """The id."""
        return change.id

    def tags(self, changes: Sequence[Change]) -> dict[str, Told]:
        """By DescribeTags, which does not tell what is gone from what has no tags.

        Where that makes a difference, it is asked for.
        """
        found: dict[str, dict[str, str]] = {change.id: {} for change in changes}
        for ids in parts([change.id for change in changes], IDS_IN_A_FILTER):
            pages = self.aws.ec2.get_paginator("describe_tags").paginate(
                Filters=ec2.filters(resource_id=ids), PaginationConfig={"PageSize": 1000}
            )
            for tag in (tag for page in pages for tag in page["Tags"]):
                found[tag["ResourceId"]][tag["Key"]] = tag["Value"]
        lost = {each.id for each in changes if each.tags and not found[each.id]}
        return {id: self._bare(id) if id in lost else found[id] for id in found}

    def _bare(self, id: str) -> Told:
        """By the description of its kind; what cannot be asked for is left alone as it is."""
        operation, parameter = DESCRIBED.get(id.rpartition("-")[0], ("", ""))
        if not operation:
            return {}
        try:
            answer = getattr(self.aws.ec2, operation)(**{parameter: [id]})
        except NotFound:
            return None
        except AwsError as error:
            return error
        return {} if any(isinstance(each, list) and each for each in answer.values()) else None

    def put(self, names: Sequence[str], tags: Tags) -> Failures:
        """One CreateTags."""
        self.aws.ec2.create_tags(Resources=names, Tags=ec2.tag_list(tags))
        return {}

    def take(self, names: Sequence[str], keys: Sequence[str]) -> Failures:
        """One DeleteTags."""
        self.aws.ec2.delete_tags(Resources=names, Tags=[{"Key": key} for key in keys])
        return {}


@dataclass(frozen=True, slots=True)
class RoleTagger:
    """A role at a time, by its name."""

    aws: Aws

    def name(self, change: Change) -> str:
        """The last part of the ARN: a role's id in receipts is its unique one."""
        return change.arn.rpartition("/")[2]

    def tags(self, changes: Sequence[Change]) -> dict[str, Told]:
        """By ListRoleTags."""
        pages = self.aws.iam.get_paginator("list_role_tags").paginate
        return {name: _listed(pages(RoleName=name)) for name in map(self.name, changes)}

    def put(self, names: Sequence[str], tags: Tags) -> Failures:
        """A TagRole each."""
        for name in names:
            self.aws.iam.tag_role(RoleName=name, Tags=iam.tag_list(tags))
        return {}

    def take(self, names: Sequence[str], keys: Sequence[str]) -> Failures:
        """An UntagRole each."""
        for name in names:
            self.aws.iam.untag_role(RoleName=name, TagKeys=keys)
        return {}


@dataclass(frozen=True, slots=True)
class PolicyTagger:
    """A customer's policy at a time, by its ARN."""

    aws: Aws

    def name(self, change: Change) -> str:
        """The ARN."""
        return change.arn

    def tags(self, changes: Sequence[Change]) -> dict[str, Told]:
        """By ListPolicyTags."""
        pages = self.aws.iam.get_paginator("list_policy_tags").paginate
        return {change.arn: _listed(pages(PolicyArn=change.arn)) for change in changes}

    def put(self, names: Sequence[str], tags: Tags) -> Failures:
        """A TagPolicy each."""
        for name in names:
            self.aws.iam.tag_policy(PolicyArn=name, Tags=iam.tag_list(tags))
        return {}

    def take(self, names: Sequence[str], keys: Sequence[str]) -> Failures:
        """An UntagPolicy each."""
        for name in names:
            self.aws.iam.untag_policy(PolicyArn=name, TagKeys=keys)
        return {}


def _listed(pages: Iterable[Mapping[str, Any]]) -> Tags | None:
    try:
        return {key: value for page in pages for key, value in iam.tags_of(page).items()}
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class BudgetTagger:
    """A budget at a time, by its ARN: the tagging API knows none.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_TagResource.html
    """

    aws: Aws

    def name(self, change: Change) -> str:
        """The ARN."""
        return change.arn

    def tags(self, changes: Sequence[Change]) -> dict[str, Told]:
        """By ListTagsForResource."""
        return {change.arn: self._tags(change.arn) for change in changes}

    def _tags(self, arn: str) -> Tags | None:
        try:
            answer = self.aws.budgets.list_tags_for_resource(ResourceARN=arn)
        except NotFound:
            return None
        return {tag["Key"]: tag["Value"] for tag in answer.get("ResourceTags", ())}

    def put(self, names: Sequence[str], tags: Tags) -> Failures:
        """A TagResource each."""
        for name in names:
            self.aws.budgets.tag_resource(
                ResourceARN=name,
                ResourceTags=[{"Key": key, "Value": value} for key, value in tags.items()],
            )
        return {}

    def take(self, names: Sequence[str], keys: Sequence[str]) -> Failures:
        """An UntagResource each."""
        for name in names:
            self.aws.budgets.untag_resource(ResourceARN=name, ResourceTagKeys=keys)
        return {}


@dataclass(frozen=True, slots=True)
class ApiTagger:
    """The tagging API, for all other services: what fails is told ARN by ARN.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_FailureInfo.html
    """

    aws: Aws

    def name(self, change: Change) -> str:
        """The ARN."""
        return change.arn

    def tags(self, changes: Sequence[Change]) -> dict[str, Told]:
        """By GetResources, which lists what has tags.

        Of what had some and is not listed, its own service is asked.
        """
        found: dict[str, Told] = {change.arn: {} for change in changes}
        listed: set[str] = set()
        for arns in parts([change.arn for change in changes], ARNS_IN_A_QUESTION):
            answer = self.aws.tagging.get_resources(ResourceARNList=arns)
            for each in answer["ResourceTagMappingList"]:
                found[each["ResourceARN"]] = ec2.tags_of(each)
                listed.add(each["ResourceARN"])
        lost = {change.arn for change in changes if change.tags} - listed
        return found | told_by_their_lists(self.aws, changes[0].place.account, sorted(lost))

    def put(self, names: Sequence[str], tags: Tags) -> Failures:
        """One TagResources."""
        return _failures(self.aws.tagging.tag_resources(ResourceARNList=names, Tags=tags))

    def take(self, names: Sequence[str], keys: Sequence[str]) -> Failures:
        """One UntagResources."""
        return _failures(self.aws.tagging.untag_resources(ResourceARNList=names, TagKeys=keys))


def _failures(answer: Mapping[str, Any]) -> Failures:
    return {
        arn: refusal(
            each.get("ErrorCode", ""), each.get("ErrorMessage", ""), "tagging:TagResources"
        )
        for arn, each in answer.get("FailedResourcesMap", {}).items()
    }


def parts(names: Sequence[T], most: int) -> Iterator[list[T]]:
    """The names, at most so many at a time."""
    return (list(names[at : at + most]) for at in range(0, len(names), most))


TAGGERS: Mapping[Way, type[Tagger]] = MappingProxyType(
    {
        Way.EC2: Ec2Tagger,
        Way.ROLE: RoleTagger,
        Way.POLICY: PolicyTagger,
        Way.BUDGET: BudgetTagger,
        Way.TAGGING_API: ApiTagger,
    }
)
