"""A living deployment in which settings of the network change: only what must, and back again."""

from __future__ import annotations

import pytest

from tests.support.deployments import Deployment
from tests.support.neighbours import move_in
from tests.support.worlds import World, ec2, look_around, shape_of
from umetrics.errors import Blocked

MODES = ("single", "per-zone", "none")
ADDED = {"nat-gateway/b", "elastic-ip/nat-b", "route-table/private-b"}
SINGLE = {"nat-gateway", "elastic-ip/nat"}
NAT64 = "64:ff9b::/96"
"""Where the DNS64 of a VPC sends what knows IPv6 alone: RFC 6052, and the NAT gateway takes it."""


def network(**settings: object) -> str:
    return "[network]\n" + "".join(f"{key} = {value!r}\n" for key, value in settings.items())


@pytest.fixture
def before(deployment: Deployment) -> World:
    """The account with its neighbours, before anything of ours is there."""
    move_in()
    deployment.line.clock.settle()
    return look_around()


@pytest.mark.thorough
def test_from_any_nat_mode_to_any_other_and_then_nothing_is_left(
    deployment: Deployment, before: World
) -> None:
    fresh = {mode: shape_when_built(deployment, mode) for mode in MODES}

    for mode in ("single", "per-zone", "single", "none", "per-zone", "none", "single"):
        deployment.settings = network(nat=mode)
        deployment.up(prune=True).insist()
        deployment.line.clock.settle()

        assert shape_of(look_around()) == fresh[mode]
        assert deployment.up().insist().did == {}
        assert deployment.line.wire.writes == []

    deployment.destroy().insist()
    deployment.line.clock.settle()
    assert look_around() == before


def shape_when_built(deployment: Deployment, mode: str) -> list[str]:
    """The account in which that mode never was another; empty again afterwards."""
    deployment.settings = network(nat=mode)
    deployment.up().insist()
    shape = shape_of(look_around())
    deployment.destroy().insist()
    return shape


@pytest.mark.thorough
def test_a_gateway_for_each_zone_is_added_without_touching_the_first(
    deployment: Deployment, before: World
) -> None:
    deployment.up().insist()
    first = {key: deployment.id(key) for key in (*SINGLE, "route-table/private")}
    deployment.settings = network(nat="per-zone")

    did = deployment.up().insist().did

    assert did == {
        **dict.fromkeys(ADDED, "create"),
        "endpoint/s3": "update",
    }
    assert {key: deployment.id(key) for key in first} == first
    assert way_out_of("subnet/private-a", deployment) == first["nat-gateway"]
    assert way_out_of("subnet/private-b", deployment) == deployment.id("nat-gateway/b")


def test_what_a_switch_makes_superfluous_is_kept_until_somebody_says_otherwise(
    deployment: Deployment, before: World
) -> None:
    deployment.settings = network(nat="per-zone")
    deployment.up().insist()
    deployment.settings = network(nat="single")

    run = deployment.up().insist()

    assert {orphan.key for orphan in run.plan.orphans} == ADDED
    assert way_out_of("subnet/private-b", deployment) == deployment.id("nat-gateway")
    assert deployment.up(prune=True).insist().did == dict.fromkeys(ADDED, "delete")


def test_without_a_gateway_the_way_out_is_closed_before_the_gateway_goes(
    deployment: Deployment, before: World
) -> None:
    deployment.up().insist()
    deployment.settings = network(nat="none")

    run = deployment.up(prune=True).insist()

    writes = deployment.line.wire.writes
    assert writes.index("DeleteRoute") < writes.index("DeleteNatGateway")
    assert writes.index("DeleteNatGateway") < writes.index("ReleaseAddress")
    assert run.did == {**dict.fromkeys(SINGLE, "delete"), "route-table/private": "update"}
    assert way_out_of("subnet/private-a", deployment) == ""


def test_somebody_elses_route_through_our_gateway_is_not_ours_to_close(
    deployment: Deployment, before: World
) -> None:
    deployment.up().insist()
    ec2().create_route(
        RouteTableId=deployment.id("route-table/private"),
        DestinationCidrBlock="198.51.100.0/24",
        NatGatewayId=deployment.id("nat-gateway"),
    )
    deployment.settings = network(nat="none")
    deployment.up().insist()
    assert "198.51.100.0/24" in routes_of("subnet/private-a", deployment)


def test_a_third_zone_is_added_and_the_first_two_stay_as_they_are(
    deployment: Deployment, before: World
) -> None:
    deployment.settings = network(cidr="10.0.0.0/22")
    deployment.up().insist()
    ids = {key: receipt.id for key, receipt in deployment.receipts.items()}
    deployment.settings = network(cidr="10.0.0.0/22", zones=3)

    run = deployment.up().insist()

    assert run.did == {
        "subnet/public-c": "create",
        "subnet/private-c": "create",
        "route-table/public": "update",
        "route-table/private": "update",
    }
    assert ids.items() <= {key: each.id for key, each in deployment.receipts.items()}.items()
    assert deployment.up().insist().did == {}
    deployment.destroy().insist()
    deployment.line.clock.settle()
    assert look_around() == before


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.thorough
def test_three_zones_with_a_gateway_each_cost_no_more_calls_when_nothing_is_to_do(
    deployment: Deployment, workers: int
) -> None:
    deployment.workers = workers
    deployment.settings = network(cidr="10.0.0.0/22", zones=3, nat="per-zone")
    assert len(deployment.up().insist().did) == 30

    assert deployment.up().insist().did == {}

    assert len(deployment.line.wire.calls) <= 40
    assert deployment.line.wire.writes == []


def way_out_of(subnet: str, deployment: Deployment) -> str:
    return routes_of(subnet, deployment).get("0.0.0.0/0", "")


def routes_of(subnet: str, deployment: Deployment) -> dict[str, str]:
    """Destination -> NAT gateway, in the table that a subnet of ours uses."""
    by_subnet = [{"Name": "association.subnet-id", "Values": [deployment.id(subnet)]}]
    (table,) = ec2().describe_route_tables(Filters=by_subnet)["RouteTables"]  # type: ignore[arg-type]
    return {
        route["DestinationCidrBlock"]: route["NatGatewayId"]
        for route in table["Routes"]
        if "NatGatewayId" in route
    }


def test_pruning_stops_before_what_others_rely_on_and_says_whose_it_is(
    deployment: Deployment, before: World
) -> None:
    deployment.up().insist()
    gateway, private = deployment.id("nat-gateway"), deployment.id("route-table/private")
    theirs = ec2().create_route_table(VpcId=deployment.id("vpc"))["RouteTable"]["RouteTableId"]
    for table in (private, theirs):
        ec2().create_route(
            RouteTableId=table, DestinationCidrBlock="198.51.100.0/24", NatGatewayId=gateway
        )
    ec2().create_route(RouteTableId=private, DestinationIpv6CidrBlock=NAT64, NatGatewayId=gateway)
    world = look_around()
    deployment.settings = network(nat="none")

    with pytest.raises(Blocked) as caught:
        deployment.up(prune=True)

    assert f"route table {private}, route 198.51.100.0/24: blocks {gateway}" in str(caught.value)
    assert f"route table {private}, route {NAT64}: blocks {gateway}" in str(caught.value)
    assert f"route table {theirs}: blocks {gateway}" in str(caught.value)
    assert look_around() == world
    ec2().delete_route(RouteTableId=private, DestinationIpv6CidrBlock=NAT64)
    for table in (private, theirs):
        ec2().delete_route(RouteTableId=table, DestinationCidrBlock="198.51.100.0/24")
    deployment.up(prune=True).insist()


@pytest.mark.thorough
def test_a_way_out_that_leads_nowhere_goes_with_the_wish_for_one(
    deployment: Deployment, before: World
) -> None:
    deployment.up().insist()
    ec2().delete_nat_gateway(NatGatewayId=deployment.id("nat-gateway"))
    deployment.line.clock.settle()
    deployment.settings = network(nat="none")

    deployment.up(prune=True).insist()

    table = deployment.id("route-table/private")
    (described,) = ec2().describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert [each.get("GatewayId", "")[:5] for each in described["Routes"]] == ["local", "vpce-"]
