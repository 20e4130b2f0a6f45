"""What may happen to what an imagined account holds: accidents, AWS's delays, other people.

Each mishap happens to what stands under one key; a number says which of the possible things.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.unit.imagined import Account, without
from umetrics.provision.model import Comparison, Found, Part, Phase, spec_fields
from umetrics.provision.policy_document import PolicyDocument
from umetrics.provision.references import mentions
from umetrics.provision.resources.budget import Alert, Budget
from umetrics.provision.resources.endpoint import GatewayEndpoint, ServedTable
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import Association, Route, RouteTable
from umetrics.provision.resources.rule import tcp
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.resources.vpc import Vpc

NOTHING_ALLOWED = PolicyDocument.of({"Version": "2012-10-17", "Statement": []})

FOREIGN: dict[type, tuple[tuple[str, object], ...]] = {
    RouteTable: (
        ("routes", Route("198.51.100.0/24", "pcx-somebody")),
        ("associations", Association("subnet-somebody")),
    ),
    GatewayEndpoint: (("route_tables", ServedTable("rtb-somebody")),),
    SecurityGroupRules: (("rules", tcp("ingress", 22, "192.0.2.0/24")),),
    ManagedPolicy: (("attached_roles", "somebody"),),
    Role: (("foreign_policies", "somebody"),),
    Budget: (("alerts", Alert(50, "somebody@example.org")),),
}
"""Field and element that others put there, by kind."""


def vanishes(account: Account, key: str, _which: int) -> None:
    """It is gone, and with it what cannot be without it; routes to it lead nowhere."""
    gone = {each.id for each in account.found.get(key, ())}
    account.put(key)
    for other, all_of_it in list(account.found.items()):
        if any(gone & _fixed_mentions(found) for found in all_of_it):
            vanishes(account, other, 0)
        elif other in account.found:
            account.put(other, *(_bereft(found, gone) for found in account.found[other]))


def has_a_leaving_predecessor(account: Account, key: str, _which: int) -> None:
    """A gateway or endpoint beside its successor, on its way out."""
    for found in account.found.get(key, ())[:1]:
        if isinstance(found.spec, NatGateway | GatewayEndpoint):
            old = replace(found, id=account.new_id(key), phase=Phase.LEAVING)
            account.put(key, *account.found[key], old)


def gets_something_of_others(account: Account, key: str, which: int) -> None:
    """Put there by somebody who has nothing to do with us."""

    def given(found: Found[Any], which: int) -> Found[Any]:
        choices = FOREIGN.get(type(found.spec), ())
        return _with(found, *choices[which % len(choices)]) if choices else found

    _turn(account, key, which, given)


def loses_a_tag(account: Account, key: str, which: int) -> None:
    """Any; what was its identity is known by a receipt."""

    def stripped(found: Found[Any], which: int) -> Found[Any]:
        left = dict(sorted(found.tags.items()))
        left.pop([*left, ""][which % (len(left) + 1)], None)
        return replace(found, tags=left)

    _turn(account, key, which, stripped)


def has_an_untagged_part(account: Account, key: str, which: int) -> None:
    """A rule, or what AWS makes with a VPC."""

    def parted(found: Found[Any], _which: int) -> Found[Any]:
        has_parts = isinstance(found.spec, Vpc | SecurityGroupRules)
        return replace(found, parts=(Part("part", f"part of {key}"),)) if has_parts else found

    _turn(account, key, which, parted)


def is_altered(account: Account, key: str, which: int) -> None:
    """A field that AWS can change in place, or an element less in a set."""

    def altered(found: Found[Any], which: int) -> Found[Any]:
        names = [e.name for e in spec_fields(found.spec) if e.comparison is Comparison.PLAIN]
        if not names:
            return found
        name = names[which % len(names)]
        value = _another(getattr(found.spec, name), which // len(names))
        return replace(found, spec=replace(found.spec, **{name: value}))

    _turn(account, key, which, altered)


def is_detached(account: Account, key: str, which: int) -> None:
    """An internet gateway of no VPC."""

    def detached(found: Found[Any], _which: int) -> Found[Any]:
        is_gateway = isinstance(found.spec, InternetGateway)
        return replace(found, spec=InternetGateway()) if is_gateway else found

    _turn(account, key, which, detached)


def is_in_transit(account: Account, key: str, which: int) -> None:
    """A gateway or endpoint that is coming, is leaving or has failed."""

    def moved(found: Found[Any], which: int) -> Found[Any]:
        phase = (Phase.PENDING, Phase.LEAVING, Phase.FAILED)[which % 3]
        can_be = isinstance(found.spec, NatGateway | GatewayEndpoint)
        return replace(found, phase=phase) if can_be else found

    _turn(account, key, which, moved)


def gets_something_surplus(account: Account, key: str, which: int) -> None:
    """A rule that is ours, and that nobody wants."""
    rule = replace(tcp("ingress", 9000, "203.0.113.0/24"), ours=True)

    def given(found: Found[Any], _which: int) -> Found[Any]:
        names = ("rules", "default_group_rules")
        name = next((each for each in names if hasattr(found.spec, each)), "")
        return _with(found, name, rule) if name else found

    _turn(account, key, which, given)


Mishap = Callable[[Account, str, int], None]

HARMLESS: tuple[Mishap, ...] = (has_a_leaving_predecessor, gets_something_of_others)
"""After these nothing is to be done."""

HARMFUL: tuple[Mishap, ...] = (
    vanishes,
    loses_a_tag,
    has_an_untagged_part,
    is_altered,
    is_detached,
    is_in_transit,
    gets_something_surplus,
)


def of_others(account: Account) -> set[tuple[str, str, object]]:
    """Key, field and element of all that others put on what stands."""
    return {
        (key, name, element)
        for key, all_of_it in account.found.items()
        for found in all_of_it
        for name, element in FOREIGN.get(type(found.spec), ())
        if found.phase is not Phase.LEAVING and element in getattr(found.spec, name)
    }


def _turn(
    account: Account, key: str, which: int, into: Callable[[Found[Any], int], Found[Any]]
) -> None:
    for found in account.found.get(key, ())[:1]:
        account.put(key, into(found, which), *account.found[key][1:])


def _with(found: Found[Any], name: str, element: object) -> Found[Any]:
    return replace(found, spec=replace(found.spec, **{name: getattr(found.spec, name) | {element}}))


def _fixed_mentions(found: Found[Any]) -> frozenset[str]:
    return frozenset(
        text
        for each in spec_fields(found.spec)
        if each.comparison is Comparison.FIXED
        for text in mentions(getattr(found.spec, each.name))
    )


def _bereft(found: Found[Any], gone: set[str]) -> Found[Any]:
    """What AWS makes of it when these are gone."""
    match found.spec:
        case RouteTable(routes=routes):
            broken = (replace(e, blackhole=True) if e.target in gone else e for e in routes)
            found = replace(found, spec=replace(found.spec, routes=frozenset(broken)))
            return without(found, "associations", lambda each: each.subnet in gone)
        case GatewayEndpoint():
            return without(found, "route_tables", lambda each: each.id in gone)
        case SecurityGroupRules():
            return without(found, "rules", lambda each: each.peer in gone)
    return found


def _another(value: object, which: int) -> object:
    """Another value of the same type; a set with an element less."""
    match value:
        case frozenset():
            listed = sorted(value, key=str)
            return value - set(listed[which % len(listed) :][:1]) if listed else value
        case bool():
            return not value
        case int():
            return value + 1
        case PolicyDocument():
            return NOTHING_ALLOWED
        case _:
            return f"{value}0"
