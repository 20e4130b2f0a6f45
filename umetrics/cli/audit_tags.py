"""`umetrics audit-tags`: is everything tagged as finance and security expect? Writes with --fix."""

from __future__ import annotations

import dataclasses
import os
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.audit.values import Scope
from umetrics.cli.audit_options import Gate, Mending, Reach, refuse_one_file_twice
from umetrics.cli.audit_progress import ScanProgress
from umetrics.cli.kept_files import refuse_kept_files
from umetrics.cli.options import Account, Common, Consent
from umetrics.cli.session import Session, screen_for
from umetrics.config import known_stages
from umetrics.errors import UsageError
from umetrics.outputs import write_all
from umetrics.render.audit import ReportFormat, format_of, report_lines, report_schema, report_text
from umetrics.render.document import dumps
from umetrics.render.table import MOST_ROWS

if TYPE_CHECKING:
    from umetrics.audit.tally import TagReport
    from umetrics.library.auditing import Breadth, Measure

FAILED = 1
NOT_CLEAN = 3
NOT_ALLOWED = 4


def audit(
    reach: Reach,
    gate: Gate,
    mending: Mending,
    common: Common,
    account: Account,
    consent: Consent,
    *,
    format_: Annotated[
        ReportFormat | None,
        typer.Option("--format", "-f", help="How to write the result; else as text."),
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--out",
            "-o",
            help="Write a file, as its name ends: .json .jsonl .csv .md .xml .sarif. Repeatable.",
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of --format json.")
    ] = False,
) -> int:
    """Judge the tags of what was built, of the project, or of all known kinds in accounts.

    Without a stage, every stage of which anything is there is judged.

    Examples:

        umetrics audit-tags --stage dev

        umetrics audit-tags --scope project --regions all -o tags.sarif

        umetrics audit-tags --scope account --baseline known.json

        umetrics audit-tags --stage dev --fix
    """
    if schema:
        screen_for(common).show_data(dumps(report_schema()))
        return 0
    if mending.fix and format_ not in {None, ReportFormat.TEXT, ReportFormat.JSON}:
        raise UsageError(
            f"--fix tells what it does as text or json, not as {format_}",
            hint="other formats can be written beside it: -o tags.csv",
        )
    mending.check()
    breadth, measure = reach.breadth, gate.measure(now := datetime.now(UTC))
    refuse_one_file_twice(out or (), gate, reach)
    files = {path: format_of(path) for path in out or ()}
    sessions = _sessions(common, account, breadth)
    session, asked = sessions[0], _asked_for(common, sessions)
    refuse_kept_files(session, filter(None, (*files, gate.write_baseline)))
    report = _report(sessions, asked, breadth, measure)
    repair = repair_command(common, account, reach, report)

    def text(chosen: ReportFormat) -> str:
        return report_text(report, chosen, session.run, at=now, repair=repair)

    write_all({path: text(chosen) for path, chosen in files.items()} | gate.known(report))
    for path in files:
        session.screen.say(f"Wrote {path}.")
    shown = format_ or (None if files else ReportFormat.TEXT)
    if shown is ReportFormat.TEXT or (mending.fix and shown is None):
        at_most = MOST_ROWS if session.screen.terminal else None
        # What puts tags right is under way then; what builds the missing is not.
        further = "" if mending.fix and not report.missing_resources else repair
        session.screen.show(report_lines(report, repair=further, at_most=at_most))
    elif shown is not None and not mending.fix:
        session.screen.show_data(text(shown))
    if mending.fix:
        from umetrics.cli.audit_fix import Audited, fix

        audited = Audited(sessions, asked, breadth, report)
        code = fix(audited, gate, mending, consent, format_)
    else:
        code = 0 if report.is_in_order or gate.forgives else NOT_CLEAN
    return code or _blindness(report)


def _blindness(report: TagReport) -> int:
    """What it comes to that nothing was seen where one was to look: no verdict is no good one."""
    if not report.blind:
        return 0
    return NOT_ALLOWED if report.is_denied else FAILED


def _sessions(common: Common, account: Account, breadth: Breadth) -> list[Session]:
    """The stage asked for, alone or before all others: what is ours of them is judged by them.

    Where none was, in a wider audit the first that is at home leads: its credentials look around.
    """
    named = _named(common)
    stages = [named] if named else []
    is_wide = breadth.scope is not Scope.DEPLOYMENT
    if not named or is_wide:
        stages += [stage for stage in known_stages(common.config) if stage != named]
    sessions = [Session(dataclasses.replace(common, stage=stage), account) for stage in stages]
    if is_wide and not named and not breadth.role_arns:
        from umetrics.library.auditing import is_at_home

        lead = next((each for each in sessions if is_at_home(each.foundation)), sessions[0])
        sessions.sort(key=lambda each: each is not lead)
    return sessions


def _report(
    sessions: list[Session], asked: list[Session], breadth: Breadth, measure: Measure
) -> TagReport:
    from umetrics.library.auditing import report_on_places, report_on_stages

    stages = [session.foundation for session in sessions]
    if breadth.scope is Scope.DEPLOYMENT:
        return report_on_stages(stages, measure)
    notify = ScanProgress(sessions[0].screen)
    return report_on_places(stages, breadth, measure, notify, stages[: len(asked)])


def _asked_for(common: Common, sessions: list[Session]) -> list[Session]:
    """The stage that was named, without those that are only known; all, where none was named."""
    return sessions[:1] if _named(common) else sessions


def _named(common: Common) -> str | None:
    return common.stage or os.environ.get("UMETRICS_STAGE")


def repair_command(common: Common, account: Account, reach: Reach, report: TagReport) -> str:
    """The command that puts it right, as this one was given: `up` also builds what is missing."""
    words = [*common.arguments, *account.arguments]
    if missing := report.missing_resources:
        stages = dict.fromkeys(each.split(" ")[0].partition("/")[2] for each in missing)
        ups = [
            [*dataclasses.replace(common, stage=each).arguments, *account.arguments]
            for each in stages
        ]
        return " && ".join(shlex.join(["umetrics", "up", *each]) for each in ups)
    return shlex.join(["umetrics", "audit-tags", *words, *reach.arguments, "--fix"])
