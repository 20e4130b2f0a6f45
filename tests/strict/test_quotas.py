"""Quotas: the one too many is refused with the code of its kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.strict_account import refused
from tests.support.strict_calls import refusal, strict_account
from umetrics.sandbox.strict import Settings
from umetrics.sandbox.strict.world import Quotas

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import IpRangeTypeDef

ENDPOINT = "com.amazonaws.us-east-1.s3"
LOW = Settings(
    quotas=Quotas(
        vpcs=2,  # the default VPC counts
        internet_gateways=2,
        addresses=2,
        subnets_per_vpc=1,
        route_tables_per_vpc=2,  # so does the main route table
        security_groups=3,  # and so do the default groups of both VPCs
        gateway_endpoints=1,
    )
)

CASES: tuple[tuple[str, str, Callable[[EC2Client, str], object]], ...] = (
    ("vpc", "VpcLimitExceeded", lambda ec2, _: ec2.create_vpc(CidrBlock="10.9.0.0/24")),
    (
        "internet-gateway",
        "InternetGatewayLimitExceeded",
        lambda ec2, _: ec2.create_internet_gateway(),
    ),
    ("address", "AddressLimitExceeded", lambda ec2, _: ec2.allocate_address(Domain="vpc")),
    (
        "subnet",
        "SubnetLimitExceeded",
        lambda ec2, vpc: ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.32/27"),
    ),
    ("route-table", "RouteTableLimitExceeded", lambda ec2, vpc: ec2.create_route_table(VpcId=vpc)),
    (
        "security-group",
        "SecurityGroupLimitExceeded",
        lambda ec2, vpc: ec2.create_security_group(VpcId=vpc, GroupName="b", Description="b"),
    ),
)


def fill(ec2: EC2Client) -> str:
    """As much as `LOW` allows; the id of the VPC."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    ec2.create_internet_gateway()
    ec2.create_internet_gateway()
    ec2.allocate_address(Domain="vpc")
    ec2.allocate_address(Domain="vpc")
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27")
    ec2.create_route_table(VpcId=vpc)
    ec2.create_security_group(VpcId=vpc, GroupName="a", Description="a")
    return vpc


@pytest.mark.parametrize(("kind", "code", "create"), CASES, ids=[each[0] for each in CASES])
def test_one_more_than_the_quota_is_refused(
    kind: str, code: str, create: Callable[[EC2Client, str], object]
) -> None:
    with strict_account(LOW) as account:
        vpc = fill(account.ec2)
        assert refusal(lambda: create(account.ec2, vpc)) == (code, 400)


@pytest.mark.parametrize(("kind", "code", "create"), CASES, ids=[each[0] for each in CASES])
def test_without_the_rule_there_is_no_quota(
    kind: str, code: str, create: Callable[[EC2Client, str], object]
) -> None:
    with strict_account(LOW, without=[f"{kind}-quota"]) as account:
        create(account.ec2, fill(account.ec2))


def gateway_ground(ec2: EC2Client) -> tuple[str, str]:
    """A subnet in each of two zones, of a VPC that can have NAT gateways."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    first = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27", AvailabilityZone="us-east-1a")[
        "Subnet"
    ]["SubnetId"]
    second = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.32/27", AvailabilityZone="us-east-1b")[
        "Subnet"
    ]["SubnetId"]
    return first, second


def nat_gateway(ec2: EC2Client, subnet: str) -> dict[str, Any]:
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
    return dict(made)


ONE_NAT = Settings(nat_deleting=60, quotas=Quotas(nat_gateways_per_zone=1))


def test_nat_gateways_are_counted_by_zone_and_while_they_are_deleting() -> None:
    with strict_account(ONE_NAT) as account:
        ec2 = account.ec2
        first, second = gateway_ground(ec2)
        made = nat_gateway(ec2, first)["NatGatewayId"]
        full = ("NatGatewayLimitExceeded", 400)
        assert refusal(lambda: nat_gateway(ec2, first)) == full
        nat_gateway(ec2, second)
        ec2.delete_nat_gateway(NatGatewayId=made)
        assert refusal(lambda: nat_gateway(ec2, first)) == full
        account.clock.now = 61
        nat_gateway(ec2, first)


def test_without_the_rule_a_zone_has_as_many_nat_gateways_as_one_likes() -> None:
    with strict_account(ONE_NAT, without=["nat-gateway-quota"]) as account:
        first, _ = gateway_ground(account.ec2)
        nat_gateway(account.ec2, first)
        nat_gateway(account.ec2, first)


def endpoint(ec2: EC2Client) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=ENDPOINT, VpcEndpointType="Gateway", RouteTableIds=[table]
    )


ONE_ENDPOINT = Settings(quotas=Quotas(gateway_endpoints=1))


def test_one_gateway_endpoint_more_than_the_quota_is_refused() -> None:
    with strict_account(ONE_ENDPOINT) as account:
        endpoint(account.ec2)
        assert refusal(lambda: endpoint(account.ec2)) == ("VpcEndpointLimitExceeded", 400)


def test_without_the_rule_there_are_as_many_endpoints_as_one_likes() -> None:
    with strict_account(ONE_ENDPOINT, without=["vpc-endpoint-quota"]) as account:
        endpoint(account.ec2)
        endpoint(account.ec2)


def authorize(ec2: EC2Client, group: str, *cidrs: str) -> None:
    ranges: list[IpRangeTypeDef] = [{"CidrIp": cidr} for cidr in cidrs]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": ranges}],
    )


def group_of(ec2: EC2Client) -> str:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    return ec2.create_security_group(VpcId=vpc, GroupName="a", Description="a")["GroupId"]


TWO_RULES = Settings(quotas=Quotas(rules_per_group_and_direction=2))


def test_a_call_that_gives_a_group_too_many_rules_adds_none_of_them() -> None:
    with strict_account(TWO_RULES) as account:
        ec2 = account.ec2
        group = group_of(ec2)
        authorize(ec2, group, "10.0.0.1/32")
        full = ("RulesPerSecurityGroupLimitExceeded", 400)
        assert refusal(lambda: authorize(ec2, group, "10.0.0.2/32", "10.0.0.3/32")) == full
        (permission,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0][
            "IpPermissions"
        ]
        assert permission["IpRanges"] == [{"CidrIp": "10.0.0.1/32"}]
        authorize(ec2, group, "10.0.0.2/32")


def test_without_the_rule_a_group_has_as_many_rules_as_one_likes() -> None:
    with strict_account(TWO_RULES, without=["security-group-rule-quota"]) as account:
        authorize(account.ec2, group_of(account.ec2), *(f"10.0.0.{each}/32" for each in range(9)))


ONE_ROLE = Settings(quotas=Quotas(roles=1))
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def test_one_role_more_than_the_quota_is_refused() -> None:
    with strict_account(ONE_ROLE) as account:
        account.iam.create_role(RoleName="a", AssumeRolePolicyDocument=TRUST)
        with refused("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1"):
            account.iam.create_role(RoleName="b", AssumeRolePolicyDocument=TRUST)


def test_without_the_rule_an_account_has_as_many_roles_as_one_likes() -> None:
    with strict_account(ONE_ROLE, without=["role-quota"]) as account:
        for name in "ab":
            account.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


def test_by_default_a_region_has_five_vpcs() -> None:
    with strict_account() as account:
        for each in range(4):
            account.ec2.create_vpc(CidrBlock=f"10.{each}.0.0/24")
        call = account.ec2.create_vpc
        assert refusal(lambda: call(CidrBlock="10.9.0.0/24")) == ("VpcLimitExceeded", 400)
