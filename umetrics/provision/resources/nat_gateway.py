"""NAT gateways: minutes to come, minutes to go, and listed for about an hour after.

States and failure codes: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.provision.model import Found, Part, Phase, Resource, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    Ec2Kind,
    tag_specifications,
    tags_of,
)
from umetrics.provision.resources.internet_gateway import InternetGateway

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from umetrics.aws import Aws

AVAILABLE_WITHIN = 600
"""Seconds; boto3's own waiter gives up at ten minutes too."""

GONE_WITHIN = 1800
"""Seconds; Terraform's limit. Addresses and interfaces are only free once it is gone."""

PHASES = {
    "pending": Phase.PENDING,
    "available": Phase.READY,
    "deleting": Phase.LEAVING,
    "failed": Phase.FAILED,
}


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A public, zonal NAT gateway: in a subnet, behind one Elastic IP."""

    subnet: str = field(metadata=fixed())
    elastic_ip: str = field(metadata=fixed())


class NatGatewayHandler(Ec2Kind[NatGateway]):
    """After the internet gateway is attached: without one AWS makes a gateway that is `failed`."""

    label = "NAT gateway"
    id_filter = "nat-gateway-id"
    after: tuple[type, ...] = (InternetGateway,)
    is_slow = True

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        for page in aws.ec2.get_paginator("describe_nat_gateways").paginate(Filters=selected):
            yield from page["NatGateways"]

    def parse(self, description: Description) -> Found[NatGateway] | None:
        if description["State"] == "deleted":
            return None
        addresses = description.get("NatGatewayAddresses", [])
        allocation = next(
            (each["AllocationId"] for each in addresses if "AllocationId" in each), ""
        )
        return Found(
            description["NatGatewayId"],
            NatGateway(description.get("SubnetId", ""), allocation),
            tags_of(description),
            parts=tuple(
                Part("network interface", each["NetworkInterfaceId"], judged=False)
                for each in addresses
                if each.get("NetworkInterfaceId")
            ),
            phase=PHASES[description["State"]],
            note=_failure(description),
        )

    def create(self, aws: Aws, desired: Resource[NatGateway], token: str) -> Found[NatGateway]:
        answer = aws.once.ec2.create_nat_gateway(
            SubnetId=desired.spec.subnet,
            AllocationId=desired.spec.elastic_ip,
            ClientToken=token,
            TagSpecifications=tag_specifications("natgateway", desired.tags),
        )
        gateway = answer["NatGateway"]
        spec = NatGateway(desired.spec.subnet, desired.spec.elastic_ip)
        return Found(gateway["NatGatewayId"], spec, desired.tags, phase=Phase.PENDING)

    def settle(self, aws: Aws, found: Found[NatGateway]) -> Found[NatGateway]:
        """Wait until it carries traffic, or AWS says why it failed."""
        seen = [found]

        def decided() -> bool:
            now = self.now(aws, found.id)
            if now is not None:
                seen.append(now)
            elif len(seen) > 1:
                note = "somebody deleted it meanwhile"
                seen.append(replace(found, phase=Phase.LEAVING, note=note))
            return seen[-1].phase is not Phase.PENDING

        aws.patience.until(
            decided, at_most=AVAILABLE_WITHIN, waiting_for=f"NAT gateway {found.id} (1-3 min)"
        )
        return seen[-1]

    def delete(self, aws: Aws, found: Found[NatGateway]) -> None:
        if found.phase is not Phase.LEAVING:
            aws.ec2.delete_nat_gateway(NatGatewayId=found.id)
        aws.patience.until(
            lambda: self.now(aws, found.id) is None,
            at_most=GONE_WITHIN,
            waiting_for=f"NAT gateway {found.id} to be gone (1-5 min)",
        )


def _failure(description: Description) -> str:
    code, message = description.get("FailureCode", ""), description.get("FailureMessage", "")
    return f"{code}: {message}" if code else ""
