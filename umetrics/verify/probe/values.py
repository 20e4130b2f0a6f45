"""What came of trials."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Outcome(enum.StrEnum):
    """What a trial showed, the gravest first.

    `DISTURBED`: what was to be a rehearsal has acted. `UNSEEN`: it may have, and that could not be
    looked at. `DENIED`: it is these credentials that may not. `UNKNOWN`: nothing can be said, which
    is no failure.
    """

    DISTURBED = "disturbed"
    UNSEEN = "unseen"
    FAILED = "failed"
    DENIED = "denied"
    UNKNOWN = "unknown"
    OK = "ok"


EXIT_CODES = {Outcome.DISTURBED: 7, Outcome.UNSEEN: 3, Outcome.FAILED: 3, Outcome.DENIED: 4}
"""Of the others: 0."""

ENDING = frozenset({Outcome.DISTURBED, Outcome.UNSEEN})
"""After these no other function is tried, and nobody may say that nothing was changed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One of them: `what` was tried, on which function or address, and what was said."""

    what: str
    about: str
    outcome: Outcome
    reason: str = ""


def is_over(trials: Iterable[Trial]) -> bool:
    """Whether nothing more may be tried after these."""
    return any(trial.outcome in ENDING for trial in trials)


def exit_code(trials: tuple[Trial, ...]) -> int:
    """Of the gravest."""
    outcomes = {trial.outcome for trial in trials}
    return next((EXIT_CODES.get(each, 0) for each in Outcome if each in outcomes), 0)
