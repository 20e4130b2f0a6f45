"""What a check came to: how it stands, and how sure that is. Values only."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Check(enum.StrEnum):
    """What is looked at, in the order in which it is told."""

    IDENTITY = "identity"
    ACCOUNT = "account"
    CLOCK = "clock"
    PERMISSIONS = "permissions"
    PLAN = "plan"
    QUOTAS = "quotas"
    ADDRESSES = "addresses"
    ZONES = "zones"
    TAG_POLICY = "tag policy"
    COST_TAGS = "cost tags"
    ALSO = "later work"
    ADVICE = "advice"


class Status(enum.StrEnum):
    """How it stands. Only a problem fails anything."""

    OK = "ok"
    PROBLEM = "problem"
    ADVICE = "advice"
    UNKNOWN = "unknown"


class Certainty(enum.StrEnum):
    """How one knows."""

    MEASURED = "measured"
    """AWS was asked that very thing, or told it."""

    SIMULATED = "simulated"
    """IAM's simulator said so, which does not know every policy."""

    UNDECIDABLE = "not decidable"
    """With what these credentials may see it cannot be told."""

    UNSUPPORTED = "not supported here"
    """Whatever answers at this endpoint does not know the question."""


NOT_CLEAN = 3
NOT_ALLOWED = 4
REFUSED = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer; `exit_code` counts where it is a problem.

    `alarm` is for what must not be overlooked: something happened that never should.
    """

    check: Check
    status: Status
    text: str
    certainty: Certainty = Certainty.MEASURED
    hint: str = ""
    exit_code: int = NOT_CLEAN
    alarm: bool = False

    @property
    def fails(self) -> bool:
        """Whether the configuration cannot be applied so."""
        return self.status is Status.PROBLEM


@dataclass(frozen=True, slots=True)
class Unread:
    """What AWS did not tell, and why; `denied` is the action that is not allowed, if that is it.

    `explicit` says that a policy denies it, else none allows it; `of_credentials` that AWS takes
    these credentials no longer.
    """

    certainty: Certainty
    reason: str
    denied: str = ""
    explicit: bool = False
    of_credentials: bool = False

    def finding(self, check: Check, what: str) -> Finding:
        """That nothing is known of it."""
        return Finding(check, Status.UNKNOWN, f"{what}: {self.reason}", self.certainty)
