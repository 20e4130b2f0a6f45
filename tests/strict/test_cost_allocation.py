"""Cost allocation tags: keys that show a day after their use, and are activated by the payer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from tests.support.plain import Client, client
from tests.support.strict_account import Clock, refused
from umetrics.sandbox.strict import Settings, World, strict

DAY = 10.0
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
LINKED = "Linked account doesn't have access to cost allocation tags."


@dataclass(frozen=True)
class Payer:
    """An account with days of ten seconds, that began at noon of 14 March."""

    ce: Client
    ec2: Client
    clock: Clock

    def use(self, *keys: str) -> None:
        tags = [{"Key": key, "Value": "any"} for key in keys]
        specification = [{"ResourceType": "vpc", "Tags": tags}]
        self.ec2.create_vpc(CidrBlock="10.0.0.0/24", TagSpecifications=specification)

    def pass_days(self, days: float) -> None:
        self.clock.now += days * DAY

    def keys(self, **more: object) -> list[str]:
        return [
            tag["TagKey"] for tag in self.ce.list_cost_allocation_tags(**more)["CostAllocationTags"]
        ]

    def set(self, status: str, *keys: str) -> dict[str, object]:
        entries = [{"TagKey": key, "Status": status} for key in keys]
        answer: dict[str, object] = self.ce.update_cost_allocation_tags_status(
            CostAllocationTagsStatus=entries
        )
        return answer

    def tag(self, key: str) -> dict[str, str]:
        (found,) = self.ce.list_cost_allocation_tags(TagKeys=[key])["CostAllocationTags"]
        return dict(found)

    def backfill(self, start: str) -> dict[str, str]:
        return dict(
            self.ce.start_cost_allocation_tag_backfill(BackfillFrom=start)["BackfillRequest"]
        )


@contextmanager
def payer(*without: str, linked: bool = False) -> Iterator[Payer]:
    clock = Clock()
    world = World(Settings(day=DAY, linked_account=linked), clock=clock, born=NOON)
    with mock_aws(), strict(world, without=without):
        yield Payer(client("ce"), client("ec2"), clock)


def test_a_key_shows_a_day_after_it_was_first_applied() -> None:
    with payer() as account:
        account.use("Project")
        account.pass_days(0.9)
        account.use("Project", "Owner")
        assert account.keys() == []
        account.pass_days(0.1)
        assert account.keys() == ["Project"]
        assert account.tag("Project") == {
            "TagKey": "Project",
            "Type": "UserDefined",
            "Status": "Inactive",
            "LastUsedDate": "2026-03-01T00:00:00Z",
        }
        account.pass_days(0.9)
        assert account.keys() == ["Owner", "Project"]


def test_a_key_that_nothing_carries_any_more_stays() -> None:
    with payer() as account:
        (vpc,) = account.ec2.describe_vpcs()["Vpcs"]
        given = {"Resources": [vpc["VpcId"]], "Tags": [{"Key": "Project", "Value": "any"}]}
        account.ec2.create_tags(**given)
        account.ec2.delete_tags(**given)
        account.pass_days(1)
        assert account.keys() == ["Project"]


def test_keys_of_other_services_count_from_when_cost_explorer_is_asked() -> None:
    with payer() as account:
        client("s3").create_bucket(Bucket="sessions")
        client("s3").put_bucket_tagging(
            Bucket="sessions", Tagging={"TagSet": [{"Key": "DataType", "Value": "any"}]}
        )
        account.pass_days(1)
        assert account.keys() == []
        account.pass_days(1)
        assert account.keys() == ["DataType"]


def test_keys_of_iam_do_not_show() -> None:
    with payer() as account:
        client("iam").create_user(UserName="u", Tags=[{"Key": "Project", "Value": "any"}])
        account.keys()
        account.pass_days(2)
        assert account.keys() == []


def test_without_the_rule_a_key_counts_from_when_cost_explorer_is_asked() -> None:
    with payer("tag-keys-are-noticed") as account:
        account.use("Project")
        account.pass_days(1)
        assert account.keys() == []


def test_an_activated_key_is_active_and_tells_since_when() -> None:
    with payer() as account:
        account.use("Project", "Owner")
        account.pass_days(1)
        assert account.set("Active", "Project")["Errors"] == []
        assert account.keys(Status="Active") == ["Project"]
        assert account.keys(Status="Inactive", Type="UserDefined") == ["Owner"]
        assert account.keys(Type="AWSGenerated") == []
        account.pass_days(2)
        account.set("Active", "Project")  # which changes nothing
        assert account.tag("Project")["LastUpdatedDate"] == "2026-03-12T12:00:30Z"
        account.set("Inactive", "Project")
        assert account.tag("Project")["Status"] == "Inactive"
        assert account.tag("Project")["LastUpdatedDate"] == "2026-03-14T12:00:30Z"


def test_a_key_that_does_not_show_yet_refuses_the_whole_update() -> None:
    with payer() as account:
        account.use("Project")
        account.pass_days(1)
        account.use("Owner")
        words = "Failed to update Cost Allocation Tag: Tag keys not found: Owner,DataType"
        with refused("ValidationException", words):
            account.set("Active", "Project", "Owner", "DataType")
        assert account.tag("Project")["Status"] == "Inactive"


def test_twenty_keys_are_updated_at_once_and_no_more() -> None:
    with payer() as account:
        keys = [f"key-{number:02}" for number in range(21)]
        account.use(*keys)
        account.pass_days(1)
        with refused("ValidationException"):
            account.set("Active", *keys)
        account.set("Active", *keys[:20])
        assert account.keys(Status="Active") == keys[:20]


def test_keys_come_in_pages() -> None:
    with payer() as account:
        account.use("a", "b", "c")
        account.pass_days(1)
        first = account.ce.list_cost_allocation_tags(MaxResults=2)
        assert [tag["TagKey"] for tag in first["CostAllocationTags"]] == ["a", "b"]
        assert account.keys(MaxResults=2, NextToken=first["NextToken"]) == ["c"]
        with refused("InvalidNextTokenException"):
            account.keys(NextToken="bm90aGluZw==")


@pytest.mark.parametrize(
    "start",
    [
        "2026-03-02T00:00:00Z",
        "2026-04-01T00:00:00Z",
        "2025-02-01T00:00:00Z",
        "2026-03-01T00:00:00.00",
        "on the first day of March",
    ],
)
def test_a_backfill_begins_on_the_first_of_one_of_the_last_twelve_months(start: str) -> None:
    with payer() as account, refused("ValidationException", "first day of the month"):
        account.backfill(start)


def test_a_backfill_is_over_after_a_day_when_the_next_may_be_asked_for() -> None:
    with payer() as account:
        asked = account.backfill("2025-03-01T00:00:00Z")
        assert (asked["BackfillStatus"], asked["RequestedAt"]) == (
            "PROCESSING",
            "2026-03-14T12:00:00Z",
        )
        account.pass_days(0.9)
        with refused("BackfillLimitExceededException"):
            account.backfill("2026-03-01T00:00:00Z")
        account.pass_days(0.1)
        account.backfill("2026-03-01T00:00:00Z")
        listed = account.ce.list_cost_allocation_tag_backfill_history()["BackfillRequests"]
        assert [each["BackfillStatus"] for each in listed] == ["PROCESSING", "SUCCEEDED"]
        assert listed[1]["CompletedAt"] == "2026-03-14T12:00:10Z"


def test_a_linked_account_has_no_access() -> None:
    with payer(linked=True) as account:
        with refused("AccessDeniedException", f"Failed to list Cost Allocation Tags: {LINKED}"):
            account.keys()
        with refused("AccessDeniedException", f"Failed to update Cost Allocation Tag: {LINKED}"):
            account.set("Active", "Project")


def test_without_the_rule_a_linked_account_may_do_everything() -> None:
    with payer("linked-account", linked=True) as account:
        assert account.keys() == []


@pytest.mark.parametrize(
    ("rule", "operation", "given"),
    [
        ("cost-allocation-tags", "list_cost_allocation_tags", {}),
        (
            "cost-allocation-tag-activation",
            "update_cost_allocation_tags_status",
            {"CostAllocationTagsStatus": [{"TagKey": "Project", "Status": "Active"}]},
        ),
        (
            "cost-allocation-tag-backfill",
            "start_cost_allocation_tag_backfill",
            {"BackfillFrom": "2026-03-01T00:00:00Z"},
        ),
        (
            "cost-allocation-tag-backfill-history",
            "list_cost_allocation_tag_backfill_history",
            {},
        ),
    ],
)
def test_without_its_rule_an_operation_is_not_served(
    rule: str, operation: str, given: dict[str, object]
) -> None:
    with payer(rule) as account, refused("NotImplemented", "The sandbox does not serve ce"):
        getattr(account.ce, operation)(**given)
