"""Which zones and addresses a deployment uses: read back from its subnets, chosen only once.

Zones are ordered by zone id, since DescribeAvailabilityZones promises no order and zone names mean
another place in each account (https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from umetrics.errors import AwsError
from umetrics.provision.model import Snapshot
from umetrics.provision.resources.ec2 import filters
from umetrics.provision.resources.subnet import Subnet

if TYPE_CHECKING:
    from umetrics.aws import Aws

ORDINALS = "abc"
USABLE_OPT_IN = frozenset({"", "opt-in-not-required", "opted-in"})


def zones_in_use(snapshot: Snapshot) -> dict[str, str]:
    """Ordinal (`a`) -> zone id, of the subnets that exist."""
    zones: dict[str, str] = {}
    for key in snapshot.found:
        for found in snapshot.living(key):
            ordinal = key.rpartition("-")[2]
            if isinstance(found.spec, Subnet) and ordinal in set(ORDINALS):
                zones.setdefault(ordinal, found.spec.zone)
    return zones


def subnets_standing(snapshot: Snapshot) -> dict[str, str]:
    """Key -> CIDR of our subnets."""
    return {
        key: found.spec.cidr
        for key in snapshot.found
        for found in snapshot.living(key)
        if isinstance(found.spec, Subnet)
    }


def foreign_subnets(aws: Aws, snapshot: Snapshot, *, wanted: int) -> tuple[str, ...]:
    """CIDRs of what others have put into our VPC; asked only where we lack one of `wanted`."""
    ours = subnets_standing(snapshot)
    vpcs = [found.id for found in snapshot.living("vpc")]
    if not vpcs or len(ours) >= wanted:
        return ()
    pages = aws.ec2.get_paginator("describe_subnets").paginate(Filters=filters(vpc_id=vpcs))
    # A subnet with IPv6 addresses alone has none, and takes no room from us.
    cidrs = {subnet.get("CidrBlock") for page in pages for subnet in page["Subnets"]}
    return tuple(sorted(filter(None, cidrs - {*ours.values()})))


def choose_zones(aws: Aws, snapshot: Snapshot, count: int, denied: Collection[str]) -> list[str]:
    """The zone ids for ordinals a, b, ...; asks AWS only for those that no subnet tells.

    Raises `AwsError` when the region has too few usable zones.
    """
    known = zones_in_use(snapshot)
    ordinals = ORDINALS[:count]
    if all(ordinal in known for ordinal in ordinals):
        return [known[ordinal] for ordinal in ordinals]
    free = [zone for zone in usable_zones(aws, denied) if zone not in known.values()]
    return _fill(ordinals, known, free, aws.region)


def _fill(ordinals: str, known: Mapping[str, str], free: list[str], region: str) -> list[str]:
    wanted = sum(ordinal not in known for ordinal in ordinals)
    if len(free) < wanted:
        raise AwsError(
            f"{region} has {len(free)} usable availability zones left, {wanted} are needed",
            hint="shorten `denied_zones` in [network], or use another region",
        )
    remaining = iter(free)
    return [known.get(ordinal) or next(remaining) for ordinal in ordinals]


def usable_zones(aws: Aws, denied: Collection[str]) -> list[str]:
    """The ids of zones in which anything could be built, but for those denied."""
    zones = aws.ec2.describe_availability_zones()["AvailabilityZones"]
    return sorted(
        zone["ZoneId"]
        for zone in zones
        if zone.get("ZoneType", "availability-zone") == "availability-zone"
        and zone["State"] == "available"
        and (zone.get("OptInStatus") or "") in USABLE_OPT_IN
        and zone["ZoneId"] not in denied
    )
