"""Where the route table of a subnet leads, on the way to another subnet.

The most specific route counts, for each part of the other subnet's range:
https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from umetrics.audit.catalogue.kind import Item
from umetrics.provision.resources.route_table import target_of
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.values import Hop, Passage, Subnet

ACTIVE = "active"
LOCAL = "local"
OVER_LOCAL = ("nat-", "eni-", "i-")
"""Targets that a route may have which is more specific than that of the VPC itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a range, where its route leads (empty without one), and what comes of it."""

    range: IPv4Network
    through: str
    passage: Passage
    reason: str

    @property
    def told(self) -> str:
        """In one line, beside other parts."""
        if self.passage is Passage.OK:
            return f"{self.range} by {self.through}: ok"
        return f"{self.range}: {self.reason}"


def routed(ground: Ground, source: Subnet, target: Subnet) -> Hop:
    """Whether packets from one subnet find their way to another; within one, none is asked."""
    what = f"route from {source.id} to {target.range}"
    if source.id == target.id:
        return Hop(what, Passage.OK, (source.id,))
    table = ground.tables.get(source.id)
    if table is None:
        return Hop(what, Passage.UNKNOWN, (source.id,), "its route table was not seen")
    parts = [
        _part(ground, source, target, table, range_, route)
        for range_, route in _routes(table, target.range)
    ]
    passages = {part.passage for part in parts}
    passage = passages.pop() if len(passages) == 1 else Passage.UNKNOWN
    # Of parts with the same fate, one reason is enough.
    distinct = list({(part.through, part.reason): part for part in parts}.values())
    is_split = len(distinct) > 1 and passage is not Passage.OK
    reason = "; ".join(part.told for part in distinct) if is_split else distinct[0].reason
    throughs = (each for part in distinct for each in part.through.split())
    ids = tuple(dict.fromkeys((table["RouteTableId"], *throughs)))
    request = f"route {target.range} in {ids[0]} to {target.vpc}, by a peering or a gateway"
    return Hop(what, passage, ids, reason, (request,) if passage is Passage.BLOCKED else ())


def _routes(table: Item, wanted: IPv4Network) -> Iterator[tuple[IPv4Network, Item | None]]:
    """Each part of a range with the route that counts for it."""
    known = [
        (IPv4Network(told, strict=False), route)
        for route in table.get("Routes", ())
        if (told := route.get("DestinationCidrBlock"))
    ]
    yield from _split([pair for pair in known if pair[0].overlaps(wanted)], wanted)


def _split(
    routes: Sequence[tuple[IPv4Network, Item]], wanted: IPv4Network
) -> Iterator[tuple[IPv4Network, Item | None]]:
    if all(wanted.subnet_of(range_) for range_, _ in routes):
        best = max(routes, key=lambda each: each[0].prefixlen, default=None)
        yield wanted, best[1] if best else None
        return
    for half in wanted.subnets():
        yield from _split([each for each in routes if each[0].overlaps(half)], half)


def _part(
    ground: Ground,
    source: Subnet,
    target: Subnet,
    table: Item,
    range_: IPv4Network,
    route: Item | None,
) -> Part:
    through = target_of(route) if route else ""
    for list_, other in _prefix_lists(table):
        if other == through or (through == LOCAL and not other.startswith(OVER_LOCAL)):
            continue
        reason = f"what is in the prefix list {list_}, which leads to {other}, is not looked at"
        return Part(range_, f"{list_} {through}".strip(), Passage.UNKNOWN, reason)
    if route is None:
        reason = f"{table['RouteTableId']} has no route to {range_}"
        return Part(range_, "", Passage.BLOCKED, reason)
    return Part(range_, through, *_passage(ground, source, target, route, through))


def _prefix_lists(table: Item) -> Iterator[tuple[str, str]]:
    """Each with its target; those of endpoints hold addresses of AWS's services only."""
    for route in table.get("Routes", ()):
        through = target_of(route)
        if route.get("DestinationPrefixListId") and not through.startswith("vpce-"):
            yield route["DestinationPrefixListId"], through


def _passage(
    ground: Ground, source: Subnet, target: Subnet, route: Item, through: str
) -> tuple[Passage, str]:
    if route.get("State") == "blackhole":
        return Passage.BLOCKED, f"{through} is gone: the route is a blackhole"
    if through == LOCAL:
        same = source.vpc == target.vpc
        told = "" if same else f"{target.range} is also a range of {source.vpc}"
        return (Passage.OK if same else Passage.BLOCKED), told
    if through.startswith("pcx-"):
        return _over_peering(ground, target, through)
    if through.startswith("nat-"):
        return _over_nat(ground, target, through)
    if through.startswith(("igw-", "eigw-")):
        return Passage.BLOCKED, f"{through} leads to the internet, not into {target.vpc}"
    return Passage.UNKNOWN, f"what {through or 'its untold target'} does is not looked at"


def _over_nat(ground: Ground, target: Subnet, through: str) -> tuple[Passage, str]:
    """Blocked where all that its own subnet knows is the internet.

    A NAT gateway, private or not, may also lead into other networks:
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-scenarios.html
    """
    table = ground.tables.get(ground.nats.get(through, {}).get("SubnetId", ""))
    if table is None:
        return Passage.UNKNOWN, f"where {through} leads was not seen"
    onward = [target_of(route) if route else "" for _, route in _routes(table, target.range)]
    if any(True for _ in _prefix_lists(table)) or not all(
        not each or each.startswith("igw-") for each in onward
    ):
        return Passage.UNKNOWN, f"what {through} does is not looked at"
    return Passage.BLOCKED, f"{through} leads to the internet, not into {target.vpc}"


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
