"""Condition operators: what they compare, and what they make of keys that are not there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.sandbox.strict.authorization.condition import OPERATORS, Condition
from umetrics.sandbox.strict.authorization.context import NOTHING, Context, of

ROLE = "arn:aws:iam::123456789012:role/a/b"


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "holds"),
    [
        ("StringEquals", "dev", "dev", True),
        ("StringEquals", "dev", "Dev", False),
        ("StringEquals", "d*", "dev", False),
        ("StringNotEquals", "dev", "prod", True),
        ("StringNotEquals", "dev", "dev", False),
        ("StringEqualsIgnoreCase", "dev", "DEV", True),
        ("StringNotEqualsIgnoreCase", "dev", "DEV", False),
        ("StringLike", "d?v*", "develop", True),
        ("StringNotLike", "d*", "dev", False),
        ("ArnEquals", "arn:aws:iam::*:role/*", ROLE, True),
        ("ArnLike", "arn:aws:iam::*:user/*", ROLE, False),
        ("ArnLike", "arn:aws:*", "no ARN", False),
        ("ArnNotLike", "arn:aws:iam::*:user/*", ROLE, True),
        ("Bool", "true", "True", True),
        ("Bool", "false", "true", False),
        ("NumericLessThan", "10", "9.5", True),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("NumericEquals", "10", "ten", False),
        ("NumericNotEquals", "10", "11", True),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
        ("DateGreaterThan", "2026-01-01", "1767225601", True),
        ("DateEquals", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", True),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("IpAddress", "10.0.0.0/8", "somewhere", False),
        ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", False),
        ("StringResembles", "dev", "dev", False),
    ],
)
def test_an_operator_compares_what_the_policy_wants_with_what_the_request_has(
    operator: str, wanted: str, value: str, holds: bool
) -> None:
    assert Condition(operator, "k", (wanted,)).holds(of({"K": value})) is holds


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("StringNotLike", True),
        ("ArnLike", False),
        ("NumericLessThanIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", False),
    ],
)
def test_a_missing_key_fails_unless_the_operator_is_negative_or_lenient(
    operator: str, holds: bool
) -> None:
    assert Condition(operator, "k", ("1",)).holds(NOTHING) is holds


@pytest.mark.parametrize(
    ("operator", "given", "holds"),
    [
        ("ForAllValues:StringEquals", ("a",), True),
        ("ForAllValues:StringEquals", ("a", "c"), False),
        ("ForAllValues:StringNotEquals", ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ("a", "c"), False),
        ("ForAnyValue:StringEquals", ("a", "c"), True),
        ("ForAnyValue:StringEquals", ("c",), False),
        ("ForAnyValue:StringNotEquals", ("a", "c"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
    ],
)
def test_several_values_are_compared_each_by_itself(
    operator: str, given: tuple[str, ...], holds: bool
) -> None:
    assert Condition(operator, "k", ("a", "b")).holds(Context({"k": given})) is holds


def test_null_asks_whether_a_key_is_absent() -> None:
    absent, present = Condition("Null", "k", ("true",)), Condition("Null", "k", ("false",))
    for known, there in ((NOTHING, False), (of({"k": "v"}), True)):
        assert absent.holds(known) is not there
        assert present.holds(known) is there


def test_values_may_hold_variables() -> None:
    known = of({"aws:username": "joe", "aws:ResourceTag/owner": "joe"})
    assert Condition("StringEquals", "aws:ResourceTag/owner", ("${aws:username}",)).holds(known)


TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(["1", "2026-01-01", "10.0.0.1", "true"]))
POSITIVE = sorted(name for name in OPERATORS if "Not" not in name)


@given(st.sampled_from(POSITIVE), st.lists(TEXTS, min_size=1), TEXTS)
def test_a_negative_operator_is_the_opposite_of_its_positive_one(
    name: str, wanted: list[str], value: str
) -> None:
    opposites = {
        other
        for other, (test, negated) in OPERATORS.items()
        if negated and test is OPERATORS[name][0]
    }
    known = of({"k": value})
    for other in opposites:
        positive, negative = (Condition(each, "k", tuple(wanted)) for each in (name, other))
        assert positive.holds(known) is not negative.holds(known)
