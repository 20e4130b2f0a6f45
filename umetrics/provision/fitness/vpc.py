"""Whether subnets of our own can lie in an existing VPC, and go out through its gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Protocol

from umetrics.errors import ConfigurationError
from umetrics.provision.fitness.verdict import Fits, Verdict
from umetrics.provision.placement import free_blocks, place, unplaced

if TYPE_CHECKING:
    from umetrics.provision.survey import SurveyedVpc


class Wanted(Protocol):
    """What is to be built in it; the configuration's `Network` is one."""

    @property
    def zones(self) -> int:
        """How many zones get a public and a private subnet each."""
        ...

    @property
    def public_prefix(self) -> int:
        """Prefix length of each public one."""
        ...

    @property
    def private_prefix(self) -> int:
        """Prefix length of each private one."""
        ...


def judge(vpc: SurveyedVpc, network: Wanted, standing: Mapping[str, str]) -> tuple[Verdict, ...]:
    """Whether subnets of our own can lie in it; `standing` are those that do, CIDR by key."""
    return (
        *belonging(vpc),
        *dns(vpc),
        _room(vpc, network, standing),
        _gateway(vpc),
    )


def belonging(vpc: SurveyedVpc) -> Iterator[Verdict]:
    """Whose it is."""
    if vpc.deployment:
        text = f"part of {vpc.deployment}, which may destroy it: choose another VPC"
        yield Verdict("deployment", Fits.UNFIT, text)
    if vpc.is_default:
        text = "the default VPC, where things land unasked: one made on purpose is safer"
        yield Verdict("default VPC", Fits.REMARK, text)
    if vpc.shared_by:
        text = f"account {vpc.shared_by} shares it: agree with its people"
    elif vpc.owner:
        text = f"its Owner tag says {vpc.owner}: agree with them"
    else:
        text = "it has no Owner tag: find out whose it is"
    yield Verdict("owner", Fits.REMARK, text)


def dns(vpc: SurveyedVpc) -> Iterator[Verdict]:
    """Whether names resolve in it."""
    if vpc.dns_support:
        yield Verdict("DNS support", Fits.FITS, "DNS support is on")
    else:
        text = "DNS support is off, so no name resolves: set enableDnsSupport"
        yield Verdict("DNS support", Fits.UNFIT, text)
    if vpc.dns_hostnames:
        yield Verdict("DNS hostnames", Fits.FITS, "DNS hostnames are on")
    else:
        text = "DNS hostnames are off: private names of endpoints need enableDnsHostnames"
        yield Verdict("DNS hostnames", Fits.REMARK, text)


def _room(vpc: SurveyedVpc, network: Wanted, standing: Mapping[str, str]) -> Verdict:
    if vpc.shared_by:
        text = f"only account {vpc.shared_by} can make subnets in it: name subnets that stand"
        return Verdict("free space", Fits.UNFIT, text)
    lacking = {
        tier: network.zones - sum(key.startswith(f"subnet/{tier}-") for key in standing)
        for tier in ("public", "private")
    }
    wanted = (
        *unplaced(network.public_prefix, lacking["public"]),
        *unplaced(network.private_prefix, lacking["private"]),
    )
    if not wanted:
        return Verdict("free space", Fits.FITS, "all of our subnets stand in it")
    needed = " and ".join(f"{count} x {_length(each)}" for each, count in Counter(wanted).items())
    taken = [subnet.cidr for subnet in vpc.subnets]
    try:
        place(vpc.cidrs, {str(number): each for number, each in enumerate(wanted)}, {}, taken)
    except ConfigurationError:
        free = [block for cidr in vpc.cidrs for block in free_blocks(cidr, taken)]
        largest = min(free, key=lambda block: IPv4Network(block).prefixlen, default=None)
        found = f"the largest free block is {largest}" if largest else "nothing is free"
        text = f"no room for {needed}, {found}: make them smaller, or add a CIDR"
        return Verdict("free space", Fits.UNFIT, text)
    return Verdict("free space", Fits.FITS, f"room for {needed}")


def _length(cidr: str) -> str:
    return f"/{IPv4Network(cidr).prefixlen}"


def _gateway(vpc: SurveyedVpc) -> Verdict:
    if vpc.internet_gateway:
        return Verdict("internet gateway", Fits.FITS, f"internet gateway {vpc.internet_gateway}")
    text = "no internet gateway: attach one to it, or choose another VPC"
    return Verdict("internet gateway", Fits.UNFIT, text)
