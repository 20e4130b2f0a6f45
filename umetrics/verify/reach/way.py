"""All hops from one place to another: out of its groups, by routes, past ACLs, into the other's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from umetrics.verify.reach.gate import EGRESS, INGRESS, acls_let, groups_let
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.route import routed
from umetrics.verify.reach.values import Hop, Passage, Place


def leg(ground: Ground, source: Place, target: Place) -> tuple[Hop, ...]:
    """Every hop on the way; of those between subnets, only the worst of a sort is told."""
    if not source.subnets or not target.subnets:
        where = source.name if not source.subnets else target.name
        ids = (*source.unseen, *target.unseen)
        return (Hop("subnets", Passage.UNKNOWN, ids, f"no subnet of {where} was seen"),)
    if not target.port:
        reason = f"AWS tells no port of {target.name}"
        return (*_unseen(source, target), Hop("port", Passage.UNKNOWN, (), reason))
    return (
        *_unseen(source, target),
        _out(ground, source, target),
        *_routes(ground, source, target),
        *_acls(ground, source, target),
        _into(ground, source, target),
    )


def _unseen(*places: Place) -> Iterator[Hop]:
    for place in places:
        if place.unseen:
            reason = "not seen, or without a range of IPv4: only the others are judged"
            yield Hop(f"subnets of {place.name}", Passage.UNKNOWN, place.unseen, reason)


def _out(ground: Ground, source: Place, target: Place) -> Hop:
    passage = groups_let(ground, source, target, target.port, EGRESS)
    what = f"out of the groups of {source.name}, tcp {target.port}"
    if passage is not Passage.BLOCKED:
        return Hop(what, passage, source.groups, _doubt(passage))
    reason = f"no egress rule lets tcp {target.port} out to {target.name}"
    request = f"egress tcp {target.port} to {_named(target)} in {_named(source)}"
    return Hop(what, passage, source.groups, reason, (request,))


def _into(ground: Ground, source: Place, target: Place) -> Hop:
    passage = groups_let(ground, target, source, target.port, INGRESS)
    what = f"into the groups of {target.name}, tcp {target.port}"
    if passage is not Passage.BLOCKED:
        return Hop(what, passage, target.groups, _doubt(passage))
    reason = f"no ingress rule lets tcp {target.port} in from {source.name}"
    request = f"ingress tcp {target.port} from {_named(source)} in {_named(target)}"
    return Hop(what, passage, target.groups, reason, (request,))


def _named(place: Place) -> str:
    """By its groups, of which one is enough."""
    return f"{' or '.join(place.groups) or 'its group'} ({place.name})"


def _doubt(passage: Passage) -> str:
    if passage is Passage.OK:
        return ""
    return "rules match a part of it, name a prefix list, or were not seen"


def _routes(ground: Ground, source: Place, target: Place) -> Iterator[Hop]:
    """There, and back where that is another VPC."""
    for here, there in ((source, target), (target, source)):
        pairs = list(product(here.subnets, there.subnets))
        hops = [routed(ground, one, other) for one, other in pairs]
        yield _worst(f"routes from {here.name} to {there.name}", hops)
        if all(one.vpc == other.vpc for one, other in pairs):
            return


def _acls(ground: Ground, source: Place, target: Place) -> Iterator[Hop]:
    hops = [
        _past(acl, passage, told)
        for one, other in product(source.subnets, target.subnets)
        for acl, passage, told in acls_let(ground, one, other, target.port)
    ]
    if hops:
        yield _worst(f"network ACLs between {source.name} and {target.name}", hops)


def _past(acl: str, passage: Passage, told: str) -> Hop:
    if passage is Passage.OK:
        return Hop("", passage, (acl,))
    requests = (f"allow {told} in {acl}",) if passage is Passage.BLOCKED else ()
    return Hop("", passage, (acl,), f"{acl}: {told}", requests)


def _worst(what: str, hops: list[Hop]) -> Hop:
    """The gravest of several alike, with ids and requests of all that are as grave."""
    worst = min(hops, key=lambda hop: list(Passage).index(hop.passage))
    alike = [hop for hop in hops if hop.passage is worst.passage]
    ids = tuple(dict.fromkeys(id_ for hop in alike for id_ in hop.ids))
    requests = tuple(dict.fromkeys(each for hop in alike for each in hop.requests))
    return Hop(what, worst.passage, ids, worst.reason, requests)
