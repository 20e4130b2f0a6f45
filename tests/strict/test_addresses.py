"""Addresses in use cannot be released on the strict sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.strict_account import Clock, account, nat_gateway, network, refused
from umetrics.sandbox.strict import Settings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

SLOW = Settings(nat_pending=90, nat_deleting=60)


def on_interface(client: EC2Client, subnet: str, address: str) -> str:
    """The address, associated with an interface of its own."""
    made = client.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    answer = client.associate_address(
        AllocationId=address, NetworkInterfaceId=made["NetworkInterfaceId"]
    )
    return answer["AssociationId"]


def test_the_address_of_a_nat_gateway_is_released_only_after_the_gateway_is_deleted() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        made = network(client)
        gateway = nat_gateway(client, made)
        for now in (0, 90):
            clock.now = now
            with refused("AuthFailure", "You do not have permission"):
                client.release_address(AllocationId=made.address)
        client.delete_nat_gateway(NatGatewayId=gateway)
        clock.now = 149
        with refused("AuthFailure"):
            client.release_address(AllocationId=made.address)
        clock.now = 150
        client.release_address(AllocationId=made.address)
        assert client.describe_addresses()["Addresses"] == []


def test_it_can_be_held_a_little_longer_than_that() -> None:
    clock = Clock()
    with account(clock, Settings(address_held=10)) as client:
        made = network(client)
        client.delete_nat_gateway(NatGatewayId=nat_gateway(client, made))
        clock.now = 9
        with refused("AuthFailure"):
            client.release_address(AllocationId=made.address)
        clock.now = 10
        client.release_address(AllocationId=made.address)


def test_the_address_of_a_nat_gateway_cannot_be_put_elsewhere() -> None:
    with account() as client:
        made = network(client)
        nat_gateway(client, made)
        with refused("AuthFailure"):
            on_interface(client, made.subnet, made.address)


def test_the_address_of_a_failed_gateway_is_free() -> None:
    with account() as client:
        made = network(client, attached=False)
        nat_gateway(client, made)
        client.release_address(AllocationId=made.address)


def test_an_associated_address_is_in_use() -> None:
    with account() as client:
        made = network(client)
        association = on_interface(client, made.subnet, made.address)
        with refused("InvalidIPAddress.InUse"):
            client.release_address(AllocationId=made.address)
        client.disassociate_address(AssociationId=association)
        client.release_address(AllocationId=made.address)


def test_in_the_default_vpc_releasing_disassociates() -> None:
    with account() as client:
        address = client.allocate_address(Domain="vpc")["AllocationId"]
        subnet = client.describe_subnets()["Subnets"][0]["SubnetId"]
        on_interface(client, subnet, address)
        client.release_address(AllocationId=address)


def test_without_the_rules_anything_is_released() -> None:
    off = {"address-of-nat-gateway", "address-in-use"}
    with account(Clock(), SLOW, without=off) as client:
        made = network(client)
        nat_gateway(client, made)
        client.release_address(AllocationId=made.address)
        assert client.describe_addresses()["Addresses"] == []


def test_without_the_first_rule_the_address_of_a_gateway_is_in_use_like_any() -> None:
    with account(Clock(), SLOW, without={"address-of-nat-gateway"}) as client:
        made = network(client)
        nat_gateway(client, made)
        with refused("InvalidIPAddress.InUse"):
            client.release_address(AllocationId=made.address)


def test_an_unknown_address_is_not_found() -> None:
    with account() as client, refused("InvalidAllocationID.NotFound"):
        client.release_address(AllocationId="eipalloc-0badbad0bad")
