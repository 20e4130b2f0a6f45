"""Budgets in an account in memory: found by name and tag, repaired call by call, taken away."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import boto3
import pytest

from tests.support.worlds import ACCOUNT, budgets, subscribers_of
from umetrics.aws import Aws
from umetrics.errors import AlreadyExists, AwsError
from umetrics.provision.model import Found, Resource, Where
from umetrics.provision.resources.budget import Alert, Budget, BudgetHandler, budget_name
from umetrics.sandbox.strict import budget_rules
from umetrics.tags import DEPLOYMENT, observability_tags, required_tags

HERE = Where("UserMetrics/dev")
NAME = budget_name("UserMetrics/dev", "monthly")
HANDLER = BudgetHandler()
ANNA, BERT = "anna@example.org", "bert@example.org"
TAGS = observability_tags("UserMetrics/dev", "budget/monthly", required_tags("dev", ANNA))
SPEC = Budget(
    NAME, "150", "user:Project$UserMetrics", frozenset({Alert(80, ANNA), Alert(100, ANNA)})
)
WANTED = Resource("budget/monthly", SPEC, TAGS)

pytestmark = pytest.mark.usefixtures("empty_account")


@pytest.fixture(scope="module")
def aws() -> Aws:
    """Clients are slow to make and hold nothing of the account: one set serves all tests."""
    made = Aws(
        boto3.Session(aws_access_key_id="t", aws_secret_access_key="t", region_name="eu-west-1"),
        "eu-west-1",
    )
    HANDLER.prepare(made)
    return made


@pytest.fixture
def built(aws: Aws) -> Found[Budget]:
    return HANDLER.create(aws, WANTED, "token")


def found_in(aws: Aws) -> Found[Budget]:
    (found,) = HANDLER.find(aws, HERE)
    return found


def wishing(**other: object) -> Resource[Budget]:
    return dataclasses.replace(WANTED, spec=dataclasses.replace(SPEC, **other))  # type: ignore[arg-type]


def writes_of(aws: Aws, act: Callable[[], object]) -> list[str]:
    before = len(aws.log.operations)
    act()
    called = [each.partition(":")[2] for each in aws.log.operations[before:]]
    return [each for each in called if not each.startswith(("Describe", "List", "Get"))]


def test_one_call_makes_it_with_its_tags_and_alerts(aws: Aws) -> None:
    made: list[Found[Budget]] = []
    assert writes_of(aws, lambda: made.append(HANDLER.create(aws, WANTED, "t"))) == ["CreateBudget"]
    assert made == [found_in(aws)]
    assert made[0].spec == SPEC
    assert made[0].tags == TAGS
    assert made[0].arn == f"arn:aws:budgets::{ACCOUNT}:budget/{NAME}"


def test_those_of_other_deployments_are_not_ours_whatever_their_names(
    aws: Aws, built: Found[Budget]
) -> None:
    for name in ("UserMetrics-dev-mine", "Other-dev-monthly"):
        other = {**TAGS, DEPLOYMENT: "UserMetrics/prod"}
        spec = dataclasses.replace(SPEC, name=name)
        HANDLER.create(aws, Resource("budget/monthly", spec, other), "token")
    assert [each.id for each in HANDLER.find(aws, HERE)] == [NAME]


def test_one_of_many_is_found_on_whatever_page_it_is(
    aws: Aws, built: Found[Budget], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_rules, "PAGE", 1)
    for name in ("A", "Z"):
        spec = dataclasses.replace(SPEC, name=name)
        HANDLER.create(aws, Resource("budget/monthly", spec, {}), "token")
    assert found_in(aws).spec == SPEC


def test_a_budget_by_its_name_is_found_without_its_tags(aws: Aws, built: Found[Budget]) -> None:
    budgets().untag_resource(ResourceARN=built.arn, ResourceTagKeys=[*TAGS])
    assert list(HANDLER.find(aws, HERE)) == []
    (found,) = HANDLER.find(aws, Where("UserMetrics/dev", ids=frozenset({NAME})))
    assert found.tags == {}
    HANDLER.retag(aws, found, TAGS)
    assert found_in(aws).tags == TAGS


def test_each_difference_is_one_call(aws: Aws, built: Found[Budget]) -> None:
    desired = wishing(limit="99.5", alerts=frozenset({Alert(80, ANNA), Alert(80, BERT)}))

    writes = writes_of(aws, lambda: HANDLER.update(aws, found_in(aws), desired))

    assert writes == ["UpdateBudget", "CreateSubscriber", "DeleteSubscriber"]
    assert found_in(aws).spec == desired.spec


def test_a_notification_that_is_gone_is_made_again_with_all_its_subscribers(
    aws: Aws, built: Found[Budget]
) -> None:
    everybody = frozenset(Alert(percent, who) for percent in (80, 100) for who in (ANNA, BERT))
    HANDLER.update(aws, built, wishing(alerts=frozenset({Alert(100, ANNA)})))
    assert subscribers_of(NAME) == [(100, ANNA)]

    found = found_in(aws)
    writes = writes_of(aws, lambda: HANDLER.update(aws, found, wishing(alerts=everybody)))

    assert writes == ["CreateNotification", "CreateSubscriber"]
    assert found_in(aws).spec.alerts == everybody


def test_an_address_in_the_place_of_another_never_leaves_a_budget_unheard(
    aws: Aws, built: Found[Budget]
) -> None:
    desired = wishing(alerts=frozenset({Alert(80, BERT), Alert(100, BERT)}))
    writes = writes_of(aws, lambda: HANDLER.update(aws, found_in(aws), desired))
    assert writes == ["CreateSubscriber"] * 2 + ["DeleteSubscriber"] * 2


def test_updating_twice_is_harmless(aws: Aws, built: Found[Budget]) -> None:
    desired = wishing(alerts=frozenset({Alert(80, BERT), Alert(90, BERT)}))
    before = found_in(aws)
    HANDLER.update(aws, before, desired)
    HANDLER.update(aws, before, desired)
    assert found_in(aws).spec == desired.spec


def test_other_notifications_are_shown_and_stay(aws: Aws, built: Found[Budget]) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:costs"
    budgets().create_notification(
        AccountId=ACCOUNT,
        BudgetName=NAME,
        Notification={
            "NotificationType": "FORECASTED",
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": 120.0,
            "ThresholdType": "PERCENTAGE",
        },
        Subscribers=[{"SubscriptionType": "SNS", "Address": topic}],
    )
    spec = found_in(aws).spec
    assert spec.alerts == SPEC.alerts
    assert spec.other_alerts == {f"{topic} at 120 % forecasted"}


def test_a_name_that_others_have_is_told_with_its_owner(aws: Aws) -> None:
    assert HANDLER.occupant(aws, WANTED) == ""
    HANDLER.create(aws, dataclasses.replace(WANTED, tags={"Owner": BERT}), "token")
    assert HANDLER.occupant(aws, WANTED) == f"budget {NAME}, owner {BERT}"
    with pytest.raises(AlreadyExists, match="DuplicateRecordException"):
        HANDLER.create(aws, WANTED, "token")


def test_our_own_is_no_stranger_in_its_place(aws: Aws, built: Found[Budget]) -> None:
    assert HANDLER.occupant(aws, WANTED) == ""


def test_a_full_account_is_told_with_what_to_do(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_rules, "MOST_BUDGETS", 0)
    with pytest.raises(AwsError, match="CreationLimitExceededException") as caught:
        HANDLER.create(aws, WANTED, "token")
    assert "Service Quotas" in caught.value.hint


def test_it_is_gone_with_its_notifications_and_its_tags(aws: Aws, built: Found[Budget]) -> None:
    assert HANDLER.tags_now(aws, built) == TAGS
    HANDLER.delete(aws, built)
    assert HANDLER.tags_now(aws, built) is None
    assert list(HANDLER.find(aws, HERE)) == []
