"""IAM's decision, and policies as texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.sandbox.strict.authorization.context import NOTHING, Context, of
from umetrics.sandbox.strict.authorization.evaluation import (
    Decision,
    Policies,
    Question,
    Source,
    Verdict,
    context_keys,
    decide,
    missing_keys,
)
from umetrics.sandbox.strict.authorization.policy import Policy, Position, parse

VPC = "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"

Statement = Mapping[str, Any]
ALLOW: Statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY: Statement = {"Effect": "Deny", "Action": "ec2:Delete*", "Resource": "*"}


def policy(*statements: Statement, name: str = "p") -> Policy:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": statements}), name, "user")


def asked(
    identity: Sequence[Statement],
    action: str = "ec2:DeleteVpc",
    known: Context = NOTHING,
    *,
    boundary: Sequence[Statement] | None = None,
    session: Sequence[Statement] | None = None,
) -> Decision:
    bounds = policy(*boundary) if boundary is not None else None
    limit = policy(*session) if session is not None else None
    policies = Policies((policy(*identity),), bounds, limit)
    return decide(Question(action, VPC, known), policies)


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([], Verdict.IMPLICIT_DENY),
        ([ALLOW], Verdict.ALLOWED),
        ([ALLOW, DENY], Verdict.EXPLICIT_DENY),
        ([DENY], Verdict.EXPLICIT_DENY),
        ([{**ALLOW, "Action": "EC2:deletevpc"}], Verdict.ALLOWED),
        ([{**ALLOW, "Action": ["ec2:Create*", "ec2:Describe*"]}], Verdict.IMPLICIT_DENY),
        ([{**ALLOW, "Resource": "arn:aws:ec2:*:*:vpc/*"}], Verdict.ALLOWED),
        ([{**ALLOW, "Resource": "arn:aws:ec2:*:*:subnet/*"}], Verdict.IMPLICIT_DENY),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], Verdict.ALLOWED),
        ([{"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}], Verdict.IMPLICIT_DENY),
        ([{"Effect": "Allow", "Action": "*", "NotResource": VPC}], Verdict.IMPLICIT_DENY),
    ],
)
def test_an_explicit_deny_beats_an_allow_and_nothing_is_allowed_by_itself(
    statements: list[Statement], verdict: Verdict
) -> None:
    assert asked(statements).verdict is verdict


def test_all_operators_and_keys_of_a_condition_must_hold() -> None:
    condition = {
        "StringEquals": {"aws:ResourceTag/a": ["1", "2"], "aws:RequestedRegion": "us-east-1"},
        "Bool": {"aws:SecureTransport": True},
    }
    statement = {**ALLOW, "Condition": condition}
    known = {"aws:ResourceTag/a": "2", "aws:RequestedRegion": "us-east-1"}
    assert not asked([statement], known=of(known)).allowed
    assert asked([statement], known=of({**known, "aws:SecureTransport": "true"})).allowed


def test_a_boundary_and_a_session_must_allow_it_too() -> None:
    describing = {**ALLOW, "Action": "ec2:Describe*"}
    for limits in ({"boundary": [describing]}, {"session": [describing]}):
        limited: Any = limits
        assert not asked([ALLOW], **limited).allowed
        assert asked([ALLOW], "ec2:DescribeVpcs", **limited).allowed
    assert not asked([], "ec2:DescribeVpcs", boundary=[describing]).allowed


def test_the_decision_names_who_refuses() -> None:
    assert asked([]).refused_by is Source.IDENTITY
    assert asked([ALLOW], boundary=[]).refused_by is Source.BOUNDARY
    assert asked([ALLOW], boundary=[DENY]).refused_by is Source.BOUNDARY
    assert asked([ALLOW], session=[]).refused_by is Source.SESSION
    assert asked([ALLOW], boundary=[]).within_boundary is False
    assert asked([ALLOW], boundary=[ALLOW]).within_boundary is True
    assert asked([ALLOW]).within_boundary is None


def test_the_decision_shows_the_statements_that_it_rests_on() -> None:
    denied = asked([{**ALLOW, "Sid": "Yes"}, {**DENY, "Sid": "No"}])
    assert [match.statement.sid for match in denied.matched] == ["No"]
    allowed = asked([{**ALLOW, "Sid": "Yes"}, DENY], "ec2:CreateVpc")
    assert [match.statement.sid for match in allowed.matched] == ["Yes"]


def test_missing_keys_are_those_of_all_statements_whatever_the_action() -> None:
    told = policy(
        {**ALLOW, "Condition": {"StringEquals": {"aws:RequestTag/a": "${aws:username}"}}},
        {**ALLOW, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:userid}"},
    )
    assert context_keys([told]) == ("aws:RequestTag/a", "aws:username", "aws:userid")
    assert missing_keys([told], of({"AWS:UserName": "joe"})) == ("aws:RequestTag/a", "aws:userid")


def test_a_statement_knows_where_it_stands() -> None:
    text = """{
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow", "Action": "ec2:*", "Resource": "*"
    },
    {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]
}"""
    first, second = parse(text, "p", "user").statements
    assert (first.start, first.end) == (Position(3, 19), Position(5, 6))
    assert (second.start, second.end) == (Position(6, 5), Position(6, 59))


def test_a_single_statement_needs_no_list() -> None:
    (only,) = parse(json.dumps({"Statement": ALLOW}), "p", "user").statements
    assert only.start == Position(1, 15)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Version": "2012-10-17"}'])
def test_what_is_no_policy_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # what IAM says of it is the caller's business
        parse(text, "p", "user")


ACTIONS = st.sampled_from(["*", "ec2:*", "ec2:DeleteVpc", "ec2:Create*", "iam:*"])
STATEMENTS = st.builds(
    lambda effect, action: {"Effect": effect, "Action": action, "Resource": "*"},
    st.sampled_from(["Allow", "Deny"]),
    ACTIONS,
)


@given(st.lists(STATEMENTS), st.lists(STATEMENTS))
def test_more_denies_never_allow_and_limits_never_grant(
    identity: list[Statement], boundary: list[Statement]
) -> None:
    free = asked(identity)
    assert not asked([*identity, DENY]).allowed
    assert free.allowed or not asked(identity, boundary=boundary).allowed
    assert asked(identity, boundary=[ALLOW]).verdict is free.verdict
