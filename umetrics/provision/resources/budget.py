"""AWS Budgets: a monthly limit on what carries one tag, and mails when costs come near it.

Budgets are one for all regions, are known by name, and are found by the deployment's prefix; their
tags, notifications and subscribers are asked for one by one. A subscriber carries no mark: those in
the receipts are ours, any other stays, and so does every other sort of notification.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html

A budget tells and never stops anything. The filter sees what a cost allocation tag has seen: while
the tag is not active, the budget counts nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from umetrics.errors import AlreadyExists, NotFound
from umetrics.pool import both, together
from umetrics.provision.model import Found, Resource, Where, fixed, informational, receipted
from umetrics.provision.resources.handler import Kind
from umetrics.provision.resources.iam import is_the_same
from umetrics.tags import Tags

if TYPE_CHECKING:
    from mypy_boto3_budgets.type_defs import (
        BudgetOutputTypeDef,
        BudgetTypeDef,
        NotificationTypeDef,
        ResourceTagTypeDef,
        SubscriberTypeDef,
    )

    from umetrics.aws import Aws

MOST_MAILED = 10
"""Addresses that one notification has at most.

https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """A mail to one address when actual costs pass so many percent of the limit."""

    percent: int
    address: str

    def __str__(self) -> str:
        return f"{self.address} at {self.percent} %"


@dataclass(frozen=True, slots=True)
class Budget:
    """A monthly budget. `limit` is in US dollars, a plain decimal (`150`, `99.5`).

    `costs_of` is the tag that is counted, as AWS Budgets writes it (`user:Project$UserMetrics`).
    """

    name: str = field(metadata=fixed())
    limit: str
    costs_of: str
    alerts: frozenset[Alert] = field(default=frozenset(), metadata=receipted())
    other_alerts: frozenset[str] = field(default=frozenset(), metadata=informational())


class BudgetHandler(Kind[Budget]):
    """Created with its alerts and tags in one call; `update` takes one call for each difference."""

    label = "budget"
    on_demand: bool = True
    known_by_name: bool = True

    def prepare(self, aws: Aws) -> None:
        _ = aws.budgets

    def find(self, aws: Aws, where: Where) -> Iterator[Found[Budget]]:
        """All of the account are listed; those of our names are looked at, all at once."""
        prefix = budget_name(where.deployment, "")
        pages = aws.budgets.get_paginator("describe_budgets").paginate(
            AccountId=aws.identity.account
        )
        named = [
            budget
            for page in pages
            for budget in page.get("Budgets", ())
            if budget["BudgetName"].startswith(prefix)
            and (not where.ids or budget["BudgetName"] in where.ids)
        ]
        for found in together(*(partial(_look_at, aws, budget) for budget in named)):
            if found is not None and where.matches(found):
                yield found

    def occupant(self, aws: Aws, desired: Resource[Budget]) -> str:
        """A budget of that name which does not carry our identity."""
        tags = _tags(aws, desired.spec.name)
        if tags is None or is_the_same(tags, desired):
            return ""
        return f"budget {desired.spec.name}, owner {tags.get('Owner', 'unknown')}"

    def create(self, aws: Aws, desired: Resource[Budget], token: str) -> Found[Budget]:
        del token
        spec, tags = desired.spec, dict(desired.tags)
        aws.budgets.create_budget(
            AccountId=aws.identity.account,
            Budget=_definition(spec),
            NotificationsWithSubscribers=[
                {"Notification": _notification(percent), "Subscribers": subscribers}
                for percent, subscribers in _by_percent(spec.alerts).items()
            ],
            ResourceTags=_tag_list(tags),
        )
        return Found(spec.name, spec, tags, _arn(aws, spec.name))

    def update(self, aws: Aws, found: Found[Budget], desired: Resource[Budget]) -> None:
        before, after = found.spec, desired.spec
        if (before.limit, before.costs_of) != (after.limit, after.costs_of):
            aws.budgets.update_budget(AccountId=aws.identity.account, NewBudget=_definition(after))
        present = Counter(alert.percent for alert in before.alerts)
        leaving = _by_percent(before.alerts - after.alerts)
        for percent, coming in _by_percent(after.alerts - before.alerts).items():
            if not present[percent]:
                _add_notification(aws, after.name, percent, coming)
                continue
            for number, subscriber in enumerate(coming, start=present[percent]):
                # Where ten are told already, each that comes takes the place of one that leaves.
                if number >= MOST_MAILED and leaving[percent]:
                    _remove_subscribers(aws, after.name, percent, [leaving[percent].pop()])
                _add_subscribers(aws, after.name, percent, [subscriber])
        # The last subscriber takes its notification along: so others were added before.
        for percent, subscribers in leaving.items():
            _remove_subscribers(aws, after.name, percent, subscribers)

    def retag(self, aws: Aws, found: Found[Budget], tags: Tags) -> None:
        aws.budgets.tag_resource(ResourceARN=_arn(aws, found.id), ResourceTags=_tag_list(tags))

    def tags_now(self, aws: Aws, found: Found[Budget]) -> Tags | None:
        return _tags(aws, found.id)

    def delete(self, aws: Aws, found: Found[Budget]) -> None:
        aws.budgets.delete_budget(AccountId=aws.identity.account, BudgetName=found.id)


def budget_name(deployment: str, name: str) -> str:
    """The name of a deployment's budget: `UserMetrics-dev-monthly`."""
    return f"{deployment.replace('/', '-')}-{name}"


def _arn(aws: Aws, name: str) -> str:
    return f"arn:{aws.identity.partition}:budgets::{aws.identity.account}:budget/{name}"


def _tag_list(tags: Tags) -> list[ResourceTagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _tags(aws: Aws, name: str) -> dict[str, str] | None:
    """The tags of a budget by name; None when there is none."""
    try:
        answer = aws.budgets.list_tags_for_resource(ResourceARN=_arn(aws, name))
    except NotFound:
        return None
    return {tag["Key"]: tag["Value"] for tag in answer.get("ResourceTags", ())}


def _look_at(aws: Aws, budget: BudgetOutputTypeDef) -> Found[Budget] | None:
    """One budget with its tags and alerts; None when it went away meanwhile."""
    name = budget["BudgetName"]
    try:
        tags, (alerts, others) = both(partial(_tags, aws, name), partial(_alerts, aws, name))
    except NotFound:
        return None
    if tags is None:
        return None
    filters = budget.get("CostFilters", {}).values()
    counted = ", ".join(sorted(value for values in filters for value in values))
    spec = Budget(name, _limit(budget), counted, alerts, others)
    return Found(name, spec, tags, _arn(aws, name))


def _limit(budget: BudgetOutputTypeDef) -> str:
    """AWS may say `150.0` for what it was told as `150`; others may have set no one limit."""
    amount = budget.get("BudgetLimit", {}).get("Amount")
    return f"{Decimal(amount).normalize():f}" if amount else ""


def _alerts(aws: Aws, name: str) -> tuple[frozenset[Alert], frozenset[str]]:
    """Alerts as we make them, and everything else that the budget tells somebody."""
    account = aws.identity.account
    pages = aws.budgets.get_paginator("describe_notifications_for_budget").paginate(
        AccountId=account, BudgetName=name
    )
    notifications = [each for page in pages for each in page.get("Notifications", ())]
    heard = together(*(partial(_subscribers, aws, name, each) for each in notifications))
    alerts: set[Alert] = set()
    others: set[str] = set()
    for notification, subscribers in zip(notifications, heard, strict=True):
        percent = round(notification["Threshold"])
        for subscriber in subscribers:
            address = subscriber["Address"]
            mailed = subscriber["SubscriptionType"] == "EMAIL"
            if mailed and _is_like(notification, _notification(percent)):
                alerts.add(Alert(percent, address))
            else:
                others.add(f"{address} at {_told(notification)}")
    return frozenset(alerts), frozenset(others)


def _subscribers(aws: Aws, name: str, notification: NotificationTypeDef) -> list[SubscriberTypeDef]:
    pages = aws.budgets.get_paginator("describe_subscribers_for_notification").paginate(
        AccountId=aws.identity.account, BudgetName=name, Notification=notification
    )
    return [each for page in pages for each in page.get("Subscribers", ())]


def _is_like(notification: NotificationTypeDef, ours: NotificationTypeDef) -> bool:
    """Whether it is that notification, in whatever state it is."""
    found = {"ThresholdType": "PERCENTAGE", **notification}
    return all(found[key] == value for key, value in ours.items())


def _told(notification: NotificationTypeDef) -> str:
    unit = "%" if notification.get("ThresholdType", "PERCENTAGE") == "PERCENTAGE" else "USD"
    return f"{notification['Threshold']:g} {unit} {notification['NotificationType'].lower()}"


def _definition(spec: Budget) -> BudgetTypeDef:
    return {
        "BudgetName": spec.name,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": spec.limit, "Unit": "USD"},
        "CostFilters": {"TagKeyValue": [spec.costs_of]},
    }


def _notification(percent: int) -> NotificationTypeDef:
    return {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": percent,
        "ThresholdType": "PERCENTAGE",
    }


def _by_percent(alerts: Iterable[Alert]) -> defaultdict[int, list[SubscriberTypeDef]]:
    """Threshold -> whom it is told, as AWS keeps it; both in order."""
    grouped: defaultdict[int, list[SubscriberTypeDef]] = defaultdict(list)
    for alert in sorted(alerts, key=lambda each: (each.percent, each.address)):
        grouped[alert.percent].append({"SubscriptionType": "EMAIL", "Address": alert.address})
    return grouped


def _add_notification(
    aws: Aws, name: str, percent: int, subscribers: list[SubscriberTypeDef]
) -> None:
    try:
        aws.budgets.create_notification(
            AccountId=aws.identity.account,
            BudgetName=name,
            Notification=_notification(percent),
            Subscribers=subscribers,
        )
    except AlreadyExists:
        # It tells others (a topic, for one): ours are to hear it, too.
        _add_subscribers(aws, name, percent, subscribers)


def _add_subscribers(
    aws: Aws, name: str, percent: int, subscribers: Iterable[SubscriberTypeDef]
) -> None:
    for subscriber in subscribers:
        with suppress(AlreadyExists):
            aws.budgets.create_subscriber(
                AccountId=aws.identity.account,
                BudgetName=name,
                Notification=_notification(percent),
                Subscriber=subscriber,
            )


def _remove_subscribers(
    aws: Aws, name: str, percent: int, subscribers: Iterable[SubscriberTypeDef]
) -> None:
    for subscriber in subscribers:
        with suppress(NotFound):
            aws.budgets.delete_subscriber(
                AccountId=aws.identity.account,
                BudgetName=name,
                Notification=_notification(percent),
                Subscriber=subscriber,
            )
