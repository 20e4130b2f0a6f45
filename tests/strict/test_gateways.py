"""Internet gateways: one to a VPC, and held by mapped addresses."""

from __future__ import annotations

import pytest

from tests.support.plain import Client, account
from tests.support.strict_account import refused


def vpc(ec2: Client) -> str:
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"])


def internet_gateway(ec2: Client) -> str:
    return str(ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])


def nat_gateway(ec2: Client, network: str) -> str:
    inside = ec2.create_subnet(VpcId=network, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=inside, AllocationId=address)["NatGateway"]
    return str(made["NatGatewayId"])


def test_a_vpc_takes_no_second_internet_gateway() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        ec2.attach_internet_gateway(InternetGatewayId=internet_gateway(ec2), VpcId=network)
        second = internet_gateway(ec2)
        with refused("InvalidParameterValue", f"Network {network} already has an internet gateway"):
            ec2.attach_internet_gateway(InternetGatewayId=second, VpcId=network)


def test_without_the_rule_a_vpc_has_two_internet_gateways() -> None:
    with account("ec2", "one-internet-gateway-per-vpc") as ec2:
        network = vpc(ec2)
        for _ in range(2):
            ec2.attach_internet_gateway(InternetGatewayId=internet_gateway(ec2), VpcId=network)


@pytest.mark.parametrize("again", ["to the same VPC", "to another VPC"])
def test_an_attached_gateway_says_where_it_is_attached(again: str) -> None:
    with account("ec2") as ec2:
        network, gateway = vpc(ec2), internet_gateway(ec2)
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        where = network if again == "to the same VPC" else vpc(ec2)
        words = f"resource {gateway} is already attached to network {network}"
        with refused("Resource.AlreadyAssociated", words):
            ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=where)


def test_without_the_rule_an_attached_gateway_does_not_say_where() -> None:
    with account("ec2", "attached-gateway-says-where") as ec2:
        network, gateway = vpc(ec2), internet_gateway(ec2)
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        with refused("Resource.AlreadyAssociated", "is already associated"):
            ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network)


def test_an_attached_gateway_is_not_deleted() -> None:
    with account("ec2") as ec2:
        gateway = internet_gateway(ec2)
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc(ec2))
        with refused("DependencyViolation"):
            ec2.delete_internet_gateway(InternetGatewayId=gateway)


def test_a_gateway_stays_attached_until_the_nat_gateway_is_deleted() -> None:
    with account("ec2") as ec2:
        network, gateway = vpc(ec2), internet_gateway(ec2)
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        nat = nat_gateway(ec2, network)
        with refused("DependencyViolation", f"Network {network} has some mapped public address"):
            ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        ec2.delete_nat_gateway(NatGatewayId=nat)
        ec2.describe_nat_gateways()
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network)


def test_a_gateway_stays_attached_while_an_address_is_associated() -> None:
    with account("ec2") as ec2:
        network, gateway = vpc(ec2), internet_gateway(ec2)
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        inside = ec2.create_subnet(VpcId=network, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"]
        interface = ec2.create_network_interface(SubnetId=inside)["NetworkInterface"]
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        association = ec2.associate_address(
            AllocationId=address, NetworkInterfaceId=interface["NetworkInterfaceId"]
        )["AssociationId"]
        with refused("DependencyViolation"):
            ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        ec2.disassociate_address(AssociationId=association)
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network)


def test_without_the_rule_a_gateway_is_detached_under_a_living_nat_gateway() -> None:
    with account("ec2", "mapped-addresses-hold-the-gateway") as ec2:
        network, gateway = vpc(ec2), internet_gateway(ec2)
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        nat_gateway(ec2, network)
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
