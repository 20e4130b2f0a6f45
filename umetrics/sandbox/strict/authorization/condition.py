"""The Condition element of a statement: operators, and what they make of keys that are missing.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and reference_policies_condition-single-vs-multi-valued-context-keys.html. Pure.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from umetrics.sandbox.strict.authorization.context import Context
from umetrics.sandbox.strict.authorization.pattern import expanded, matches, matches_arn

Test = Callable[[str, str, Context], bool]
"""Whether a value of the policy (first) and one of the request (second) agree."""

_OPERATOR = re.compile(
    r"(?:(?P<all>ForAllValues):|(?P<any>ForAnyValue):)?(?P<name>[A-Za-z]+?)(?P<lenient>IfExists)?"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator, one key and the values that the policy names for it."""

    operator: str
    key: str
    values: tuple[str, ...]

    def holds(self, context: Context) -> bool:
        """Whether a request is as the condition wants it; an unknown operator never holds."""
        parsed = _OPERATOR.fullmatch(self.operator)
        given = context.get(self.key)
        if parsed is None or parsed["name"] not in {*OPERATORS, "Null"}:
            return False
        if parsed["name"] == "Null":
            return self.values == ("false" if given else "true",)
        test, negated = OPERATORS[parsed["name"]]
        verdicts = [
            any(_safely(test, wanted, value, context) for wanted in self.values) != negated
            for value in given or ()
        ]
        if parsed["all"]:
            return all(verdicts)
        if parsed["any"]:
            return any(verdicts)
        if given is None:
            return negated or bool(parsed["lenient"])
        return all(verdicts) if negated else any(verdicts)


def _safely(test: Test, wanted: str, value: str, context: Context) -> bool:
    """What is no number, date or address agrees with nothing."""
    try:
        return test(wanted, value, context)
    except ValueError:
        return False


def _equal(wanted: str, value: str, context: Context) -> bool:
    return expanded(wanted, context) == value


def _equal_ignoring_case(wanted: str, value: str, context: Context) -> bool:
    meant = expanded(wanted, context)
    return meant is not None and meant.casefold() == value.casefold()


def _like(wanted: str, value: str, context: Context) -> bool:
    return matches(wanted, value, context)


def _boolean(wanted: str, value: str, _context: Context) -> bool:
    return wanted.casefold() == value.casefold()


def _in_network(wanted: str, value: str, _context: Context) -> bool:
    return ip_address(value) in ip_network(wanted, strict=False)


def _moment(text: str) -> datetime:
    """ISO 8601, or seconds since 1970."""
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and "-" not in text[1:]:
        return datetime.fromtimestamp(float(text), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(compare: Callable[[float, float], bool]) -> Test:
    return lambda wanted, value, _context: compare(float(value), float(wanted))


def _date(compare: Callable[[datetime, datetime], bool]) -> Test:
    return lambda wanted, value, _context: compare(_moment(value), _moment(wanted))


OPERATORS: Mapping[str, tuple[Test, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equal_ignoring_case, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "ArnEquals": (matches_arn, False),  # ArnEquals and ArnLike behave identically
    "ArnLike": (matches_arn, False),
    "ArnNotEquals": (matches_arn, True),
    "ArnNotLike": (matches_arn, True),
    "Bool": (_boolean, False),
    "BinaryEquals": (_equal, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    "NumericEquals": (_number(operator.eq), False),
    "NumericNotEquals": (_number(operator.eq), True),
    "NumericLessThan": (_number(operator.lt), False),
    "NumericLessThanEquals": (_number(operator.le), False),
    "NumericGreaterThan": (_number(operator.gt), False),
    "NumericGreaterThanEquals": (_number(operator.ge), False),
    "DateEquals": (_date(operator.eq), False),
    "DateNotEquals": (_date(operator.eq), True),
    "DateLessThan": (_date(operator.lt), False),
    "DateLessThanEquals": (_date(operator.le), False),
    "DateGreaterThan": (_date(operator.gt), False),
    "DateGreaterThanEquals": (_date(operator.ge), False),
}
"""The test of each operator, and whether it is the opposite of that test."""
