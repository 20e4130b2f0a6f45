"""Calls that may be refused or answered oddly: what AWS tells, or why it tells nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from umetrics.doctor.finding import Certainty, Unread
from umetrics.errors import (
    AccessDenied,
    AwsError,
    CredentialsError,
    Denial,
    UmetricsError,
    UsageError,
)

T = TypeVar("T")

FAILURES = (AwsError, CredentialsError, UsageError, KeyError, ValueError)
"""How looking can fail; the last two where an answer lacks what it should have, or has another."""

UNSERVED = frozenset(
    {
        *("404", "405", "500", "501"),  # a bare status is all there is: no service of AWS
        "InternalFailure",
        "InvalidAction",
        "NotImplemented",
        "NotImplementedError",
        "NotImplementedException",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
    }
)
"""How emulators, and AWS where it does not offer something, say that they do not know a call."""


def tried(call: Callable[[], T]) -> T | Unread:
    """What a call gives, or why it gives nothing."""
    try:
        return call()
    except FAILURES as error:
        return unread(error)


def unread(error: UmetricsError | KeyError | ValueError) -> Unread:
    """Why AWS did not tell."""
    if isinstance(error, KeyError | ValueError):
        what = f"lacks {error.args[0]}" if isinstance(error, KeyError) else f"is odd: {error}"
        return Unread(Certainty.UNDECIDABLE, f"an answer of AWS {what}")
    if isinstance(error, AccessDenied):
        told = error.denial or Denial(error.operation)
        reason = f"{told.action} is not allowed: {told.reason}"
        return Unread(Certainty.UNDECIDABLE, reason, told.action, told.explicit)
    if isinstance(error, AwsError) and error.aws_code in UNSERVED:
        return Unread(Certainty.UNSUPPORTED, f"{error.operation} is not known here")
    dead = isinstance(error, CredentialsError)
    return Unread(Certainty.UNDECIDABLE, error.message, of_credentials=dead)
