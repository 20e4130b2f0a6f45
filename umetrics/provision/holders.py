"""Who still holds a resource that AWS will not delete: asked only when a delete has to wait.

For people, so it is best effort: what cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.errors import UmetricsError
from umetrics.provision.inhabitants import INSIDE_A_VPC, REFERRING, Blocker, interfaces
from umetrics.provision.model import Found
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc

if TYPE_CHECKING:
    from umetrics.aws import Aws

SHOWN = 3


def holders(aws: Aws, found: Found[Any]) -> str:
    """`network interface eni-1, AWS Lambda VPC ENI...; and 2 more`; empty when nobody is known."""
    held = sorted({each.described for each in _seen(aws, found)})
    if len(held) > SHOWN:
        held = [*held[:SHOWN], f"and {len(held) - SHOWN} more"]
    return "; ".join(held)


def _seen(aws: Aws, found: Found[Any]) -> Iterator[Blocker]:
    own = frozenset({found.id, *(part.id for part in found.parts)})
    for look in _looks(found):
        with suppress(UmetricsError):
            yield from look(aws, [found.id], own)


def _looks(found: Found[Any]) -> tuple[Callable[..., Iterator[Blocker]], ...]:
    match found.spec:
        case Vpc():
            return INSIDE_A_VPC
        case Subnet():
            return (partial(interfaces, by="subnet-id"),)
        case SecurityGroup():
            return (partial(interfaces, by="group-id"), *REFERRING)
    return ()
