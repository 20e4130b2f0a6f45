"""What stands in the way of a destroy: foreign things in or on what is ours, with their owner.

Only looks. A blocker is anything that is not ours and that would make AWS refuse a delete, or
would lose what somebody else relies on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.pool import together
from umetrics.provision.inhabitants import INSIDE_A_VPC, REFERRING, Blocker, Look
from umetrics.provision.model import Found, Snapshot
from umetrics.provision.plan import estrangement
from umetrics.provision.resources.ec2 import tag_filter, tags_of
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.vpc import Vpc
from umetrics.tags import DEPLOYMENT

if TYPE_CHECKING:
    from umetrics.aws import Aws


def find_blockers(aws: Aws, snapshot: Snapshot) -> tuple[Blocker, ...]:
    """Every blocker, sorted by what it blocks; one round of calls."""
    found = [(key, each) for key, all_of_it in snapshot.found.items() for each in all_of_it]
    ours = frozenset(
        identity
        for _key, each in found
        for identity in (each.id, each.arn, *(part.id for part in each.parts))
    )
    vpcs = [each.id for _key, each in found if isinstance(each.spec, Vpc)]
    groups = [each.id for _key, each in found if isinstance(each.spec, SecurityGroup)]
    looks: list[Callable[[], list[Blocker]]] = [
        partial(_listed, look, aws, vpcs, ours) for look in INSIDE_A_VPC if vpcs
    ]
    looks += [partial(_listed, look, aws, groups, ours) for look in REFERRING if groups]
    seen = {blocker for blockers in together(*looks) for blocker in blockers}
    seen.update(_unmarked(snapshot))
    seen.update(blocker for key, each in found for blocker in _attached(key, each, snapshot, ours))
    if any(blocker.id.startswith("eni-") for blocker in seen):
        left_behind = _interfaces_of_gone_gateways(aws, snapshot.deployment)
        seen = {blocker for blocker in seen if blocker.id not in left_behind}
    return tuple(sorted(seen, key=lambda blocker: (blocker.blocks, blocker.kind, blocker.id)))


def _listed(look: Look, aws: Aws, ids: list[str], ours: frozenset[str]) -> list[Blocker]:
    return list(look(aws, ids, ours))


def _interfaces_of_gone_gateways(aws: Aws, deployment: str) -> frozenset[str]:
    """A deleted gateway of ours stays listed for an hour, its interface may outlive it a little.

    Asked only when an interface would block: a destroy that broke off after the gateway goes on.
    """
    paginator = aws.ec2.get_paginator("describe_nat_gateways")
    return frozenset(
        address["NetworkInterfaceId"]
        for page in paginator.paginate(Filters=tag_filter(deployment))
        for gateway in page["NatGateways"]
        if gateway["State"] == "deleted" and tags_of(gateway).get(DEPLOYMENT) == deployment
        for address in gateway.get("NatGatewayAddresses", ())
        if address.get("NetworkInterfaceId")
    )


def _unmarked(snapshot: Snapshot) -> Iterator[Blocker]:
    """What only our receipts know: destroy deletes nothing without our tags on it."""
    for key in snapshot.stripped:
        for each in snapshot.found[key]:
            yield Blocker(
                key,
                each.id,
                "known by its receipt, but its identity tags are gone",
                "its own delete",
            )
    for key, found in snapshot.estranged.items():
        yield Blocker(key, found.id, estrangement(found, snapshot.deployment), "its own delete")


def _attached(
    key: str, found: Found[Any], snapshot: Snapshot, ours: frozenset[str]
) -> Iterator[Blocker]:
    """Who else uses our policy or our address."""
    if isinstance(found.spec, ManagedPolicy):
        others = found.spec.attached_roles - snapshot.owned.get(key, frozenset())
        for role in sorted(others):
            yield Blocker("attachment to role", role, "attached by others", found.spec.name)
        for user in sorted(found.spec.other_attachments):
            yield Blocker("attachment", user, "attached by others", found.spec.name)
    if isinstance(found.spec, ElasticIp):
        interface = found.spec.network_interface
        if interface and interface not in ours:
            yield Blocker("association with", interface, "not a gateway of ours", found.id)
