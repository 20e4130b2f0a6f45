"""Routes on the strict sandbox know whether they lead anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.strict_account import Clock, account, nat_gateway, network, refused
from umetrics.sandbox.strict import Settings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

SLOW = Settings(nat_pending=90, nat_deleting=60)
ANYWHERE = "0.0.0.0/0"


def states(client: EC2Client, table: str) -> dict[str, str]:
    """State by destination."""
    (found,) = client.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return {each["DestinationCidrBlock"]: each["State"] for each in found["Routes"]}


def test_a_route_to_a_nat_gateway_is_a_blackhole_from_its_deletion_on() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        made = network(client)
        gateway = nat_gateway(client, made)
        client.create_route(
            RouteTableId=made.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=gateway
        )
        assert states(client, made.table) == {"10.0.0.0/24": "active", ANYWHERE: "active"}
        client.delete_nat_gateway(NatGatewayId=gateway)
        for now in (0, 60, 60 + 3600):
            clock.now = now
            assert states(client, made.table) == {"10.0.0.0/24": "active", ANYWHERE: "blackhole"}


def test_a_route_to_an_internet_gateway_is_a_blackhole_while_it_is_detached_or_gone() -> None:
    with account() as client:
        made = network(client)
        gateway = made.internet_gateway
        client.create_route(
            RouteTableId=made.table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway
        )
        assert states(client, made.table)[ANYWHERE] == "active"
        client.detach_internet_gateway(InternetGatewayId=gateway, VpcId=made.vpc)
        assert states(client, made.table)[ANYWHERE] == "blackhole"
        client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=made.vpc)
        assert states(client, made.table)[ANYWHERE] == "active"
        client.detach_internet_gateway(InternetGatewayId=gateway, VpcId=made.vpc)
        client.delete_internet_gateway(InternetGatewayId=gateway)
        assert states(client, made.table)[ANYWHERE] == "blackhole"


def test_a_replaced_route_is_active_again() -> None:
    with account() as client:
        made = network(client)
        gone = nat_gateway(client, made)
        client.create_route(
            RouteTableId=made.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=gone
        )
        client.delete_nat_gateway(NatGatewayId=gone)
        assert states(client, made.table)[ANYWHERE] == "blackhole"
        client.replace_route(
            RouteTableId=made.table,
            DestinationCidrBlock=ANYWHERE,
            NatGatewayId=nat_gateway(client, made),
        )
        assert states(client, made.table)[ANYWHERE] == "active"


def test_without_the_rule_every_route_is_active() -> None:
    with account(without={"route-blackhole"}) as client:
        made = network(client)
        gateway = nat_gateway(client, made)
        client.create_route(
            RouteTableId=made.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=gateway
        )
        client.delete_nat_gateway(NatGatewayId=gateway)
        assert states(client, made.table)[ANYWHERE] == "active"


def test_a_nat_gateway_that_is_unknown_or_deleted_is_no_target() -> None:
    with account() as client:
        made = network(client)
        gateway = nat_gateway(client, made)
        client.delete_nat_gateway(NatGatewayId=gateway)
        for target in ("nat-0123456789abcdef0", gateway):
            with refused("InvalidNatGatewayID.NotFound", f"'{target}' does not exist"):
                client.create_route(
                    RouteTableId=made.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=target
                )
        assert ANYWHERE not in states(client, made.table)


def test_without_the_rule_a_route_to_an_unknown_gateway_is_made() -> None:
    with account(without={"route-target"}) as client:
        made = network(client)
        client.create_route(
            RouteTableId=made.table,
            DestinationCidrBlock=ANYWHERE,
            NatGatewayId="nat-0123456789abcdef0",
        )
        assert ANYWHERE in states(client, made.table)


def test_a_subnet_that_uses_a_table_is_not_associated_with_another() -> None:
    with account() as client:
        made = network(client)
        other = client.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"]
        first = client.associate_route_table(SubnetId=made.subnet, RouteTableId=made.table)
        with refused("Resource.AlreadyAssociated", other):
            client.associate_route_table(SubnetId=made.subnet, RouteTableId=other)
        client.replace_route_table_association(
            AssociationId=first["AssociationId"], RouteTableId=other
        )
        with refused("Resource.AlreadyAssociated", made.table):
            client.associate_route_table(SubnetId=made.subnet, RouteTableId=made.table)


def test_without_the_rule_the_first_association_is_answered_for_the_second() -> None:
    with account(without={"route-table-association"}) as client:
        made = network(client)
        other = client.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"]
        answers = [
            client.associate_route_table(SubnetId=made.subnet, RouteTableId=table)
            for table in (made.table, other)
        ]
        assert answers[0]["AssociationId"] == answers[1]["AssociationId"]


@pytest.mark.parametrize("stays", [False, True])
def test_an_association_goes_with_its_subnet_unless_without_the_rule(*, stays: bool) -> None:
    with account(without={"association-goes-with-its-subnet"} if stays else set()) as client:
        made = network(client)
        client.associate_route_table(SubnetId=made.subnet, RouteTableId=made.table)
        client.delete_subnet(SubnetId=made.subnet)
        (table,) = client.describe_route_tables(RouteTableIds=[made.table])["RouteTables"]
        assert bool(table["Associations"]) is stays
