"""Elastic IP addresses. Which address AWS gives is informational: nobody can wish for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from umetrics.errors import InUse
from umetrics.provision.model import Found, Resource, informational
from umetrics.provision.resources.ec2 import Description, Ec2Kind, tag_specifications, tags_of

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from umetrics.aws import Aws


@dataclass(frozen=True, slots=True)
class ElasticIp:
    """A public IPv4 address, and the network interface that uses it, if any."""

    public_ip: str = field(default="", metadata=informational())
    network_interface: str = field(default="", metadata=informational())


class ElasticIpHandler(Ec2Kind[ElasticIp]):
    """DescribeAddresses has no pages."""

    label = "Elastic IP"
    id_filter = "allocation-id"
    may_be_doubled = True

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        yield from aws.ec2.describe_addresses(Filters=selected)["Addresses"]

    def parse(self, description: Description) -> Found[ElasticIp]:
        address = ElasticIp(
            description.get("PublicIp", ""), description.get("NetworkInterfaceId", "")
        )
        return Found(description["AllocationId"], address, tags_of(description))

    def create(self, aws: Aws, desired: Resource[ElasticIp], token: str) -> Found[ElasticIp]:
        del token
        answer = aws.once.ec2.allocate_address(
            Domain="vpc", TagSpecifications=tag_specifications("elastic-ip", desired.tags)
        )
        address = ElasticIp(answer["PublicIp"])
        return Found(answer["AllocationId"], address, desired.tags)

    def delete(self, aws: Aws, found: Found[ElasticIp]) -> None:
        """Release it.

        AWS answers AuthFailure both while a deleted NAT gateway still holds the address and when
        the address is no longer ours; only a look tells which.
        """
        try:
            aws.ec2.release_address(AllocationId=found.id)
        except InUse:
            if self.tags_now(aws, found) is not None:
                raise
