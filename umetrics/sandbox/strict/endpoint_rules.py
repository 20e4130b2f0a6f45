"""VPC endpoints come and go in a while, and a gateway endpoint's routes come and go with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, refuse, rule


@rule(
    "endpoint-states",
    service="ec2",
    actions=EVERY_ACTION,
    source="EC2 API reference, VpcEndpoint.State; terraform-provider-aws, "
    "internal/service/ec2/wait.go: deleted is not listed, in the end",
)
def states(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Endpoints leave `pending` and `deleting` when their time is over; then they are gone."""
    world, settings = call.world, call.world.settings
    with world.lock:
        for endpoint in list(call.backend.vpc_end_points.values()):
            if endpoint.state == "pending" and world.lapse(endpoint, settings.endpoint_pending):
                endpoint.state = "available"
            elif endpoint.state == "deleting" and world.lapse(endpoint, settings.endpoint_deleting):
                _vanish(call, endpoint)
    return proceed()


@rule(
    "endpoint-pending",
    service="ec2",
    actions="create_vpc_endpoint",
    source="EC2 API reference, VpcEndpoint.State: Pending; CreateVpcEndpoint: default Gateway",
)
def pending(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A new endpoint is pending, and a gateway endpoint where no type was named."""
    answer = proceed()
    endpoint = answer.result["VpcEndpoint"]
    endpoint.vpc_endpoint_type = endpoint.vpc_endpoint_type or "Gateway"
    endpoint.state = "pending"
    call.world.begin(endpoint)
    return answer


@rule(
    "endpoint-deletion",
    service="ec2",
    actions="delete_vpc_endpoints",
    source="EC2 API reference, DeleteVpcEndpoints: Unsuccessful; InvalidVpcEndpointId.NotFound",
)
def deletion(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Deletion begins, of every kind; what is not there is reported in an answer that is 200."""
    del proceed
    unsuccessful = []
    for wanted in call.parameter("VpcEndpointIds", []):
        endpoint = call.backend.vpc_end_points.get(wanted)
        if endpoint is None:
            code = "InvalidVpcEndpointId.NotFound"
            message = f"The Vpc Endpoint Id '{wanted}' does not exist"
            error = {"Code": code, "Message": message}
            unsuccessful.append({"ResourceId": wanted, "Error": error})
        elif endpoint.state != "deleting":
            endpoint.state = "deleting"
            call.world.begin(endpoint)
    return ActionResult({"Unsuccessful": unsuccessful})


@rule(
    "endpoint-route-taken",
    service="ec2",
    actions=("create_vpc_endpoint", "modify_vpc_endpoint"),
    source="eksctl-io/eksctl#2510; field reports of RouteAlreadyExists: a route table already has "
    "a route with destination-prefix-list-id",
)
def route_taken(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A table holds one route per prefix list, so one gateway endpoint per service."""
    endpoint = call.backend.vpc_end_points.get(call.parameter("VpcEndpointId"))
    if endpoint is None:
        prefix_list = _prefix_list(call, call.parameter("ServiceName"))
        tables = call.parameter("RouteTableIds", [])
    else:
        prefix_list = endpoint.destination_prefix_list_id
        added = call.parameter("AddRouteTableIds", [])
        tables = [each for each in added if each not in endpoint.route_table_ids]
    for table in map(call.backend.get_route_table, tables):
        if prefix_list and prefix_list in {
            each.destination_prefix_list_id for each in table.routes
        }:
            refuse(
                "RouteAlreadyExists",
                f"route table {table.id} already has a route with destination-prefix-list-id "
                f"{prefix_list}",
            )
    return proceed()


@rule(
    "endpoint-routes",
    service="ec2",
    actions="modify_vpc_endpoint",
    source="PrivateLink guide, Gateway endpoints, Routing: a route is added to each table",
)
def routes(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Tables that are added to a gateway endpoint get its route; removed ones lose it."""
    endpoint = call.backend.get_vpc_end_point(call.parameter("VpcEndpointId"))
    before = set(endpoint.route_table_ids)
    answer = proceed()
    after = set(endpoint.route_table_ids)
    if endpoint.destination_prefix_list_id:
        _remove_routes(call, endpoint, before - after)
        for table in sorted(after - before):
            call.backend.create_route(
                table,
                None,
                gateway_id=endpoint.id,
                destination_prefix_list_id=endpoint.destination_prefix_list_id,
            )
    return answer


@rule(
    "endpoint-id-filter",
    service="ec2",
    actions="describe_vpc_endpoints",
    source="EC2 API reference, DescribeVpcEndpoints: filter vpc-endpoint-id",
)
def id_filter(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Endpoints are found by id: moto filters by attributes, and calls this one `id`."""
    for endpoint in list(call.backend.vpc_end_points.values()):
        endpoint.vpc_endpoint_id = endpoint.id
    return proceed()


def _prefix_list(call: Call, service: str | None) -> str | None:
    """The prefix list of a service that has gateway endpoints."""
    if (call.parameter("VpcEndpointType") or "Gateway") != "Gateway":
        return None
    for each in list(call.backend.managed_prefix_lists.values()):
        if each.prefix_list_name == service:
            return str(each.id)
    return None


def _vanish(call: Call, endpoint: Any) -> None:  # noqa: ANN401  # moto's object
    """Its routes and interfaces go, then it is listed no more."""
    _remove_routes(call, endpoint, endpoint.route_table_ids)
    for interface in endpoint.network_interface_ids:
        call.backend.enis.pop(interface, None)
    del call.backend.vpc_end_points[endpoint.id]
    call.backend.tags.pop(endpoint.id, None)


def _remove_routes(call: Call, endpoint: Any, tables: Iterable[str]) -> None:  # noqa: ANN401
    for table in filter(None, map(call.backend.route_tables.get, tables)):
        for route in table.routes:
            if route.gateway_id == endpoint.id:
                del table._routes[route.id]  # noqa: SLF001  # moto's own delete wants more


STATES: tuple[Rule, ...] = (states,)
"""Before any other rule looks at an endpoint."""

RULES: tuple[Rule, ...] = (pending, deletion, route_taken, routes, id_filter)
