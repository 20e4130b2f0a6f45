"""SSM parameters as AWS has them, by the rules and by moto itself."""

from __future__ import annotations

from tests.support.plain import Client, account
from tests.support.strict_calls import refusal

NAME = "/umetrics/dev/vpc_id"
TAGS = [{"Key": "Project", "Value": "UserMetrics"}]


def put(ssm: Client, **more: object) -> object:
    return ssm.put_parameter(Name=NAME, **{"Value": "vpc-1", "Type": "String", **more})


def test_an_overwritten_parameter_keeps_its_type() -> None:
    with account("ssm") as ssm:
        put(ssm)
        mismatch = ("HierarchyTypeMismatchException", 400)
        assert refusal(lambda: put(ssm, Type="StringList", Overwrite=True)) == mismatch
        put(ssm, Value="vpc-2", Overwrite=True)
        assert ssm.get_parameter(Name=NAME)["Parameter"]["Value"] == "vpc-2"


def test_without_the_rule_moto_changes_the_type() -> None:
    with account("ssm", "parameter-type-stays") as ssm:
        put(ssm)
        put(ssm, Type="StringList", Overwrite=True)


def test_tags_and_overwrite_exclude_each_other_and_a_name_is_given_once() -> None:
    """moto has these right; umetrics builds on them."""
    with account("ssm") as ssm:
        put(ssm, Tags=TAGS)
        assert refusal(lambda: put(ssm, Tags=TAGS)) == ("ParameterAlreadyExists", 400)
        assert refusal(lambda: put(ssm, Tags=TAGS, Overwrite=True)) == ("ValidationException", 400)


def test_tags_of_what_does_not_exist_are_an_invalid_resource() -> None:
    with account("ssm") as ssm:
        absent = {"ResourceType": "Parameter", "ResourceId": NAME}
        assert refusal(lambda: ssm.list_tags_for_resource(**absent)) == ("InvalidResourceId", 400)
