"""A change of many tags, from the question to its end: `audit-tags --fix` and `tags undo`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from umetrics.audit.repair.change import Ending, Outcome
from umetrics.cli.consent import DETAILS, agreed, read_line, refuse_without_terminal
from umetrics.cli.interrupt import Interruptible
from umetrics.errors import Protected, UmetricsError
from umetrics.render.line import Line
from umetrics.render.phrase import counted, duration
from umetrics.render.repair import foreignness, repair_lines

if TYPE_CHECKING:
    from umetrics.audit.repair.change import Change
    from umetrics.audit.repair.plan import RepairPlan
    from umetrics.audit.values import Subject
    from umetrics.cli.options import Consent
    from umetrics.cli.session import Session

TOLD_EVERY = 5.0
"""Seconds between two lines about how far a long repair is."""


FAILURES = frozenset({Ending.FAILED, Ending.HALF})


@dataclass(frozen=True, slots=True)
class Mended:
    """How a repair ended, in how many seconds; `signalled` is a signal's exit code.

    `broken` is what ended all of it early; it is for the caller to raise, once all this is told.
    """

    outcomes: tuple[Outcome, ...]
    seconds: float
    signalled: int | None = None
    broken: UmetricsError | None = None

    @property
    def exit_code(self) -> int:
        """A signal's, else that of the first failure; 0 when nothing failed."""
        if self.signalled is not None:
            return self.signalled
        failed = [each.error for each in self.outcomes if each.ending in FAILURES]
        return next((error.exit_code for error in failed if error), 0)


def may_repair(session: Session, plan: RepairPlan, consent: Consent, confirmed: int | None) -> bool:
    """Ask; what was not asked for by its stage is agreed to by its number.

    Raises `Protected` where it is needed and not given; `refuse_miscount` has seen it before.
    """
    question = f"Change the tags of {counted(len(plan.changes), 'resource')}?"

    def details() -> None:
        session.screen.tell(repair_lines(plan, at_most=None))

    if not plan.foreign:
        return agreed(session.screen, question, consent, details=details)
    number, told = len(plan.foreign), foreignness(plan)
    flags = f"--yes --confirm {number}"
    if consent.yes or confirmed is not None:
        if consent.yes and confirmed is not None:
            return True
        raise Protected(
            f"the tags of {counted(number, 'resource')} would be changed that {_is(number)} {told}",
            hint=f"look at them without --yes; in CI: {flags}; else leave out --yes and type it",
        )
    refuse_without_terminal(question, consent, flags)
    session.screen.say(f"{number} of these {_is(number)} {told}.")
    return _typed(session, details) == str(number)


def refuse_miscount(plan: RepairPlan, confirmed: int | None) -> None:
    """Raise `Protected` for a number that is not the true one, also where that is none."""
    number = len(plan.foreign)
    if confirmed is None or confirmed == number:
        return
    whose = foreignness(plan) if number else "not ours or another stage's"
    raise Protected(
        f"{counted(number, 'resource')} would be changed that {_is(number)} {whose}, "
        f"and --confirm says {confirmed}",
        hint=f"look at them without --yes; in CI: --yes --confirm {number}"
        if number
        else "nothing of others is to be changed now: leave out --confirm, or say --confirm 0",
    )


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _typed(session: Session, details: Callable[[], None]) -> str:
    while True:
        answer = read_line(session.screen, "Type that number to go on, or d for details: ")
        if answer.lower() not in DETAILS:
            return answer
        details()


def mended(session: Session, outcomes: Iterator[Outcome], changes: Sequence[Change]) -> Mended:
    """Have them carried out, and say from time to time how far it is."""
    began = told = time.monotonic()
    ended: list[Outcome] = []
    broken: UmetricsError | None = None
    with ExitStack() as stack:
        stopping = session.foundation.stopping
        interruptible = stack.enter_context(Interruptible(stopping))
        try:
            for outcome in outcomes:
                ended.append(outcome)
                if time.monotonic() - told >= TOLD_EVERY:
                    told = time.monotonic()
                    text = f"{len(ended)} of {len(changes)} after {duration(told - began)}"
                    session.screen.tell([Line(text, "quiet")])
        except UmetricsError as error:
            broken = error
            ended += _not_ended(changes, ended)
    seconds = time.monotonic() - began
    return Mended(tuple(ended), seconds, interruptible.exit_code, broken)


def _not_ended(changes: Sequence[Change], ended: Sequence[Outcome]) -> Iterator[Outcome]:
    counts = Counter(name_of(each.change) for each in ended)
    for change in changes:
        if counts[name_of(change)]:
            counts[name_of(change)] -= 1
        else:
            yield Outcome(change, Ending.SKIPPED)


def name_of(of: Change | Subject) -> tuple[str, ...]:
    """What tells a resource from all others; not its region, which for a bucket is found late."""
    return of.place.account, of.kind, of.id, of.arn
