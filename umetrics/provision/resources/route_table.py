"""Route tables with their routes and associations, none of which AWS can tag.

A route is ours only by its destination; a route to anywhere else on our table is somebody's
(peering to the database, for one) and stays. So do associations with other subnets. A table that
shall have no way out any more loses the one that leads through a gateway of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.errors import AlreadyExists, NotFound
from umetrics.provision.model import Found, Resource, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    Ec2Kind,
    tag_specifications,
    tags_of,
)
from umetrics.provision.resources.rule import ANYWHERE

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from umetrics.aws import Aws

DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "VpcPeeringConnectionId",
    "TransitGatewayId",
    "NetworkInterfaceId",
    "EgressOnlyInternetGatewayId",
    "CarrierGatewayId",
    "LocalGatewayId",
    "CoreNetworkArn",
)


@dataclass(frozen=True, slots=True)
class Route:
    """Where traffic to a destination goes; a `blackhole` leads to something that is gone."""

    destination: str
    target: str
    blackhole: bool = False
    ours: bool = field(default=False, compare=False)

    @property
    def identity(self) -> object:
        """A table holds one route per destination."""
        return self.destination

    def __str__(self) -> str:
        return f"{self.destination} -> {self.target}{' (blackhole)' if self.blackhole else ''}"


@dataclass(frozen=True, slots=True)
class Association:
    """That a subnet uses this table; `id` is known once it exists."""

    subnet: str
    id: str = field(default="", compare=False)
    ours: bool = field(default=False, compare=False)

    @property
    def identity(self) -> object:
        """A subnet uses one table."""
        return self.subnet

    def __str__(self) -> str:
        return self.subnet


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table of a VPC."""

    vpc: str = field(metadata=fixed())
    routes: frozenset[Route] = frozenset()
    associations: frozenset[Association] = frozenset()

    def knowing(self, ours: frozenset[str], wanted: frozenset[str], goal: RouteTable) -> RouteTable:
        """The way out through a gateway of ours is ours to close, and one that leads nowhere.

        A subnet of ours that shall use another table is moved by that one, never let go by this.
        """
        here = {each.subnet for each in goal.associations}
        return replace(
            self,
            routes=frozenset(
                replace(
                    each,
                    ours=each.destination == ANYWHERE and (each.target in ours or each.blackhole),
                )
                for each in self.routes
            ),
            associations=frozenset(
                each
                for each in self.associations
                if each.subnet in here or each.subnet not in wanted
            ),
        )


class RouteTableHandler(Ec2Kind[RouteTable]):
    """Created empty; routes and associations are added by `update`, which takes away our route."""

    label = "route table"
    id_filter = "route-table-id"
    may_be_doubled = True

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        for page in aws.ec2.get_paginator("describe_route_tables").paginate(Filters=selected):
            yield from page["RouteTables"]

    def parse(self, description: Description) -> Found[RouteTable]:
        spec = RouteTable(
            description["VpcId"],
            frozenset(routes_of(description)),
            frozenset(_associations(description)),
        )
        return Found(description["RouteTableId"], spec, tags_of(description))

    def create(self, aws: Aws, desired: Resource[RouteTable], token: str) -> Found[RouteTable]:
        answer = aws.once.ec2.create_route_table(
            VpcId=desired.spec.vpc,
            ClientToken=token,
            TagSpecifications=tag_specifications("route-table", desired.tags),
        )
        return self.parse(answer["RouteTable"])

    def update(self, aws: Aws, found: Found[RouteTable], desired: Resource[RouteTable]) -> None:
        present = {route.destination for route in found.spec.routes}
        wanted = {route.destination for route in desired.spec.routes}
        for route in sorted(desired.spec.routes - found.spec.routes, key=str):
            if route.destination in present:
                _send(aws.ec2.replace_route, found.id, route)
            else:
                _create_route(aws, found.id, route)
        for route in sorted(found.spec.routes - desired.spec.routes, key=str):
            if route.ours and route.destination not in wanted:
                _delete_route(aws, found.id, route)
        new = desired.spec.associations - found.spec.associations
        self._associate(aws, found.id, sorted(association.subnet for association in new))

    def _associate(self, aws: Aws, table: str, subnets: list[str]) -> None:
        """Move each subnet here from the table it uses now, without a moment between tables."""
        if not subnets:
            return
        present = self._associations(aws, subnets)
        for subnet in subnets:
            try:
                _move(aws, present.get(subnet), subnet, table)
            except (AlreadyExists, NotFound):
                # The answer to a first try was lost, or somebody else was quicker: look again.
                now = self._associations(aws, [subnet]).get(subnet)
                if now is None or now.table != table:
                    raise

    def _associations(self, aws: Aws, subnets: list[str]) -> dict[str, _Current]:
        by_subnet: list[FilterTypeDef] = [{"Name": "association.subnet-id", "Values": subnets}]
        return {
            association.subnet: _Current(association.id, description["RouteTableId"])
            for description in self.describe(aws, by_subnet)
            for association in _associations(description)
        }

    def delete(self, aws: Aws, found: Found[RouteTable]) -> None:
        for association in sorted(found.spec.associations, key=str):
            try:
                aws.ec2.disassociate_route_table(AssociationId=association.id)
            except NotFound as error:
                if "Association" not in error.aws_code:
                    raise
        aws.ec2.delete_route_table(RouteTableId=found.id)


@dataclass(frozen=True, slots=True)
class _Current:
    """The association that a subnet has now, and the table it uses."""

    id: str
    table: str


def _move(aws: Aws, current: _Current | None, subnet: str, table: str) -> None:
    if current is None:
        aws.ec2.associate_route_table(SubnetId=subnet, RouteTableId=table)
    else:
        aws.ec2.replace_route_table_association(AssociationId=current.id, RouteTableId=table)


def routes_of(description: Description) -> Iterator[Route]:
    """The routes that somebody made: not `local`, not an endpoint's own, not propagated."""
    for route in description.get("Routes", ()):
        gateway = route.get("GatewayId", "")
        if gateway == "local" or gateway.startswith("vpce-"):
            continue
        if route.get("Origin") == "EnableVgwRoutePropagation":
            continue
        destination = next((route[name] for name in DESTINATIONS if route.get(name)), "")
        yield Route(destination, target_of(route), blackhole=route.get("State") == "blackhole")


def target_of(route: Description) -> str:
    """The id of what a described route leads to; empty where AWS names none."""
    return next((str(route[name]) for name in TARGETS if route.get(name)), "")


def _associations(description: Description) -> Iterator[Association]:
    for each in description.get("Associations", ()):
        if each.get("SubnetId"):
            yield Association(each["SubnetId"], each["RouteTableAssociationId"])


def _send(call: Callable[..., object], table: str, route: Route) -> None:
    """CreateRoute and ReplaceRoute take the same parameters, one for each kind of target."""
    target = "NatGatewayId" if route.target.startswith("nat-") else "GatewayId"
    call(
        RouteTableId=table,
        DestinationCidrBlock=route.destination,
        **{target: route.target},
    )


def _create_route(aws: Aws, table: str, route: Route) -> None:
    try:
        _send(aws.ec2.create_route, table, route)
    except AlreadyExists:
        _send(aws.ec2.replace_route, table, route)


def _delete_route(aws: Aws, table: str, route: Route) -> None:
    with suppress(NotFound):
        aws.ec2.delete_route(RouteTableId=table, DestinationCidrBlock=route.destination)
