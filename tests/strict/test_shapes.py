"""CIDRs in canonical form and of an allowed size; what a subnet is born with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.plain import Client, account
from tests.support.strict_account import refused


def vpc(ec2: Client) -> str:
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"])


def test_host_bits_of_vpc_subnet_and_route_are_dropped() -> None:
    with account("ec2") as ec2:
        made = ec2.create_vpc(CidrBlock="100.68.0.18/18")["Vpc"]
        assert made["CidrBlock"] == "100.68.0.0/18"
        inside = ec2.create_subnet(VpcId=made["VpcId"], CidrBlock="100.68.0.5/24")["Subnet"]
        assert inside["CidrBlock"] == "100.68.0.0/24"
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=made["VpcId"])
        table = ec2.create_route_table(VpcId=made["VpcId"])["RouteTable"]["RouteTableId"]
        ec2.create_route(
            RouteTableId=table, DestinationCidrBlock="192.168.7.7/16", GatewayId=gateway
        )
        (shown,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
        assert "192.168.0.0/16" in [each["DestinationCidrBlock"] for each in shown["Routes"]]


def test_without_the_rule_host_bits_stay() -> None:
    with account("ec2", "canonical-cidr") as ec2:
        made = ec2.create_vpc(CidrBlock="100.68.0.18/18")["Vpc"]
        assert made["CidrBlock"] == "100.68.0.18/18"


@pytest.mark.parametrize("cidr", ["10.0.0.0/15", "10.0.0.0/29"])
def test_a_vpc_of_another_size_is_refused(cidr: str) -> None:
    with account("ec2") as ec2, refused("InvalidVpc.Range"):
        ec2.create_vpc(CidrBlock=cidr)


def test_a_subnet_smaller_than_16_addresses_is_refused() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        with refused("InvalidSubnet.Range", "The CIDR '10.0.0.0/29' is invalid"):
            ec2.create_subnet(VpcId=network, CidrBlock="10.0.0.0/29")
        ec2.create_subnet(VpcId=network, CidrBlock="10.0.0.0/28")


def test_without_the_rule_a_tiny_subnet_is_made() -> None:
    with account("ec2", "subnet-size") as ec2:
        ec2.create_subnet(VpcId=vpc(ec2), CidrBlock="10.0.0.0/29")


def test_what_is_no_cidr_is_refused() -> None:
    with account("ec2") as ec2, refused("InvalidParameterValue"):
        ec2.create_vpc(CidrBlock="10.0.0/24")


def zone_id(ec2: Client) -> str:
    return str(ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneId"])


def test_a_subnet_made_by_zone_id_gives_no_public_addresses() -> None:
    with account("ec2") as ec2:
        made = ec2.create_subnet(
            VpcId=vpc(ec2), CidrBlock="10.0.0.0/27", AvailabilityZoneId=zone_id(ec2)
        )["Subnet"]
        (shown,) = ec2.describe_subnets(SubnetIds=[made["SubnetId"]])["Subnets"]
        for each in (made, shown):
            assert (each["MapPublicIpOnLaunch"], each["DefaultForAz"]) == (False, False)


def test_without_the_rule_a_subnet_made_by_zone_id_gives_public_addresses() -> None:
    with account("ec2", "new-subnet-is-no-default") as ec2:
        made = ec2.create_subnet(
            VpcId=vpc(ec2), CidrBlock="10.0.0.0/27", AvailabilityZoneId=zone_id(ec2)
        )["Subnet"]
        assert (made["MapPublicIpOnLaunch"], made["DefaultForAz"]) == (True, True)


def https_from(cidr: str) -> dict[str, Any]:
    ranges = [{"CidrIp": cidr}]
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}


def open_group(ec2: Client, cidr: str) -> str:
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc(ec2))["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[https_from(cidr)])
    return str(group)


def test_host_bits_of_a_rule_are_dropped_and_make_no_second_rule() -> None:
    with account("ec2") as ec2:
        group = open_group(ec2, "100.68.0.18/18")
        (shown,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        assert shown["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "100.68.0.0/18"}]
        with refused("InvalidPermission.Duplicate"):
            again = [https_from("100.68.0.99/18")]
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=again)


def test_without_the_rule_host_bits_of_a_rule_stay() -> None:
    with account("ec2", "canonical-cidr-of-rules") as ec2:
        group = open_group(ec2, "100.68.0.18/18")
        (shown,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        assert shown["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "100.68.0.18/18"}]
