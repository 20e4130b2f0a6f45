"""Service Quotas: what the rules keep is what is told, as it is and as it would be by default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.plain import Client, client
from tests.support.strict_account import account, refused
from umetrics.sandbox.strict import Settings
from umetrics.sandbox.strict.world import Quotas

RAISED = Settings(quotas=Quotas(vpcs=10, addresses=7, roles=2))


@contextmanager
def quotas(*without: str) -> Iterator[Client]:
    """An account with ten VPCs, seven addresses and two roles."""
    with account(settings=RAISED, without=without):
        yield client("service-quotas")


@pytest.mark.parametrize(
    ("service", "code", "applied", "default"),
    [
        ("vpc", "L-F678F1CE", 10, 5),
        ("vpc", "L-A4707A72", 5, 5),
        ("vpc", "L-FE5A380F", 5, 5),
        ("vpc", "L-407747CB", 200, 200),
        ("vpc", "L-589F43AA", 200, 200),
        ("vpc", "L-E79EC296", 2500, 2500),
        ("vpc", "L-0EA8095F", 60, 60),
        ("vpc", "L-1B52E74A", 20, 20),
        ("ec2", "L-0263D0A3", 7, 5),
        ("iam", "L-FE177D64", 2, 1000),
    ],
)
def test_a_quota_is_told_as_applied_and_by_default(
    service: str, code: str, applied: int, default: int
) -> None:
    with quotas() as told:
        given = {"ServiceCode": service, "QuotaCode": code}
        assert told.get_service_quota(**given)["Quota"]["Value"] == applied
        assert told.get_aws_default_service_quota(**given)["Quota"]["Value"] == default


def test_a_quota_that_is_not_there_is_no_such_resource() -> None:
    with quotas() as told:
        for given in (("vpc", "L-00000000"), ("nothing", "L-F678F1CE")):
            with refused("NoSuchResourceException"):
                told.get_service_quota(ServiceCode=given[0], QuotaCode=given[1])


def test_the_quotas_of_a_service_come_in_pages() -> None:
    with quotas() as told:
        everything = told.list_service_quotas(ServiceCode="vpc")["Quotas"]
        codes = [each["QuotaCode"] for each in everything]
        pages = told.get_paginator("list_service_quotas").paginate(
            ServiceCode="vpc", PaginationConfig={"PageSize": 4}
        )
        assert [each["QuotaCode"] for page in pages for each in page["Quotas"]] == codes
        assert {"L-F678F1CE", "L-DF5E4CA3"} <= set(codes)  # one of ours, and one that moto tells
        assert len(codes) == len(set(codes))
        (addresses,) = told.list_service_quotas(ServiceCode="ec2")["Quotas"]
        assert addresses["Value"] == 7
        (default,) = told.list_aws_default_service_quotas(ServiceCode="ec2")["Quotas"]
        assert default["Value"] == 5
        with refused("InvalidPaginationTokenException"):
            told.list_service_quotas(ServiceCode="vpc", NextToken="bm90aGluZw==")


def test_without_the_rules_moto_tells_defaults_of_vpc_alone() -> None:
    with quotas("service-quotas", "service-quota-lists") as told:
        given = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
        assert told.get_service_quota(**given)["Quota"]["Value"] == 5
        with refused("NotImplemented", "The sandbox does not serve service-quotas"):
            told.list_service_quotas(ServiceCode="vpc")
