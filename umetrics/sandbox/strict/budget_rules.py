"""What AWS Budgets does and moto does not: tags, subscribers, updates, pages, and a quota.

moto keeps budgets and their notifications; who is told, and the tags, are kept beside. Thresholds
are never passed here, and nobody gets a mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.pages import page_of
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule

REFERENCE = "AWS Budgets API reference, "
QUOTAS = "https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html"

MOST_BUDGETS = 20_000
MOST_NOTIFICATIONS = 10
MOST_MAILED = 10
PAGE = 100


@dataclass(slots=True)
class Tags:
    """Tags by the ARN of what carries them."""

    of: dict[str, dict[str, str]] = field(default_factory=dict)


def _tags(call: Call) -> dict[str, dict[str, str]]:
    return call.world.memory(call.backend, Tags).of


def _budgets(call: Call) -> dict[str, Any]:
    """The caller's, by name."""
    return dict(call.backend.budgets[call.response.current_account])


def _arn(call: Call, name: str) -> str:
    response = call.response
    return f"arn:{response.partition}:budgets::{response.current_account}:budget/{name}"


def _budget(call: Call) -> Any:  # noqa: ANN401  # a model of moto's
    """The one that the call names."""
    name = call.parameter("BudgetName") or call.parameter("NewBudget", {}).get("BudgetName")
    found = _budgets(call).get(str(name))
    if found is None:
        refuse("NotFoundException", f"Unable to find the budget: {name}")
    return found


def _notification(call: Call) -> Any:  # noqa: ANN401  # a model of moto's
    """The one that the call names: whatever state it is in, and percent where no type is given."""
    named = _known_by(call.parameter("Notification"))
    present = _budget(call).notifications
    found = next((each for each in present if _known_by(each.details) == named), None)
    return found or refuse("NotFoundException", "Unable to find the notification.")


def _known_by(details: dict[str, Any]) -> tuple[str, str, float, str]:
    return (
        details["NotificationType"],
        details["ComparisonOperator"],
        float(details["Threshold"]),
        details.get("ThresholdType", "PERCENTAGE"),
    )


def _paged(call: Call, things: list[Any], name: Callable[[Any], str]) -> tuple[Any, str | None]:
    size = int(call.parameter("MaxResults") or PAGE)
    return page_of(things, name, size, call.parameter("NextToken"), "InvalidNextTokenException")


@rule(
    "budget-tags-at-creation",
    service="budgets",
    actions="create_budget",
    source=f"{REFERENCE}CreateBudget: ResourceTags; {QUOTAS}: 20,000 budgets in an account, "
    "10 notifications for each, 10 e-mail subscribers for each of those",
)
@alone
def created(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A budget is born with its tags; one too many is refused, and one without listeners."""
    if len(_budgets(call)) >= MOST_BUDGETS:
        refuse("CreationLimitExceededException", "You've exceeded the budget limit.")
    notifications = call.parameter("NotificationsWithSubscribers") or []
    if len(notifications) > MOST_NOTIFICATIONS:
        refuse("CreationLimitExceededException", "You've exceeded the notification limit.")
    for each in notifications:
        _insist_on_subscribers(each["Subscribers"])
    answer = proceed()
    given = call.parameter("ResourceTags") or []
    arn = _arn(call, call.parameter("Budget")["BudgetName"])
    _tags(call)[arn] = {tag["Key"]: tag["Value"] for tag in given}
    return answer


def _insist_on_subscribers(subscribers: list[dict[str, str]]) -> None:
    if not subscribers:
        refuse("InvalidParameterException", "A notification must have at least one subscriber.")
    mailed = [each["Address"] for each in subscribers if each["SubscriptionType"] == "EMAIL"]
    if len(mailed) > MOST_MAILED:
        refuse("CreationLimitExceededException", "You've exceeded the subscriber limit.")
    if len(set(mailed)) < len(mailed):
        refuse("DuplicateRecordException", "Subscribers must be unique.")


@rule(
    "budget-pages",
    service="budgets",
    actions=("describe_budgets", "describe_notifications_for_budget"),
    source=f"{REFERENCE}DescribeBudgets, DescribeNotificationsForBudget: MaxResults, NextToken",
)
def listed(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has no pages
    """Lists come in pages; notifications of a budget that is not there are refused."""
    if call.action == "describe_budgets":
        budgets = [each.to_dict() for _, each in sorted(_budgets(call).items())]
        page, token = _paged(call, budgets, lambda each: each["BudgetName"])
        return ActionResult({"Budgets": page, "NextToken": token})
    details = [{"NotificationState": "OK", **each.details} for each in _budget(call).notifications]
    page, token = _paged(call, details, lambda each: str(_known_by(each)))
    return ActionResult({"Notifications": page, "NextToken": token})


@rule(
    "budget-update",
    service="budgets",
    actions="update_budget",
    source=f"{REFERENCE}UpdateBudget: every part but the name and the calculated spend",
)
@alone
def updated(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """What is given takes the place of what was; notifications stay."""
    found = _budget(call)
    found.budget = {"TimePeriod": found.budget["TimePeriod"], **call.parameter("NewBudget")}
    return ActionResult({})


@rule(
    "budget-notifications",
    service="budgets",
    actions=("create_notification", "delete_notification"),
    source=f"{REFERENCE}CreateNotification, DeleteNotification: DuplicateRecordException, "
    f"NotFoundException; {QUOTAS}",
)
@alone
def notified(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """There is one of a kind, and ten at most."""
    present = _budget(call).notifications
    if call.action == "delete_notification":
        present.remove(_notification(call))
        return ActionResult({})
    named = _known_by(call.parameter("Notification"))
    if any(_known_by(each.details) == named for each in present):
        refuse("DuplicateRecordException", "Unable to create: the notification already exists.")
    if len(present) >= MOST_NOTIFICATIONS:
        refuse("CreationLimitExceededException", "You've exceeded the notification limit.")
    _insist_on_subscribers(call.parameter("Subscribers"))
    return proceed()


@rule(
    "budget-subscribers",
    service="budgets",
    actions=(
        "describe_subscribers_for_notification",
        "create_subscriber",
        "delete_subscriber",
    ),
    source=f"{REFERENCE}CreateSubscriber, DescribeSubscribersForNotification; DeleteSubscriber: "
    "the last one takes its notification along",
)
@alone
def subscribed(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """Who is told of a notification."""
    notification = _notification(call)
    present: list[dict[str, str]] = notification.subscribers
    subscriber = call.parameter("Subscriber")
    if call.action == "describe_subscribers_for_notification":
        page, token = _paged(call, present, lambda each: each["Address"])
        return ActionResult({"Subscribers": page, "NextToken": token})
    if call.action == "create_subscriber":
        _insist_on_subscribers([*present, subscriber])
        present.append(subscriber)
        return ActionResult({})
    if subscriber not in present:
        refuse("NotFoundException", "Unable to find the subscriber.")
    present.remove(subscriber)
    if not present:
        _budget(call).notifications.remove(notification)
    return ActionResult({})


@rule(
    "budget-tags",
    service="budgets",
    actions=("list_tags_for_resource", "tag_resource", "untag_resource"),
    source=f"{REFERENCE}ListTagsForResource, TagResource, UntagResource",
)
@alone
def tagged(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """Tags of a budget that is there."""
    arn = call.parameter("ResourceARN")
    if arn not in (_arn(call, name) for name in _budgets(call)):
        refuse("NotFoundException", f"Unable to find the resource: {arn}")
    tags = _tags(call).setdefault(arn, {})
    if call.action == "list_tags_for_resource":
        return ActionResult({"ResourceTags": list(_pairs(tags))})
    tags.update({tag["Key"]: tag["Value"] for tag in call.parameter("ResourceTags") or ()})
    for key in call.parameter("ResourceTagKeys") or ():
        tags.pop(key, None)
    return ActionResult({})


def _pairs(tags: dict[str, str]) -> Iterator[dict[str, str]]:
    return ({"Key": key, "Value": value} for key, value in tags.items())


RULES: tuple[Rule, ...] = (created, listed, updated, notified, subscribed, tagged)
