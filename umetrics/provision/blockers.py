"""What stands in the way of deleting: foreign things in or on what is ours, with their owner.

Only looks. A blocker is anything that is not ours and that would make AWS refuse a delete, or
would lose what somebody else relies on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.pool import together
from umetrics.provision.inhabitants import INSIDE_A_VPC, REFERRING, Blocker
from umetrics.provision.model import Found, Snapshot
from umetrics.provision.plan import estrangement
from umetrics.provision.reliance import Looking, ids_of, looks_at_reliance
from umetrics.provision.resources.ec2 import tag_filter, tags_of
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.vpc import Vpc
from umetrics.tags import DEPLOYMENT

if TYPE_CHECKING:
    from umetrics.aws import Aws


def find_blockers(aws: Aws, snapshot: Snapshot) -> tuple[Blocker, ...]:
    """What is in the way of deleting everything, sorted by what it blocks; one round of calls."""
    found = [each for all_of_it in snapshot.found.values() for each in all_of_it]
    ours = _ids(found)
    vpcs = [each.id for each in found if isinstance(each.spec, Vpc)]
    groups = [each.id for each in found if isinstance(each.spec, SecurityGroup)]
    looks: list[Looking] = [partial(look, aws, vpcs, ours) for look in INSIDE_A_VPC if vpcs]
    looks += [partial(look, aws, groups, ours) for look in REFERRING if groups]
    if not vpcs:
        looks += looks_at_reliance(aws, found, found)
    return _sorted({*_seen(aws, snapshot, snapshot.found, looks), *_unmarked(snapshot)})


def find_reliance(aws: Aws, snapshot: Snapshot, going: Collection[str]) -> tuple[Blocker, ...]:
    """What others rely on of the keys in `going`, while the rest stays; one round of calls."""
    found = [each for all_of_it in snapshot.found.values() for each in all_of_it]
    leaving = [each for key in going for each in snapshot.found[key]]
    groups = [each.id for each in leaving if isinstance(each.spec, SecurityGroup)]
    looks = [*looks_at_reliance(aws, leaving, found)]
    looks += [partial(look, aws, groups, _ids(found)) for look in REFERRING if groups]
    return _sorted(_seen(aws, snapshot, going, looks))


def _ids(found: Iterable[Found[Any]]) -> frozenset[str]:
    return frozenset(identity for each in found for identity in ids_of(each))


def _sorted(seen: Iterable[Blocker]) -> tuple[Blocker, ...]:
    return tuple(sorted(seen, key=lambda blocker: (blocker.blocks, blocker.kind, blocker.id)))


def _seen(
    aws: Aws, snapshot: Snapshot, keys: Iterable[str], looks: Iterable[Looking]
) -> set[Blocker]:
    """What the looks showed, and what the resources of these keys themselves tell."""
    ours = _ids(each for all_of_it in snapshot.found.values() for each in all_of_it)
    answers = together(*[partial(_told, look) for look in looks])
    seen = {blocker for blockers in answers for blocker in blockers}
    for key in keys:
        for each in snapshot.found[key]:
            seen.update(_attached(key, each, snapshot, ours))
    if any(blocker.id.startswith("eni-") for blocker in seen):
        left_behind = _interfaces_of_gone_gateways(aws, snapshot.deployment)
        seen = {blocker for blocker in seen if blocker.id not in left_behind}
    return seen


def _told(look: Looking) -> list[Blocker]:
    return list(look())


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
