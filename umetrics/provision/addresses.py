"""Addresses for the subnets of a VPC, from its CIDR and prefix lengths alone.

Public subnets lie first, private ones at the next address that is aligned for them; within each
group in the order of the zones. Pure arithmetic: it does not know which zones they are, what else
lies in a VPC, or whether two VPCs overlap.

Limits are AWS's: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html, and for
load balancers https://docs.aws.amazon.com/elasticloadbalancing/latest/application/.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from umetrics.errors import ConfigurationError, Problem

LARGEST_VPC = 16
"""AWS allows no VPC larger than a /16."""

SMALLEST_VPC = 24
"""Ours is never smaller: two zones with room for tasks need most of a /24."""

SMALLEST_PUBLIC = 27
"""A load balancer wants at least a /27 in each zone."""

SMALLEST_SUBNET = 28
"""AWS allows no subnet smaller than a /28."""

ZONE_COUNTS = (2, 3)
"""A load balancer needs two zones; more than three only cost addresses."""


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """CIDRs of the subnets, one for each zone, in the order of the zones."""

    public: tuple[str, ...]
    private: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the subnets lie, in addresses counted from the start of the VPC."""

    public_prefix: int
    private_prefix: int
    zones: int

    @property
    def private_start(self) -> int:
        size = addresses_in(self.private_prefix)
        return -(-self.zones * addresses_in(self.public_prefix) // size) * size

    @property
    def end(self) -> int:
        return self.private_start + self.zones * addresses_in(self.private_prefix)

    def smallest_vpc(self) -> int | None:
        """The longest prefix of a VPC that holds this; None when even a /16 does not."""
        prefixes = range(SMALLEST_VPC, LARGEST_VPC - 1, -1)
        return next((prefix for prefix in prefixes if self.end <= addresses_in(prefix)), None)

    def __str__(self) -> str:
        return f"{self.zones} x /{self.public_prefix} and {self.zones} x /{self.private_prefix}"


def plan_addresses(
    cidr: str, *, public_prefix: int = 27, private_prefix: int = 26, zones: int = 2
) -> AddressPlan:
    """The subnets of `cidr`: `zones` public and `zones` private ones.

    Raises `ConfigurationError` with every problem. `Problem.where` is a dotted setting
    (`network.cidr`), for the caller to say where that stands. What does not fit is answered with
    the smallest CIDR that does.
    """
    layout = _Layout(public_prefix, private_prefix, zones)
    problems = list(_problems(cidr, layout)) or list(_misfits(cidr, layout))
    if problems:
        raise ConfigurationError(
            "the address plan",
            problems,
            hint="change `cidr`, `public_prefix` or `private_prefix` in [network]",
        )
    network = IPv4Network(cidr)
    return AddressPlan(
        public=tuple(_subnets(network, 0, public_prefix, zones)),
        private=tuple(_subnets(network, layout.private_start, private_prefix, zones)),
    )


def addresses_in(prefix: int) -> int:
    """How many addresses an IPv4 prefix of that length spans, AWS's reserved five included."""
    return 1 << (32 - prefix)


def canonical_cidr(text: str) -> str | None:
    """How AWS writes an IPv4 CIDR (`10.0.0.7/24` is `10.0.0.0/24`); None when it is none."""
    try:
        return str(IPv4Network(text, strict=False))
    except ValueError:
        return None


def nearest_vpc_cidr(text: str) -> str | None:
    """The canonical CIDR of an allowed size that is closest to `text`; None for what is no CIDR.

    A text that comes back unchanged is a CIDR that a VPC may have.
    """
    canonical = canonical_cidr(text)
    if canonical is None:
        return None
    network = IPv4Network(canonical)
    if network.prefixlen > SMALLEST_VPC:
        return str(network.supernet(new_prefix=SMALLEST_VPC))
    if network.prefixlen < LARGEST_VPC:
        return f"{network.network_address}/{LARGEST_VPC}"
    return canonical


def _subnets(network: IPv4Network, start: int, prefix: int, count: int) -> Iterator[str]:
    first = int(network.network_address) + start
    for ordinal in range(count):
        yield str(IPv4Network((first + ordinal * addresses_in(prefix), prefix)))


def _problems(cidr: str, layout: _Layout) -> Iterator[Problem]:
    """What is wrong with each value by itself."""
    nearest = nearest_vpc_cidr(cidr)
    if nearest != cidr:
        yield Problem(
            "network.cidr",
            repr(cidr),
            f"an IPv4 CIDR of /{LARGEST_VPC} to /{SMALLEST_VPC}, without host bits",
            nearest or "",
        )
    if layout.zones not in ZONE_COUNTS:
        yield Problem("network.zones", str(layout.zones), "2 or 3")
    for key, prefix, longest in (
        ("network.public_prefix", layout.public_prefix, SMALLEST_PUBLIC),
        ("network.private_prefix", layout.private_prefix, SMALLEST_SUBNET),
    ):
        if not LARGEST_VPC <= prefix <= longest:
            yield Problem(key, str(prefix), f"{LARGEST_VPC} to {longest}")


def _misfits(cidr: str, layout: _Layout) -> Iterator[Problem]:
    """Whether values that are right by themselves fit together."""
    network = IPv4Network(cidr)
    if layout.end <= network.num_addresses:
        return
    needed = f"{layout} take {layout.end} addresses"
    smallest = layout.smallest_vpc()
    if smallest is None:
        wider = "private" if layout.private_prefix <= layout.public_prefix else "public"
        prefix = min(layout.private_prefix, layout.public_prefix)
        yield Problem(
            f"network.{wider}_prefix",
            str(prefix),
            f"subnets that fit into a /{LARGEST_VPC}, the largest VPC ({needed})",
        )
        return
    yield Problem(
        "network.cidr",
        f"{cidr!r} with {network.num_addresses} addresses",
        f"/{smallest} or larger ({needed})",
        str(network.supernet(new_prefix=smallest)),
    )
