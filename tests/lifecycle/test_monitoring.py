"""Flow logs and a budget in a living deployment: asked for, kept as they should be, taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.built import Built, Kept
from tests.support.crashes import Recorder, Wreck
from tests.support.deployments import EVERY_KEY, Deployment
from tests.support.drifts import Drift, Scene, rounds
from tests.support.wire import Moment, Tear
from tests.support.worlds import (
    ACCOUNT,
    World,
    budgets,
    ec2,
    iam,
    logs,
    look_around,
    parse,
    shape_of,
    subscribers_of,
    tags_in,
)
from umetrics.errors import Conflict
from umetrics.provision.resources.budget import Budget
from umetrics.provision.resources.flow_log import FlowLog
from umetrics.provision.resources.log_group import LogGroup
from umetrics.provision.resources.parameter import Parameter
from umetrics.tags import IDENTITY_KEYS

BOTH = "[flow_logs]\nenabled = true\n[budget]\nenabled = true\n"
FLOW_LOGS = {"log-group/flow-logs", "role/flow-logs", "flow-log/vpc"}
ADDED = {*FLOW_LOGS, "budget/monthly"}

GROUP = "/umetrics/UserMetrics/dev/flow-logs"
ROLE = "UserMetrics-dev-ObservabilityFlowLogs"
BUDGET = "UserMetrics-dev-monthly"
OWNER = "engineering@example.com"

MADE_BY = {
    "CreateLogGroup",
    "PutRetentionPolicy",
    "CreateRole",
    "PutRolePolicy",
    "CreateFlowLogs",
    "CreateBudget",
}

PERCENT_80: Any = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80,
    "ThresholdType": "PERCENTAGE",
}


def mail(address: str) -> Any:  # noqa: ANN401  # as boto3 types it, which is many things
    return {"SubscriptionType": "EMAIL", "Address": address}


@pytest.fixture
def before(built: Built) -> World:
    """The account with its neighbours, before anything of ours was there; by now it is."""
    return built.before


@pytest.fixture(scope="module")
def once() -> list[Kept]:
    """The deployment of `watched`, once a test of this module has built it."""
    return []


@pytest.fixture
def watched(deployment: Deployment, built: Built, once: list[Kept]) -> Deployment:
    """A deployment with flow logs and a budget."""
    deployment.settings = BOTH
    if once:
        once[0].put_back(deployment)
    else:
        assert deployment.up().insist().did == dict.fromkeys(ADDED, "create")
        once.append(Kept.of(deployment))
    return deployment


def told() -> list[tuple[float, str]]:
    return subscribers_of(BUDGET)


def test_both_are_part_of_a_first_up(deployment: Deployment) -> None:
    deployment.settings = BOTH
    assert deployment.up().insist().did == dict.fromkeys(EVERY_KEY | ADDED, "create")


def test_both_are_built_as_wanted_and_a_second_run_writes_nothing(watched: Deployment) -> None:
    world = parse(look_around())

    group = world[f"log-group/{GROUP}"]
    flow_log = world[f"fl/{watched.id('flow-log/vpc')}"]
    budget = world[f"budget/{BUDGET}"]
    assert group["retentionInDays"] == 30
    assert flow_log["ResourceId"] == watched.id("vpc")
    assert flow_log["LogGroupName"] == GROUP
    assert flow_log["TrafficType"] == "ALL"
    assert flow_log["DeliverLogsPermissionArn"] == watched.receipts["role/flow-logs"].arn
    assert budget["BudgetLimit"] == {"Amount": "150", "Unit": "USD"}
    assert budget["CostFilters"] == {"TagKeyValue": ["user:Project$UserMetrics"]}
    assert told() == [(80, OWNER), (100, OWNER)]
    assert watched.up().insist().did == {}
    assert watched.line.wire.writes == []


def test_each_is_born_with_all_its_tags(watched: Deployment) -> None:
    world = parse(look_around())
    functional = {
        f"log-group/{GROUP}": {"Component": "Networking", "Function": "Monitoring"},
        f"fl/{watched.id('flow-log/vpc')}": {"Purpose": "FlowLogs"},
        f"role/{ROLE}": {"Component": "IAM", "Purpose": "FlowLogs", "AccessLevel": "ReadWrite"},
        f"budget/{BUDGET}": {"Component": "Observability", "Function": "Monitoring"},
    }
    for name, wanted in functional.items():
        tags = tags_in(world[name])
        assert wanted.items() <= tags.items()
        assert {"Project", "Environment", "ManagedBy", "CostCenter", "Owner"} <= tags.keys()
        assert tags.keys() >= IDENTITY_KEYS


def test_whoever_wants_neither_makes_no_call_for_them(
    deployment: Deployment, before: World
) -> None:
    deployment.up().insist()
    operations = {call.operation for call in deployment.line.wire.calls}
    assert operations.isdisjoint({"DescribeFlowLogs", "DescribeLogGroups", "DescribeBudgets"})


def test_what_was_logged_is_said_to_go_for_good(watched: Deployment) -> None:
    watched.settings = ""
    step = watched.plan(prune=True).step("log-group/flow-logs")
    assert step.kind.holds == "all that was logged to it"


def test_destroy_leaves_nothing_even_when_the_settings_are_off_by_then(
    watched: Deployment, before: World
) -> None:
    watched.settings = ""

    run = watched.destroy().insist()

    asked = [call.operation for call in watched.line.wire.calls]
    assert run.did.keys() == EVERY_KEY | ADDED
    # The closing look asks once more, although the receipts are gone by then.
    last_write = max(asked.index(name) for name in ("DeleteVpc", "DeleteBudget", "DeleteLogGroup"))
    assert {"DescribeFlowLogs", "DescribeLogGroups", "DescribeBudgets"} <= {*asked[last_write:]}
    watched.line.clock.settle()
    assert look_around() == before


def test_once_off_they_are_orphans_and_pruning_removes_exactly_these(
    watched: Deployment, before: World
) -> None:
    watched.settings = ""

    kept = watched.up().insist()

    assert {orphan.key for orphan in kept.plan.orphans} == ADDED
    assert watched.up(prune=True).insist().did == dict.fromkeys(ADDED, "delete")
    assert watched.up().insist().did == {}
    watched.destroy().insist()
    watched.line.clock.settle()
    assert look_around() == before


def test_a_lost_state_file_is_made_up_for_while_the_settings_are_on(watched: Deployment) -> None:
    ids = {key: watched.id(key) for key in ADDED}
    watched.forget_state()
    assert watched.up().insist().did == {}
    assert {key: watched.id(key) for key in ADDED} == ids


def test_a_destroy_without_a_state_file_says_what_it_did_not_look_for(
    deployment: Deployment, before: World
) -> None:
    deployment.forget_state()
    result = deployment.library.destroy()
    assert result.is_done
    assert result.proposal.unsought == (LogGroup, FlowLog, Budget, Parameter)
    (warning,) = result.proposal.warnings
    assert "log group and flow log (set flow_logs.enabled); budget (set budget.enabled)" in warning
    again = deployment.library.destroy().proposal
    assert (again.unsought, again.warnings) == ((), ())


def test_what_a_setting_asks_for_is_looked_for_without_a_state_file(deployment: Deployment) -> None:
    deployment.settings = BOTH
    assert deployment.library.destroy().proposal.unsought == (Parameter,)


DRIFTS = (
    Drift(
        "retention changed",
        lambda _: logs().put_retention_policy(logGroupName=GROUP, retentionInDays=1),
        {"log-group/flow-logs": "update"},
    ),
    Drift(
        "retention dropped",
        lambda _: logs().delete_retention_policy(logGroupName=GROUP),
        {"log-group/flow-logs": "update"},
    ),
    Drift(
        "group deleted",
        lambda _: logs().delete_log_group(logGroupName=GROUP),
        {"log-group/flow-logs": "create"},
    ),
    Drift(
        "group tag removed",
        lambda s: logs().untag_resource(
            resourceArn=s.arn("log-group/flow-logs"), tagKeys=["Owner"]
        ),
        {"log-group/flow-logs": "update"},
    ),
    Drift(
        "flow log deleted",
        lambda s: ec2().delete_flow_logs(FlowLogIds=[s.id("flow-log/vpc")]),
        {"flow-log/vpc": "create"},
    ),
    Drift(
        "flow log's tag removed",
        lambda s: ec2().delete_tags(Resources=[s.id("flow-log/vpc")], Tags=[{"Key": "Project"}]),
        {"flow-log/vpc": "update"},
    ),
    Drift(
        "role emptied",
        lambda _: iam().delete_role_policy(RoleName=ROLE, PolicyName=ROLE),
        {"role/flow-logs": "update"},
    ),
    Drift(
        "subscriber removed",
        lambda _: budgets().delete_subscriber(
            AccountId=ACCOUNT,
            BudgetName=BUDGET,
            Notification=PERCENT_80,
            Subscriber=mail(OWNER),
        ),
        {"budget/monthly": "update"},
    ),
    Drift(
        "limit raised",
        lambda _: budgets().update_budget(
            AccountId=ACCOUNT,
            NewBudget={
                "BudgetName": BUDGET,
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": "9000.0", "Unit": "USD"},
            },
        ),
        {"budget/monthly": "update"},
    ),
    Drift(
        "budget's tag removed",
        lambda s: budgets().untag_resource(
            ResourceARN=s.arn("budget/monthly"), ResourceTagKeys=["Project"]
        ),
        {"budget/monthly": "update"},
    ),
    Drift(
        "budget deleted",
        lambda _: budgets().delete_budget(AccountId=ACCOUNT, BudgetName=BUDGET),
        {"budget/monthly": "create"},
    ),
)


@pytest.mark.parametrize(
    "drifts",
    [
        pytest.param(
            drifts,
            id=", ".join(drift.name for drift in drifts),
            marks=[pytest.mark.thorough] * (number > 1),
        )
        for number, drifts in enumerate(rounds(DRIFTS))
    ],
)
def test_what_others_do_to_it_is_repaired_and_nothing_else(
    watched: Deployment, built: Built, drifts: tuple[Drift, ...]
) -> None:
    shape, scene = shape_of(look_around()), Scene(watched, built.others)
    for drift in drifts:
        drift.happen(scene)

    assert watched.up().insist().did == {k: v for drift in drifts for k, v in drift.planned.items()}

    assert shape_of(look_around()) == shape
    assert watched.up().insist().did == {}


def test_who_is_told_follows_the_setting_and_leaves_others_alone(watched: Deployment) -> None:
    stranger = "accounting@example.org"
    budgets().create_subscriber(
        AccountId=ACCOUNT, BudgetName=BUDGET, Notification=PERCENT_80, Subscriber=mail(stranger)
    )
    watched.settings = BOTH + 'emails = ["team@example.org"]\n'

    assert watched.up().insist().did == {"budget/monthly": "update"}

    team = "team@example.org"
    assert told() == [(80, stranger), (80, team), (100, team)]
    assert watched.up().insist().did == {}


def test_our_address_is_told_again_where_only_others_still_listen(watched: Deployment) -> None:
    topic: Any = {"SubscriptionType": "SNS", "Address": "arn:aws:sns:us-east-1:123456789012:costs"}
    named: Any = {"AccountId": ACCOUNT, "BudgetName": BUDGET, "Notification": PERCENT_80}
    budgets().create_subscriber(**named, Subscriber=topic)
    budgets().delete_subscriber(**named, Subscriber=mail(OWNER))

    assert watched.up().insist().did == {"budget/monthly": "update"}

    assert set(told()) == {(80, topic["Address"]), (80, OWNER), (100, OWNER)}
    assert watched.up().insist().did == {}


@pytest.mark.thorough
def test_as_many_addresses_as_there_may_be_are_all_exchanged_in_one_run(
    watched: Deployment,
) -> None:
    for who in ("a", "b"):
        addresses = ", ".join(f'"{who}{number}@example.org"' for number in range(10))
        watched.settings = f"{BOTH}emails = [{addresses}]\n"
        assert watched.up().insist().did == {"budget/monthly": "update"}
    assert {address[0] for _, address in told()} == {"b"}
    assert len(told()) == 20


def test_a_budget_follows_its_limit_without_being_made_again(watched: Deployment) -> None:
    watched.settings = BOTH + "monthly_limit = 300\n"
    assert watched.up().insist().did == {"budget/monthly": "update"}
    assert watched.line.wire.writes == ["UpdateBudget"]
    assert parse(look_around())[f"budget/{BUDGET}"]["BudgetLimit"]["Amount"] == "300"


def test_a_flow_log_that_should_log_something_else_is_a_conflict(watched: Deployment) -> None:
    watched.settings = '[flow_logs]\nenabled = true\ntraffic = "reject"\n'
    with pytest.raises(Conflict, match="traffic is ALL, wanted REJECT"):
        watched.up()
    assert watched.line.wire.writes == []


def make_a_budget() -> None:
    budgets().create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": BUDGET,
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "9999", "Unit": "USD"},
        },
    )


@pytest.mark.parametrize(
    ("take", "whose"),
    [
        (lambda: logs().create_log_group(logGroupName=GROUP), f"log group {GROUP}"),
        (make_a_budget, f"budget {BUDGET}"),
    ],
    ids=["log group", "budget"],
)
def test_a_name_that_others_have_is_a_conflict_and_nothing_is_touched(
    deployment: Deployment, before: World, take: Callable[[], object], whose: str
) -> None:
    take()
    taken = look_around()
    deployment.settings = BOTH

    with pytest.raises(Conflict, match=f"its name is taken by {whose}, owner unknown"):
        deployment.up()

    assert look_around() == taken


def take_the_log_group() -> None:
    logs().delete_log_group(logGroupName=GROUP)
    logs().create_log_group(logGroupName=GROUP, tags={"Owner": "somebody@else.org"})


def take_the_budget() -> None:
    budgets().delete_budget(AccountId=ACCOUNT, BudgetName=BUDGET)
    make_a_budget()


@pytest.mark.parametrize(
    ("take", "name"),
    [
        pytest.param(take_the_log_group, f"log-group/{GROUP}", marks=pytest.mark.thorough),
        (take_the_budget, f"budget/{BUDGET}"),
    ],
    ids=["log group", "budget"],
)
def test_what_took_a_name_of_ours_is_left_alone_whatever_the_receipt_says(
    watched: Deployment, before: World, take: Callable[[], object], name: str
) -> None:
    take()
    taken = look_around()

    with pytest.raises(Conflict, match="its name is taken by"):
        watched.up()
    assert look_around() == taken

    watched.destroy().insist()
    watched.line.clock.settle()
    assert look_around() == {**before, name: taken[name]}
    assert watched.receipts == {}


@pytest.mark.thorough
@pytest.mark.parametrize("moment", Moment)
def test_a_connection_that_breaks_at_every_call_is_survived_in_the_same_run(
    deployment: Deployment, before: World, moment: Moment
) -> None:
    deployment.settings = BOTH

    deployment.line.wire.fault = Tear(moment)
    assert deployment.up().insist().did == dict.fromkeys(ADDED, "create")
    deployment.settings = ""
    deployment.line.wire.fault = Tear(moment)
    assert deployment.up(prune=True).insist().did == dict.fromkeys(ADDED, "delete")

    deployment.line.wire.fault = None
    deployment.destroy().insist()
    deployment.line.clock.settle()
    assert look_around() == before


@pytest.mark.thorough
def test_a_run_that_died_at_any_call_is_finished_by_the_next(
    deployment: Deployment, before: World
) -> None:
    deployment.settings = BOTH
    deployment.line.wire.fault = recorder = Recorder(deployment.store.path, lambda _number: True)
    deployment.up(verify=False).insist()
    deployment.line.wire.fault = None
    whole = shape_of(look_around())

    assert {wreck.call.operation for wreck in recorder.wrecks} == MADE_BY
    for wreck in every_second(recorder.wrecks):
        wreck.put_back(deployment.store.path)
        deployment.up(verify=False).insist()
        assert shape_of(look_around()) == whole, str(wreck)


def every_second(wrecks: list[Wreck]) -> list[Wreck]:
    """Of one call as it was before it was sent, of the next as it was when AWS had acted."""
    return [each for number, each in enumerate(wrecks) if number % 4 in {0, 3}]


@pytest.mark.thorough
def test_what_died_on_its_way_is_found_by_a_destroy_with_the_settings_off(
    deployment: Deployment, before: World
) -> None:
    deployment.settings = BOTH
    deployment.line.wire.fault = recorder = Recorder(deployment.store.path, lambda _number: True)
    deployment.up(verify=False).insist()
    deployment.line.wire.fault = None
    deployment.settings = ""

    answered = [each for each in recorder.wrecks if each.moment is Moment.ANSWERING]
    for wreck in answered[::2]:
        wreck.put_back(deployment.store.path)
        deployment.destroy().insist()
        deployment.line.clock.settle()
        assert look_around() == before, str(wreck)
