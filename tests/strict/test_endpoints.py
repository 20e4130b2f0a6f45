"""VPC endpoints on the strict sandbox come, write their routes, and go with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.strict_account import Clock, Network, account, network, refused
from umetrics.sandbox.strict import Settings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

SLOW = Settings(endpoint_pending=10, endpoint_deleting=20)
S3 = "com.amazonaws.us-east-1.s3"


def endpoint(client: EC2Client, made: Network, *tables: str) -> str:
    """An S3 gateway endpoint, of the type that is the default."""
    answer = client.create_vpc_endpoint(
        VpcId=made.vpc, ServiceName=S3, RouteTableIds=list(tables or (made.table,))
    )
    return answer["VpcEndpoint"]["VpcEndpointId"]


def state(client: EC2Client, wanted: str) -> str:
    (found,) = client.describe_vpc_endpoints(VpcEndpointIds=[wanted])["VpcEndpoints"]
    return found["State"]


def via_endpoint(client: EC2Client, table: str) -> list[str]:
    """The endpoints that the prefix list routes of a table lead to."""
    (found,) = client.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return [
        each["GatewayId"]
        for each in found["Routes"]
        if each.get("DestinationPrefixListId", "").startswith("pl-")
    ]


def test_an_endpoint_is_pending_then_available_then_deleting_then_gone() -> None:
    clock = Clock()
    with account(clock, SLOW) as client:
        made = endpoint(client, network(client))
        assert state(client, made) == "pending"
        clock.now = 10
        assert state(client, made) == "available"
        assert client.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"] == []
        clock.now = 29
        assert state(client, made) == "deleting"
        clock.now = 30
        assert client.describe_vpc_endpoints()["VpcEndpoints"] == []
        with refused("InvalidVpcEndpointId.NotFound", made):
            state(client, made)


def test_without_the_states_rule_an_endpoint_stays_what_it_was() -> None:
    clock = Clock()
    with account(clock, SLOW, without={"endpoint-states"}) as client:
        made = endpoint(client, network(client))
        clock.now = 1000
        assert state(client, made) == "pending"


def test_without_the_pending_rule_an_endpoint_is_available_at_once_and_of_no_type() -> None:
    with account(Clock(), SLOW, without={"endpoint-pending"}) as client:
        made = endpoint(client, network(client))
        assert state(client, made) == "available"
        assert "VpcEndpointType" not in client.describe_vpc_endpoints()["VpcEndpoints"][0]


def test_an_endpoint_without_a_named_type_is_a_gateway() -> None:
    with account() as client:
        endpoint(client, network(client))
        (found,) = client.describe_vpc_endpoints()["VpcEndpoints"]
        assert found["VpcEndpointType"] == "Gateway"


def test_without_the_deletion_rule_a_deleted_endpoint_is_listed_for_ever() -> None:
    clock = Clock()
    with account(clock, SLOW, without={"endpoint-deletion"}) as client:
        made = endpoint(client, network(client))
        client.delete_vpc_endpoints(VpcEndpointIds=[made])
        clock.now = 1e9
        assert state(client, made) == "deleted"


def test_deleting_what_is_not_there_is_said_in_the_answer_and_the_rest_is_done() -> None:
    with account() as client:
        made = endpoint(client, network(client))
        unknown = "vpce-0123456789abcdef0"
        answer = client.delete_vpc_endpoints(VpcEndpointIds=[unknown, made])
        (refusal,) = answer["Unsuccessful"]
        assert refusal["ResourceId"] == unknown
        assert refusal["Error"]["Code"] == "InvalidVpcEndpointId.NotFound"
        assert client.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_an_interface_endpoint_takes_its_interfaces_with_it() -> None:
    with account() as client:
        made = network(client)
        answer = client.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=made.vpc,
            ServiceName="com.amazonaws.us-east-1.logs",
            SubnetIds=[made.subnet],
        )
        assert len(client.describe_network_interfaces()["NetworkInterfaces"]) == 1
        client.delete_vpc_endpoints(VpcEndpointIds=[answer["VpcEndpoint"]["VpcEndpointId"]])
        assert client.describe_network_interfaces()["NetworkInterfaces"] == []


def test_a_gateway_endpoint_has_a_route_in_its_tables_until_it_is_gone() -> None:
    with account() as client:
        made = network(client)
        ours = endpoint(client, made)
        assert via_endpoint(client, made.table) == [ours]
        client.delete_vpc_endpoints(VpcEndpointIds=[ours])
        assert via_endpoint(client, made.table) == []
        client.delete_route_table(RouteTableId=made.table)


def test_its_routes_follow_the_tables_it_is_given_and_loses() -> None:
    with account() as client:
        made = network(client)
        other = client.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"]
        ours = endpoint(client, made)
        client.modify_vpc_endpoint(
            VpcEndpointId=ours, AddRouteTableIds=[other], RemoveRouteTableIds=[made.table]
        )
        assert via_endpoint(client, other) == [ours]
        assert via_endpoint(client, made.table) == []


def test_without_the_rule_routes_do_not_follow() -> None:
    with account(without={"endpoint-routes"}) as client:
        made = network(client)
        other = client.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"]
        ours = endpoint(client, made)
        client.modify_vpc_endpoint(VpcEndpointId=ours, AddRouteTableIds=[other])
        assert via_endpoint(client, other) == []


def test_a_table_takes_one_gateway_endpoint_of_a_service() -> None:
    with account() as client:
        made = network(client)
        other = client.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"]
        ours = endpoint(client, made)
        with refused("RouteAlreadyExists", made.table):
            endpoint(client, made, other, made.table)
        assert len(client.describe_vpc_endpoints()["VpcEndpoints"]) == 1
        assert via_endpoint(client, other) == []
        second = endpoint(client, made, other)
        with refused("RouteAlreadyExists", made.table):
            client.modify_vpc_endpoint(VpcEndpointId=second, AddRouteTableIds=[made.table])
        client.modify_vpc_endpoint(VpcEndpointId=ours, AddRouteTableIds=[made.table])
        assert via_endpoint(client, made.table) == [ours]


def test_an_endpoint_on_an_unknown_table_is_refused_and_not_made() -> None:
    with account() as client:
        made = network(client)
        with refused("InvalidRouteTableID.NotFound"):
            endpoint(client, made, "rtb-0123456789abcdef0")
        assert client.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_without_the_rule_a_second_endpoint_is_accepted() -> None:
    with account(without={"endpoint-route-taken"}) as client:
        made = network(client)
        assert endpoint(client, made) != endpoint(client, made)


def test_endpoints_are_found_by_id_filter() -> None:
    with account() as client:
        made = network(client)
        ours = endpoint(client, made)
        other = client.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"]
        endpoint(client, made, other)
        answer = client.describe_vpc_endpoints(
            Filters=[{"Name": "vpc-endpoint-id", "Values": [ours]}]
        )
        assert [each["VpcEndpointId"] for each in answer["VpcEndpoints"]] == [ours]
