"""IAM's wildcards, variables and ARNs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.sandbox.strict.authorization.context import NOTHING, Context, of
from umetrics.sandbox.strict.authorization.pattern import expanded, matches, matches_arn, variables

JOE = of({"aws:username": "joe", "aws:PrincipalTag/team": "a*b"})
ARN = "arn:aws:iam::123456789012:role/a/b/c"


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("ec2:Create*", "ec2:CreateVpc", True),
        ("ec2:Create*", "ec2:DeleteVpc", False),
        ("ec2:Create?pc", "ec2:CreateVpc", True),
        ("ec2:Create?", "ec2:CreateVpc", False),
        ("a.c", "abc", False),
        ("*", "", True),
        ("a", "aa", False),
    ],
)
def test_an_asterisk_is_any_text_and_a_question_mark_one_letter(
    pattern: str, text: str, fits: bool
) -> None:
    assert matches(pattern, text) is fits


def test_letter_case_counts_unless_it_is_said_not_to() -> None:
    assert not matches("EC2:createvpc", "ec2:CreateVpc")
    assert matches("EC2:createvpc", "ec2:CreateVpc", ignore_case=True)


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*", True),
        ("arn:aws:iam::123456789012:role/*", True),
        ("arn:*:iam::*:role/a/*", True),
        ("arn:aws:iam", True),
        ("arn:aws:*", True),
        ("arn:aws:iam::123456789012:role/a/?/c", True),
        ("arn:aws:iam:*:role/a/b/c", False),
        ("arn:aws:iam::123456789012:role/b", False),
        ("arn:aws:iam::123456789012:user/*", False),
    ],
)
def test_an_arn_is_compared_part_by_part(pattern: str, fits: bool) -> None:
    assert matches_arn(pattern, ARN) is fits


def test_an_action_without_a_resource_is_fitted_by_an_asterisk_alone() -> None:
    assert matches_arn("*", "*")
    assert not matches_arn("arn:aws:ec2:*:*:vpc/*", "*")


def test_a_variable_is_replaced_and_its_value_is_no_wildcard() -> None:
    assert matches("home/${aws:username}/*", "home/joe/x", JOE)
    assert matches("${aws:PrincipalTag/team}", "a*b", JOE)
    assert not matches("${aws:PrincipalTag/team}", "axb", JOE)
    assert matches_arn("arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/joe", JOE)
    assert matches("${*}${?}${$}", "*?$")


def test_a_variable_that_nobody_knows_fits_nothing_but_its_default() -> None:
    assert not matches("${aws:username}", "joe")
    assert not matches("*${aws:username}*", "")
    assert matches("${aws:username, 'anybody'}", "anybody")
    assert expanded("${aws:TagKeys}", Context({"aws:TagKeys": ("a", "b")})) is None


def test_the_names_of_variables_are_told() -> None:
    assert list(variables("${a:b}/${*}/${c:d, 'e'}")) == ["a:b", "c:d"]


@given(st.text())
def test_a_text_without_wildcards_fits_itself_and_with_them_too(text: str) -> None:
    assert matches("*", text)
    assert matches("".join(f"${{{each}}}" if each in "*?$" else each for each in text), text)
    assert matches("?" * len(text), text)


@given(st.text(), st.text())
def test_what_a_variable_stands_for_is_taken_literally(value: str, other: str) -> None:
    known = of({"a:b": value})
    assert matches("${a:b}", other, known) is (value == other)
    assert expanded("${a:b}", known) == value
    assert expanded("${a:b}", NOTHING) is None
