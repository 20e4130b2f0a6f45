"""NAT gateways that failed or are on their way out: replaced, waited for, never doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.accounts import set_nat_gateway_state
from tests.support.built import Built
from tests.support.deployments import Deployment
from tests.support.worlds import ec2, look_around, shape_of

pytestmark = pytest.mark.usefixtures("releasing_gateways")
REPLACED = {"nat-gateway": "create", "route-table/private": "update"}


def gone_after(sleeps: int, gateway: str, deployment: Deployment) -> Callable[[], None]:
    """The gateway finishes deleting after umetrics has slept so often."""
    began = deployment.line.clock.slept

    def go() -> None:
        if deployment.line.clock.slept - began == sleeps:
            ec2().delete_nat_gateway(NatGatewayId=gateway)

    return go


def test_a_failed_gateway_is_replaced(deployment: Deployment, built: Built) -> None:
    failed = deployment.id("nat-gateway")
    set_nat_gateway_state(failed, "failed")

    assert deployment.up().insist().did == REPLACED

    assert deployment.id("nat-gateway") != failed
    assert shape_of(look_around()) == shape_of(built.world)


def test_a_leaving_gateway_is_waited_for_before_its_successor_is_made(
    deployment: Deployment, built: Built
) -> None:
    leaving = deployment.id("nat-gateway")
    set_nat_gateway_state(leaving, "deleting")
    deployment.line.clock.on_sleep = gone_after(3, leaving, deployment)

    assert deployment.up().insist().did == REPLACED

    assert "DeleteNatGateway" not in deployment.line.wire.writes
    assert shape_of(look_around()) == shape_of(built.world)


def test_a_destroy_waits_for_a_gateway_that_is_already_leaving(
    deployment: Deployment, built: Built
) -> None:
    leaving = deployment.id("nat-gateway")
    set_nat_gateway_state(leaving, "deleting")
    deployment.line.clock.on_sleep = gone_after(3, leaving, deployment)

    deployment.destroy().insist()

    assert "DeleteNatGateway" not in deployment.line.wire.writes
    assert look_around() == built.before


def test_a_failed_gateway_is_destroyed_with_the_rest(deployment: Deployment, built: Built) -> None:
    set_nat_gateway_state(deployment.id("nat-gateway"), "failed")

    deployment.destroy().insist()

    assert look_around() == built.before
