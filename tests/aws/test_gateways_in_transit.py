"""NAT gateways that failed or are on their way out: replaced, waited for, never doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.built import Built
from tests.support.deployments import Deployment
from tests.support.wire import Call, Moment
from tests.support.worlds import ec2, look_around, shape_of
from umetrics.tags import identity_tags

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import NatGatewayTypeDef

REPLACED = {"nat-gateway": "create", "route-table/private": "update"}


def gateway(identity: str) -> NatGatewayTypeDef:
    """As AWS describes it now."""
    (described,) = ec2().describe_nat_gateways(NatGatewayIds=[identity])["NatGateways"]
    return described


def leave(deployment: Deployment) -> str:
    """Somebody deletes our gateway a moment ago; its id."""
    leaving = deployment.id("nat-gateway")
    ec2().delete_nat_gateway(NatGatewayId=leaving)
    assert gateway(leaving)["State"] == "deleting"
    return leaving


def fail(deployment: Deployment) -> str:
    """Our gateway is one that failed: it was made while no internet gateway was attached."""
    leave(deployment)
    deployment.line.clock.settle()
    way_out: Any = {
        "InternetGatewayId": deployment.id("internet-gateway"),
        "VpcId": deployment.id("vpc"),
    }
    ec2().detach_internet_gateway(**way_out)
    pair = identity_tags("UserMetrics/dev", "nat-gateway")
    tags: Any = [{"Key": key, "Value": value} for key, value in pair.items()]
    made = ec2().create_nat_gateway(
        SubnetId=deployment.id("subnet/public-a"),
        AllocationId=deployment.id("elastic-ip/nat"),
        TagSpecifications=[{"ResourceType": "natgateway", "Tags": tags}],
    )["NatGateway"]["NatGatewayId"]
    deployment.line.clock.settle()
    ec2().attach_internet_gateway(**way_out)
    assert gateway(made)["State"] == "failed"
    return made


def test_a_failed_gateway_is_replaced(deployment: Deployment, built: Built) -> None:
    failed = fail(deployment)

    assert deployment.up().insist().did == REPLACED

    assert deployment.id("nat-gateway") != failed
    assert shape_of(look_around()) == shape_of(built.world)


def test_a_gateway_that_fails_in_the_making_is_explained_and_the_next_run_has_one(
    deployment: Deployment, built: Built
) -> None:
    leave(deployment)
    deployment.line.clock.settle()

    def cut_off(call: Call, moment: Moment) -> None:
        """Somebody detaches the internet gateway just before the NAT gateway is asked for."""
        there = deployment.id("internet-gateway")
        (described,) = ec2().describe_internet_gateways(InternetGatewayIds=[there])[
            "InternetGateways"
        ]
        asked = call.operation == "CreateNatGateway" and moment is Moment.BEFORE_SENDING
        if asked and described["Attachments"]:
            ec2().detach_internet_gateway(InternetGatewayId=there, VpcId=deployment.id("vpc"))

    deployment.line.wire.fault = cut_off
    errors = deployment.up().errors
    deployment.line.wire.fault = None

    assert "Gateway.NotAttached" in errors["nat-gateway"].message
    deployment.up().insist()
    assert shape_of(look_around()) == shape_of(built.world)


def test_a_leaving_gateway_is_waited_for_before_its_successor_is_made(
    deployment: Deployment, built: Built
) -> None:
    leaving = leave(deployment)

    assert deployment.up().insist().did == REPLACED

    assert "DeleteNatGateway" not in deployment.line.wire.writes
    assert deployment.line.clock.slept > 0
    assert gateway(leaving)["State"] == "deleted"
    assert shape_of(look_around()) == shape_of(built.world)


def test_a_destroy_waits_for_a_gateway_that_is_already_leaving(
    deployment: Deployment, built: Built
) -> None:
    leaving = leave(deployment)

    deployment.destroy().insist()

    assert "DeleteNatGateway" not in deployment.line.wire.writes
    assert deployment.line.clock.slept > 0
    assert gateway(leaving)["State"] == "deleted"
    assert look_around() == built.before


def test_a_failed_gateway_is_destroyed_with_the_rest(deployment: Deployment, built: Built) -> None:
    fail(deployment)

    deployment.destroy().insist()

    assert look_around() == built.before
