"""What is ours of the things in a place, and what an audit of a scope is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from umetrics.audit.catalogue import KINDS, Kind
from umetrics.audit.ground import Ground, Recorded
from umetrics.audit.values import Home, Place, Scope, Standing, Subject

HERE = Place("123456789012", "us-east-1")
OURS = "vpc-0ours"
NONE: Mapping[str, Recorded] = {}
PAIR = {"umetrics:deployment": "UserMetrics/dev", "umetrics:resource": "subnet/private-a"}


def kind(name: str) -> Kind:
    (row,) = (each for each in KINDS if each.name == name)
    return row


def ground(
    scope: Scope = Scope.PROJECT,
    place: Place = HERE,
    receipts: Mapping[str, Recorded] = NONE,
    strays: frozenset[str] | None = None,
) -> Ground:
    homes = {OURS: "UserMetrics/dev"}
    return Ground(place, "aws", scope, "UserMetrics", receipts, homes, strays)


def subject(
    name: str,
    item: dict[str, Any],
    tags: dict[str, str],
    place: Place = HERE,
    receipts: Mapping[str, Recorded] = NONE,
) -> Subject:
    there, row = ground(place=place, receipts=receipts), kind(name)
    return there.subject(row, item, row.arn_of(item, place, "aws"), tags)


def test_the_pair_makes_a_thing_ours_with_its_key_and_deployment() -> None:
    seen = subject("subnet", {"SubnetId": "subnet-1"}, PAIR)
    assert (seen.standing, seen.key) == (Standing.OURS, "subnet/private-a")
    assert seen.deployment == "UserMetrics/dev"
    assert seen.arn == "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1"


def test_what_knows_no_region_lives_where_its_tag_or_its_receipt_says() -> None:
    role = {"RoleName": "r", "Path": "/", "RoleId": "AROA1"}
    there, abroad = replace(HERE, region="global"), replace(HERE, region="eu-west-1")
    tagged = subject("iam-role", role, {**PAIR, "umetrics:region": "eu-west-1"}, place=there)
    receipts = {"AROA1": Recorded("UserMetrics/dev", "role/a", HERE.account, "eu-west-1")}
    recorded = subject("iam-role", role, {}, receipts=receipts, place=there)
    assert (tagged.home, recorded.home) == (Home("UserMetrics/dev", abroad),) * 2
    # Who says otherwise of what lies in a region is mistaken.
    subnet = subject("subnet", {"SubnetId": "subnet-1"}, {**PAIR, "umetrics:region": "eu-west-1"})
    assert subnet.home == Home("UserMetrics/dev", HERE)


@pytest.mark.parametrize("side", ["RequesterVpcInfo", "AccepterVpcInfo"])
def test_a_peering_lies_in_the_vpcs_of_both_its_sides(side: str) -> None:
    row, item = kind("vpc-peering-connection"), {"VpcPeeringConnectionId": "pcx-1"}
    joined = {**item, side: {"VpcId": OURS}}
    assert ground().is_in_scope(row, joined, subject(row.name, joined, {}))
    assert not ground().is_in_scope(row, item, subject(row.name, item, {}))


@pytest.mark.parametrize(
    "tags",
    [
        {**PAIR, "umetrics:deployment": "Other/dev"},
        {**PAIR, "umetrics:deployment": "UserMetricsToo/dev"},
        {"umetrics:deployment": "UserMetrics/dev"},
        {"umetrics:resource": "subnet/private-a"},
    ],
)
def test_half_a_pair_or_that_of_another_project_makes_nothing_ours(tags: dict[str, str]) -> None:
    assert subject("subnet", {"SubnetId": "subnet-1"}, tags).standing is Standing.FOREIGN


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("security-group", {"GroupId": "sg-1", "GroupName": "default"}),
        ("network-acl", {"NetworkAclId": "acl-1", "IsDefault": True}),
        ("route-table", {"RouteTableId": "rtb-1", "Associations": [{"Main": True}]}),
    ],
)
def test_what_aws_makes_with_a_vpc_of_ours_is_its_implicit_child(
    name: str, item: dict[str, Any]
) -> None:
    seen = subject(name, {**item, "VpcId": OURS}, {})
    assert (seen.standing, seen.key, seen.parent) == (Standing.IMPLICIT, "vpc", OURS)
    assert seen.deployment == "UserMetrics/dev"
    assert subject(name, {**item, "VpcId": "vpc-0theirs"}, {}).standing is Standing.FOREIGN


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("security-group", {"GroupId": "sg-1", "GroupName": "mine"}),
        ("network-acl", {"NetworkAclId": "acl-1", "IsDefault": False}),
        ("route-table", {"RouteTableId": "rtb-1", "Associations": [{"Main": False}]}),
        ("route-table", {"RouteTableId": "rtb-1", "Associations": []}),
        ("subnet", {"SubnetId": "subnet-1"}),
    ],
)
def test_what_others_put_into_a_vpc_of_ours_is_theirs_and_in_scope(
    name: str, item: dict[str, Any]
) -> None:
    inside = {**item, "VpcId": OURS}
    seen = subject(name, inside, {})
    assert (seen.standing, seen.parent) == (Standing.FOREIGN, "")
    assert ground().is_in_scope(kind(name), inside, seen)
    assert not ground().is_in_scope(kind(name), {**item, "VpcId": "vpc-0theirs"}, seen)


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("network-interface", {"NetworkInterfaceId": "eni-1", "InterfaceType": "nat_gateway"}),
        ("network-interface", {"NetworkInterfaceId": "eni-1", "RequesterManaged": True}),
        ("iam-role", {"RoleName": "r", "Path": "/aws-service-role/ecs.amazonaws.com/"}),
        ("kms-key", {"KeyId": "k", "KeyManager": "AWS"}),
        ("secret", {"Name": "s", "OwningService": "rds"}),
    ],
)
def test_what_is_aws_s_own_is_no_ones_to_tag_whatever_it_carries(
    name: str, item: dict[str, Any]
) -> None:
    seen = subject(name, item, PAIR)
    assert seen.standing is Standing.AWS
    assert not seen.is_judged
    assert not ground().is_worth_asking(kind(name), item, seen.arn)


@pytest.mark.parametrize(
    ("account", "region", "is_ours"),
    [
        ("123456789012", "us-east-1", True),
        ("123456789012", "eu-west-1", False),
        ("210987654321", "us-east-1", False),
        ("", "", True),
    ],
)
def test_receipts_speak_of_their_own_account_and_region(
    account: str, region: str, is_ours: bool
) -> None:
    receipts = {"subnet-1": Recorded("UserMetrics/dev", "subnet/public-a", account, region)}
    seen = subject("subnet", {"SubnetId": "subnet-1"}, {}, receipts=receipts)
    assert (seen.standing is Standing.OURS) is is_ours


@pytest.mark.parametrize(
    ("name", "item", "id_", "key"),
    [
        ("sqs-queue", "https://sqs/1/UserMetrics-dev", "UserMetrics-dev", "budget/monthly"),
        ("log-group", {"logGroupName": "/ecs/a"}, "/ecs/a", "log-group/flow-logs"),
        ("subnet", {"SubnetId": "subnet-1"}, "subnet-1", "vpc"),
    ],
)
def test_a_receipt_of_another_kind_or_of_a_mere_name_makes_nothing_ours(
    name: str, item: object, id_: str, key: str
) -> None:
    receipts = {id_: Recorded("UserMetrics/dev", key)}
    seen = subject(name, item, {}, receipts=receipts)  # type: ignore[arg-type]  # a URL, once
    assert seen.standing is Standing.FOREIGN


def test_a_role_is_known_by_its_unique_id_and_not_by_a_name_that_was_given_again() -> None:
    receipts = {"AROA1": Recorded("UserMetrics/dev", "role/a", "123456789012", "us-east-1")}
    there = Place("123456789012", "global")
    role = {"RoleName": "r", "Path": "/", "RoleId": "AROA1"}
    for unique, standing in (("AROA1", Standing.OURS), ("AROA2", Standing.FOREIGN)):
        item = {**role, "RoleId": unique}
        seen = subject("iam-role", item, {}, receipts=receipts, place=there)
        assert seen.standing is standing


def test_tags_of_another_deployment_count_more_than_a_receipt() -> None:
    receipts = {"subnet-1": Recorded("UserMetrics/dev", "subnet/private-a")}
    tags = {**PAIR, "umetrics:deployment": "Other/prod"}
    seen = subject("subnet", {"SubnetId": "subnet-1"}, tags, receipts=receipts)
    assert seen.standing is Standing.FOREIGN


def test_the_tagging_api_decides_whose_tags_are_worth_a_call_in_a_region() -> None:
    queue, item, arn = kind("sqs-queue"), "https://sqs/1/q", "arn:aws:sqs:us-east-1:1:q"
    assert not ground(strays=frozenset()).is_worth_asking(queue, item, arn)
    assert ground(strays=frozenset({arn})).is_worth_asking(queue, item, arn)
    assert ground(strays=None).is_worth_asking(queue, item, arn)
    assert ground(Scope.ACCOUNT).is_worth_asking(queue, item, arn)
    bucket = kind("s3-bucket")
    assert ground(strays=frozenset()).is_worth_asking(bucket, {"Name": "b"}, "arn:aws:s3:::b")
    function = {"FunctionName": "f", "VpcConfig": {"VpcId": OURS}}
    assert ground(strays=frozenset()).is_worth_asking(kind("lambda-function"), function, "arn")


def test_what_is_gone_or_another_accounts_is_not_there() -> None:
    there = ground()
    assert there.is_present(kind("vpc"), {"VpcId": "vpc-1", "OwnerId": "123456789012"})
    assert not there.is_present(kind("vpc"), {"VpcId": "vpc-1", "OwnerId": "210987654321"})
    gateway = kind("nat-gateway")
    assert there.is_present(gateway, {"NatGatewayId": "nat-1", "State": "pending"})
    assert not there.is_present(gateway, {"NatGatewayId": "nat-1", "State": "deleted"})
    endpoint = kind("vpc-endpoint")
    assert not there.is_present(endpoint, {"VpcEndpointId": "vpce-1", "State": "Deleted"})


def test_the_project_tag_alone_brings_a_thing_into_scope() -> None:
    seen = subject("volume", {"VolumeId": "vol-1"}, {"Project": "UserMetrics"})
    assert seen.standing is Standing.FOREIGN
    assert ground().is_in_scope(kind("volume"), {"VolumeId": "vol-1"}, seen)
    other = subject("volume", {"VolumeId": "vol-1"}, {"Project": "Shop"})
    assert not ground().is_in_scope(kind("volume"), {"VolumeId": "vol-1"}, other)
    assert ground(Scope.ACCOUNT).is_in_scope(kind("volume"), {"VolumeId": "vol-1"}, other)
