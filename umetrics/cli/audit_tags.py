"""`umetrics audit-tags`: is everything tagged as finance and security expect? Writes with --fix."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.audit.values import Scope
from umetrics.cli.audit_options import Gate, Mending, Reach
from umetrics.cli.audit_progress import ScanProgress
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

NOT_CLEAN = 3


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
    """Judge the tags of what was built, of the project, or of whole accounts.

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
    breadth, measure = reach.breadth, gate.measure(now := datetime.now(UTC))
    files = {path: format_of(path) for path in out or ()}
    sessions = _sessions(common, account, reach.scope)
    session = sessions[0]
    report = _report(sessions, breadth, measure)
    repair = _repair(common, reach.scope, report)

    def text(chosen: ReportFormat) -> str:
        return report_text(report, chosen, session.run, at=now, repair=repair)

    write_all({path: text(chosen) for path, chosen in files.items()} | gate.known(report))
    for path in files:
        session.screen.say(f"Wrote {path}.")
    shown = format_ or (None if files else ReportFormat.TEXT)
    if shown is ReportFormat.TEXT or (mending.fix and shown is None):
        at_most = MOST_ROWS if session.screen.terminal else None
        session.screen.show(report_lines(report, repair=repair, at_most=at_most))
    elif shown is not None and not mending.fix:
        session.screen.show_data(text(shown))
    if mending.fix:
        from umetrics.cli.audit_fix import fix

        return fix(session, report, breadth, mending, consent, format_)
    return 0 if report.is_clean or gate.forgives else NOT_CLEAN


def _sessions(common: Common, account: Account, scope: Scope) -> list[Session]:
    """The stage asked for, alone or before all others: what is ours of them is judged by them."""
    named = common.stage or os.environ.get("UMETRICS_STAGE")
    stages = [named] if named else []
    if not named or scope is not Scope.DEPLOYMENT:
        stages += [stage for stage in known_stages(common.config) if stage != named]
    return [Session(dataclasses.replace(common, stage=stage), account) for stage in stages]


def _report(sessions: list[Session], breadth: Breadth, measure: Measure) -> TagReport:
    from umetrics.library.auditing import report_on_places, report_on_stages

    stages = [session.foundation for session in sessions]
    if breadth.scope is Scope.DEPLOYMENT:
        return report_on_stages(stages, measure)
    return report_on_places(stages, breadth, measure, ScanProgress(sessions[0].screen))


def _repair(common: Common, scope: Scope, report: TagReport) -> str:
    """The command that puts it right: `up` also builds what is missing."""
    stage = f" --stage {common.stage}" if common.stage else ""
    if report.missing_resources:
        return f"umetrics up{stage}"
    wide = "" if scope is Scope.DEPLOYMENT else f" --scope {scope}"
    return f"umetrics audit-tags{stage}{wide} --fix"
