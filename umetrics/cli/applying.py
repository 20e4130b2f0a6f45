"""What `up` and `destroy` share: carrying a plan out with progress, and what the end means."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from umetrics.cli.interrupt import Interruptible
from umetrics.cli.options import RunFormat
from umetrics.provision.events import Done, Failed, Outcome
from umetrics.render.live import progress_for
from umetrics.render.progress import JsonLinesProgress, Progress

if TYPE_CHECKING:
    from umetrics.cli.session import Session
    from umetrics.foundation import Foundation
    from umetrics.provision.plan import Plan


@dataclass(frozen=True, slots=True)
class Applied:
    """How it went: one outcome per step, wall-clock seconds, and 130 or 143 after a signal."""

    outcomes: tuple[Outcome, ...]
    seconds: float
    signalled: int | None

    @property
    def is_whole(self) -> bool:
        """Whether every step was done."""
        return all(isinstance(outcome, Done) for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """A signal's, else the first failure's, else 0."""
        if self.is_whole:
            return 0
        return self.signalled or first_failure_code(self.outcomes)


def first_failure_code(outcomes: Sequence[Outcome]) -> int:
    """The exit code of the first step that failed; 1 when steps were only skipped."""
    codes = [each.error.exit_code for each in outcomes if isinstance(each, Failed)]
    return codes[0] if codes else 1


def apply(session: Session, foundation: Foundation, plan: Plan, chosen: RunFormat) -> Applied:
    """Carry `plan` out, showing progress on stderr, or as events on stdout for jsonl."""
    screen = session.screen
    progress: Progress = progress_for(screen, total=len(plan.changes))
    if chosen is RunFormat.JSONL:
        progress = JsonLinesProgress(screen.stdout, session.run)
    began = time.monotonic()
    with Interruptible(foundation.aws.patience) as interruptible, progress:
        outcomes = foundation.apply(plan, progress)
    return Applied(outcomes, time.monotonic() - began, interruptible.exit_code)
