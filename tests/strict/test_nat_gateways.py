"""NAT gateways take their time on the strict sandbox, and hold on to what they use meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.support.strict_account import Clock, account, nat_gateway, network, refused
from umetrics.sandbox.strict import Settings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import NatGatewayTypeDef

SLOW = Settings(nat_pending=90, nat_deleting=60)


def seen(client: EC2Client, gateway: str) -> NatGatewayTypeDef:
    (only,) = client.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
    return only


def listed(client: EC2Client) -> list[str]:
    return [each["NatGatewayId"] for each in client.describe_nat_gateways()["NatGateways"]]


def test_a_new_gateway_is_pending_and_then_available() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        gateway = nat_gateway(client, network(client))
        clock.now = 89
        assert seen(client, gateway)["State"] == "pending"
        clock.now = 90
        assert seen(client, gateway)["State"] == "available"


def test_a_new_gateway_is_answered_as_pending_even_when_nothing_takes_time() -> None:
    with account() as client:
        made = network(client)
        answer = client.create_nat_gateway(SubnetId=made.subnet, AllocationId=made.address)
        assert answer["NatGateway"]["State"] == "pending"
        assert seen(client, answer["NatGateway"]["NatGatewayId"])["State"] == "available"


def test_without_the_rule_a_gateway_is_available_at_once() -> None:
    with account(Clock(), SLOW, without={"nat-gateway-pending"}) as client:
        gateway = nat_gateway(client, network(client))
        assert seen(client, gateway)["State"] == "available"


def test_without_the_states_rule_a_gateway_stays_pending() -> None:
    clock = Clock()
    with account(clock, SLOW, without={"nat-gateway-states"}) as client:
        gateway = nat_gateway(client, network(client))
        clock.now = 1000
        assert seen(client, gateway)["State"] == "pending"


def test_without_an_internet_gateway_it_fails_with_the_reason_and_lets_go() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        made = network(client, attached=False)
        gateway = nat_gateway(client, made)
        assert seen(client, gateway)["State"] == "pending"
        assert "FailureCode" not in seen(client, gateway)
        clock.now = 90
        failed = seen(client, gateway)
        assert failed["State"] == "failed"
        assert failed["FailureCode"] == "Gateway.NotAttached"
        assert failed["FailureMessage"] == f"Network {made.vpc} has no Internet gateway attached"
        assert "AssociationId" not in client.describe_addresses()["Addresses"][0]
        assert client.describe_network_interfaces()["NetworkInterfaces"] == []


def test_a_failed_gateway_is_deleted_and_then_unlisted_by_aws_itself() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        gateway = nat_gateway(client, network(client, attached=False))
        clock.now = 90
        assert seen(client, gateway)["State"] == "failed"
        clock.now = 90 + 3600
        assert seen(client, gateway)["State"] == "deleted"
        clock.now = 90 + 7200
        assert listed(client) == []


def test_an_address_in_use_makes_a_gateway_that_fails_and_leaves_no_interface() -> None:
    with account() as client:
        made = network(client)
        first, second = nat_gateway(client, made), nat_gateway(client, made)
        failed = seen(client, second)
        assert failed["State"] == "failed"
        assert failed["FailureCode"] == "Resource.AlreadyAssociated"
        assert made.address in failed["FailureMessage"]
        assert seen(client, first)["State"] == "available"
        assert len(client.describe_network_interfaces()["NetworkInterfaces"]) == 1
        (address,) = client.describe_addresses()["Addresses"]
        assert address["AssociationId"]


def test_without_the_rule_an_address_in_use_is_refused_and_an_interface_stays_behind() -> None:
    with account(without={"nat-gateway-address-taken"}) as client:
        made = network(client)
        nat_gateway(client, made)
        with refused("Resource.AlreadyAssociated"):
            nat_gateway(client, made)
        assert len(client.describe_network_interfaces()["NetworkInterfaces"]) == 2


def test_an_unknown_address_leaves_no_interface_behind() -> None:
    with account() as client:
        made = network(client)
        with refused("InvalidAllocationID.NotFound"):
            client.create_nat_gateway(SubnetId=made.subnet, AllocationId="eipalloc-0badbad0bad")
        assert client.describe_network_interfaces()["NetworkInterfaces"] == []


def test_a_deleted_gateway_is_deleting_first_and_lets_go_only_when_it_is_deleted() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        gateway = nat_gateway(client, network(client))
        clock.now = 100
        client.delete_nat_gateway(NatGatewayId=gateway)
        clock.now = 159
        going = seen(client, gateway)
        assert going["State"] == "deleting"
        assert going["DeleteTime"] >= going["CreateTime"]
        assert client.describe_addresses()["Addresses"][0]["AssociationId"]
        assert len(client.describe_network_interfaces()["NetworkInterfaces"]) == 1
        clock.now = 160
        assert seen(client, gateway)["State"] == "deleted"
        assert "AssociationId" not in client.describe_addresses()["Addresses"][0]
        assert client.describe_network_interfaces()["NetworkInterfaces"] == []


def test_without_the_rule_deletion_is_immediate_and_the_address_stays_associated() -> None:
    with account(Clock(), SLOW, without={"nat-gateway-deletion"}) as client:
        gateway = nat_gateway(client, network(client))
        client.delete_nat_gateway(NatGatewayId=gateway)
        assert seen(client, gateway)["State"] == "deleted"
        assert client.describe_addresses()["Addresses"][0]["AssociationId"]


def test_deleting_twice_is_no_error_and_does_not_begin_again() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        gateway = nat_gateway(client, network(client))
        client.delete_nat_gateway(NatGatewayId=gateway)
        clock.now = 50
        client.delete_nat_gateway(NatGatewayId=gateway)
        clock.now = 60
        assert seen(client, gateway)["State"] == "deleted"
        client.delete_nat_gateway(NatGatewayId=gateway)
        assert seen(client, gateway)["State"] == "deleted"


def test_a_deleted_gateway_is_listed_for_an_hour_and_then_not_found() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        gateway = nat_gateway(client, network(client))
        client.delete_nat_gateway(NatGatewayId=gateway)
        clock.now = 60 + 3599
        assert listed(client) == [gateway]
        clock.now = 60 + 3600
        assert listed(client) == []
        with refused("NatGatewayNotFound", gateway):
            client.delete_nat_gateway(NatGatewayId=gateway)


def test_without_the_rule_a_deleted_gateway_is_listed_for_ever() -> None:
    clock = Clock()
    with account(clock, SLOW, without={"nat-gateway-listing"}) as client:
        gateway = nat_gateway(client, network(client))
        client.delete_nat_gateway(NatGatewayId=gateway)
        clock.now = 1e9
        assert listed(client) == [gateway]


def test_asking_for_an_unknown_gateway_is_an_error() -> None:
    with account() as client, refused("NatGatewayNotFound", "nat-0123456789abcdef0"):
        client.describe_nat_gateways(NatGatewayIds=["nat-0123456789abcdef0"])


def test_without_the_rule_an_unknown_gateway_is_an_empty_list() -> None:
    with account(without={"nat-gateway-not-found"}) as client:
        answer = client.describe_nat_gateways(NatGatewayIds=["nat-0123456789abcdef0"])
        assert answer["NatGateways"] == []


def two_tagged(client: EC2Client) -> tuple[str, str]:
    made = network(client)
    ours, theirs = nat_gateway(client, made), nat_gateway(client, made)
    client.create_tags(Resources=[ours], Tags=[{"Key": "Project", "Value": "UserMetrics"}])
    client.create_tags(Resources=[theirs], Tags=[{"Key": "Owner", "Value": "them"}])
    return ours, theirs


def test_tag_filters_are_honoured() -> None:
    with account() as client:
        ours, theirs = two_tagged(client)
        for name, value, expected in (
            ("tag:Project", "UserMetrics", [ours]),
            ("tag:Project", "User*", [ours]),
            ("tag:Project", "Other", []),
            ("tag-key", "Owner", [theirs]),
        ):
            answer = client.describe_nat_gateways(Filters=[{"Name": name, "Values": [value]}])
            assert [each["NatGatewayId"] for each in answer["NatGateways"]] == expected


def test_without_the_rule_tag_filters_are_ignored() -> None:
    with account(without={"nat-gateway-tag-filters"}) as client:
        both = two_tagged(client)
        answer = client.describe_nat_gateways(
            Filters=[{"Name": "tag:Project", "Values": ["UserMetrics"]}]
        )
        assert {each["NatGatewayId"] for each in answer["NatGateways"]} == set(both)


@pytest.mark.parametrize("off", [False, True])
def test_the_interface_says_that_it_is_a_gateways(off: bool) -> None:
    with account(without={"nat-gateway-interface"} if off else ()) as client:
        gateway = nat_gateway(client, network(client))
        (interface,) = client.describe_network_interfaces()["NetworkInterfaces"]
        assert (str(interface["InterfaceType"]) == "nat_gateway") is not off
        assert (interface["Description"] == f"Interface for NAT Gateway {gateway}") is not off
        assert (interface["Status"] == "in-use") is not off


def test_boto3s_own_waiters_understand_the_states() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        gateway = nat_gateway(client, network(client))
        clock.now = 90
        client.get_waiter("nat_gateway_available").wait(NatGatewayIds=[gateway])
        client.delete_nat_gateway(NatGatewayId=gateway)
        clock.now = 150
        client.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[gateway])


def test_an_unknown_gateway_cannot_be_deleted_and_nothing_breaks() -> None:
    with account() as client, pytest.raises(ClientError, match="NatGatewayNotFound"):
        client.delete_nat_gateway(NatGatewayId="nat-0123456789abcdef0")
