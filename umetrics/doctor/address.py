"""Whether the VPC's addresses are anybody else's already: VPCs, peerings, transit routes. Pure.

AWS lets VPCs have the same addresses, and then never lets them be peered; and what a VPC begins
with cannot be changed. So this is a problem until the VPC stands, and from then on a fact.
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from umetrics.doctor.finding import Check, Finding, Status

PRIVATE = IPv4Network("10.0.0.0/8")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Addresses of somebody's, and whose: `VPC vpc-1 (shop)`. `transit` is only a way to some."""

    whose: str
    cidrs: tuple[str, ...]
    transit: bool = False

    def __post_init__(self) -> None:
        for each in self.cidrs:
            IPv4Network(each)  # raises `ValueError` now, and not where it is compared


LISTS = {"VPCs": "VPC", "peerings": "peering", "route tables": ""}
"""What is read, and what one of each is that must not overlap."""


def address_findings(
    cidr: str, neighbours: Sequence[Neighbour], *, stands: bool, unread: Collection[str] = ()
) -> Iterator[Finding]:
    """What overlaps with `cidr`; `stands` where a VPC with it was built already.

    `unread` are those of `LISTS` that AWS did not tell.
    """
    taken = [each for neighbour in neighbours for each in neighbour.cidrs]
    free = free_cidr(cidr, taken)
    clear = True
    for neighbour in neighbours:
        overlapping = [each for each in neighbour.cidrs if _overlap(cidr, each)]
        if not overlapping:
            continue
        clear = clear and neighbour.transit
        text = f"{cidr} overlaps with {', '.join(overlapping)} of {neighbour.whose}"
        if neighbour.transit:
            yield Finding(Check.ADDRESSES, Status.ADVICE, f"{text}: ask who is behind it")
        elif stands:
            yield Finding(Check.ADDRESSES, Status.ADVICE, f"{text}: they can never be peered")
        else:
            how = "which nothing that was read has" if unread else "which is free"
            hint = f"set `cidr` in [network] to {free}, {how}" if free else ""
            text = f"{text}: they could never be peered, and it cannot be changed later"
            yield Finding(Check.ADDRESSES, Status.PROBLEM, text, hint=hint)
    compared = [f"no {one}" for name, one in LISTS.items() if one and name not in unread]
    if clear and compared:
        text = f"{cidr} overlaps with {' and '.join(compared)}"
        text = f"{text}; {', '.join(unread)} could not be read" if unread else text
        yield Finding(Check.ADDRESSES, Status.OK, text)


def _overlap(one: str, other: str) -> bool:
    return IPv4Network(one).overlaps(IPv4Network(other))


def free_cidr(cidr: str, taken: Iterable[str]) -> str:
    """A block of the same size near `cidr` that nobody has; empty where there is none."""
    wanted = IPv4Network(cidr)
    occupied = [IPv4Network(each) for each in taken]
    within = wanted.supernet(new_prefix=PRIVATE.prefixlen) if wanted.subnet_of(PRIVATE) else PRIVATE
    lowest = next(within.subnets(new_prefix=wanted.prefixlen))
    block = wanted if wanted.subnet_of(within) else lowest
    return _free_from(block, within, occupied) or _free_from(lowest, within, occupied)


def _free_from(block: IPv4Network, within: IPv4Network, occupied: Iterable[IPv4Network]) -> str:
    """The first free block from `block` on."""
    wanted = block
    while block.subnet_of(within):
        clash = next((each for each in occupied if each.overlaps(block)), None)
        if clash is None:
            return str(block)
        last = max(int(clash.broadcast_address), int(block.broadcast_address))
        block = IPv4Network((_aligned(last + 1, wanted), wanted.prefixlen))
    return ""


def _aligned(address: int, like: IPv4Network) -> int:
    """The first address from `address` on at which a block of that size may begin."""
    size = like.num_addresses
    return -(-address // size) * size
