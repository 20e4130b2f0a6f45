"""What others have come to rely on, of what is ours and shall go.

Where our own VPC stays or there is none, not all that is in it is in the way, as `inhabitants.py`
has it, but what uses the very subnets, groups, gateways, tables and endpoints that are to go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.provision.inhabitants import Blocker, interfaces, owner_of
from umetrics.provision.model import Found
from umetrics.provision.resources.ec2 import filters
from umetrics.provision.resources.endpoint import GatewayEndpoint
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.route_table import RouteTable, routes_of
from umetrics.provision.resources.rule import ANYWHERE
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.subnet import Subnet

if TYPE_CHECKING:
    from umetrics.aws import Aws

Looking = Callable[[], Iterable[Blocker]]
"""One look, which asks AWS when it is called."""


def looks_at_reliance(
    aws: Aws, going: Sequence[Found[Any]], ours: Iterable[Found[Any]]
) -> Iterator[Looking]:
    """What to look at before `going` is deleted; `ours` is all that is ours, `going` included."""
    everything = list(ours)
    ids = frozenset(identity for each in everything for identity in ids_of(each))
    leaving = frozenset(each.id for each in going)
    gateways = {each.id for each in going if isinstance(each.spec, NatGateway | InternetGateway)}
    vpcs = sorted({vpc for each in everything if (vpc := getattr(each.spec, "vpc", ""))})
    subnets = [each.id for each in going if isinstance(each.spec, Subnet)]
    groups = [each.id for each in going if isinstance(each.spec, SecurityGroup)]
    if subnets:
        yield partial(interfaces, aws, subnets, ids, by="subnet-id")
    if groups:
        yield partial(interfaces, aws, groups, ids, by="group-id")
    if vpcs and gateways:
        yield partial(_routes_through, aws, vpcs, gateways, leaving, ids)
    yield lambda: (blocker for each in going for blocker in _served(each, ids))


def ids_of(found: Found[Any]) -> tuple[str, ...]:
    """All by which AWS may name it, its parts included."""
    return (found.id, found.arn, *(part.id for part in found.parts))


def _routes_through(
    aws: Aws,
    vpcs: list[str],
    gateways: set[str],
    leaving: frozenset[str],
    ours: frozenset[str],
) -> Iterator[Blocker]:
    """Routes to gateways that go: on tables of others, or put by others on ours that stay."""
    paginator = aws.ec2.get_paginator("describe_route_tables")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for table in page["RouteTables"]:
            identity = table["RouteTableId"]
            if identity in leaving:
                continue
            for route in routes_of(table):
                if route.target not in gateways:
                    continue
                if identity in ours and route.destination == ANYWHERE:
                    continue
                owner = f"route {route.destination}" if identity in ours else owner_of(table)
                yield Blocker("route table", identity, owner, route.target)


def _served(found: Found[Any], ours: frozenset[str]) -> Iterator[Blocker]:
    """Subnets of others on a table of ours, tables of others on our endpoint."""
    match found.spec:
        case RouteTable(associations=associations):
            for subnet in sorted(str(each) for each in associations):
                if subnet not in ours:
                    yield Blocker("subnet", subnet, "which uses our route table", found.id)
        case GatewayEndpoint(route_tables=tables):
            for table in sorted(str(each) for each in tables):
                if table not in ours:
                    yield Blocker("route table", table, "which uses our endpoint", found.id)
