"""Where the route table of a subnet leads, on the way to another subnet.

The most specific route counts: https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html
"""

from __future__ import annotations

from ipaddress import IPv4Network

from umetrics.audit.catalogue.kind import Item
from umetrics.provision.resources.route_table import target_of
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.values import Hop, Passage, Subnet

ACTIVE = "active"


def routed(ground: Ground, source: Subnet, target: Subnet) -> Hop:
    """Whether packets from one subnet find their way to another."""
    what = f"route from {source.id} to {target.range}"
    table = ground.tables.get(source.id)
    if table is None:
        return Hop(what, Passage.UNKNOWN, (source.id,), "its route table was not seen")
    table_id = table["RouteTableId"]
    request = f"route {target.range} in {table_id} to {target.vpc}, by a peering or a gateway"
    route = _most_specific(table, target.range)
    if route is None:
        reason = f"{table_id} has no route to {target.range}"
        return Hop(what, Passage.BLOCKED, (table_id,), reason, (request,))
    through = target_of(route)
    passage, reason = _passage(ground, source, target, route, through)
    requests = (request,) if passage is Passage.BLOCKED else ()
    return Hop(what, passage, (table_id, through), reason, requests)


def _most_specific(table: Item, wanted: IPv4Network) -> Item | None:
    covering = [
        route
        for route in table.get("Routes", ())
        if (told := route.get("DestinationCidrBlock")) and wanted.subnet_of(IPv4Network(told))
    ]
    return max(
        covering,
        key=lambda route: IPv4Network(route["DestinationCidrBlock"]).prefixlen,
        default=None,
    )


def _passage(
    ground: Ground, source: Subnet, target: Subnet, route: Item, through: str
) -> tuple[Passage, str]:
    if route.get("State") == "blackhole":
        return Passage.BLOCKED, f"{through} is gone: the route is a blackhole"
    if through == "local":
        same = source.vpc == target.vpc
        told = "" if same else f"{target.range} is also a range of {source.vpc}"
        return (Passage.OK if same else Passage.BLOCKED), told
    if through.startswith("pcx-"):
        return _over_peering(ground, target, through)
    if through.startswith(("igw-", "nat-", "eigw-")):
        return Passage.BLOCKED, f"{through} leads to the internet, not into {target.vpc}"
    return Passage.UNKNOWN, f"what {through} does is not looked at"


def _over_peering(ground: Ground, target: Subnet, through: str) -> tuple[Passage, str]:
    peering = ground.peerings.get(through)
    if peering is None:
        return Passage.UNKNOWN, f"{through} was not seen"
    ends = {peering[end].get("VpcId") for end in ("RequesterVpcInfo", "AccepterVpcInfo")}
    if target.vpc not in ends:
        return Passage.BLOCKED, f"{through} does not lead into {target.vpc}"
    status = peering.get("Status", {}).get("Code", "")
    if status != ACTIVE:
        return Passage.BLOCKED, f"{through} is {status or 'not active'}"
    return Passage.OK, ""
