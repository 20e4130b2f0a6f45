"""Where subnets go in a VPC in which some stand already: those stay, new ones find room.

Pure. A new subnet takes the place that the address plan gives it, or, where something lies there,
the first free block that is aligned for it. What stands is never moved: AWS cannot do that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network

from umetrics.errors import ConfigurationError, Problem


def place(
    vpc: str, planned: Mapping[str, str], standing: Mapping[str, str], foreign: Iterable[str] = ()
) -> dict[str, str]:
    """A CIDR for each planned key, in the order of the plan.

    `standing` are subnets of ours by key, `foreign` the CIDRs of others in the same VPC. A subnet
    that stands outside of `vpc`, or has another prefix length than planned, is given the CIDR of
    the plan, which is then a conflict.
    Raises `ConfigurationError` naming the largest free block when there is no room.
    """
    kept = {key: cidr for key, cidr in standing.items() if _fits(cidr, vpc, planned.get(key, cidr))}
    taken = [IPv4Network(each) for each in (*standing.values(), *foreign)]
    placed: dict[str, str] = {}
    for key, cidr in planned.items():
        if key in standing:
            placed[key] = kept.get(key, cidr)
            continue
        block = _block_for(key, IPv4Network(cidr), IPv4Network(vpc), taken)
        taken.append(block)
        placed[key] = str(block)
    return placed


def free_blocks(vpc: str, taken: Iterable[str]) -> list[str]:
    """What is free in a VPC, as aligned blocks, the largest first."""
    blocks = _free(IPv4Network(vpc), [IPv4Network(each) for each in taken])
    return [str(block) for block in sorted(blocks, key=lambda block: (block.prefixlen, block))]


def _fits(standing: str, vpc: str, planned: str) -> bool:
    stands = IPv4Network(standing)
    return stands.subnet_of(IPv4Network(vpc)) and stands.prefixlen == IPv4Network(planned).prefixlen


def _block_for(
    key: str, planned: IPv4Network, vpc: IPv4Network, taken: list[IPv4Network]
) -> IPv4Network:
    if planned.subnet_of(vpc) and not any(planned.overlaps(each) for each in taken):
        return planned
    free = [block for block in _free(vpc, taken) if block.prefixlen <= planned.prefixlen]
    if not free:
        blocks = free_blocks(str(vpc), map(str, taken))
        largest = f"{blocks[0]} is the largest free block" if blocks else "nothing is free"
        raise ConfigurationError(
            "the address plan",
            [Problem("network", f"no room for {key} (/{planned.prefixlen}) in {vpc}", largest)],
            hint="choose smaller subnets (`public_prefix`, `private_prefix`) or fewer zones",
        )
    return next(min(free).subnets(new_prefix=planned.prefixlen))


def _free(within: IPv4Network, taken: list[IPv4Network]) -> Iterator[IPv4Network]:
    """The aligned blocks of `within`, as large as they can be, that touch nothing that is taken."""
    inside = [each for each in taken if each.overlaps(within)]
    if not inside:
        yield within
    elif not any(within.subnet_of(each) for each in inside):
        for half in within.subnets():
            yield from _free(half, inside)
