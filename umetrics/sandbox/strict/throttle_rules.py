"""EC2's request rate limits: a bucket of tokens for each action, in each account and region.

Sizes and refill rates are those of AWS's page, for the actions that have to do with networks; its
buckets for resources (how many instances are launched) are left out. Off unless
`Settings.throttle` is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from umetrics.sandbox.strict.failure import Failure
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, rule

PAGE = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html"

SERVICE_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Size:
    """Tokens that a bucket holds, and how many are added per second."""

    capacity: float
    refill: float


READING = Size(100, 20)
READING_EVERYTHING = Size(50, 10)
CHANGING = Size(50, 5)

READERS = ("describe_", "list_", "search_", "get_")

COSTLY_READERS = frozenset(
    {
        "describe_instances",
        "describe_instance_status",
        "describe_network_interfaces",
        "describe_security_groups",
        "describe_snapshots",
        "describe_spot_instance_requests",
        "describe_volumes",
    }
)
"""These take from a smaller bucket when asked without a filter and without a page size."""

OF_THEIR_OWN: Mapping[str, Size] = {
    "assign_private_ip_addresses": Size(100, 5),
    "create_default_subnet": Size(1, 1),
    "create_default_vpc": Size(1, 1),
    "create_nat_gateway": Size(10, 1),
    "create_network_interface": Size(100, 5),
    "create_tags": Size(100, 10),
    "create_vpc_endpoint": Size(4, 0.3),
    "delete_nat_gateway": Size(10, 1),
    "delete_network_interface": Size(100, 5),
    "delete_tags": Size(100, 10),
    "delete_vpc_endpoints": Size(4, 0.3),
    "modify_network_interface_attribute": Size(100, 5),
    "modify_vpc_endpoint": Size(4, 0.3),
    "run_instances": Size(5, 2),
    "start_instances": Size(5, 2),
    "terminate_instances": Size(100, 5),
}
"""The page's "uncategorized actions"."""


@dataclass(slots=True)
class Bucket:
    """How many tokens there were at a moment of the world's clock."""

    tokens: float
    at: float


@dataclass(slots=True)
class Buckets:
    """One account's and region's, by action and size: what was never used is full."""

    used: dict[tuple[str, Size], Bucket] = field(default_factory=dict)

    def take(self, action: str, size: Size, now: float) -> bool:
        """Take a token, if there is a whole one."""
        bucket = self.used.setdefault((action, size), Bucket(size.capacity, now))
        refilled = bucket.tokens + (now - bucket.at) * size.refill
        bucket.tokens, bucket.at = min(size.capacity, refilled), now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True


def size_for(call: Call) -> Size:
    """The bucket that a call takes its token from."""
    if call.action in OF_THEIR_OWN:
        return OF_THEIR_OWN[call.action]
    if not call.action.startswith(READERS):
        return CHANGING
    narrowed = any(call.parameter(name) for name in ("Filters", "Filter", "MaxResults"))
    everything = call.action in COSTLY_READERS and not narrowed
    return READING_EVERYTHING if everything else READING


@rule("throttle", service="ec2", actions=EVERY_ACTION, source=PAGE)
def throttle(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A call that finds its bucket empty is not carried out."""
    if call.world.settings.throttle:
        buckets = call.world.memory(call.backend, Buckets)
        if not buckets.take(call.action, size_for(call), call.world.clock()):
            message = "Request limit exceeded."
            return Failure("RequestLimitExceeded", message, status=SERVICE_UNAVAILABLE)
    return proceed()


RULES: tuple[Rule, ...] = (throttle,)
