"""`umetrics audit-tags --fix`: what the audit found, put right, after a question."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from umetrics.audit.repair.change import Ending, Outcome
from umetrics.audit.repair.plan import RepairPlan, plan_repair
from umetrics.audit.repair.unfinished import resumed
from umetrics.audit.tally import Count, TagReport
from umetrics.audit.values import Home
from umetrics.cli.mending import may_repair, mended, name_of, refuse_miscount
from umetrics.errors import AwsError, CredentialsError, StateError
from umetrics.library.repairing import StagesRepairer
from umetrics.library.resuming import BrokenOff, broken_off, is_half
from umetrics.library.stage_audits import home_of
from umetrics.render.audit import ReportFormat
from umetrics.render.line import Line
from umetrics.render.repair import ending_lines, endings_json, repair_json, repair_lines

if TYPE_CHECKING:
    from umetrics.audit.repair.undo_file import UndoJournal
    from umetrics.cli.audit_options import Gate, Mending
    from umetrics.cli.options import Consent
    from umetrics.cli.session import Session
    from umetrics.library.auditing import Breadth
    from umetrics.library.repairing import Repairer

DECLINED = 1
NOT_CLEAN = 3


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit that was made: by which sessions, how far they looked, and what they found.

    Sessions of stages that were `asked_for`, and in a wider audit behind them those of others.
    """

    sessions: Sequence[Session]
    asked_for: Sequence[Session]
    breadth: Breadth
    report: TagReport

    def plan(self, *, overwrite: bool) -> RepairPlan:
        """What stands in a baseline is repaired as well; what is excepted is not."""
        findings = (*self.report.findings, *self.report.known)
        named = {each.subject.deployment for each in findings}
        homes = set[Home]()
        for session in self.asked_for:
            if session.config.deployment in named:
                with suppress(AwsError, CredentialsError):  # then it cannot be told to be ours
                    homes.add(home_of(session.foundation))
        return plan_repair(findings, overwrite=overwrite, homes=homes)


def fix(
    audited: Audited,
    gate: Gate,
    mending: Mending,
    consent: Consent,
    format_: ReportFormat | None,
) -> int:
    """The plan, a question, the changes; 3 where the gate would not let pass what is left."""
    session = audited.sessions[0]
    repairer = StagesRepairer([each.foundation for each in audited.sessions], audited.breadth)
    broken = broken_off(repairer, session.state_folder)
    rests = [rest for each in broken for rest in each.rests]
    asked_for = {each.config.deployment for each in audited.asked_for}
    plan = resumed(audited.plan(overwrite=mending.overwrite), rests, asked_for)
    is_text = format_ is not ReportFormat.JSON
    if is_text:
        session.screen.show(repair_lines(plan))
    elif not consent.yes:
        session.screen.tell(repair_lines(plan))
    refuse_miscount(plan, mending.confirm)
    if plan.changes and not may_repair(session, plan, consent, mending.confirm):
        session.screen.say("Nothing was changed.")
        return DECLINED
    journal = repairer.lead.journal(session.state_folder)
    result = mended(session, repairer.repair(plan.changes, journal), plan.changes)
    untold = (outcome for each in broken for outcome in each.untold)
    result = dataclasses.replace(result, outcomes=(*result.outcomes, *untold))
    _close(journal, broken, result.outcomes)
    files = {account: str(path) for account, path in journal.paths.items()}
    if is_text:
        session.screen.show(ending_lines(result.outcomes, seconds=result.seconds))
        session.screen.show(_undoing(audited.sessions, repairer.lead, files))
    else:
        endings = endings_json(result.outcomes, seconds=result.seconds, undo_files=files)
        session.show_document("tags-fix", {**repair_json(plan), **endings})
    if result.broken is not None:
        raise result.broken
    is_enough = _left(audited.report, plan, result.outcomes).is_in_order
    return result.exit_code or (0 if is_enough or gate.forgives else NOT_CLEAN)


def _close(journal: UndoJournal, broken: Iterable[BrokenOff], outcomes: Sequence[Outcome]) -> None:
    """Note in the undo files what is half made; where that fails, the next run looks again."""
    with suppress(StateError):
        journal.end([each.change for each in outcomes if is_half(each)])
        for each in broken:
            each.settle(outcomes)


def _undoing(
    sessions: Sequence[Session], lead: Repairer, files: Mapping[str, str]
) -> Iterator[Line]:
    """The command for each file, with what leads into its account: a role, or a stage's options."""
    for account, path in files.items():
        words = ["umetrics", "tags", "undo", path]
        if role := lead.role_of(account):
            words += [*sessions[0].arguments, "--role-arn", role]
        else:
            session = next((each for each in sessions if each.run.account == account), sessions[0])
            words += session.arguments
        yield Line(f"To take it back: {shlex.join(words)}", "quiet", verbatim=True)


def _left(report: TagReport, plan: RepairPlan, outcomes: Iterable[Outcome]) -> TagReport:
    """What the audit would say now, as far as its gate goes: with what was not put right."""
    left_out = {id(each.finding) for each in plan.left_out}
    elsewise = {name_of(each.change) for each in outcomes if each.ending is Ending.ELSEWISE}
    findings = tuple(
        each
        for each in report.findings
        if id(each) in left_out or name_of(each.subject) in elsewise
    )
    failing = len({name_of(each.subject) for each in findings})
    total = Count(report.total.judged, failing, len(findings))
    return dataclasses.replace(report, findings=findings, total=total)
