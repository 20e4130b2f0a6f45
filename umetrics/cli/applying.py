"""What commands that write share: showing a run, asking, and what its end means."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from umetrics.cli.consent import agreed
from umetrics.cli.interrupt import Interruptible
from umetrics.cli.options import Consent, RunFormat
from umetrics.library import Begun, Ended, Happening, Planned, Proposal, Result
from umetrics.provision.events import Failed
from umetrics.render.as_json import error_json, outcomes_json, plan_json
from umetrics.render.document import Json
from umetrics.render.error import error_lines
from umetrics.render.live import progress_for
from umetrics.render.outcome import summary_lines
from umetrics.render.plan import plan_lines
from umetrics.render.progress import JsonLinesProgress, Progress
from umetrics.render.verify.as_json import verdict_json
from umetrics.render.verify.text import summary_line
from umetrics.verify.attribution import DISTURBED

if TYPE_CHECKING:
    from umetrics.cli.session import Session
    from umetrics.provision.plan import Plan


@dataclass
class Show:
    """Shows a run while it goes on: the plan, then progress, which a signal may end.

    For people the plan is on stdout and progress on stderr; for jsonl, stdout gets the events.
    """

    session: Session
    format: RunFormat
    _open: ExitStack = field(default_factory=ExitStack)
    _progress: Progress | None = None
    _interruptible: Interruptible | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def __call__(self, happening: Happening) -> None:
        """Take in what happens."""
        match happening:
            case Planned(proposal):
                self._show_plan(proposal)
            case Begun(plan):
                self._begin(plan)
            case Ended():
                self._open.close()
            case event if self._progress is not None:
                self._progress(event)

    @property
    def signalled(self) -> int | None:
        """130 or 143 once a signal came."""
        return self._interruptible.exit_code if self._interruptible else None

    def _show_plan(self, proposal: Proposal) -> None:
        """In a machine's format the plan is part of the closing document."""
        if self.format is RunFormat.TEXT:
            plan, warnings = proposal.plan, proposal.warnings
            self.session.screen.show(plan_lines(plan, price=proposal.price, warnings=warnings))

    def _begin(self, plan: Plan) -> None:
        screen = self.session.screen
        progress: Progress = progress_for(screen, total=len(plan.changes))
        if self.format is RunFormat.JSONL:
            progress = JsonLinesProgress(screen.stdout, self.session.run)
        stopping = self.session.foundation.stopping
        self._interruptible = self._open.enter_context(Interruptible(stopping))
        self._progress = self._open.enter_context(progress)

    def ending(self, kind: str, result: Result, **more: Json) -> None:
        """The summary for people, where anything was done; else the closing document.

        Either is followed by why the closing look told nothing, where that is so.
        """
        self._show_ending(kind, result, more)
        if result.unverified is not None:
            self.session.screen.say("What was done is not checked:", "warning")
            debug = self.session.common.debug
            self.session.screen.tell(error_lines(result.unverified, debug=debug))

    def _show_ending(self, kind: str, result: Result, more: dict[str, Json]) -> None:
        if self.format is RunFormat.TEXT:
            if result.outcomes:
                lines = summary_lines(result.outcomes, seconds=result.seconds)
                self.session.screen.show(lines)
                self._show_verdict(result)
            return
        plan, warnings = result.plan, result.proposal.warnings
        body = plan_json(plan, price=result.proposal.price, warnings=warnings)
        outcomes = outcomes_json(result.outcomes, seconds=result.seconds)
        unverified = error_json(result.unverified) if result.unverified else None
        verdict = verdict_json(result.verdict) if result.verdict else None
        ending = {"plan": body, **outcomes, **more, "unverified": unverified, "verdict": verdict}
        self.session.show_ending(kind, ending, stream=self.format is RunFormat.JSONL)

    def _show_verdict(self, result: Result) -> None:
        """What became of all that others have, in one line; where to read more, if there is."""
        screen = self.session.screen
        if result.unwitnessed is not None:
            looked = "What others have was not looked at again:"
            screen.say("This verdict is not kept:" if result.verdict else looked, "warning")
            screen.tell(error_lines(result.unwitnessed, debug=self.session.common.debug))
        if result.verdict is not None:
            screen.show([summary_line(result.verdict)])
            if result.verdict.judged:
                command = shlex.join(["umetrics", "verify", *self.session.arguments])
                screen.say(f"Each of them: {command}")

    def exit_code(self, result: Result) -> int:
        """7 where others were disturbed, a signal's, else that of the first error; else 0."""
        if result.is_disturbing:
            return DISTURBED
        if result.is_done:
            return 0
        if result.unverified is not None:
            return self.signalled or result.unverified.exit_code
        failed = [each.error.exit_code for each in result.outcomes if isinstance(each, Failed)]
        return self.signalled or (failed[0] if failed else 1)


def agreed_to(session: Session, proposal: Proposal, question: str, consent: Consent) -> bool:
    """Ask about a plan; its details are every field."""
    return agreed(
        session.screen,
        question,
        consent,
        details=lambda: session.screen.tell(plan_lines(proposal.plan, details=True)),
    )
