"""Client tokens on the strict sandbox: a lost answer can be asked for again."""

from __future__ import annotations

from tests.support.strict_account import account, ec2, network, refused
from umetrics.sandbox.strict import Settings

TOKEN = "one-intent"
S3 = "com.amazonaws.us-east-1.s3"
OFF = {"client-tokens"}


def test_a_nat_gateway_is_made_once_for_a_token_and_answered_as_it_is_now() -> None:
    with account() as client:
        made = network(client)
        first, again = (
            client.create_nat_gateway(
                SubnetId=made.subnet, AllocationId=made.address, ClientToken=TOKEN
            )
            for _ in range(2)
        )
        assert first["ClientToken"] == again["ClientToken"] == TOKEN
        assert first["NatGateway"]["NatGatewayId"] == again["NatGateway"]["NatGatewayId"]
        assert (first["NatGateway"]["State"], again["NatGateway"]["State"]) == (
            "pending",
            "available",
        )
        assert len(client.describe_nat_gateways()["NatGateways"]) == 1
        assert len(client.describe_network_interfaces()["NetworkInterfaces"]) == 1


def test_a_route_table_is_made_once_for_a_token() -> None:
    with account() as client:
        vpc = network(client).vpc
        before = len(client.describe_route_tables()["RouteTables"])
        made = [client.create_route_table(VpcId=vpc, ClientToken=TOKEN) for _ in range(2)]
        assert len({each["RouteTable"]["RouteTableId"] for each in made}) == 1
        assert len(client.describe_route_tables()["RouteTables"]) == before + 1


def test_without_the_rule_a_token_is_ignored() -> None:
    with account(without=OFF) as client:
        vpc = network(client).vpc
        made = [client.create_route_table(VpcId=vpc, ClientToken=TOKEN) for _ in range(2)]
        assert len({each["RouteTable"]["RouteTableId"] for each in made}) == 2


def test_an_endpoint_is_made_once_for_a_token_though_a_second_one_would_be_refused() -> None:
    with account() as client:
        made = network(client)
        answers = [
            client.create_vpc_endpoint(
                VpcId=made.vpc, ServiceName=S3, RouteTableIds=[made.table], ClientToken=TOKEN
            )
            for _ in range(2)
        ]
        assert len({each["VpcEndpoint"]["VpcEndpointId"] for each in answers}) == 1
        assert len(client.describe_vpc_endpoints()["VpcEndpoints"]) == 1


def test_the_same_token_with_other_parameters_is_a_mismatch_and_makes_nothing() -> None:
    with account() as client:
        vpc, other = network(client).vpc, client.create_vpc(CidrBlock="10.1.0.0/24")["Vpc"]["VpcId"]
        client.create_route_table(VpcId=vpc, ClientToken=TOKEN)
        before = len(client.describe_route_tables()["RouteTables"])
        with refused("IdempotentParameterMismatch"):
            client.create_route_table(VpcId=other, ClientToken=TOKEN)
        assert len(client.describe_route_tables()["RouteTables"]) == before


def test_other_tags_are_other_parameters() -> None:
    with account() as client:
        vpc = network(client).vpc
        client.create_route_table(VpcId=vpc, ClientToken=TOKEN)
        with refused("IdempotentParameterMismatch"):
            client.create_route_table(
                VpcId=vpc,
                ClientToken=TOKEN,
                TagSpecifications=[
                    {"ResourceType": "route-table", "Tags": [{"Key": "a", "Value": "b"}]}
                ],
            )


def test_a_token_that_was_refused_may_be_used_again() -> None:
    with account() as client:
        made = network(client)
        with refused("InvalidVpcID.NotFound"):
            client.create_route_table(VpcId="vpc-0123456789abcdef0", ClientToken=TOKEN)
        assert client.create_route_table(VpcId=made.vpc, ClientToken=TOKEN)["RouteTable"]


def test_a_token_belongs_to_one_region() -> None:
    with account() as client:
        client.create_route_table(VpcId=network(client).vpc, ClientToken=TOKEN)
        elsewhere = ec2("eu-central-1")
        assert elsewhere.create_route_table(VpcId=network(elsewhere).vpc, ClientToken=TOKEN)


def test_a_token_belongs_to_one_operation() -> None:
    with account() as client:
        made = network(client)
        client.create_route_table(VpcId=made.vpc, ClientToken=TOKEN)
        assert client.create_nat_gateway(
            SubnetId=made.subnet, AllocationId=made.address, ClientToken=TOKEN
        )["NatGateway"]


def test_a_new_account_knows_no_tokens() -> None:
    for _ in range(2):
        with account(settings=Settings()) as client:
            answer = client.create_route_table(VpcId=network(client).vpc, ClientToken=TOKEN)
            assert answer["RouteTable"]
