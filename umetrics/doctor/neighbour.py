"""Whose addresses there are: of VPCs, of peers elsewhere, behind transit and VPN gateways. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from umetrics.doctor.address import Neighbour
from umetrics.provision.resources.ec2 import Description, tags_of
from umetrics.provision.resources.rule import ANYWHERE
from umetrics.provision.survey import cidrs_of
from umetrics.tags import DEPLOYMENT

PEERED = frozenset({"active", "provisioning", "pending-acceptance"})


def of_vpcs(
    vpcs: Iterable[Description], ours: str, recorded: Collection[str] = ()
) -> Iterator[Neighbour]:
    """All but that of this deployment, by its tag or, where that was taken off, by its id."""
    for vpc in vpcs:
        tags = tags_of(vpc)
        if tags.get(DEPLOYMENT) != ours and vpc["VpcId"] not in recorded:
            name = f" ({tags['Name']})" if tags.get("Name") else ""
            yield Neighbour(f"VPC {vpc['VpcId']}{name}", tuple(cidrs_of(vpc)))


def of_peerings(peerings: Iterable[Description], seen: set[str]) -> Iterator[Neighbour]:
    """The sides that are in other regions or accounts."""
    for peering in peerings:
        if peering.get("Status", {}).get("Code", "active") not in PEERED:
            continue
        for side in ("AccepterVpcInfo", "RequesterVpcInfo"):
            vpc = peering.get(side, {})
            blocks = [each["CidrBlock"] for each in vpc.get("CidrBlockSet", ())]
            cidrs = dict.fromkeys([vpc["CidrBlock"], *blocks] if vpc.get("CidrBlock") else blocks)
            if cidrs and vpc.get("VpcId") not in seen:
                whose = f"{vpc.get('VpcId')}, peered by {peering['VpcPeeringConnectionId']}"
                yield Neighbour(whose, tuple(cidrs))


def of_transit(tables: Iterable[Description]) -> Iterator[Neighbour]:
    """Where transit and VPN gateways lead to, but for the way to everywhere."""
    leads: dict[str, dict[str, None]] = {}
    for table in tables:
        for route in table.get("Routes", ()):
            gateway = route.get("TransitGatewayId") or route.get("GatewayId", "")
            cidr = route.get("DestinationCidrBlock")
            if gateway.startswith(("tgw-", "vgw-")) and cidr not in {None, ANYWHERE}:
                leads.setdefault(gateway, {})[cidr] = None
    for gateway, cidrs in leads.items():
        yield Neighbour(f"the routes over {gateway}", tuple(cidrs), transit=True)
