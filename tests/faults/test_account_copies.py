"""What the sweeps of this folder rest on: a copy of the account remembers what was under way."""

from __future__ import annotations

from typing import Any

from tests.support.accounts import copy_account
from tests.support.deployments import Line
from tests.support.neighbours import make_vpc
from tests.support.worlds import ec2


def test_a_gateway_that_was_pending_in_the_copied_account_is_pending_again_when_it_is_put_back(
    connection: Line,
) -> None:
    subnet = ec2().create_subnet(VpcId=make_vpc("10.9.0.0/16", "vpc"), CidrBlock="10.9.0.0/24")
    asked: Any = {
        "SubnetId": subnet["Subnet"]["SubnetId"],
        "AllocationId": ec2().allocate_address(Domain="vpc")["AllocationId"],
        "ClientToken": "once",
    }
    made = ec2().create_nat_gateway(**asked)["NatGateway"]["NatGatewayId"]
    copied = copy_account()

    for _ in range(2):
        assert state(made) == "pending"
        connection.clock.settle()
        assert state(made) == "failed"
        copied.put_back()

    assert ec2().create_nat_gateway(**asked)["NatGateway"]["NatGatewayId"] == made


def state(gateway: str) -> str:
    (described,) = ec2().describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
    return described["State"]
