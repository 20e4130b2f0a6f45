"""What others still need is not deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.plain import Client, account
from tests.support.strict_account import refused


def vpc(ec2: Client, cidr: str = "10.0.0.0/24") -> str:
    return str(ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"])


def subnet(ec2: Client, vpc_id: str) -> str:
    return str(ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"])


def group(ec2: Client, vpc_id: str, name: str) -> str:
    return str(ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc_id)["GroupId"])


def default(ec2: Client, vpc_id: str, listing: str, key: str) -> dict[str, str]:
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    found: list[dict[str, str]] = getattr(ec2, listing)(Filters=of_vpc)[key]
    return found[0]


def with_internet_gateway(ec2: Client, vpc_id: str) -> str:
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    return str(gateway)


def with_endpoint(ec2: Client, vpc_id: str, *tables: str) -> str:
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc_id,
        ServiceName="com.amazonaws.us-east-1.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=list(tables),
    )
    return str(endpoint["VpcEndpoint"]["VpcEndpointId"])


def with_nat_gateway(ec2: Client, subnet_id: str) -> str:
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet_id, AllocationId=address)["NatGateway"]
    return str(gateway["NatGatewayId"])


def test_a_subnet_with_a_network_interface_stays() -> None:
    with account("ec2") as ec2:
        inside = subnet(ec2, vpc(ec2))
        made = ec2.create_network_interface(SubnetId=inside)["NetworkInterface"]
        with refused("DependencyViolation", f"The subnet '{inside}' has dependencies"):
            ec2.delete_subnet(SubnetId=inside)
        ec2.delete_network_interface(NetworkInterfaceId=made["NetworkInterfaceId"])
        ec2.delete_subnet(SubnetId=inside)


def test_a_subnet_stays_until_its_nat_gateway_is_deleted() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        with_internet_gateway(ec2, network)
        inside = subnet(ec2, network)
        gateway = with_nat_gateway(ec2, inside)
        with refused("DependencyViolation"):
            ec2.delete_subnet(SubnetId=inside)
        ec2.delete_nat_gateway(NatGatewayId=gateway)
        ec2.describe_nat_gateways()
        ec2.delete_subnet(SubnetId=inside)


def test_without_the_rule_a_subnet_goes_from_under_its_interfaces() -> None:
    with account("ec2", "subnet-in-use") as ec2:
        inside = subnet(ec2, vpc(ec2))
        ec2.create_network_interface(SubnetId=inside)
        ec2.delete_subnet(SubnetId=inside)


def test_the_default_group_is_not_deleted() -> None:
    with account("ec2") as ec2:
        mine = default(ec2, vpc(ec2), "describe_security_groups", "SecurityGroups")
        with refused("CannotDelete", "cannot be deleted by a user"):
            ec2.delete_security_group(GroupId=mine["GroupId"])


def test_without_the_rule_the_default_group_is_deleted() -> None:
    with account("ec2", "default-group-stays") as ec2:
        mine = default(ec2, vpc(ec2), "describe_security_groups", "SecurityGroups")
        ec2.delete_security_group(GroupId=mine["GroupId"])


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_group_that_another_group_names_stays_until_the_rule_is_revoked(direction: str) -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        named, naming = group(ec2, network, "named"), group(ec2, network, "naming")
        permission = {
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 80,
            "UserIdGroupPairs": [{"GroupId": named}],
        }
        authorize = getattr(ec2, f"authorize_security_group_{direction}")
        authorize(GroupId=naming, IpPermissions=[permission])
        with refused("DependencyViolation", f"resource {named} has a dependent object"):
            ec2.delete_security_group(GroupId=named)
        revoke = getattr(ec2, f"revoke_security_group_{direction}")
        revoke(GroupId=naming, IpPermissions=[permission])
        ec2.delete_security_group(GroupId=named)


def test_a_group_that_names_only_itself_is_deleted() -> None:
    with account("ec2") as ec2:
        alone = group(ec2, vpc(ec2), "alone")
        itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": alone}]}
        ec2.authorize_security_group_ingress(GroupId=alone, IpPermissions=[itself])
        ec2.delete_security_group(GroupId=alone)


def test_a_group_on_an_interface_stays() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        worn = group(ec2, network, "worn")
        ec2.create_network_interface(SubnetId=subnet(ec2, network), Groups=[worn])
        with refused("DependencyViolation"):
            ec2.delete_security_group(GroupId=worn)


def test_without_the_rule_a_group_in_use_is_deleted() -> None:
    with account("ec2", "group-in-use") as ec2:
        network = vpc(ec2)
        worn = group(ec2, network, "worn")
        ec2.create_network_interface(SubnetId=subnet(ec2, network), Groups=[worn])
        ec2.delete_security_group(GroupId=worn)


def test_the_main_route_table_is_not_deleted() -> None:
    with account("ec2") as ec2:
        main = default(ec2, vpc(ec2), "describe_route_tables", "RouteTables")["RouteTableId"]
        with refused("DependencyViolation", f"The routeTable '{main}' has dependencies"):
            ec2.delete_route_table(RouteTableId=main)


def test_without_the_rule_the_main_route_table_is_deleted() -> None:
    with account("ec2", "main-route-table-stays") as ec2:
        main = default(ec2, vpc(ec2), "describe_route_tables", "RouteTables")["RouteTableId"]
        ec2.delete_route_table(RouteTableId=main)


def test_a_route_table_with_an_association_stays() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        table = ec2.create_route_table(VpcId=network)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet(ec2, network))
        with refused("DependencyViolation"):
            ec2.delete_route_table(RouteTableId=table)


def test_a_route_table_goes_before_its_endpoint_which_can_still_go() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        table = ec2.create_route_table(VpcId=network)["RouteTable"]["RouteTableId"]
        endpoint = with_endpoint(ec2, network, table)
        ec2.delete_route_table(RouteTableId=table)
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_the_default_network_acl_is_not_deleted() -> None:
    with account("ec2") as ec2:
        acl = default(ec2, vpc(ec2), "describe_network_acls", "NetworkAcls")["NetworkAclId"]
        with refused("InvalidParameterValue", "cannot delete default network ACL"):
            ec2.delete_network_acl(NetworkAclId=acl)


def test_without_the_rule_the_default_network_acl_is_deleted() -> None:
    with account("ec2", "default-network-acl-stays") as ec2:
        acl = default(ec2, vpc(ec2), "describe_network_acls", "NetworkAcls")["NetworkAclId"]
        ec2.delete_network_acl(NetworkAclId=acl)


def peered(ec2: Client, network: str) -> None:
    asked = ec2.create_vpc_peering_connection(VpcId=network, PeerVpcId=vpc(ec2, "10.1.0.0/24"))
    peering = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)


FILL: dict[str, Callable[[Any, str], object]] = {
    "subnet": subnet,
    "group": lambda ec2, network: group(ec2, network, "custom"),
    "route table": lambda ec2, network: ec2.create_route_table(VpcId=network),
    "network ACL": lambda ec2, network: ec2.create_network_acl(VpcId=network),
    "internet gateway": with_internet_gateway,
    "egress-only internet gateway": lambda ec2, network: ec2.create_egress_only_internet_gateway(
        VpcId=network
    ),
    "endpoint": with_endpoint,
    "peering": peered,
}


@pytest.mark.parametrize("kind", FILL)
def test_a_vpc_with_anything_but_its_defaults_stays(kind: str) -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        FILL[kind](ec2, network)
        with refused("DependencyViolation", f"The vpc '{network}' has dependencies"):
            ec2.delete_vpc(VpcId=network)


@pytest.mark.parametrize("kind", sorted(FILL.keys() - {"subnet", "route table"}))
def test_without_the_rule_a_vpc_goes_from_under_what_it_holds(kind: str) -> None:
    with account("ec2", "vpc-in-use") as ec2:
        network = vpc(ec2)
        FILL[kind](ec2, network)
        ec2.delete_vpc(VpcId=network)


def test_a_vpc_goes_with_all_its_defaults() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        ec2.delete_vpc(VpcId=network)
        of_vpc = [{"Name": "vpc-id", "Values": [network]}]
        assert ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"] == []
        assert ec2.describe_route_tables(Filters=of_vpc)["RouteTables"] == []
        assert ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"] == []


def test_without_the_rule_a_vpc_leaves_its_network_acl_behind() -> None:
    with account("ec2", "default-network-acl-dies-with-its-vpc") as ec2:
        network = vpc(ec2)
        ec2.delete_vpc(VpcId=network)
        of_vpc = [{"Name": "vpc-id", "Values": [network]}]
        assert len(ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"]) == 1
