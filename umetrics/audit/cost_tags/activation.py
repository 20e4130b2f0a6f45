"""Cost allocation keys on their way to active: look, activate what can be, wait for the rest.

A run can be broken off at any point and repeated: each look begins anew with what AWS says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from umetrics.audit.cost_tags import explorer
from umetrics.audit.cost_tags.state import (
    KeyState,
    Status,
    hand_over,
    key_states,
    refused,
)
from umetrics.errors import AccessDenied, AnswerLost, AwsError, CredentialsError, Throttled

if TYPE_CHECKING:
    from umetrics.aws import CostAllocation
    from umetrics.patience import Patience
    from umetrics.state import Sightings

SHORTEST_PAUSE = 5.0
LONGEST_PAUSE = 900.0
"""Seconds between two looks: AWS works through the keys once a day, so a quarter is soon enough."""

SHARE_OF_WAITED = 0.05

DEACTIVATED = "somebody has deactivated it meanwhile"

UNDER_WAY = frozenset({Status.ACTIVATING, Status.ACTIVE})
TO_BE_ACTIVATED = frozenset({Status.INACTIVE, Status.NOT_SEEN})

LINKED = "Linked account doesn't have access"
"""How AWS tells a member of an organization from somebody who lacks a permission.

https://github.com/hashicorp/terraform-provider-aws/issues/37636
"""


@dataclass(frozen=True, slots=True)
class Report:
    """All keys at one moment; `refusal` is what AWS said where it would not tell or do.

    Where a backfill was asked for, it was begun from `backfill_from`, or not for a reason, be it an
    error.
    """

    keys: tuple[KeyState, ...]
    refusal: AccessDenied | None = None
    backfill_from: str = ""
    backfill_refusal: str = ""
    backfill_error: AwsError | CredentialsError | None = None

    @property
    def pending(self) -> tuple[KeyState, ...]:
        """The keys that are needed and not active."""
        return tuple(each for each in self.keys if each.is_pending)

    @property
    def is_complete(self) -> bool:
        """Whether every key that something of ours carries is active, and something does."""
        return self.is_needed and not self.pending

    @property
    def is_needed(self) -> bool:
        """Whether anything of ours carries any key; before the first `up` nothing does."""
        return any(each.status is not Status.UNUSED for each in self.keys)

    @property
    def coming(self) -> tuple[KeyState, ...]:
        """The keys that are to be activated, now or as soon as AWS knows them."""
        return tuple(each for each in self.keys if each.status in TO_BE_ACTIVATED)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left of what was asked for."""
        return self.is_complete and not self.backfill_refusal

    @property
    def is_denied(self) -> bool:
        """Whether a permission is missing, rather than the payer's account."""
        return any(each.status is Status.DENIED for each in self.keys)

    @property
    def activatable(self) -> tuple[str, ...]:
        """The keys that could be activated now, and were not deactivated while one waited."""
        return tuple(
            each.key
            for each in self.keys
            if each.status is Status.INACTIVE and each.note != DEACTIVATED
        )

    @property
    def is_undone(self) -> bool:
        """Whether all that is pending is so because somebody wants it so."""
        return all(each.note == DEACTIVATED for each in self.pending)

    @property
    def hand_over(self) -> str:
        """The command for the owner of the payer's account; empty where none is needed."""
        return hand_over(self.keys)


@dataclass(slots=True)
class Activation:
    """The keys of one stage in one account; `carried` are those on something of ours."""

    client: CostAllocation
    carried: Collection[str]
    sightings: Sightings
    patience: Patience
    now: Callable[[], datetime]

    def look(self) -> Report:
        """How it stands. Changes nothing in AWS."""
        now = self.now()
        try:
            told, refusal = explorer.told(self.client), None
        except AccessDenied as error:
            told, refusal = {}, error
        remembered = self.sightings.note(self.carried, told, now)
        states = key_states(self.carried, told, remembered, now)
        if refusal is None:
            return Report(states)
        return Report(refused(states, _why(refusal), only={Status.NOT_SEEN}), refusal)

    def activate(self, report: Report) -> Report:
        """Activate what the report says can be; how it stands then, with what AWS would not do."""
        if not report.activatable:
            return report
        try:
            failures = explorer.activate(self.client, report.activatable)
        except AccessDenied as error:
            left = self.look()
            return Report(refused(left.keys, _why(error), only={Status.INACTIVE}), error)
        after = self.look()
        notes = {each.key: each.note for each in report.keys if each.note == DEACTIVATED} | failures
        keys = tuple(replace(each, note=notes.get(each.key, "")) for each in after.keys)
        return replace(after, keys=keys)

    def wait(
        self, report: Report, *, at_most: timedelta, notice: Callable[[Report], None]
    ) -> Report:
        """Look and activate until all are active, time is up, or only others could go on.

        What somebody has deactivated meanwhile stays so. `notice` is told of each look. A look that
        AWS is too busy for, or that finds no way to it, is made again later; one that fails as time
        is up is raised. Raises `Interrupted`, and `CredentialsError` once they have expired.
        """
        began = self.patience.clock()
        known: set[str] = set()
        trouble: AwsError | None = None
        while report.pending and not report.hand_over and not report.is_undone:
            known |= {each.key for each in report.keys if each.status in UNDER_WAY}
            waited = self.patience.clock() - began
            left = at_most.total_seconds() - waited
            if left <= 0:
                if trouble is not None:
                    raise trouble
                break
            pause = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, SHARE_OF_WAITED * waited))
            self.patience.pause(min(pause, left))
            try:
                report, trouble = self.activate(_without_the_undone(self.look(), known)), None
            except AwsError as error:
                if error.aws_code and not isinstance(error, Throttled | AnswerLost):
                    raise
                trouble = error
            else:
                notice(report)
        return report

    def backfill(self, report: Report, start: str) -> Report:
        """Have past costs told apart, once every needed key counts; the report says what came."""
        if not report.is_complete:
            refusal = "AWS takes the keys that are active then, and not all that are needed are"
        else:
            try:
                refusal = explorer.start_backfill(self.client, start)
            except (AwsError, CredentialsError) as error:
                return replace(report, backfill_refusal=error.message, backfill_error=error)
        return replace(report, backfill_from="" if refusal else start, backfill_refusal=refusal)


def _without_the_undone(report: Report, known: Collection[str]) -> Report:
    """The report, where what was active once and is not any more is nothing to be activated."""
    keys = (
        replace(each, note=DEACTIVATED)
        if each.key in known and each.status is Status.INACTIVE
        else each
        for each in report.keys
    )
    return replace(report, keys=tuple(keys))


def _why(error: AccessDenied) -> Status:
    return Status.NOT_THE_PAYER if LINKED in error.message else Status.DENIED
