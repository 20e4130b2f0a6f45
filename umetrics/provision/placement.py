"""Where subnets go in a VPC in which some stand already: those stay, new ones find room.

Pure. A new subnet takes the place that the address plan gives it, or, where something lies there
or the plan gives none, the smallest free block that is large enough. What stands is never moved:
AWS cannot do that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from umetrics.errors import ConfigurationError, Problem


def unplaced(prefix: int, count: int) -> tuple[str, ...]:
    """As many subnets of that prefix length, to be placed wherever there is room.

    What stands for one is a network that lies in no VPC.
    """
    return (f"0.0.0.0/{prefix}",) * count


def place(
    ranges: Sequence[str],
    planned: Mapping[str, str],
    standing: Mapping[str, str],
    foreign: Iterable[str] = (),
) -> dict[str, str]:
    """A CIDR for each planned key, in the order of the plan.

    `ranges` are the VPC's address ranges, `standing` subnets of ours by key, `foreign` the CIDRs
    of others in the same VPC. A subnet that stands outside of `ranges`, or has another prefix
    length than planned, is given the place that a new one would have, which is then a conflict.
    The largest of what has no place yet is placed first: small ones would break up its room.
    Raises `ConfigurationError` naming the largest free block when there is no room.
    """
    room = [IPv4Network(each) for each in ranges]
    taken = [IPv4Network(each) for each in (*standing.values(), *foreign)]
    placed: dict[str, str] = {}
    for key, cidr in planned.items():
        if key in standing and _fits(standing[key], room, cidr):
            placed[key] = standing[key]
        elif _is_free(IPv4Network(cidr), room, [] if key in standing else taken):
            placed[key] = cidr
            taken.append(IPv4Network(cidr))
    left = [key for key in planned if key not in placed]
    for key in sorted(left, key=lambda key: IPv4Network(planned[key]).prefixlen):
        block = _block_for(key, IPv4Network(planned[key]).prefixlen, room, taken)
        placed[key] = str(block)
        taken.append(block)
    return {key: placed[key] for key in planned}


def free_blocks(addresses: str, taken: Iterable[str]) -> list[str]:
    """What is free in a range, as aligned blocks, the largest first."""
    occupied = [IPv4Network(each) for each in taken]
    return [str(block) for block in _largest_first([IPv4Network(addresses)], occupied)]


def _largest_first(room: Iterable[IPv4Network], taken: list[IPv4Network]) -> list[IPv4Network]:
    blocks = (block for each in room for block in _free(each, taken))
    return sorted(blocks, key=lambda block: (block.prefixlen, block))


def _fits(standing: str, room: Iterable[IPv4Network], planned: str) -> bool:
    stands = IPv4Network(standing)
    lies_within = any(stands.subnet_of(each) for each in room)
    return lies_within and stands.prefixlen == IPv4Network(planned).prefixlen


def _is_free(block: IPv4Network, room: Iterable[IPv4Network], taken: Iterable[IPv4Network]) -> bool:
    return any(block.subnet_of(each) for each in room) and not any(map(block.overlaps, taken))


def _block_for(
    key: str, prefix: int, room: list[IPv4Network], taken: list[IPv4Network]
) -> IPv4Network:
    """At the start of the smallest free block that is large enough."""
    blocks = _largest_first(room, taken)
    fitting = [block for block in blocks if block.prefixlen <= prefix]
    if not fitting:
        largest = f"{blocks[0]} is the largest free block" if blocks else "nothing is free"
        where = ", ".join(map(str, room))
        raise ConfigurationError(
            "the address plan",
            [Problem("network", f"no room for {key} (/{prefix}) in {where}", largest)],
            hint="choose smaller subnets (`public_prefix`, `private_prefix`) or fewer zones",
        )
    smallest = min(fitting, key=lambda block: (-block.prefixlen, block))
    return next(smallest.subnets(new_prefix=prefix))


def _free(within: IPv4Network, taken: list[IPv4Network]) -> Iterator[IPv4Network]:
    """The aligned blocks of `within`, as large as they can be, that touch nothing that is taken."""
    inside = [each for each in taken if each.overlaps(within)]
    if not inside:
        yield within
    elif not any(within.subnet_of(each) for each in inside):
        for half in within.subnets():
            yield from _free(half, inside)
