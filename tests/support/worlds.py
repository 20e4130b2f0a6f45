"""Everything that is in the account, as a value: two looks are equal when nothing has changed.

Read through plain boto3 clients, so that nothing of umetrics judges itself. Left out is what AWS
itself drops: deleted gateways and endpoints, and what lay in VPCs and subnets that are gone.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_budgets import BudgetsClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient

World = dict[str, str]
"""`kind/id` -> its description as canonical JSON."""

REGION = "us-east-1"
ACCOUNT = "123456789012"
GONE = frozenset({"deleted"})

EC2_KINDS = (
    ("vpc", "describe_vpcs", "Vpcs", "VpcId"),
    ("subnet", "describe_subnets", "Subnets", "SubnetId"),
    ("igw", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("rtb", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("acl", "describe_network_acls", "NetworkAcls", "NetworkAclId"),
    ("nat", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("eipalloc", "describe_addresses", "Addresses", "AllocationId"),
    ("vpce", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("sg", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("sgr", "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    ("eni", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("fl", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    ("pcx", "describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId"),
)

PARENT = {"acl": "VpcId", "eni": "SubnetId"}
"""What goes in AWS with its VPC or subnet; moto lists it for ever."""

VOLATILE = frozenset(
    {
        "CreateDate",
        "CreateTime",
        "CreationTime",
        "CreationTimestamp",
        "DefaultForAz",  # moto: whichever subnet was the first of its zone
        "DefaultVersionId",
        "LastUpdatedTime",
        "MacAddress",
        "Permissions",  # of a group: the rules are listed by themselves, in an order of their own
        "IpPermissions",
        "IpPermissionsEgress",
        "PolicyId",
        "PrivateDnsName",
        "PrivateIp",
        "PrivateIpAddress",
        "PrivateIpAddresses",
        "PublicDnsName",
        "PublicIp",
        "RoleId",
        "UpdateDate",
        "creationTime",
    }
)
"""What is another in each world that is built alike."""

AWS_ID = re.compile(r"\b([a-z]+)-[0-9a-f]{8,17}\b")


def look_around() -> World:
    """The whole account: the network of the region, roles, managed policies, logs and budgets."""
    items = (*_network(ec2()), *_access(iam()), *_log_groups(logs()), *_budgets(budgets()))
    return {f"{kind}/{id_}": _text(item) for kind, id_, item in items}


def parse(world: World) -> dict[str, Mapping[str, Any]]:
    """The descriptions again as mappings."""
    return {name: json.loads(text) for name, text in world.items()}


def tags_in(description: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a description, wherever EC2 or IAM put them."""
    listed = description.get("Tags") or description.get("TagSet") or ()
    return {tag["Key"]: tag["Value"] for tag in listed}


def shape_of(world: World) -> list[str]:
    """The world with names in the place of ids, and without what is never twice the same.

    Two worlds that were built alike have one shape; each resource too many or too few shows.
    """
    described = parse(world)
    names = {
        name.partition("/")[2]: tags_in(each).get("Name", "") for name, each in described.items()
    }

    def named(match: re.Match[str]) -> str:
        return f"{match[1]}:{names.get(match[0], '')}"

    plain = (
        f"{name.partition('/')[0]} {_text(_without_volatile(each))}"
        for name, each in described.items()
    )
    relabelled = (AWS_ID.sub(named, text).partition(" ") for text in plain)
    return sorted(f"{kind} {_text(json.loads(text))}" for kind, _, text in relabelled)


@functools.cache
def ec2() -> EC2Client:
    """A plain client: the hands of everybody who is not umetrics."""
    return _session().client("ec2")


@functools.cache
def iam() -> IAMClient:
    """The same for IAM."""
    return _session().client("iam")


@functools.cache
def logs() -> CloudWatchLogsClient:
    """The same for CloudWatch Logs."""
    return _session().client("logs")


@functools.cache
def budgets() -> BudgetsClient:
    """The same for AWS Budgets."""
    return _session().client("budgets")


@functools.cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="o", aws_secret_access_key="o", region_name=REGION)


Item = tuple[str, str, Mapping[str, Any]]


def _network(client: EC2Client) -> Iterator[Item]:
    seen: set[str] = set()
    for kind, operation, answer, id_field in EC2_KINDS:
        for each in getattr(client, operation)()[answer]:
            parent = each.get(PARENT.get(kind, ""))
            if each.get("State") in GONE or (parent and parent not in seen):
                continue
            seen.add(each[id_field])
            if kind == "acl":
                each["Associations"] = [a for a in each["Associations"] if a["SubnetId"] in seen]
            more = _vpc_attributes(client, each[id_field]) if kind == "vpc" else {}
            yield kind, each[id_field], {**each, **more}


def _vpc_attributes(client: EC2Client, vpc: str) -> Mapping[str, Any]:
    support = client.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")
    hostnames = client.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    return {**support["EnableDnsSupport"], "hostnames": hostnames["EnableDnsHostnames"]}


def _access(client: IAMClient) -> Iterator[Item]:
    """Each of the two lists of roles leaves out what the other has: description, or tags."""
    details = client.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    detailed = {each["RoleName"]: each for each in details}
    for listed in client.list_roles()["Roles"]:
        name = listed["RoleName"]
        yield "role", name, {**listed, **detailed[name]}
    for policy in client.list_policies(Scope="Local")["Policies"]:
        arn = policy["Arn"]
        version = client.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])
        document = version["PolicyVersion"]["Document"]
        yield "policy", arn, {**client.get_policy(PolicyArn=arn)["Policy"], "Document": document}


def _log_groups(client: CloudWatchLogsClient) -> Iterator[Item]:
    for group in client.describe_log_groups()["logGroups"]:
        tags = client.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
        yield "log-group", group["logGroupName"], {**group, "Tags": _pairs(tags)}


def _budgets(client: BudgetsClient) -> Iterator[Item]:
    for budget in client.describe_budgets(AccountId=ACCOUNT).get("Budgets", ()):
        name = budget["BudgetName"]
        arn = f"arn:aws:budgets::{ACCOUNT}:budget/{name}"
        tags = client.list_tags_for_resource(ResourceARN=arn)["ResourceTags"]
        yield "budget", name, {**budget, "Tags": tags, "told": subscribers_of(name)}


def subscribers_of(budget: str) -> list[tuple[float, str]]:
    """Threshold and address of everybody whom a budget tells."""
    named: Any = {"AccountId": ACCOUNT, "BudgetName": budget}
    client = budgets()
    return sorted(
        (notification["Threshold"], subscriber["Address"])
        for notification in client.describe_notifications_for_budget(**named)["Notifications"]
        for subscriber in client.describe_subscribers_for_notification(
            **named, Notification=notification
        )["Subscribers"]
    )


def _pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _text(value: object) -> str:
    return json.dumps(_ordered(value), sort_keys=True, default=str)


def _ordered(value: object) -> object:
    """Lists in an order of their own: AWS promises none."""
    if isinstance(value, Mapping):
        return {key: _ordered(each) for key, each in value.items() if key != "ResponseMetadata"}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return sorted((_ordered(each) for each in value), key=_sort_key)
    return value


def _sort_key(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _without_volatile(value: object) -> object:
    if isinstance(value, Mapping):
        return {k: _without_volatile(each) for k, each in value.items() if k not in VOLATILE}
    if isinstance(value, list):
        return [_without_volatile(each) for each in value]
    return value
