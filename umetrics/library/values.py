"""What callers hold in their hands: a proposal, what happens while it is carried out, a result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from umetrics.errors import UmetricsError
from umetrics.plan_file import Circumstances, KeptPlan, steps_json
from umetrics.prices import Price
from umetrics.provision.events import Done, Event, Failed, Outcome
from umetrics.provision.plan import Plan
from umetrics.provision.selection import Wish
from umetrics.render.price import plan_price
from umetrics.verify.attribution import DISTURBED, Verdict


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan, how it was asked for, when and where it holds, and what should be said with it.

    `is_part` when `wish` chose less than everything; the closing look is then at that part alone.
    `unsought` are the kinds of which a `destroy` cannot say that nothing is left.
    """

    plan: Plan
    wish: Wish
    circumstances: Circumstances
    warnings: tuple[str, ...] = ()
    is_part: bool = False
    unsought: tuple[type, ...] = ()

    @property
    def price(self) -> Price:
        """A month of what stands afterwards; of a destroy, what that saves."""
        return plan_price(self.plan, self.circumstances.region)

    def kept(self, source: str = "the plan that was given") -> KeptPlan:
        """To be held against a plan of later; `source` names this one in errors."""
        drawn_for = dataclasses.asdict(self.circumstances)
        return KeptPlan(source, drawn_for, self.wish, steps_json(self.plan))


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan was drawn; nothing has been asked, refused or changed yet."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Begun:
    """The plan was agreed to, and its first step comes next."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing is under way any more; what follows is only looking."""

    outcomes: tuple[Outcome, ...]


Happening = Planned | Begun | Event | Ended
"""All that is told: `Planned`, then, if there is anything to do, `Begun`, the events, `Ended`."""

Notify = Callable[[Happening], None]
"""Called on the caller's own thread. What it raises ends the run, so it should not raise."""

Approve = Callable[[Proposal], bool]
"""Asked before anything is changed."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended; nothing about it was an exception.

    `outcomes` has one entry for each step that was to do something, `remaining` the keys that the
    closing look found not as they should be, `seconds` the time that the steps took. `unverified`
    is the error that ended the closing look, of which then nothing is known. `verdict` says what
    became of all that others have there, where a run looked; `unwitnessed` is the error that kept
    it from looking again.
    """

    proposal: Proposal
    outcomes: tuple[Outcome, ...] = ()
    remaining: tuple[str, ...] = ()
    seconds: float = 0.0
    declined: bool = False
    unverified: UmetricsError | None = None
    verdict: Verdict | None = None
    unwitnessed: UmetricsError | None = None

    def closed_by(self, look: Callable[[], Iterable[str]]) -> Result:
        """The same with what a look finds not as it should be, once every step was done.

        Whatever ends the look, what was done before is not lost.
        """
        if not self.is_whole:
            return self
        try:
            return dataclasses.replace(self, remaining=tuple(look()))
        except UmetricsError as error:
            return dataclasses.replace(self, unverified=error)

    @property
    def plan(self) -> Plan:
        """What was, or was not, carried out."""
        return self.proposal.plan

    @property
    def is_whole(self) -> bool:
        """Whether every step was done."""
        return all(isinstance(outcome, Done) for outcome in self.outcomes)

    @property
    def is_done(self) -> bool:
        """Whether all is as it was asked for, by AWS's own showing."""
        ended_well = self.is_whole and not self.declined
        return (
            ended_well and not self.remaining and self.unverified is None and not self.is_disturbing
        )

    @property
    def is_disturbing(self) -> bool:
        """Whether something of others was changed by this run, and not as documented."""
        return self.verdict is not None and self.verdict.exit_code == DISTURBED

    @property
    def errors(self) -> Mapping[str, UmetricsError]:
        """What failed, by key, in the order of the plan."""
        return {each.key: each.error for each in self.outcomes if isinstance(each, Failed)}
