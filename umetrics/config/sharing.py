"""What settings say against each other where the network is somebody else's. Pure.

Problems name dotted keys, for the caller to say where each stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from umetrics.config.kind import Value, shown
from umetrics.errors import Problem
from umetrics.provision.addresses import ZONE_COUNTS

VPC = "network.vpc_id"
PUBLIC = "network.public_subnet_ids"
PRIVATE = "network.private_subnet_ids"
CIDR = "network.cidr"
PREFIXES = ("network.public_prefix", "network.private_prefix")
ZONES = "network.zones"


def problems_of_sharing(
    values: Mapping[str, Value], origins: Mapping[str, str]
) -> Iterator[Problem]:
    """Every problem; `values` lacks those that are wrong by themselves."""
    if values.get(VPC):
        yield from _beside_a_vpc(values, origins)
    else:
        for key in (PUBLIC, PRIVATE):
            if values.get(key):
                yield Problem(key, shown(values[key]), f"nothing without `{VPC}`")
    yield from _tiers(values)
    if values.get(PUBLIC) or values.get(PRIVATE):
        yield from _beside_subnets(values, origins)


def _beside_a_vpc(values: Mapping[str, Value], origins: Mapping[str, str]) -> Iterator[Problem]:
    if is_said(CIDR, origins):
        allowed = f"nothing beside `{VPC}`: an existing VPC has its addresses"
        yield Problem(CIDR, shown(values.get(CIDR)), allowed)


def _beside_subnets(values: Mapping[str, Value], origins: Mapping[str, str]) -> Iterator[Problem]:
    """Which zones are meant by `denied_zones` is known once AWS has told where the subnets lie."""
    for key in PREFIXES:
        if is_said(key, origins):
            allowed = f"nothing beside `{PUBLIC}`: subnets that stand have their addresses"
            yield Problem(key, shown(values.get(key)), allowed)
    public, zones = values.get(PUBLIC), values.get(ZONES)
    if isinstance(public, tuple) and public and is_said(ZONES, origins) and zones != len(public):
        allowed = f"nothing, or as many as there are subnets in `{PUBLIC}`: {len(public)}"
        yield Problem(ZONES, shown(zones), allowed)


def is_said(key: str, origins: Mapping[str, str]) -> bool:
    """By somebody; a default contradicts nobody."""
    return origins.get(key, "default") != "default"


def _tiers(values: Mapping[str, Value]) -> Iterator[Problem]:
    """A load balancer wants two zones at least, and tasks behind it in each of them."""
    public, private = values.get(PUBLIC), values.get(PRIVATE)
    if not (isinstance(public, tuple) and isinstance(private, tuple) and (public or private)):
        return
    low, high = ZONE_COUNTS
    for key, ids in ((PUBLIC, public), (PRIVATE, private)):
        if not low <= len(ids) <= high:
            allowed = f"{low} or {high} subnets, one for each zone"
            yield Problem(key, _counted(len(ids)), allowed)
    if len(public) != len(private):
        allowed = f"as many as in `{PUBLIC}`, which has {len(public)}"
        yield Problem(PRIVATE, _counted(len(private)), allowed)


def _counted(count: int) -> str:
    return f"{count} subnet{'s' if count != 1 else ''}"
