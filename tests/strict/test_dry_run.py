"""DryRun on every EC2 action: an error that says yes, and nothing done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support.strict_calls import refusal, strict_account

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

YES = ("DryRunOperation", 412)


@pytest.mark.parametrize(
    "asked",
    [
        lambda ec2: ec2.create_vpc(CidrBlock="10.0.0.0/24", DryRun=True),
        lambda ec2: ec2.create_internet_gateway(DryRun=True),
        lambda ec2: ec2.allocate_address(Domain="vpc", DryRun=True),
        lambda ec2: ec2.describe_vpcs(DryRun=True),
        lambda ec2: ec2.describe_nat_gateways(DryRun=True),
        lambda ec2: ec2.describe_route_tables(DryRun=True),
        lambda ec2: ec2.describe_availability_zones(DryRun=True),
    ],
)
def test_a_dry_run_is_answered_yes_with_412(asked: Callable[[EC2Client], object]) -> None:
    with strict_account() as account:
        assert refusal(lambda: asked(account.ec2)) == YES


def test_a_dry_run_builds_nothing() -> None:
    with strict_account() as account:
        ec2 = account.ec2
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        service = "com.amazonaws.us-east-1.s3"
        before = everything(ec2)
        for call in (
            lambda: ec2.create_vpc(CidrBlock="10.1.0.0/24", DryRun=True),
            lambda: ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.32/27", DryRun=True),
            lambda: ec2.create_route_table(VpcId=vpc, DryRun=True),
            lambda: ec2.create_route(
                RouteTableId=table,
                DestinationCidrBlock="0.0.0.0/0",
                GatewayId=gateway,
                DryRun=True,
            ),
            lambda: ec2.associate_route_table(RouteTableId=table, SubnetId=subnet, DryRun=True),
            lambda: ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, DryRun=True),
            lambda: ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, DryRun=True),
            lambda: ec2.delete_subnet(SubnetId=subnet, DryRun=True),
            lambda: ec2.delete_route_table(RouteTableId=table, DryRun=True),
            lambda: ec2.delete_vpc(VpcId=vpc, DryRun=True),
        ):
            assert refusal(call) == YES
        assert everything(ec2) == before


def test_an_action_without_the_parameter_is_carried_out() -> None:
    with strict_account() as account:
        vpc = account.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        account.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        answer = account.ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
        assert answer["EnableDnsHostnames"]["Value"]


def test_without_the_rule_a_dry_run_creates_a_vpc() -> None:
    with strict_account(without=["dry-run"]) as account:
        assert "Vpc" in account.ec2.create_vpc(CidrBlock="10.0.0.0/24", DryRun=True)


def everything(ec2: EC2Client) -> list[object]:
    return [
        ec2.describe_vpcs()["Vpcs"],
        ec2.describe_subnets()["Subnets"],
        ec2.describe_route_tables()["RouteTables"],
        ec2.describe_nat_gateways()["NatGateways"],
        ec2.describe_vpc_endpoints()["VpcEndpoints"],
    ]
