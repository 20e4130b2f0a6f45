"""The settings of the table [network]: a network of our own, or what of others' is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from umetrics.config import rules
from umetrics.config.setting import Setting

Egress = Literal["restricted", "all"]
Nat = Literal["single", "per-zone", "none"]


@dataclass(frozen=True, slots=True)
class Network:
    """The VPC, and what may leave it. Prefixes are lengths in bits."""

    cidr: Annotated[str, Setting(rules.VPC_CIDR, "addresses of the VPC")] = "10.0.0.0/24"
    vpc_id: Annotated[
        str | None,
        Setting(
            rules.VPC_ID,
            "an existing VPC to build in instead of one of our own; it is used and never changed",
            unset="a VPC of our own",
        ),
    ] = None
    public_subnet_ids: Annotated[
        tuple[str, ...],
        Setting(
            rules.SUBNET_IDS,
            "public subnets of `network.vpc_id` to use, one for each zone; never changed",
            unset="subnets of our own",
        ),
    ] = ()
    private_subnet_ids: Annotated[
        tuple[str, ...],
        Setting(
            rules.SUBNET_IDS,
            "private subnets of `network.vpc_id` to use, in the same zones; never changed",
            unset="subnets of our own",
        ),
    ] = ()
    public_prefix: Annotated[
        int, Setting(rules.PUBLIC_PREFIX, "prefix length of each public subnet")
    ] = 27
    private_prefix: Annotated[
        int, Setting(rules.PRIVATE_PREFIX, "prefix length of each private subnet")
    ] = 26
    zones: Annotated[int, Setting(rules.ZONE_COUNT, "availability zones")] = 2
    nat: Annotated[
        Nat,
        Setting(
            rules.NAT,
            "NAT gateways: one for all zones, one for each (survives the loss of a zone), or none",
        ),
    ] = "single"
    s3_endpoint: Annotated[
        bool, Setting(rules.SWITCH, "a gateway endpoint for S3, which is free and spares the NAT")
    ] = True
    egress: Annotated[
        Egress,
        Setting(rules.EGRESS, "what tasks may reach: 443 and the database, or everything"),
    ] = "restricted"
    task_ports: Annotated[
        tuple[int, ...], Setting(rules.PORTS, "ports on which tasks listen to the load balancer")
    ] = (80, 443)
    denied_zones: Annotated[
        tuple[str, ...],
        Setting(rules.ZONE_IDS, "zones never to use; the default one lacks kinds of Fargate"),
    ] = ("use1-az3",)

    @property
    def has_shared_subnets(self) -> bool:
        """Whether not only the VPC but all of the network is somebody else's."""
        return bool(self.public_subnet_ids or self.private_subnet_ids)
