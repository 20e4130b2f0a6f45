"""AWS Budgets: tags from the first moment, subscribers, updates and pages, which moto lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.plain import Client, account
from tests.support.principals import administered, allow, client
from tests.support.strict_account import refused
from umetrics.sandbox.strict import budget_rules

ACCOUNT = "123456789012"
ARN = f"arn:aws:budgets::{ACCOUNT}:budget/monthly"
ANNA, BERT = "anna@example.org", "bert@example.org"


def mail(address: str) -> dict[str, str]:
    return {"SubscriptionType": "EMAIL", "Address": address}


def at(percent: float) -> dict[str, Any]:
    return {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": percent,
        "ThresholdType": "PERCENTAGE",
    }


def definition(name: str = "monthly", amount: str = "150") -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    return {
        "BudgetName": name,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": limit,
    }


OF_BUDGET: dict[str, Any] = {"AccountId": ACCOUNT, "BudgetName": "monthly"}


@pytest.fixture
def budgets() -> Iterator[Client]:
    """An account with one budget that tells Anna at 80 %."""
    with account("budgets") as client:
        client.create_budget(
            AccountId=ACCOUNT,
            Budget=definition(),
            NotificationsWithSubscribers=[
                {"Notification": at(80), "Subscribers": [mail(ANNA)]},
            ],
            ResourceTags=[{"Key": "Owner", "Value": ANNA}],
        )
        yield client


def told(budgets: Client, percent: float) -> list[str]:
    answer = budgets.describe_subscribers_for_notification(**OF_BUDGET, Notification=at(percent))
    return [each["Address"] for each in answer["Subscribers"]]


def tags(budgets: Client) -> dict[str, str]:
    listed = budgets.list_tags_for_resource(ResourceARN=ARN)["ResourceTags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_tags_are_there_from_the_first_moment_and_change_one_by_one(budgets: Client) -> None:
    assert tags(budgets) == {"Owner": ANNA}
    budgets.tag_resource(ResourceARN=ARN, ResourceTags=[{"Key": "Project", "Value": "x"}])
    assert tags(budgets) == {"Owner": ANNA, "Project": "x"}
    budgets.untag_resource(ResourceARN=ARN, ResourceTagKeys=["Owner", "Unknown"])
    assert tags(budgets) == {"Project": "x"}


def test_a_budget_that_is_made_again_has_none_of_the_old_tags(budgets: Client) -> None:
    budgets.delete_budget(**OF_BUDGET)
    with refused("NotFoundException"):
        tags(budgets)
    budgets.create_budget(AccountId=ACCOUNT, Budget=definition())
    assert tags(budgets) == {}


def test_the_last_subscriber_takes_the_notification_along(budgets: Client) -> None:
    budgets.create_subscriber(**OF_BUDGET, Notification=at(80), Subscriber=mail(BERT))
    assert told(budgets, 80) == [ANNA, BERT]
    budgets.delete_subscriber(**OF_BUDGET, Notification=at(80), Subscriber=mail(ANNA))
    budgets.delete_subscriber(**OF_BUDGET, Notification=at(80), Subscriber=mail(BERT))
    assert budgets.describe_notifications_for_budget(**OF_BUDGET)["Notifications"] == []
    with refused("NotFoundException"):
        told(budgets, 80)


def test_nobody_is_told_twice_and_nobody_unknown_is_removed(budgets: Client) -> None:
    with refused("DuplicateRecordException"):
        budgets.create_subscriber(**OF_BUDGET, Notification=at(80), Subscriber=mail(ANNA))
    with refused("NotFoundException"):
        budgets.delete_subscriber(**OF_BUDGET, Notification=at(80), Subscriber=mail(BERT))


def test_there_is_one_notification_of_a_kind_and_somebody_hears_it(budgets: Client) -> None:
    with refused("DuplicateRecordException"):
        budgets.create_notification(**OF_BUDGET, Notification=at(80), Subscribers=[mail(BERT)])
    budgets.create_notification(**OF_BUDGET, Notification=at(100), Subscribers=[mail(BERT)])
    assert told(budgets, 100) == [BERT]
    budgets.delete_notification(**OF_BUDGET, Notification=at(80))
    with refused("NotFoundException"):
        told(budgets, 80)


def test_ten_notifications_are_enough(budgets: Client) -> None:
    for percent in range(1, 10):
        budgets.create_notification(**OF_BUDGET, Notification=at(percent), Subscribers=[mail(ANNA)])
    with refused("CreationLimitExceededException"):
        budgets.create_notification(**OF_BUDGET, Notification=at(99), Subscribers=[mail(ANNA)])


def test_ten_mailed_subscribers_are_enough(budgets: Client) -> None:
    many = [mail(f"{number}@example.org") for number in range(11)]
    with refused("CreationLimitExceededException"):
        budgets.create_notification(**OF_BUDGET, Notification=at(100), Subscribers=many)


def test_an_update_replaces_the_definition_and_keeps_who_is_told(budgets: Client) -> None:
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=definition(amount="300"))
    (found,) = budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert found["BudgetLimit"]["Amount"] == "300"
    assert told(budgets, 80) == [ANNA]
    with refused("NotFoundException"):
        budgets.update_budget(AccountId=ACCOUNT, NewBudget=definition("unknown"))


def test_budgets_come_in_pages(budgets: Client) -> None:
    for name in ("a", "z"):
        budgets.create_budget(AccountId=ACCOUNT, Budget=definition(name))
    pages = budgets.get_paginator("describe_budgets").paginate(
        AccountId=ACCOUNT, PaginationConfig={"PageSize": 2}
    )
    assert [[each["BudgetName"] for each in page["Budgets"]] for page in pages] == [
        ["a", "monthly"],
        ["z"],
    ]


def test_an_account_that_is_full_takes_no_further_budget(
    budgets: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_rules, "MOST_BUDGETS", 1)
    with refused("CreationLimitExceededException"):
        budgets.create_budget(AccountId=ACCOUNT, Budget=definition("another"))


def test_viewing_and_modifying_are_what_policies_know() -> None:
    with administered() as administrator:
        joe = client("budgets", administrator.user("joe", allow("budgets:ViewBudget")))
        assert joe.describe_budgets(AccountId=ACCOUNT)["Budgets"] == []
        with refused("AccessDeniedException", "budgets:ModifyBudget"):
            joe.create_budget(AccountId=ACCOUNT, Budget=definition())
        administrator.permit("joe", allow("budgets:ModifyBudget"))
        joe.create_budget(AccountId=ACCOUNT, Budget=definition())
        with refused("AccessDeniedException", "budgets:ViewBudget"):
            joe.describe_budgets(AccountId=ACCOUNT)
