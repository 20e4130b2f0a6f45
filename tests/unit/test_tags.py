"""The tag scheme, checked against a table written by hand from the requirements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics import tags

REQUIRED = {
    "Project": "UserMetrics",
    "Environment": "dev",
    "ManagedBy": "umetrics",
    "CostCenter": "Observability",
    "Owner": "team@example.org",
}

PRIVATE = {"Component": "Networking", "Function": "Networking", "NetworkTier": "Private"}
PUBLIC = {"Component": "Networking", "Function": "Networking", "NetworkTier": "Public"}
BALANCER = {"Component": "Networking", "Function": "Security", "Purpose": "LoadBalancer"}
ECS = {"Component": "Networking", "Function": "Security", "Purpose": "ECSAccess"}


def access(purpose: str, level: str = "ReadWrite") -> dict[str, str]:
    return {
        "Component": "IAM",
        "Function": "AccessControl",
        "Purpose": purpose,
        "AccessLevel": level,
    }


FUNCTIONAL = {
    "vpc": PRIVATE,
    "subnet/private-a": PRIVATE,
    "subnet/private-b": PRIVATE,
    "route-table/private": PRIVATE,
    "route-table/private-b": PRIVATE,
    "endpoint/s3": PRIVATE,
    "internet-gateway": PUBLIC,
    "subnet/public-a": PUBLIC,
    "subnet/public-b": PUBLIC,
    "route-table/public": PUBLIC,
    "elastic-ip/nat": PUBLIC,
    "elastic-ip/nat-b": PUBLIC,
    "nat-gateway": PUBLIC,
    "nat-gateway/b": PUBLIC,
    "security-group/alb": BALANCER,
    "rules/alb": BALANCER,
    "security-group/openreplay": ECS,
    "rules/openreplay": ECS,
    "security-group/umami": ECS,
    "rules/umami": ECS,
    "role/ecs-task-execution": access("ECSTaskExecution"),
    "role/openreplay-task": access("OpenReplayTask"),
    "role/umami-task": access("UmamiTask"),
    "role/grafana": access("GrafanaAccess", "ReadOnly"),
    "policy/lambda-emf": access("LambdaMetrics"),
}


@pytest.mark.parametrize(("key", "expected"), FUNCTIONAL.items())
def test_functional_tags_follow_the_table(key: str, expected: dict[str, str]) -> None:
    assert tags.functional_tags(key) == expected


@pytest.mark.parametrize("key", ["bucket/sessions", "role/other", "route-table/other", ""])
def test_a_key_outside_the_scheme_has_no_tags_to_guess(key: str) -> None:
    with pytest.raises(KeyError):
        tags.functional_tags(key)


def test_the_five_required_tags() -> None:
    assert tags.required_tags("dev", "team@example.org") == REQUIRED


def test_a_stage_may_map_to_another_environment() -> None:
    required = tags.required_tags("qa", "me@example.org", project="Shop", environment="staging")
    assert required["Environment"] == "staging"
    assert required["Project"] == "Shop"


def test_a_resource_carries_name_required_functional_and_identity_tags() -> None:
    assert tags.observability_tags("UserMetrics/dev", "subnet/public-a", REQUIRED) == {
        "Name": "UserMetrics-dev-subnet-public-a",
        **REQUIRED,
        **PUBLIC,
        "umetrics:deployment": "UserMetrics/dev",
        "umetrics:resource": "subnet/public-a",
    }


def test_what_aws_makes_beside_it_carries_the_same_without_the_identity() -> None:
    assert tags.implicit_tags("UserMetrics/dev", "vpc", REQUIRED) == {
        "Name": "UserMetrics-dev-vpc-default",
        **REQUIRED,
        **PRIVATE,
    }


def test_the_deployment_is_project_and_stage() -> None:
    assert tags.deployment_name("Shop", "qa") == "Shop/qa"


@pytest.mark.parametrize("key", FUNCTIONAL)
def test_a_name_has_no_slashes(key: str) -> None:
    assert tags.name_of("UserMetrics/dev", key) == f"UserMetrics-dev-{key.replace('/', '-')}"


def test_missing_are_absent_and_different_tags_only() -> None:
    wanted = {"a": "1", "b": "2", "c": "3"}
    assert tags.missing(wanted, {"a": "1", "b": "", "z": "9"}) == {"b": "2", "c": "3"}
    assert tags.missing(wanted, {"A": "1", "b": "2", "c": "3"}) == {"a": "1"}
    assert tags.missing({}, {"a": "1"}) == {}


@given(st.dictionaries(st.text(), st.text()), st.dictionaries(st.text(), st.text()))
def test_writing_what_is_missing_leaves_nothing_missing_and_drops_nothing(
    wanted: dict[str, str], found: dict[str, str]
) -> None:
    mended = {**found, **tags.missing(wanted, found)}
    assert tags.missing(wanted, mended) == {}
    assert found.keys() <= mended.keys()


@pytest.mark.parametrize("key", FUNCTIONAL)
def test_our_own_tags_are_allowed_by_aws_even_for_the_longest_names(key: str) -> None:
    deployment = tags.deployment_name("P" * 24, "s" * 9)
    required = tags.required_tags("s" * 9, "o" * 200 + "@example.org", project="P" * 24)
    assert tags.violations(tags.observability_tags(deployment, key, required)) == []


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ({f"k{n}": "" for n in range(51)}, "51 tags; AWS allows 50"),
        ({"": "v"}, "must have 1 to 128 characters"),
        ({"k" * 129: "v"}, "must have 1 to 128 characters"),
        ({"k": "v" * 257}, "longer than 256 characters"),
        ({"aws:mine": "v"}, "reserved"),
        ({"AWS:mine": "v"}, "reserved"),
        ({"k": "a&b"}, "characters other than"),
        ({"k?": "v"}, "characters other than"),
        ({"k": "two\nlines"}, "characters other than"),
        ({"Owner": "a", "owner": "b"}, "one key to IAM"),
    ],
)
def test_what_aws_would_refuse_is_told_in_a_sentence(bad: dict[str, str], expected: str) -> None:
    (sentence,) = tags.violations(bad)
    assert expected in sentence


@pytest.mark.parametrize(
    "good",
    [
        {},
        {f"k{n}": "" for n in range(50)},
        {"k" * 128: "v" * 256},
        {"umetrics:resource": "subnet/private-a", "Owner": "a.b+c@example.org"},
        {"Größe": "zwölf", "my aws:": "x=1"},
    ],
)
def test_what_aws_allows_is_no_violation(good: dict[str, str]) -> None:
    assert tags.violations(good) == []


def test_all_violations_are_told_at_once() -> None:
    assert len(tags.violations({"aws:x": "?", "k": "v" * 300})) == 3
