"""What is seen of VPCs that others made: their gateways, and where each subnet leads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
import pytest

from tests.support.deployments import Line
from tests.support.landlord import Landlord, lend
from tests.support.neighbours import make_subnet, make_vpc, move_in
from tests.support.worlds import ec2
from umetrics.aws import Aws
from umetrics.provision.survey import SurveyedSubnet, SurveyedVpc, survey

ROUND = 5
"""Calls for the lists, however many VPCs there are."""


@pytest.fixture
def landlord(connection: Line) -> Landlord:
    lent = lend(connection.clock)
    connection.clock.settle()
    connection.reset()
    return lent


def seen(connection: Line, vpc: str) -> SurveyedVpc:
    (found,) = survey(connection.aws, [vpc])
    return found


def subnet_of(vpc: SurveyedVpc, identity: str) -> SurveyedSubnet:
    (found,) = (each for each in vpc.subnets if each.id == identity)
    return found


def test_a_vpc_is_seen_with_its_gateway_attributes_and_tiers(
    connection: Line, landlord: Landlord
) -> None:
    vpc = seen(connection, landlord.vpc)
    assert replace(vpc, subnets=()) == SurveyedVpc(
        id=landlord.vpc,
        cidrs=("10.70.0.0/20",),
        name="lent",
        owner="",
        deployment="",
        is_default=False,
        dns_support=True,
        dns_hostnames=True,
        internet_gateway=landlord.internet_gateway,
        subnets=(),
    )
    assert [each.id for each in vpc.subnets] == sorted((*landlord.public, *landlord.private))
    public = subnet_of(vpc, landlord.public[1])
    assert (public.cidr, public.zone, public.tier) == ("10.70.1.0/24", "use1-az2", "public")
    assert public.way_out == landlord.internet_gateway
    private = subnet_of(vpc, landlord.private[0])
    assert (private.table, private.tier) == (landlord.private_table, "private")
    assert private.way_out == landlord.nat_gateway
    assert private.free_addresses == 251
    assert (public.serves_s3, private.serves_s3) == (False, True)


def test_a_subnet_without_a_table_of_its_own_uses_the_main_one(
    connection: Line, landlord: Landlord
) -> None:
    lone = make_subnet(landlord.vpc, "10.70.9.0/24", "lone")
    connection.clock.settle()
    before = subnet_of(seen(connection, landlord.vpc), lone)
    assert (before.tier, before.way_out, before.name) == ("isolated", "", "lone")
    ec2().create_route(
        RouteTableId=before.table,
        DestinationCidrBlock="0.0.0.0/0",
        GatewayId=landlord.internet_gateway,
    )
    assert subnet_of(seen(connection, landlord.vpc), lone).tier == "public"


def test_a_way_out_that_is_gone_is_a_blackhole(connection: Line, landlord: Landlord) -> None:
    ec2().delete_nat_gateway(NatGatewayId=landlord.nat_gateway)
    connection.clock.settle()
    private = subnet_of(seen(connection, landlord.vpc), landlord.private[0])
    assert private.blackhole
    assert private.way_out == landlord.nat_gateway


def test_tags_say_whose_it_is(connection: Line, landlord: Landlord) -> None:
    ec2().create_tags(
        Resources=[landlord.vpc, landlord.public[0]],
        Tags=[
            {"Key": "Owner", "Value": "platform@example.org"},
            {"Key": "umetrics:deployment", "Value": "UserMetrics/qa"},
        ],
    )
    vpc = seen(connection, landlord.vpc)
    assert (vpc.owner, vpc.deployment) == ("platform@example.org", "UserMetrics/qa")
    assert subnet_of(vpc, landlord.public[0]).deployment == "UserMetrics/qa"
    assert subnet_of(vpc, landlord.public[1]).deployment == ""


def test_ranges_come_with_the_primary_one_first_and_without_those_taken_away(
    connection: Line, landlord: Landlord
) -> None:
    for cidr in ("10.71.0.0/24", "10.72.0.0/24"):
        ec2().associate_vpc_cidr_block(VpcId=landlord.vpc, CidrBlock=cidr)
    (description,) = ec2().describe_vpcs(VpcIds=[landlord.vpc])["Vpcs"]
    gone = description["CidrBlockAssociationSet"][1]["AssociationId"]
    ec2().disassociate_vpc_cidr_block(AssociationId=gone)
    assert seen(connection, landlord.vpc).cidrs == ("10.70.0.0/20", "10.72.0.0/24")


def test_a_vpc_without_anything_has_nothing(connection: Line) -> None:
    bare = make_vpc("10.9.0.0/24", "bare")
    ec2().modify_vpc_attribute(VpcId=bare, EnableDnsSupport={"Value": False})
    connection.clock.settle()
    vpc = seen(connection, bare)
    assert (vpc.internet_gateway, vpc.subnets) == ("", ())
    assert (vpc.dns_support, vpc.dns_hostnames) == (False, False)


def test_a_gateway_that_is_detached_is_no_longer_the_vpcs(connection: Line) -> None:
    vpc = make_vpc("10.9.0.0/24", "bare")
    gateway = ec2().create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2().attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    connection.clock.settle()
    assert seen(connection, vpc).internet_gateway == gateway
    ec2().detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    connection.clock.settle()
    assert seen(connection, vpc).internet_gateway == ""


def test_all_vpcs_of_the_region_are_found_by_id_in_order(
    connection: Line, landlord: Landlord
) -> None:
    others = move_in()
    connection.clock.settle()
    found = survey(connection.aws)
    assert [vpc.id for vpc in found] == sorted(vpc.id for vpc in found)
    assert {landlord.vpc, others.vpc} < {vpc.id for vpc in found}
    assert [vpc.id for vpc in found if vpc.is_default] != []
    assert {each.id for vpc in found for each in vpc.subnets} > {others.subnet, *landlord.public}


def test_an_id_that_is_not_there_is_not_in_the_result(connection: Line, landlord: Landlord) -> None:
    gone = "vpc-0123456789abcdef0"
    assert survey(connection.aws, [gone]) == ()
    assert [vpc.id for vpc in survey(connection.aws, [gone, landlord.vpc])] == [landlord.vpc]


def test_nothing_is_written_and_only_the_attributes_grow_with_the_number_of_vpcs(
    connection: Line, landlord: Landlord
) -> None:
    seen(connection, landlord.vpc)
    assert connection.wire.writes == []
    assert len(connection.wire.reads) <= ROUND + 2 + 1  # and who we are, once
    move_in()
    connection.clock.settle()
    connection.wire.calls.clear()
    found = survey(connection.aws)
    assert len(found) == 4
    assert len(connection.wire.reads) <= ROUND + 2 * len(found) + 1


def test_a_subnet_with_ipv6_addresses_alone_is_passed_over(
    connection: Line, landlord: Landlord
) -> None:
    session = boto3.Session(aws_access_key_id="t", aws_secret_access_key="t")

    def ipv6_only(parsed: dict[str, Any], **_others: object) -> None:
        for subnet in parsed["Subnets"]:
            if subnet["SubnetId"] == landlord.private[0]:
                del subnet["CidrBlock"]

    session.events.register("after-call.ec2.DescribeSubnets", ipv6_only)
    (vpc,) = survey(Aws(session, "us-east-1"), [landlord.vpc])
    assert {each.id for each in vpc.subnets} == {*landlord.public, landlord.private[1]}
