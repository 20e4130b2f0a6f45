"""An account on strict moto, seen through plain boto3, with a clock that tests turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from umetrics.sandbox.strict import Settings, World, strict

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

SESSION = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")
"""One for all: it keeps the service model, which takes longer to read than most tests."""

ONE_TRY = Config(retries={"mode": "standard", "total_max_attempts": 1})


@dataclass
class Clock:
    """Seconds, which pass when a test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def account(
    clock: Clock | None = None,
    settings: Settings | None = None,
    *,
    without: Iterable[str] = (),
) -> Iterator[EC2Client]:
    """An empty account, as strict as all rules but those named."""
    world = World(settings or Settings(), clock=clock or Clock())
    with mock_aws(), strict(world, without=without):
        yield ec2()


def ec2(region: str = "us-east-1") -> EC2Client:
    return SESSION.client("ec2", region_name=region, config=ONE_TRY)


@contextmanager
def refused(code: str, words: str = "") -> Iterator[None]:
    """AWS says no, with this code and these words in its message."""
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code
    assert words in caught.value.response["Error"]["Message"]


@dataclass(frozen=True)
class Network:
    """A VPC of our own with what a NAT gateway needs."""

    vpc: str
    subnet: str
    table: str
    internet_gateway: str
    address: str


def network(client: EC2Client, *, attached: bool = True) -> Network:
    """A VPC, a subnet, a route table, an internet gateway (attached or not) and an address."""
    vpc = client.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    gateway = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    if attached:
        client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return Network(
        vpc,
        client.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"],
        client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"],
        gateway,
        client.allocate_address(Domain="vpc")["AllocationId"],
    )


def nat_gateway(client: EC2Client, made: Network) -> str:
    """A NAT gateway in that network, just requested."""
    answer = client.create_nat_gateway(SubnetId=made.subnet, AllocationId=made.address)
    return answer["NatGateway"]["NatGatewayId"]
