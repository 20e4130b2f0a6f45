"""Where our private subnets lead, read from a world: through which gateway, if any table at all."""

from __future__ import annotations

from tests.support.worlds import World, parse, tags_in

SWITCHES = (("single", "per-zone"), ("per-zone", "single"), ("single", "none"), ("none", "single"))
"""NAT modes, and those into which a deployment can be switched."""

PRIVATE = "subnet/private-"
ANYWHERE = "0.0.0.0/0"


def ways_out(world: World) -> dict[str, str | None]:
    """Key of each private subnet of ours -> its NAT gateway.

    Empty without one, or when the route leads nowhere; None when the subnet uses no table of its
    own, and so the main one of the VPC.
    """
    gateways = dict(_gateways(world))
    return {
        key: gateways.get(name.partition("/")[2])
        for name, each in parse(world).items()
        if name.startswith("subnet/")
        and (key := tags_in(each).get("umetrics:resource", "")).startswith(PRIVATE)
    }


def _gateways(world: World) -> list[tuple[str, str]]:
    """Subnet id -> NAT gateway, table by table."""
    return [
        (association["SubnetId"], _way_out(each["Routes"]))
        for name, each in parse(world).items()
        if name.startswith("rtb/")
        for association in each["Associations"]
        if "SubnetId" in association
    ]


def _way_out(routes: list[dict[str, str]]) -> str:
    return next(
        (
            route.get("NatGatewayId", "")
            for route in routes
            if route.get("DestinationCidrBlock") == ANYWHERE and route["State"] == "active"
        ),
        "",
    )
