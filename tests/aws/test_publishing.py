"""Outputs as SSM parameters: tagged from the first moment, kept in step, gone with the rest."""

from __future__ import annotations

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment, Line
from tests.support.plain import client
from tests.support.worlds import look_around
from umetrics.errors import Conflict, StateError, UsageError
from umetrics.library import Result

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


def test_two_paths_do_not_disturb_each_other(deployment: Deployment, built: Built) -> None:
    publish(deployment, "/one")
    first = parameters()
    publish(deployment, "/two/deep/")
    assert parameters().items() >= first.items()
    assert {name.rpartition("/")[0] for name in parameters()} == {"/one", "/two/deep"}


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


def test_a_stripped_parameter_is_healed_and_one_that_others_took_is_left(
    deployment: Deployment, built: Built
) -> None:
    publish(deployment)
    ssm, name = client("ssm"), f"{PREFIX}/vpc_id"
    identity = ["umetrics:deployment", "umetrics:resource"]
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=name, TagKeys=identity)
    publish(deployment)
    assert tags(name)["umetrics:resource"] == "parameter/umetrics/dev/vpc_id"

    ssm.delete_parameter(Name=name)
    others = [{"Key": "umetrics:deployment", "Value": "Others/dev"}]
    ssm.put_parameter(Name=name, Value="theirs", Type="String", Tags=others)
    with pytest.raises(Conflict, match="Others/dev"):
        publish(deployment)
    assert parameters()[name] == "theirs"


def test_parameters_are_found_again_without_the_state_file(
    deployment: Deployment, built: Built
) -> None:
    publish(deployment)
    deployment.forget_state()
    deployment.up()
    assert publish(deployment).outcomes == ()


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
