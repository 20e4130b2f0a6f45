"""A VPC that somebody lends: used, shown, never changed - by up, by destroy, in trouble."""

from __future__ import annotations

import re

import pytest

from tests.support.deployments import EVERY_KEY, Deployment, changes_of
from tests.support.landlord import Landlord, lend, of_others
from tests.support.worlds import World, ec2, look_around
from umetrics.errors import Blocked, ConfigurationError, Unfit
from umetrics.outputs import outputs

GIVEN = {"vpc", "internet-gateway"}
NETWORK = {
    *GIVEN,
    "subnet/public-a",
    "subnet/public-b",
    "subnet/private-a",
    "subnet/private-b",
    "route-table/public",
    "route-table/private",
    "elastic-ip/nat",
    "nat-gateway",
    "endpoint/s3",
}


@pytest.fixture
def landlord(deployment: Deployment) -> Landlord:
    lent = lend(deployment.line.clock)
    deployment.line.clock.settle()
    deployment.line.reset()
    return lent


@pytest.fixture
def before(landlord: Landlord) -> World:
    return look_around()


def calls_that_change(ids: frozenset[str], deployment: Deployment) -> list[str]:
    """All that write and name one; but a create must name where the new thing goes."""
    creates = re.compile("Create(?!Tags)")
    return [
        call.operation
        for call in deployment.line.wire.calls
        if call.writes
        and any(each in call.body for each in ids)
        and not creates.match(call.operation)
    ]


@pytest.mark.parametrize("subnets", [pytest.param(False, marks=pytest.mark.thorough), True])
def test_it_is_as_it_was_after_up_and_after_destroy(
    deployment: Deployment, landlord: Landlord, before: World, *, subnets: bool
) -> None:
    deployment.settings = landlord.settings(subnets=subnets)

    built = deployment.up().insist()

    assert built.did == dict.fromkeys(EVERY_KEY - (NETWORK if subnets else GIVEN), "create")
    assert calls_that_change(landlord.ids, deployment) == []
    assert of_others(look_around(), before) == of_others(before, before)
    assert deployment.up().insist().did == {}
    assert deployment.line.wire.writes == []

    deployment.destroy().insist()

    assert calls_that_change(landlord.ids, deployment) == []
    deployment.line.clock.settle()
    assert look_around() == before


def test_our_subnets_lie_where_nobody_elses_do(deployment: Deployment, landlord: Landlord) -> None:
    deployment.settings = landlord.settings()
    deployment.up().insist()
    placed = {
        key: subnet["CidrBlock"]
        for key in sorted(EVERY_KEY)
        if key.startswith("subnet/")
        for subnet in ec2().describe_subnets(SubnetIds=[deployment.id(key)])["Subnets"]
    }
    assert placed == {
        "subnet/private-a": "10.70.4.0/26",
        "subnet/private-b": "10.70.4.64/26",
        "subnet/public-a": "10.70.4.128/27",
        "subnet/public-b": "10.70.4.160/27",
    }


@pytest.mark.parametrize("subnets", [False, True])
def test_what_is_shared_is_told_to_later_work_and_is_no_receipt(
    deployment: Deployment, landlord: Landlord, *, subnets: bool
) -> None:
    deployment.settings = landlord.settings(subnets=subnets)
    plan = deployment.up().insist().plan

    state = deployment.store.read()
    assert state is not None
    told = outputs(state)
    assert told["vpc_id"] == landlord.vpc
    assert state.shared.keys() == {each.key for each in plan.shared}
    assert state.shared.keys() & state.receipts.keys() == set()
    if subnets:
        assert told["public_subnet_ids"] == list(landlord.public)
        assert told["private_subnet_ids"] == list(landlord.private)


def test_subnets_are_told_apart_by_their_zones_not_by_their_order(
    deployment: Deployment, landlord: Landlord
) -> None:
    deployment.settings = landlord.settings(
        public_subnet_ids=list(reversed(landlord.public)),
        private_subnet_ids=list(landlord.private),
    )
    ids = {each.key: each.id for each in deployment.plan().shared}
    assert ids["subnet/public-a"] == landlord.public[0]
    assert ids["subnet/public-b"] == landlord.public[1]


def test_a_vpc_that_is_gone_is_said_and_destroy_still_works(
    deployment: Deployment, landlord: Landlord, before: World
) -> None:
    deployment.settings = landlord.settings()
    deployment.up().insist()
    gone = landlord.vpc[:-3] + "fff"
    deployment.settings = deployment.settings.replace(landlord.vpc, gone)

    with pytest.raises(Unfit, match=f"{gone}, which .* is not in us-east-1"):
        deployment.up()

    deployment.destroy().insist()
    deployment.line.clock.settle()
    assert look_around() == before


def test_a_vpc_that_lost_its_gateway_is_said_before_anything_is_touched(
    deployment: Deployment, landlord: Landlord
) -> None:
    deployment.settings = landlord.settings()
    deployment.up().insist()
    ec2().delete_nat_gateway(NatGatewayId=landlord.nat_gateway)
    deployment.line.clock.settle()
    ec2().delete_route(RouteTableId=landlord.public_table, DestinationCidrBlock="0.0.0.0/0")
    deployment.destroy().insist()
    deployment.line.clock.settle()
    for address in ec2().describe_addresses()["Addresses"]:
        ec2().release_address(AllocationId=address["AllocationId"])
    ec2().detach_internet_gateway(InternetGatewayId=landlord.internet_gateway, VpcId=landlord.vpc)

    with pytest.raises(Unfit, match="no internet gateway"):
        deployment.up()

    assert deployment.line.wire.writes == []


def test_a_private_subnet_without_a_way_out_is_said(
    deployment: Deployment, landlord: Landlord
) -> None:
    ec2().delete_route(RouteTableId=landlord.private_table, DestinationCidrBlock="0.0.0.0/0")
    deployment.settings = landlord.settings(subnets=True)
    with pytest.raises(Unfit) as caught:
        deployment.plan()
    assert all(f"{each} leads nowhere" in str(caught.value) for each in landlord.private)
    deployment.settings = landlord.settings(subnets=True, nat="none")
    assert changes_of(deployment.plan()) != {}


def test_where_there_is_no_room_the_largest_free_block_is_named(deployment: Deployment) -> None:
    small = lend(deployment.line.clock, "10.80.0.0/22")
    deployment.settings = small.settings()
    with pytest.raises(Unfit, match="nothing is free"):
        deployment.plan()


def test_one_can_move_from_a_vpc_of_ones_own_only_by_destroying_it_first(
    deployment: Deployment, landlord: Landlord
) -> None:
    deployment.up().insist()
    deployment.settings = landlord.settings()
    conflicts = {step.key: step.reason for step in deployment.plan().conflicts}
    assert "cannot change this in place: vpc is" in conflicts["security-group/alb"]
    assert "subnet/public-a" in conflicts


def test_our_own_vpc_is_no_vpc_of_others(deployment: Deployment) -> None:
    deployment.up().insist()
    deployment.settings = f"[network]\nvpc_id = {deployment.id('vpc')!r}\n"
    with pytest.raises(Unfit, match="part of UserMetrics/dev"):
        deployment.plan()


def test_a_cidr_beside_it_is_an_error_of_the_configuration(
    deployment: Deployment, landlord: Landlord
) -> None:
    deployment.settings = landlord.settings(cidr="10.0.0.0/24")
    with pytest.raises(ConfigurationError, match="an existing VPC has its addresses"):
        deployment.plan()


def test_what_others_came_to_rely_on_blocks_destroy(
    deployment: Deployment, landlord: Landlord
) -> None:
    deployment.settings = landlord.settings()
    deployment.up().insist()
    lone = ec2().create_subnet(VpcId=landlord.vpc, CidrBlock="10.70.9.0/24")["Subnet"]["SubnetId"]
    ec2().associate_route_table(RouteTableId=deployment.id("route-table/private"), SubnetId=lone)
    ec2().replace_route(
        RouteTableId=landlord.private_table,
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=deployment.id("nat-gateway"),
    )
    interface = ec2().create_network_interface(
        SubnetId=landlord.private[0], Groups=[deployment.id("security-group/umami")]
    )["NetworkInterface"]["NetworkInterfaceId"]
    tenant = ec2().create_network_interface(SubnetId=deployment.id("subnet/private-a"))
    world = look_around()

    with pytest.raises(Blocked) as caught:
        deployment.destroy()

    said = str(caught.value)
    assert f"subnet {lone}, which uses our route table" in said
    assert f"route table {landlord.private_table}: blocks {deployment.id('nat-gateway')}" in said
    assert interface in said
    assert str(tenant["NetworkInterface"]["NetworkInterfaceId"]) in said
    assert look_around() == world
