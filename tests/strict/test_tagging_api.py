"""The tagging API: all kinds of resources, ghosts of those that are gone, and tagging them."""

from __future__ import annotations

from tests.support.plain import Client, account, client
from tests.support.strict_account import Clock, refused
from tests.support.strict_account import account as strict_account
from umetrics.sandbox.strict import Settings

OURS = [{"Key": "Project", "Value": "UserMetrics"}]
BY_TAG = [{"Key": "Project", "Values": ["UserMetrics"]}]
DOCUMENT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
)
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def tagged(kind: str) -> list[dict[str, object]]:
    return [{"ResourceType": kind, "Tags": OURS}]


def build(ec2: Client) -> dict[str, str]:
    """One tagged resource of each kind that moto leaves out, by the kind in its ARN; and a VPC."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    (rule,) = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
        TagSpecifications=tagged("security-group-rule"),
    )["SecurityGroupRules"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.s3",
        TagSpecifications=tagged("vpc-endpoint"),
    )["VpcEndpoint"]
    acl = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tagged("network-acl"))["NetworkAcl"]
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))
    return {
        "elastic-ip": address["AllocationId"],
        "network-acl": acl["NetworkAclId"],
        "security-group-rule": rule["SecurityGroupRuleId"],
        "vpc": vpc,
        "vpc-endpoint": endpoint["VpcEndpointId"],
    }


def policy() -> str:
    made = client("iam").create_policy(PolicyName="emf", PolicyDocument=DOCUMENT, Tags=OURS)
    return str(made["Policy"]["Arn"])


def role() -> str:
    made = client("iam").create_role(
        RoleName="task", AssumeRolePolicyDocument=TRUST, Path="/our/", Tags=OURS
    )
    return str(made["Role"]["Arn"])


def arn(kind: str, name: str) -> str:
    return f"arn:aws:ec2:us-east-1:123456789012:{kind}/{name}"


def arns(tagging: Client, **more: object) -> set[str]:
    pages = tagging.get_paginator("get_resources").paginate(**more)
    return {each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]}


def test_all_kinds_of_ec2_and_policies_are_found_by_tag_but_no_roles() -> None:
    with account("resourcegroupstaggingapi") as tagging:
        ours = {arn(kind, name) for kind, name in build(client("ec2")).items()} | {policy()}
        role()
        assert arns(tagging, TagFilters=BY_TAG) == ours


def test_without_the_rule_the_kinds_that_moto_knows_are_found() -> None:
    with account("resourcegroupstaggingapi", "all-kinds-are-listed") as tagging:
        vpc = build(client("ec2"))["vpc"]
        policy()
        assert arns(tagging, TagFilters=BY_TAG) == {arn("vpc", vpc)}


def test_what_was_never_tagged_is_not_listed() -> None:
    with account("resourcegroupstaggingapi") as tagging:
        client("ec2").allocate_address(Domain="vpc")
        assert arns(tagging) == set()


def test_types_and_arns_narrow_the_list() -> None:
    with account("resourcegroupstaggingapi") as tagging:
        made = build(client("ec2"))
        document = policy()
        address, vpc = arn("elastic-ip", made["elastic-ip"]), arn("vpc", made["vpc"])
        assert arns(tagging, ResourceTypeFilters=["ec2:elastic-ip"]) == {address}
        assert arns(tagging, ResourceTypeFilters=["iam"]) == {document}
        assert arns(tagging, ResourceARNList=[address, vpc]) == {address, vpc}
        with refused("InvalidParameterException"):
            arns(tagging, ResourceARNList=[vpc], TagFilters=BY_TAG)


def test_policies_are_listed_in_one_region_only() -> None:
    with account("resourcegroupstaggingapi"):
        policy()
        elsewhere = client("resourcegroupstaggingapi", "eu-west-1")
        assert arns(elsewhere) == set()


def test_resources_come_in_pages() -> None:
    with account("resourcegroupstaggingapi") as tagging:
        build(client("ec2"))
        first = tagging.get_resources(ResourcesPerPage=2)
        assert len(first["ResourceTagMappingList"]) == 2
        assert len(arns(tagging, PaginationConfig={"PageSize": 2})) == 5
        with refused("PaginationTokenExpiredException"):
            tagging.get_resources(PaginationToken="bm90aGluZw==")
        with refused("InvalidParameterException"):
            tagging.get_resources(ResourcesPerPage=101)


def test_keys_and_values_of_all_kinds_are_listed_once() -> None:
    with account("resourcegroupstaggingapi") as tagging:
        ec2 = client("ec2")
        for value in ("one", "one", "two"):
            tags = [{"Key": "Owner", "Value": value}]
            specification = [{"ResourceType": "elastic-ip", "Tags": tags}]
            ec2.allocate_address(Domain="vpc", TagSpecifications=specification)
        assert tagging.get_tag_keys()["TagKeys"] == ["Owner"]
        assert tagging.get_tag_values(Key="Owner")["TagValues"] == ["one", "two"]


def test_without_the_rule_keys_of_addresses_are_not_listed() -> None:
    with account("resourcegroupstaggingapi", "all-keys-are-listed") as tagging:
        client("ec2").allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))
        assert tagging.get_tag_keys()["TagKeys"] == []


def release(clock: Clock, *without: str) -> tuple[set[str], set[str]]:
    """What is listed nine seconds after an address was released, and ten seconds after."""
    with strict_account(clock, Settings(ghosts=10), without=without) as ec2:
        tagging = client("resourcegroupstaggingapi")
        made = client("ec2").allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))
        ec2.release_address(AllocationId=made["AllocationId"])
        clock.now += 9
        soon = arns(tagging, TagFilters=BY_TAG)
        clock.now += 1
        return soon, arns(tagging)


def test_a_released_address_is_listed_as_long_as_ghosts_walk() -> None:
    soon, later = release(Clock())
    assert [each.split("/")[0] for each in soon] == [arn("elastic-ip", "").rstrip("/")]
    assert later == set()


def test_without_the_rule_there_are_no_ghosts() -> None:
    assert release(Clock(), "deleted-resources-are-listed") == (set(), set())


def test_every_kind_is_tagged_and_untagged_and_failures_are_told_one_by_one() -> None:
    with account("resourcegroupstaggingapi") as tagging:
        made = build(client("ec2"))
        there = [arn(kind, name) for kind, name in made.items()] + [policy(), role()]
        gone = arn("elastic-ip", "eipalloc-0123456789abcdef0")
        answer = tagging.tag_resources(ResourceARNList=[*there, gone], Tags={"Owner": "us"})
        assert list(answer["FailedResourcesMap"]) == [gone]
        assert answer["FailedResourcesMap"][gone]["ErrorCode"] == "InvalidParameterException"
        assert arns(tagging, TagFilters=[{"Key": "Owner"}]) == set(there[:-1])
        tags = client("iam").list_role_tags(RoleName="task")["Tags"]
        assert {"Key": "Owner", "Value": "us"} in tags
        answer = tagging.untag_resources(ResourceARNList=there, TagKeys=["Owner"])
        assert answer["FailedResourcesMap"] == {}
        assert arns(tagging, TagFilters=[{"Key": "Owner"}]) == set()
        assert client("iam").list_role_tags(RoleName="task")["Tags"] == OURS


def test_one_tag_too_many_fails_with_the_code_of_the_service() -> None:
    with account("resourcegroupstaggingapi") as tagging:
        name = arn("vpc", build(client("ec2"))["vpc"])
        fifty = {f"key-{number}": "" for number in range(50)}
        answer = tagging.tag_resources(ResourceARNList=[name], Tags=fifty)
        assert answer["FailedResourcesMap"][name]["ErrorCode"] == "TagLimitExceeded"


def test_without_the_rule_what_is_not_there_is_tagged_and_roles_are_not() -> None:
    with account("resourcegroupstaggingapi", "tagging-one-by-one") as tagging:
        client("ec2").describe_vpcs()  # moto looks only where somebody was before
        gone, task = arn("elastic-ip", "eipalloc-0123456789abcdef0"), role()
        answer = tagging.tag_resources(ResourceARNList=[gone, task], Tags={"Owner": "us"})
        assert list(answer["FailedResourcesMap"]) == [task]


def test_compliance_needs_an_organization() -> None:
    with account("resourcegroupstaggingapi") as tagging, refused("ConstraintViolationException"):
        tagging.get_compliance_summary()


def test_without_the_rule_compliance_is_not_served() -> None:
    with (
        account("resourcegroupstaggingapi", "compliance-needs-an-organization") as tagging,
        refused("NotImplemented", "GetComplianceSummary"),
    ):
        tagging.get_compliance_summary()
