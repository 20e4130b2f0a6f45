"""AWS -> facts and snapshot: everything of one deployment, in one concurrent sweep.

The sweep is two rounds deep when all is well: every kind is listed by our deployment tag, then
what lists leave out (VPC attributes, role policies, rules) is read. Only receipts that no listing
showed cost a further round: their ids are looked up, so that a resource whose tags were stripped
is recognised; but not where the id is a name, which others may have by now. Nothing here decides or
writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.pool import both, together
from umetrics.provision.model import Blueprint, Found, Resource, Snapshot, Where
from umetrics.provision.references import resolve
from umetrics.tags import RESOURCE

if TYPE_CHECKING:
    from umetrics.aws import Aws, Identity
    from umetrics.provision.resources import Handlers
    from umetrics.provision.resources.handler import Handler


@dataclass(frozen=True, slots=True)
class Known:
    """What the receipts say of one resource: its kind's name, its id, the elements we put there."""

    kind: str
    id: str
    members: tuple[str, ...] = ()


def sweep(
    aws: Aws, deployment: str, handlers: Handlers, receipts: Mapping[str, Known]
) -> tuple[Identity, Snapshot]:
    """Who we are, and everything that is ours by tag or by receipt."""
    for handler in handlers.values():
        handler.prepare(aws)
    roots = [kind for kind, handler in handlers.items() if handler.within is None]
    finding = [partial(_find_kind, aws, deployment, handlers, kind, receipts) for kind in roots]
    identity, families = both(lambda: aws.identity, partial(together, *finding))
    return identity, _snapshot(
        deployment, [each for family in families for each in family], receipts
    )


def demanded(handlers: Handlers, kinds: Collection[str]) -> Handlers:
    """Without the kinds that are looked for on demand only, unless they are named in `kinds`."""
    return {
        kind: handler
        for kind, handler in handlers.items()
        if not handler.on_demand or kind.__name__ in kinds
    }


@dataclass(frozen=True, slots=True)
class _Claim:
    """A found resource and the key it stands for.

    `stripped` when only a receipt says so, `estranged` when its tags say that it is another's.
    """

    key: str
    found: Found[Any]
    stripped: bool = False
    estranged: bool = False


def _find_kind(
    aws: Aws, deployment: str, handlers: Handlers, kind: type, receipts: Mapping[str, Known]
) -> list[_Claim]:
    """One kind, then the kinds that live within it."""
    keys_of: dict[str, set[str]] = defaultdict(set)
    for key, known in receipts.items():
        if known.kind == kind.__name__:
            keys_of[known.id].add(key)
    handler = handlers[kind]
    listed = list(handler.find(aws, Where(deployment)))
    unseen = frozenset(keys_of) - {found.id for found in listed}
    if handler.known_by_name:
        seen = [found for found in listed if found.key]
    else:
        seen = [*listed, *(handler.find(aws, Where(deployment, ids=unseen)) if unseen else ())]
    claims = [
        claim
        for found in seen
        for claim in _claims(found, deployment, keys_of.get(found.id, set()))
    ]
    ours = [claim for claim in claims if not claim.estranged]
    inner = [inside for inside, other in handlers.items() if other.within is kind]
    if inner and ours:
        where = Where(deployment, within=tuple(_labelled(claim) for claim in ours))
        for inside in inner:
            claims += [_Claim(found.key, found) for found in handlers[inside].find(aws, where)]
    return claims


def _claims(found: Found[Any], deployment: str, recorded: set[str]) -> Iterator[_Claim]:
    """What a found resource stands for, by its tags and by the receipts that name its id.

    Where they contradict each other it is claimed as estranged under every key: neither is believed
    alone, since taking the wrong one would make a second one, or take away a good one.
    """
    whole = found.deployment == deployment and bool(found.key)
    agreed = recorded & {found.key} if found.key else recorded
    if found.deployment not in {"", deployment}:
        yield from (_Claim(key, found, estranged=True) for key in sorted(recorded))
    elif whole and (agreed or not recorded):
        yield _Claim(found.key, found)
    elif len(agreed) == 1:
        yield from (_Claim(key, found, stripped=True) for key in agreed)
    elif recorded:
        keys = recorded | {found.key} if whole else recorded
        yield from (_Claim(key, found, estranged=True) for key in sorted(keys))


def _labelled(claim: _Claim) -> Found[Any]:
    """The resource with the key it stands for, for kinds that name themselves after it."""
    return replace(claim.found, tags={**claim.found.tags, RESOURCE: claim.key})


def _snapshot(deployment: str, claims: Iterable[_Claim], receipts: Mapping[str, Known]) -> Snapshot:
    found: dict[str, list[Found[Any]]] = defaultdict(list)
    stripped: set[str] = set()
    estranged: dict[str, Found[Any]] = {}
    for claim in claims:
        if claim.estranged:
            estranged[claim.key] = claim.found
            continue
        found[claim.key].append(claim.found)
        if claim.stripped:
            stripped.add(claim.key)
    return Snapshot(
        deployment,
        {key: tuple(each) for key, each in found.items()},
        frozenset(stripped),
        estranged,
        owned={key: frozenset(known.members) for key, known in receipts.items() if known.members},
    )


def with_obstacles(
    aws: Aws, snapshot: Snapshot, blueprint: Blueprint, handlers: Handlers
) -> Snapshot:
    """The snapshot, with what would keep wanted resources from being made as wanted."""
    ours = {key: living[0].id for key in snapshot.found if (living := snapshot.living(key))}
    ids = {**ours, **blueprint.shared_ids}
    wanted = [
        replace(resource, spec=resolve(resource.spec, ids)) for resource in blueprint.resources
    ]
    asking = [
        partial(_obstacle, aws, handlers[type(each.spec)], each, snapshot.living(each.key))
        for each in wanted
    ]
    obstacles = {
        resource.key: reason
        for resource, reason in zip(wanted, together(*asking), strict=True)
        if reason
    }
    return replace(snapshot, obstacles=obstacles)


def _obstacle(
    aws: Aws, handler: Handler[Any], desired: Resource[Any], living: tuple[Found[Any], ...]
) -> str:
    """Somebody else's thing of that name, or something that the resource needs and AWS lacks."""
    if not living and (holder := handler.occupant(aws, desired)):
        return f"its name is taken by {holder}"
    return handler.unmet(aws, desired, living[0] if living else None)
