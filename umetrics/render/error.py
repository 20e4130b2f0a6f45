"""Errors in words: what failed, where, and what to do next. First cause first, the rest counted."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence

from umetrics.errors import (
    AccessDenied,
    AwsError,
    ConfigurationError,
    CredentialsError,
    NotPermitted,
    UmetricsError,
)
from umetrics.render.line import Line
from umetrics.render.phrase import counted

PLACES: Mapping[str, str] = {
    "permissions boundary": "your permissions boundary",
    "resource-based policy": "the resource's own policy",
    "session policy": "the policy of your session",
    "service control policy": "the service control policies of your organisation",
    "VPC endpoint policy": "the policy of the VPC endpoint",
}
"""By the type of policy that allows too little; any other is a policy of the caller's own."""


def error_lines(error: UmetricsError, *, debug: bool = False) -> Iterator[Line]:
    """One error: `error[U031]: ...`, where, the permission to grant, `hint: ...`.

    With `debug`, the traceback comes before, so that the error is still what one reads first.
    """
    if debug:
        for text in "".join(traceback.format_exception(error)).splitlines():
            yield Line(text, "quiet", verbatim=True)
    yield from _what(error)
    if isinstance(error, AwsError) and (where := place(error)):
        yield Line(where, mark="where:", indent=2)
    if isinstance(error, AccessDenied):
        yield from _denial_lines(error)
    if isinstance(error, NotPermitted) and error.policy:
        yield Line("this policy, beside those that you have, would do:", indent=2)
        yield from (Line(text, verbatim=True) for text in _indented(error.policy))
    if error.hint:
        yield Line(error.hint, "good", mark="hint:")


def errors_lines(errors: Sequence[UmetricsError], *, debug: bool = False) -> Iterator[Line]:
    """The first error in full, and how many there are besides."""
    if errors:
        yield from error_lines(errors[0], debug=debug)
    if len(errors) > 1:
        yield Line(f"and {counted(len(errors) - 1, 'more error')}", "quiet")


def warning_lines(warnings: Iterable[str]) -> Iterator[Line]:
    """A line each."""
    yield from (Line(warning, "warning", mark="warning:") for warning in warnings)


def place(error: AwsError) -> str:
    """Which call failed, how AWS calls that, and what AWS support asks for; may be empty."""
    named = (
        ("", error.operation),
        ("", error.aws_code),
        ("request ", error.request_id),
    )
    return ", ".join(f"{word}{value}" for word, value in named if value)


def _what(error: UmetricsError) -> Iterator[Line]:
    mark = f"error[{error.code}]:"
    if isinstance(error, ConfigurationError):
        count = counted(len(error.problems), "problem")
        yield Line(f"{count} in {error.source}", "error", mark=mark)
        yield from (Line(str(problem), indent=2) for problem in error.problems)
    elif isinstance(error, AwsError | CredentialsError):
        yield Line(error.message, "error", mark=mark)
    else:
        # Our own messages may have several lines; others' must not be able to look like ours.
        first, *others = error.message.split("\n")
        yield Line(first, "error", mark=mark)
        yield from (Line(text.strip(), indent=2) for text in others if text.strip())


def _denial_lines(error: AccessDenied) -> Iterator[Line]:
    """Which permission is missing and by which policy, and what would grant it."""
    told = error.denial
    if told is not None:
        yield Line(told.action, mark="action:", indent=2)
        yield from (
            Line(each, mark="resource:", indent=2, verbatim=True) for each in told.resources
        )
        yield Line(told.reason, mark="denied by:", indent=2)
        if told.policy_arn:
            yield Line(told.policy_arn, mark="policy:", indent=2, verbatim=True)
        if told.note:
            yield Line(told.note, mark="not known:", indent=2)
    if error.statement:
        where = PLACES.get(told.policy_type if told else "", "a policy of yours")
        yield Line(f"this statement in {where} would grant it:", indent=2)
        yield from (Line(text, verbatim=True) for text in _indented(error.statement))


def _indented(statement: str) -> list[str]:
    """JSON as one pastes it; anything else as it is."""
    try:
        return json.dumps(json.loads(statement), indent=2).splitlines()
    except json.JSONDecodeError:
        return [statement]
