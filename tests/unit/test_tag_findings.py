"""What the scheme wants of whom, and how one subject is judged by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from umetrics.audit.findings import judge
from umetrics.audit.tag_policy import Rule, TagException, TagPolicy, policy_of, resource_type
from umetrics.audit.values import Finding, Place, Problem, Standing, Subject
from umetrics.config import Tagging
from umetrics.config.kind import Table

HOME = Place("111122223333", "us-east-1")
RIGHT = {
    "Project": "Shop",
    "Environment": "prod",
    "ManagedBy": "hand",
    "CostCenter": "4711",
    "Owner": "shop@example.org",
}
ARN = "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1"
REQUIRED = {"Project": "UserMetrics", "Owner": "team@example.org"}


def subject(kind: str = "subnet", arn: str = ARN, **tags: str) -> Subject:
    return Subject(kind, "subnet-1", arn, RIGHT | tags, HOME)


def without(key: str, **tags: str) -> Subject:
    kept = {name: value for name, value in RIGHT.items() if name != key}
    return replace(subject(), tags=kept | tags)


def table(**rows: tuple[str, ...] | str) -> Table:
    return Table(tuple(rows.items()))


def judged(each: Subject, tagging: Tagging | None = None) -> list[tuple[str, str, str, str]]:
    policy = policy_of(tagging or Tagging(), {"UserMetrics/dev": REQUIRED})
    return [
        (found.tag, found.problem.value, found.expected, found.allowed)
        for found in judge(each, policy)
    ]


def test_what_carries_everything_is_fine() -> None:
    assert judged(subject()) == []


@pytest.mark.parametrize(
    ("tags", "expected", "allowed"),
    [
        ({"Environment": "production"}, "", "dev or staging or prod"),
        ({"Environment": "PROD"}, "prod", ""),
        ({"Environment": " prod"}, "prod", ""),
        ({"Owner": "the web team"}, "", "an e-mail address"),
        ({"Owner": "shop@example.org "}, "shop@example.org", ""),
    ],
)
def test_a_wrong_value_names_the_right_one_where_there_is_no_doubt(
    tags: dict[str, str], expected: str, allowed: str
) -> None:
    ((tag,),) = (tags.keys(),)
    assert judged(subject(**tags)) == [(tag, "wrong value", expected, allowed)]


def test_values_patterns_and_keys_are_a_matter_of_configuration() -> None:
    tagging = Tagging(
        required=("DataClass",),
        allowed=table(DataClass=("public",)),
        patterns=table(CostCenter="[0-9]{4}", ManagedBy="[a-z]+"),
        emails=(),
    )
    assert judged(subject(CostCenter="47119"), tagging) == [
        ("DataClass", "missing", "public", ""),
        ("CostCenter", "wrong value", "", "what matches [0-9]{4}"),
    ]
    assert judged(without("Owner", DataClass="public"), tagging) == []


def test_a_near_miss_with_a_value_that_is_not_allowed_says_both() -> None:
    (finding,) = judge(without("Owner", Onwer="bob"), policy_of(Tagging(), {}))
    assert finding == Finding(
        finding.subject, "Owner", Problem.MISSPELT, "", "bob", "Onwer", "an e-mail address"
    )


@pytest.mark.parametrize("key", ["Owned by", "AWS:owner", "umetrics:owner", "Name", "Purpose"])
def test_what_is_another_legitimate_key_is_no_near_miss(key: str) -> None:
    assert judged(without("Owner", **{key: "x"})) == [("Owner", "missing", "", "an e-mail address")]


def test_an_extra_key_of_the_configuration_is_no_near_miss() -> None:
    tagging = Tagging(extra=("Owners",))
    each = without("Owner", Owners="web")
    assert judged(each, tagging) == [("Owner", "missing", "", "an e-mail address")]
    assert judged(each) == [("Owner", "misspelt", "", "an e-mail address")]


def test_one_key_that_fits_two_missing_ones_is_no_near_miss() -> None:
    tagging = Tagging(required=("Team1", "Team2"), allowed=Table(), emails=())
    assert [row[:2] for row in judged(subject(Team="web"), tagging)] == [
        ("Team1", "missing"),
        ("Team2", "missing"),
    ]


def test_a_forbidden_key_is_found_but_never_one_that_the_scheme_wants() -> None:
    tagging = Tagging(forbidden=("temp*", "Own*"))
    assert judged(subject(temporary="x", Temp="x"), tagging) == [("temporary", "forbidden", "", "")]


@pytest.mark.parametrize("standing", [Standing.OURS, Standing.FOREIGN])
@pytest.mark.parametrize("kind", ["subnet", "iam-role"])
def test_what_tells_whose_a_thing_is_is_never_forbidden(kind: str, standing: Standing) -> None:
    identity = {
        "umetrics:deployment": "UserMetrics/dev",
        "umetrics:resource": "role/grafana",
        "umetrics:region": "us-east-1",
    }
    each = replace(subject(kind, **identity, **{"x:y": ""}), standing=standing)
    found = judged(each, Tagging(forbidden=("*:*", "u*")))
    assert found == [("x:y", "forbidden", "", "")]


def test_to_iam_a_forbidden_key_is_forbidden_in_any_case() -> None:
    tagging = Tagging(forbidden=("temp*",))
    assert judged(subject("iam-role", TEMP="x"), tagging) == [("TEMP", "forbidden", "", "")]
    assert judged(subject("iam-policy", TEMP="x"), tagging) == []


@pytest.mark.parametrize("tagging", [Tagging(forbidden=("owner",)), Tagging(extra=("owner",))])
def test_to_iam_the_required_key_in_another_case_is_there_whatever_else_is_said_of_it(
    tagging: Tagging,
) -> None:
    policy = policy_of(tagging, {})
    on_role = replace(without("Owner", owner="a@b.example", Onwer="x"), kind="iam-role")
    ((found,), on_policy) = (
        judge(replace(on_role, kind=kind), policy) for kind in ("iam-role", "iam-policy")
    )
    assert (found.problem, found.found, found.expected) == (
        Problem.WRONG_CASE,
        "owner",
        "a@b.example",
    )
    assert [each.found for each in on_policy][:1] == ["Onwer"]


def test_what_is_ours_has_exact_values_by_its_key() -> None:
    ours = replace(subject(), standing=Standing.OURS, key="vpc", deployment="UserMetrics/dev")
    assert [row[:3] for row in judged(ours)][:3] == [
        ("Name", "missing", "UserMetrics-dev-vpc"),
        ("Project", "wrong value", "UserMetrics"),
        ("Owner", "wrong value", "team@example.org"),
    ]
    foreign = replace(ours, deployment="Shop/prod")
    assert judged(foreign) == []


def test_a_key_that_this_version_does_not_know_needs_the_required_tags() -> None:
    ours = replace(subject(), standing=Standing.OURS, key="cache/a", deployment="UserMetrics/dev")
    assert [row[0] for row in judged(ours)] == ["Project", "Owner"]


def test_what_belongs_to_aws_is_not_judged() -> None:
    assert judged(replace(without("Owner"), standing=Standing.AWS)) == []


def test_the_organisation_adds_keys_for_the_types_it_names() -> None:
    rules = [
        Rule("DataClass", types=frozenset({"ec2:subnet"})),
        Rule("Owner", types=frozenset({"ec2:subnet"})),
        Rule("Stage", types=frozenset({"ec2:subnet"})),
    ]
    tagging = Tagging(patterns=table(Stage="[a-z]+"))
    policy = policy_of(tagging, {}, rules)
    found = [(each.tag, each.problem.value) for each in judge(subject(Stage="X"), policy)]
    assert found == [("Stage", "wrong value"), ("DataClass", "missing")]
    elsewhere = subject(arn="arn:aws:s3:::logs")
    assert judge(elsewhere, policy) == ()


def test_the_organisation_can_mean_all_types_of_a_service() -> None:
    policy = policy_of(Tagging(), {}, [Rule("DataClass", types=frozenset({"ec2:ALL_SUPPORTED"}))])

    def is_required(arn: str) -> bool:
        return "DataClass" in {each.tag for each in judge(subject(arn=arn), policy)}

    assert is_required(ARN)
    assert not is_required("arn:aws:s3:::logs")
    assert not is_required("")


@pytest.mark.parametrize(
    ("arn", "type_"),
    [
        (ARN, "ec2:subnet"),
        ("arn:aws:iam::111122223333:role/a/b", "iam:role"),
        ("arn:aws:rds:us-east-1:111122223333:cluster:orders", "rds:cluster"),
        ("arn:aws:s3:::logs", "s3:bucket"),
        ("arn:aws:sqs:us-east-1:111122223333:jobs", "sqs:queue"),
        ("arn:aws:apigateway:us-east-1::/restapis/a1", "apigateway:restapis"),
        ("", ""),
    ],
)
def test_the_type_of_a_resource_stands_in_its_arn(arn: str, type_: str) -> None:
    assert resource_type(arn) == type_


@pytest.mark.parametrize(
    ("pattern", "tags", "covers"),
    [
        ("subnet-1", (), True),
        ("subnet-*", ("Owner",), True),
        ("arn:aws:ec2:*:subnet/*", (), True),
        ("subnet-2", (), False),
        ("subnet-*", ("Project",), False),
    ],
)
def test_an_exception_names_an_id_or_an_arn(
    pattern: str, tags: tuple[str, ...], *, covers: bool
) -> None:
    exception = TagException(pattern, "r", "o", date(2027, 1, 31), tags)
    assert exception.covers(Finding(subject(), "Owner", Problem.MISSING)) is covers


def test_exceptions_come_from_the_configuration() -> None:
    columns = table(reason="r", owner="o", expires="2027-01-31", tags=("Owner",))
    policy = policy_of(Tagging(exceptions=Table((("i-*", columns),))), {})
    assert policy.exceptions == (TagException("i-*", "r", "o", date(2027, 1, 31), ("Owner",)),)
    assert TagPolicy().exceptions == ()


def test_of_two_keys_that_iam_takes_for_one_a_role_wants_the_first_alone() -> None:
    tagging = Tagging(required=("Owner", "owner"))
    role = subject("iam-role", "arn:aws:iam::111122223333:role/r")
    assert judged(role, tagging) == []
    lower = replace(role, tags={**without("Owner").tags, "owner": "shop@example.org"})
    assert judged(lower, tagging) == [("Owner", "wrong case", "shop@example.org", "")]
    assert [tag for tag, *_ in judged(subject(), tagging)] == ["owner"]
