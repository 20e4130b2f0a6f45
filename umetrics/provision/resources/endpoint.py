"""Gateway endpoints: a free way to S3 for the private subnets, past the NAT gateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.errors import AwsError, NotFound
from umetrics.provision.model import LIVING, Found, Phase, Ref, Resource, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    Ec2Kind,
    filters,
    refuse_unsuccessful,
    tag_specifications,
    tags_of,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef, VpcEndpointTypeDef

    from umetrics.aws import Aws

AVAILABLE_WITHIN = 300
GONE_WITHIN = 600
"""Seconds; seconds are usual, route tables can only be deleted after."""

PHASES = {
    "pending": Phase.PENDING,
    "pendingacceptance": Phase.PENDING,
    "available": Phase.READY,
    "deleting": Phase.LEAVING,
    "failed": Phase.FAILED,
    "rejected": Phase.FAILED,
    "expired": Phase.FAILED,
}
"""By state in lower case: EC2 writes both `Available` and `available`."""


@dataclass(frozen=True, slots=True)
class ServedTable:
    """A route table through which subnets reach the endpoint."""

    id: str
    ours: bool = field(default=False, compare=False)

    @property
    def identity(self) -> object:
        """A table is served once."""
        return self.id

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class GatewayEndpoint:
    """A gateway endpoint of a VPC for one service, on some route tables."""

    vpc: str = field(metadata=fixed())
    service: str = field(metadata=fixed())
    route_tables: frozenset[ServedTable] = frozenset()

    def knowing(
        self, ours: frozenset[str], wanted: frozenset[str], _goal: GatewayEndpoint
    ) -> GatewayEndpoint:
        """A table of ours that nobody wants any more is let go; somebody else's stays."""
        let_go = ours - wanted
        tables = (replace(table, ours=table.id in let_go) for table in self.route_tables)
        return replace(self, route_tables=frozenset(tables))


class GatewayEndpointHandler(Ec2Kind[GatewayEndpoint]):
    """Created on its tables; `update` adds further ones, and lets go of what is ours no more."""

    label = "gateway endpoint"
    id_filter = "vpc-endpoint-id"

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        for page in aws.ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=selected):
            yield from page["VpcEndpoints"]

    def describe_ids(self, aws: Aws, ids: Iterable[str]) -> Iterator[Description]:
        """One at a time: an absent id fails the whole call, and names only itself."""
        for each in sorted(ids):
            with suppress(NotFound):
                yield from aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[each])["VpcEndpoints"]

    def parse(self, description: Description) -> Found[GatewayEndpoint] | None:
        state = description["State"].lower()
        if state == "deleted":
            return None
        return Found(
            description["VpcEndpointId"],
            GatewayEndpoint(
                description["VpcId"],
                description["ServiceName"],
                frozenset(map(ServedTable, description.get("RouteTableIds", ()))),
            ),
            tags_of(description),
            phase=PHASES.get(state, Phase.PENDING),
            note=str(description.get("LastError", {}).get("Message", "")),
        )

    def unmet(
        self, aws: Aws, desired: Resource[GatewayEndpoint], found: Found[GatewayEndpoint] | None
    ) -> str:
        """A route table has room for one endpoint of a service; somebody may have been quicker."""
        tables = {table for table in desired.spec.route_tables if not isinstance(table.id, Ref)}
        if found is not None or not tables:
            return ""
        present = filters(vpc_id=desired.spec.vpc, service_name=desired.spec.service)
        for description in self.describe(aws, present):
            other = self.parse(description)
            taken = other.spec.route_tables & tables if other else frozenset()
            if other and taken and other.phase in LIVING:
                return f"{other.id}, which is not ours, serves {', '.join(_ids(taken))} already"
        return ""

    def create(
        self, aws: Aws, desired: Resource[GatewayEndpoint], token: str
    ) -> Found[GatewayEndpoint]:
        answer = aws.once.ec2.create_vpc_endpoint(
            VpcEndpointType="Gateway",
            VpcId=desired.spec.vpc,
            ServiceName=desired.spec.service,
            RouteTableIds=_ids(desired.spec.route_tables),
            ClientToken=token,
            TagSpecifications=tag_specifications("vpc-endpoint", desired.tags),
        )
        return self._parse_created(answer["VpcEndpoint"], desired)

    def _parse_created(
        self, created: VpcEndpointTypeDef, desired: Resource[GatewayEndpoint]
    ) -> Found[GatewayEndpoint]:
        state = created.get("State", "pending").lower()
        return Found(
            created["VpcEndpointId"],
            desired.spec,
            desired.tags,
            phase=PHASES.get(state, Phase.PENDING),
        )

    def settle(self, aws: Aws, found: Found[GatewayEndpoint]) -> Found[GatewayEndpoint]:
        """Wait until it is available."""
        seen = [found]

        def decided() -> bool:
            seen.extend(filter(None, [self.now(aws, found.id)]))
            return seen[-1].phase is not Phase.PENDING

        aws.patience.until(decided, at_most=AVAILABLE_WITHIN, waiting_for=f"endpoint {found.id}")
        if seen[-1].phase is not Phase.READY:
            raise AwsError(f"endpoint {found.id} is {seen[-1].phase.value}: {seen[-1].note}")
        return seen[-1]

    def update(
        self, aws: Aws, found: Found[GatewayEndpoint], desired: Resource[GatewayEndpoint]
    ) -> None:
        added = desired.spec.route_tables - found.spec.route_tables
        removed = found.spec.route_tables - desired.spec.route_tables
        aws.ec2.modify_vpc_endpoint(
            VpcEndpointId=found.id,
            AddRouteTableIds=_ids(added),
            RemoveRouteTableIds=_ids(removed),
        )

    def delete(self, aws: Aws, found: Found[GatewayEndpoint]) -> None:
        if found.phase is not Phase.LEAVING:
            answer = aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[found.id])
            refuse_unsuccessful(answer, "ec2:DeleteVpcEndpoints")
        aws.patience.until(
            lambda: self.now(aws, found.id) is None,
            at_most=GONE_WITHIN,
            waiting_for=f"endpoint {found.id} to be gone",
        )


def _ids(tables: Iterable[ServedTable]) -> list[str]:
    return sorted(table.id for table in tables)
