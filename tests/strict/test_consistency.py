"""Eventual consistency: what was made a moment ago is not there yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.strict_calls import StrictAccount, refusal, strict_account
from umetrics.sandbox.strict import Settings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

SLOW = Settings(eventual=2.0)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
PERMISSIONS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


def old_vpc(account: StrictAccount) -> str:
    """One that everybody sees."""
    vpc = account.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    account.clock.now += 2
    return vpc


def test_a_new_vpc_is_not_found_until_its_time_has_come() -> None:
    with strict_account(SLOW) as account:
        ec2 = account.ec2
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        account.clock.now = 1.9
        calls = (
            lambda: ec2.describe_vpcs(VpcIds=[vpc]),
            lambda: ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport"),
            lambda: ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27"),
            lambda: ec2.create_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "b"}]),
            lambda: ec2.delete_vpc(VpcId=vpc),
        )
        assert {refusal(call) for call in calls} == {("InvalidVpcID.NotFound", 400)}
        assert vpc not in [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]]
        account.clock.now = 2
        assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        assert vpc in [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]]


def test_a_filter_finds_a_new_subnet_later() -> None:
    with strict_account(SLOW) as account:
        vpc = old_vpc(account)
        account.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27")
        assert subnets_of(account.ec2, vpc) == 0
        account.clock.now += 2
        assert subnets_of(account.ec2, vpc) == 1


def test_every_kind_has_its_own_way_of_not_being_there() -> None:
    with strict_account(SLOW) as account:
        ec2, vpc = account.ec2, old_vpc(account)
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        assert (
            refusal(lambda: ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc))[0]
            == "InvalidInternetGatewayID.NotFound"
        )
        account.clock.now += 2
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        group = ec2.create_security_group(VpcId=vpc, GroupName="a", Description="a")["GroupId"]
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        refusals = [
            refusal(lambda: ec2.describe_subnets(SubnetIds=[subnet])),
            refusal(lambda: ec2.describe_route_tables(RouteTableIds=[table])),
            refusal(lambda: ec2.describe_security_groups(GroupIds=[group])),
            refusal(lambda: ec2.describe_addresses(AllocationIds=[address])),
        ]
        account.clock.now += 2
        nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
        refusals += [
            refusal(lambda: ec2.describe_nat_gateways(NatGatewayIds=[nat["NatGatewayId"]])),
        ]
        assert [code for code, _ in refusals] == [
            "InvalidSubnetID.NotFound",
            "InvalidRouteTableID.NotFound",
            "InvalidGroup.NotFound",
            "InvalidAllocationID.NotFound",
            "NatGatewayNotFound",
        ]


def test_a_new_group_named_inside_a_rule_is_not_found() -> None:
    with strict_account(SLOW) as account:
        ec2, vpc = account.ec2, old_vpc(account)
        old = ec2.create_security_group(VpcId=vpc, GroupName="a", Description="a")["GroupId"]
        account.clock.now += 2
        new = ec2.create_security_group(VpcId=vpc, GroupName="b", Description="b")["GroupId"]
        call = ec2.authorize_security_group_ingress
        pairs = [{"GroupId": new}]
        permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": pairs}
        assert refusal(lambda: call(GroupId=old, IpPermissions=[permission])) == (  # type: ignore[list-item]
            "InvalidGroup.NotFound",
            400,
        )


def test_a_new_role_is_no_such_entity_to_those_who_read_it() -> None:
    with strict_account(SLOW) as account:
        iam = account.iam
        iam.create_role(RoleName="new", AssumeRolePolicyDocument=TRUST)
        missing = ("NoSuchEntity", 404)
        assert refusal(lambda: iam.get_role(RoleName="new")) == missing
        assert refusal(lambda: iam.list_role_policies(RoleName="new")) == missing
        assert iam.list_roles()["Roles"] == []
        iam.put_role_policy(RoleName="new", PolicyName="p", PolicyDocument=PERMISSIONS)
        account.clock.now = 2
        assert iam.get_role(RoleName="new")["Role"]["RoleName"] == "new"
        assert len(iam.list_roles()["Roles"]) == 1


def test_a_new_policy_is_no_such_entity_to_those_who_read_it() -> None:
    with strict_account(SLOW) as account:
        iam = account.iam
        arn = iam.create_policy(PolicyName="new", PolicyDocument=PERMISSIONS)["Policy"]["Arn"]
        assert refusal(lambda: iam.get_policy(PolicyArn=arn)) == ("NoSuchEntity", 404)
        assert iam.list_policies(Scope="Local")["Policies"] == []
        account.clock.now = 2
        assert iam.get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "new"
        assert len(iam.list_policies(Scope="Local")["Policies"]) == 1


def test_by_default_everything_is_there_at_once() -> None:
    with strict_account() as account:
        vpc = account.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        assert account.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]


def test_without_the_rules_everything_is_there_at_once() -> None:
    names = ["eventual-consistency", "iam-eventual-consistency"]
    with strict_account(SLOW, without=names) as account:
        vpc = account.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        assert account.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        account.iam.create_role(RoleName="new", AssumeRolePolicyDocument=TRUST)
        assert account.iam.get_role(RoleName="new")


def subnets_of(ec2: EC2Client, vpc: str) -> int:
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    return len(ec2.describe_subnets(Filters=filters)["Subnets"])  # type: ignore[arg-type]
