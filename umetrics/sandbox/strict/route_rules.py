"""Routes lead somewhere or into a black hole; a subnet uses one route table."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.internet_gateways import InternetGateway
from moto.ec2.models.route_tables import Route

from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule

NO_LONGER_A_TARGET = {"deleting", "deleted", "failed"}


class WatchedRoute(Route):
    """A route of moto's whose state depends on its target."""

    @property
    def state(self) -> str:
        """`blackhole` when the target is not available."""
        return "blackhole" if _leads_nowhere(self) else "active"


def _leads_nowhere(route: Route) -> bool:
    if route.nat_gateway is not None:
        return route.nat_gateway.state in NO_LONGER_A_TARGET
    gateway: Any = route.gateway
    if isinstance(gateway, InternetGateway):
        table: Any = route.route_table
        present = gateway.id in table.ec2_backend.internet_gateways
        vpc: Any = gateway.vpc
        return not present or vpc is None or vpc.id != table.vpc_id
    return False


@rule(
    "route-blackhole",
    service="ec2",
    actions="describe_route_tables",
    source="EC2 API reference, Route.State: the target is not available, e.g. not attached; "
    "DeleteNatGateway: its routes stay",
)
def blackhole(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Routes to a NAT gateway that goes or is gone, or to a detached internet gateway."""
    for table in list(call.backend.route_tables.values()):
        for route in table.routes:
            route.__class__ = WatchedRoute
    return proceed()


@rule(
    "route-target",
    service="ec2",
    actions=("create_route", "replace_route"),
    source="boto/boto3#779, hashicorp/terraform#8687 (a deleted one): InvalidNatGatewayID.NotFound",
)
def target(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A NAT gateway that is not there is no target; a pending one is."""
    wanted = call.parameter("NatGatewayId")
    gateway = call.backend.nat_gateways.get(wanted)
    if wanted and (gateway is None or gateway.state == "deleted"):
        refuse("InvalidNatGatewayID.NotFound", f"The natGateway ID '{wanted}' does not exist")
    return proceed()


@rule(
    "route-table-association",
    service="ec2",
    actions="associate_route_table",
    source="hashicorp/terraform-provider-aws#38960: Resource.AlreadyAssociated",
)
def association(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A subnet uses one table; it is moved to another with ReplaceRouteTableAssociation."""
    wanted, subnet = call.parameter("RouteTableId"), call.parameter("SubnetId")
    for table in list(call.backend.route_tables.values()):
        if subnet and table.id != wanted and subnet in table._associations.values():  # noqa: SLF001
            refuse(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {wanted} conflicts with an existing "
                "association",
            )
    return proceed()


@rule(
    "association-goes-with-its-subnet",
    service="ec2",
    actions="delete_subnet",
    source="EC2 API reference, DeleteSubnet: only what runs in a subnet keeps it; that its "
    "association ends with it is inferred, since RouteTableAssociation.SubnetId names a subnet",
)
def association_goes(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """With a subnet goes its association, which moto leaves on the table."""
    answer = proceed()
    subnet = call.parameter("SubnetId")
    for table in list(call.backend.route_tables.values()):
        for each in [key for key, value in table._associations.items() if value == subnet]:  # noqa: SLF001
            del table._associations[each]  # noqa: SLF001
    return answer


RULES: tuple[Rule, ...] = (blackhole, target, association, association_goes)
