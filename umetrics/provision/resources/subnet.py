"""Subnets. A zone is its id (`use1-az1`), which means the same place in every account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from umetrics.provision.model import Found, Phase, Resource, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    Ec2Kind,
    tag_specifications,
    tags_of,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from umetrics.aws import Aws

AVAILABLE_WITHIN = 300
"""Seconds; usually available in the create call's own answer."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet in one zone of a VPC."""

    vpc: str = field(metadata=fixed())
    cidr: str = field(metadata=fixed())
    zone: str = field(metadata=fixed())
    public_ip_on_launch: bool = False


class SubnetHandler(Ec2Kind[Subnet]):
    """Created by zone id; whether it hands out public addresses is a second call."""

    label = "subnet"
    id_filter = "subnet-id"

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        for page in aws.ec2.get_paginator("describe_subnets").paginate(Filters=selected):
            yield from page["Subnets"]

    def parse(self, description: Description) -> Found[Subnet]:
        return Found(
            description["SubnetId"],
            Subnet(
                description["VpcId"],
                description["CidrBlock"],
                description["AvailabilityZoneId"],
                description.get("MapPublicIpOnLaunch", False),
            ),
            tags_of(description),
            arn=description.get("SubnetArn", ""),
            phase=Phase.PENDING if description["State"] == "pending" else Phase.READY,
        )

    def create(self, aws: Aws, desired: Resource[Subnet], token: str) -> Found[Subnet]:
        del token
        answer = aws.once.ec2.create_subnet(
            VpcId=desired.spec.vpc,
            CidrBlock=desired.spec.cidr,
            AvailabilityZoneId=desired.spec.zone,
            TagSpecifications=tag_specifications("subnet", desired.tags),
        )
        return self.parse(answer["Subnet"])

    def settle(self, aws: Aws, found: Found[Subnet]) -> Found[Subnet]:
        """Wait until it is available."""
        seen = [found]

        def available() -> bool:
            seen.extend(filter(None, [self.now(aws, found.id)]))
            return seen[-1].phase is Phase.READY

        aws.patience.until(available, at_most=AVAILABLE_WITHIN, waiting_for=f"subnet {found.id}")
        return seen[-1]

    def update(self, aws: Aws, found: Found[Subnet], desired: Resource[Subnet]) -> None:
        aws.ec2.modify_subnet_attribute(
            SubnetId=found.id, MapPublicIpOnLaunch={"Value": desired.spec.public_ip_on_launch}
        )

    def delete(self, aws: Aws, found: Found[Subnet]) -> None:
        aws.ec2.delete_subnet(SubnetId=found.id)
