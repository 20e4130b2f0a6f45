"""Outputs as SSM parameters: tagged from the first moment, kept in step, gone with the rest."""

from __future__ import annotations

import itertools

import pytest

from tests.support.aging import let_an_hour_pass
from tests.support.built import Built
from tests.support.deployments import Deployment, Line
from tests.support.plain import client
from tests.support.wire import Call, Moment
from tests.support.worlds import ACCOUNT, look_around
from umetrics.errors import Conflict, NotOurs, StateError, UsageError
from umetrics.library import Proposal, Result
from umetrics.state import Intent, utc_now

PREFIX = "/umetrics/dev"


def publish(deployment: Deployment, prefix: str = PREFIX) -> Result:
    result = deployment.library.publish(prefix)
    assert result.is_done, result
    return result


def parameters() -> dict[str, str]:
    """Everything in the store, by name, as somebody else reads it."""
    pages = client("ssm").get_paginator("get_parameters_by_path").paginate(Path="/", Recursive=True)
    return {each["Name"]: each["Value"] for page in pages for each in page["Parameters"]}


def tags(name: str) -> dict[str, str]:
    answer = client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
    return {tag["Key"]: tag["Value"] for tag in answer["TagList"]}


def test_each_output_is_a_parameter_with_all_tags_and_a_second_run_writes_nothing(
    deployment: Deployment, built: Built
) -> None:
    publish(deployment)
    assert deployment.line.wire.writes == ["PutParameter"] * len(parameters())
    outputs = deployment.library.outputs()
    assert parameters() == {
        f"{PREFIX}/{name}": value if isinstance(value, str) else ",".join(value)
        for name, value in outputs.items()
        if value
    }
    carried = tags(f"{PREFIX}/vpc_id")
    assert carried["umetrics:deployment"] == "UserMetrics/dev"
    assert carried["umetrics:resource"] == "parameter/umetrics/dev/vpc_id"
    assert {"Project", "Environment", "ManagedBy", "CostCenter", "Owner"} <= carried.keys()

    assert publish(deployment).outcomes == ()
    assert deployment.line.wire.writes == []


@pytest.mark.thorough
def test_values_follow_what_is_built_and_names_no_longer_wanted_go(
    deployment: Deployment, built: Built
) -> None:
    deployment.settings = '[outputs]\nmetrics_vpc = "vpc"\n'
    publish(deployment)
    client("ssm").put_parameter(Name=f"{PREFIX}/vpc_id", Value="vpc-stale", Overwrite=True)
    deployment.settings = ""
    result = publish(deployment)
    assert {each.key.rpartition("/")[2]: each.action.value for each in result.outcomes} == {
        "vpc_id": "update",
        "metrics_vpc": "delete",
    }
    assert parameters()[f"{PREFIX}/vpc_id"] == deployment.id("vpc")


def test_a_name_that_others_hold_stops_all_of_it_and_every_such_name_is_told(
    deployment: Deployment, built: Built
) -> None:
    for name in ("vpc_id", "region"):
        client("ssm").put_parameter(Name=f"{PREFIX}/{name}", Value="theirs", Type="String")
    with pytest.raises(Conflict) as refused:
        publish(deployment)
    assert f"SSM parameter {PREFIX}/vpc_id" in refused.value.message
    assert f"SSM parameter {PREFIX}/region" in refused.value.message
    assert set(parameters().values()) == {"theirs"}
    assert deployment.line.wire.writes == []


@pytest.mark.thorough
def test_two_paths_do_not_disturb_each_other(deployment: Deployment, built: Built) -> None:
    publish(deployment, "/one")
    first = parameters()
    publish(deployment, "/two/deep/")
    assert parameters().items() >= first.items()
    assert {name.rpartition("/")[0] for name in parameters()} == {"/one", "/two/deep"}


@pytest.mark.thorough
def test_up_leaves_parameters_alone_and_destroy_takes_them_away(
    deployment: Deployment, built: Built
) -> None:
    publish(deployment)
    before = parameters()
    up = deployment.up(prune=True)
    assert (up.plan.is_empty, up.plan.orphans) == (True, ())
    assert parameters() == before

    gone = deployment.destroy().insist()
    assert {step.key for step in gone.plan.steps} >= {"parameter/umetrics/dev/vpc_id"}
    assert parameters() == {}
    assert look_around() == built.before


def test_who_never_published_makes_no_call_for_it(deployment: Deployment, built: Built) -> None:
    deployment.up()
    deployment.plan()
    assert not any("Parameter" in call.operation for call in deployment.line.wire.calls)


@pytest.mark.parametrize(
    "deployment_tag",
    [
        pytest.param(None, marks=pytest.mark.thorough),
        pytest.param("Others/dev", marks=pytest.mark.thorough),
        "UserMetrics/dev",
    ],
)
def test_what_took_the_name_of_a_parameter_of_ours_is_left_whatever_the_receipt_says(
    deployment: Deployment, built: Built, deployment_tag: str | None
) -> None:
    publish(deployment)
    name, said = f"{PREFIX}/vpc_id", {"Owner": "somebody@else.org"}
    said |= {"umetrics:deployment": deployment_tag} if deployment_tag else {}
    put_in_the_place_of(name, said)
    let_an_hour_pass(deployment.store.path)

    with pytest.raises(Conflict, match=f"taken by SSM parameter {name}, owner somebody@else.org"):
        publish(deployment)
    deployment.up().insist()
    assert publish_left(name) == said
    deployment.destroy().insist()

    assert parameters() == {name: "theirs"}
    assert publish_left(name) == said
    assert deployment.receipts == {}


def put_in_the_place_of(name: str, said: dict[str, str]) -> None:
    """Somebody deletes our parameter, and somebody makes one of that name, with these tags."""
    ssm = client("ssm")
    ssm.delete_parameter(Name=name)
    pairs = [{"Key": key, "Value": value} for key, value in said.items()]
    ssm.put_parameter(Name=name, Value="theirs", Type="String", Tags=pairs)


def publish_left(name: str) -> dict[str, str]:
    assert parameters()[name] == "theirs"
    return tags(name)


def test_a_value_is_never_written_over_what_took_the_name_since_the_look(
    deployment: Deployment, built: Built
) -> None:
    publish(deployment)
    name = f"{PREFIX}/vpc_id"
    client("ssm").put_parameter(Name=name, Value="vpc-stale", Overwrite=True)

    def agreeing_too_late(_proposal: Proposal) -> bool:
        put_in_the_place_of(name, {})
        return True

    result = deployment.library.publish(PREFIX, approve=agreeing_too_late)

    assert isinstance(result.errors["parameter/umetrics/dev/vpc_id"], NotOurs)
    assert publish_left(name) == {}


@pytest.mark.thorough
def test_parameters_are_known_again_without_the_state_file_once_published_again(
    deployment: Deployment, built: Built
) -> None:
    publish(deployment)
    deployment.forget_state()
    deployment.up()
    assert publish(deployment).outcomes == ()
    assert deployment.id("parameter/umetrics/dev/vpc_id") == f"{PREFIX}/vpc_id"
    deployment.destroy().insist()
    assert parameters() == {}


def test_what_a_killed_run_may_have_written_is_looked_for_by_the_next_up(
    deployment: Deployment, built: Built
) -> None:
    key, name, looks = "parameter/umetrics/dev/vpc_id", f"{PREFIX}/vpc_id", itertools.count()
    store = deployment.store
    store.open(deployment="UserMetrics/dev", account=ACCOUNT, region="us-east-1")
    store.intend(Intent(key, "Parameter", "token", utc_now()))

    def show_late(call: Call, moment: Moment) -> None:
        """AWS has it all the time, and lists it from the third look on."""
        asked = call.operation == "DescribeParameters" and moment is Moment.BEFORE_SENDING
        if asked and next(looks) == 2:
            pair = {"umetrics:deployment": "UserMetrics/dev", "umetrics:resource": key}
            pairs = [{"Key": tag, "Value": value} for tag, value in pair.items()]
            client("ssm").put_parameter(Name=name, Value="vpc-1", Type="String", Tags=pairs)

    deployment.line.wire.fault = show_late
    deployment.up().insist()
    deployment.line.wire.fault = None

    assert deployment.id(key) == name


def test_nothing_is_published_of_nothing(deployment: Deployment, connection: Line) -> None:
    with pytest.raises(StateError, match="nothing is recorded"):
        deployment.library.publish(PREFIX)


@pytest.mark.parametrize(
    "prefix", ["umetrics", "/", "", "/aws/x", "/SSM", "/a b", "/a//b", "/a" * 15, "/{x}"]
)
def test_what_is_no_path_is_a_usage_error(
    deployment: Deployment, built: Built, prefix: str
) -> None:
    with pytest.raises(UsageError, match="is no path for SSM parameters"):
        deployment.library.publish(prefix)


def test_a_path_too_long_for_a_tag_is_a_usage_error(deployment: Deployment, built: Built) -> None:
    with pytest.raises(UsageError, match="do not fit into SSM parameters"):
        deployment.library.publish("/" + "a" * 250)
