"""Describes in pages: as many as asked for, and a token for the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support.strict_calls import refusal, strict_account
from umetrics.sandbox.strict import Settings
from umetrics.sandbox.strict.world import Quotas

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

ROOMY = Settings(quotas=Quotas(vpcs=100, internet_gateways=100))


def vpcs(ec2: EC2Client, number: int) -> list[str]:
    made = [ec2.create_vpc(CidrBlock=f"10.{each}.0.0/24")["Vpc"]["VpcId"] for each in range(number)]
    default = [each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"] if each["IsDefault"]]
    return default + made


def test_pages_hold_what_was_asked_for_and_together_all_there_is() -> None:
    with strict_account(ROOMY) as account:
        everything = vpcs(account.ec2, 11)
        pages = account.ec2.get_paginator("describe_vpcs").paginate(
            PaginationConfig={"PageSize": 5}
        )
        ids = [[each["VpcId"] for each in page["Vpcs"]] for page in pages]
        assert [len(page) for page in ids] == [5, 5, 2]
        assert [each for page in ids for each in page] == everything


def test_a_page_that_is_just_full_is_the_last() -> None:
    with strict_account(ROOMY) as account:
        vpcs(account.ec2, 4)
        assert "NextToken" not in account.ec2.describe_vpcs(MaxResults=5)


def test_a_filter_comes_before_the_pages() -> None:
    with strict_account(ROOMY) as account:
        vpcs(account.ec2, 8)
        filters = [{"Name": "is-default", "Values": ["false"]}]
        first = account.ec2.describe_vpcs(Filters=filters, MaxResults=5)  # type: ignore[arg-type]
        token = first["NextToken"]
        second = account.ec2.describe_vpcs(Filters=filters, MaxResults=5, NextToken=token)  # type: ignore[arg-type]
        assert [len(page["Vpcs"]) for page in (first, second)] == [5, 3]


def test_what_goes_between_two_pages_makes_the_next_one_skip_nothing() -> None:
    with strict_account(ROOMY) as account:
        everything = vpcs(account.ec2, 9)
        first = account.ec2.describe_vpcs(MaxResults=5)
        account.ec2.delete_vpc(VpcId=everything[1])
        second = account.ec2.describe_vpcs(MaxResults=5, NextToken=first["NextToken"])
        assert [each["VpcId"] for each in second["Vpcs"]] == everything[5:]


@pytest.mark.parametrize(
    "describe",
    [
        "describe_internet_gateways",
        "describe_network_acls",
        "describe_route_tables",
        "describe_security_groups",
        "describe_security_group_rules",
        "describe_subnets",
        "describe_tags",
    ],
)
def test_every_describe_that_has_pages_keeps_to_them(describe: str) -> None:
    with strict_account(ROOMY) as account:
        ec2 = account.ec2
        for vpc in vpcs(ec2, 6)[1:]:
            ec2.create_subnet(VpcId=vpc, CidrBlock=cidr_of(ec2, vpc))
            ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "one of six"}])
            ec2.create_internet_gateway()
        call: Callable[..., dict[str, object]] = getattr(ec2, describe)
        first = call(MaxResults=5)
        rest = call(MaxResults=100, NextToken=first["NextToken"])
        (listed,) = rest.keys() - {"ResponseMetadata"}
        pages = [each[listed] for each in (first, rest)]
        everything = call()[listed]
        assert isinstance(everything, list)
        assert [len(page) for page in pages if isinstance(page, list)] == [5, len(everything) - 5]
        assert [each for page in pages if isinstance(page, list) for each in page] == everything


def test_a_token_that_was_never_given_out_is_refused() -> None:
    with strict_account() as account:
        call = account.ec2.describe_vpcs
        assert refusal(lambda: call(NextToken="nonsense")) == ("InvalidNextToken", 400)


def test_a_token_of_another_describe_is_refused() -> None:
    with strict_account(ROOMY) as account:
        vpcs(account.ec2, 6)
        token = account.ec2.describe_vpcs(MaxResults=5)["NextToken"]
        call = account.ec2.describe_subnets
        assert refusal(lambda: call(NextToken=token)) == ("InvalidNextToken", 400)


def test_a_page_of_more_than_a_thousand_is_refused() -> None:
    with strict_account() as account:
        call = account.ec2.describe_vpcs
        assert refusal(lambda: call(MaxResults=1001)) == ("InvalidParameterValue", 400)


def test_without_the_rule_all_comes_at_once() -> None:
    with strict_account(ROOMY, without=["paging"]) as account:
        vpcs(account.ec2, 6)
        answer = account.ec2.describe_vpcs(MaxResults=5, NextToken="nonsense")
        assert len(answer["Vpcs"]) == 7


def cidr_of(ec2: EC2Client, vpc: str) -> str:
    return ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]
