"""How resources are grouped for people, by their keys, and which of them take their time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol, TypeVar

from umetrics.provision.plan import Action


class Keyed(Protocol):
    """Anything with a resource key: steps, events, receipts."""

    @property
    def key(self) -> str:
        """The resource key."""
        ...


K = TypeVar("K", bound=Keyed)

OTHER = "Other"

LAYERS: Mapping[str, str] = MappingProxyType(
    {
        "vpc": "Network",
        "internet-gateway": "Network",
        "subnet": "Network",
        "elastic-ip": "Network",
        "nat-gateway": "Network",
        "route-table": "Network",
        "endpoint": "Network",
        "security-group": "Security groups",
        "rules": "Security groups",
        "role": "IAM",
        "policy": "IAM",
        "log-group": "Monitoring",
        "flow-log": "Monitoring",
        "budget": "Monitoring",
        "parameter": "Outputs",
    }
)
"""Head of a key (`subnet` of `subnet/public-a`) -> its layer; both in the order shown."""

USUAL: Mapping[tuple[str, Action], str] = MappingProxyType(
    {
        ("nat-gateway", Action.CREATE): "1-3 min",
        ("nat-gateway", Action.DELETE): "1-5 min",
    }
)
"""How long a slow step usually takes."""


def head(key: str) -> str:
    """What a key begins with: `subnet` of `subnet/public-a`."""
    return key.partition("/")[0]


def layer(key: str) -> str:
    """The layer that a key belongs to."""
    return LAYERS.get(head(key), OTHER)


def usual(key: str, action: Action) -> str:
    """How long this usually takes; empty for what is done in seconds."""
    return USUAL.get((head(key), action), "")


def by_layer(items: Iterable[K]) -> Iterator[tuple[str, list[K]]]:
    """The layers that have items, each with its own in the given order."""
    held = list(items)
    for name in (*dict.fromkeys(LAYERS.values()), OTHER):
        if own := [each for each in held if layer(each.key) == name]:
            yield name, own
