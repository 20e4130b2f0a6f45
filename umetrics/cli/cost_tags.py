"""`umetrics cost-tags`: the keys by which finance tells costs apart, from unknown to active.

`status` changes nothing in AWS. `activate` may be run again at any time, and is meant to be.
"""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.consent import agreed
from umetrics.cli.interrupt import Interruptible
from umetrics.cli.options import Account, Common, Consent, TextFormat
from umetrics.cli.session import Session
from umetrics.errors import UsageError
from umetrics.render.cost_tags import cost_tags_json, cost_tags_lines, summary
from umetrics.render.phrase import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from umetrics.audit.cost_tags.activation import Activation, Report
    from umetrics.render.line import Line

PENDING = 3

A_YEAR = 8760
"""In hours: longer than anybody means, and short of what a clock can count."""

LONG_ENOUGH = 72
"""In hours, for keys that usually take a day or two."""

DECLINED = 1

FormatOption = Annotated[
    TextFormat, typer.Option("--format", "-f", help="How to write the result.")
]


def status(
    common: Common,
    account: Account,
    format_: FormatOption = TextFormat.TEXT,
) -> int:
    """Show the state of each cost allocation key.

    Examples:

        umetrics cost-tags status --stage dev

        umetrics cost-tags status --format json
    """
    session = Session(common, account)
    return _shown(session, _activation(session).look(), format_)


def activate(
    common: Common,
    account: Account,
    consent: Consent,
    *,
    backfill: Annotated[
        str | None,
        typer.Option(
            "--backfill",
            metavar="YYYY-MM",
            help="Have past costs told apart from this month on, once all keys are active.",
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until all are active: usually a day or two.")
    ] = False,
    timeout: Annotated[
        int | None,
        typer.Option(
            "--timeout",
            min=1,
            max=A_YEAR,
            help="With --wait: hours to wait at most.",
            show_default=str(LONG_ENOUGH),
        ),
    ] = None,
    format_: FormatOption = TextFormat.TEXT,
) -> int:
    """Activate the keys that can be, and say what the others wait for.

    Examples:

        umetrics cost-tags activate --stage dev

        umetrics cost-tags activate --yes --wait --timeout 50

        umetrics cost-tags activate --backfill 2026-01
    """
    if timeout is not None and not wait:
        raise UsageError("--timeout without --wait", hint="add --wait, or leave --timeout out")
    start = _backfill_start(backfill)
    session = Session(common, account)
    activation = _activation(session, activating=True)
    report = activation.look()
    if not (report.is_complete and start is None) and not _agreed(session, report, consent, start):
        session.screen.say("Nothing was changed.")
        return DECLINED
    report = activation.activate(report)
    if wait:
        report = _waited(session, activation, report, timedelta(hours=timeout or LONG_ENOUGH))
    if start is not None:
        report = activation.backfill(report, start)
    return _shown(session, report, format_)


def _activation(session: Session, *, activating: bool = False) -> Activation:
    from umetrics.library.cost_allocation import activation

    return activation(session.foundation, activating=activating)


def _backfill_start(month: str | None) -> str | None:
    if month is None:
        return None
    from umetrics.audit.cost_tags.explorer import backfill_start

    return backfill_start(month, datetime.now(UTC))


def _agreed(session: Session, report: Report, consent: Consent, start: str | None) -> bool:
    """Ask only where something would be changed, now or while waiting."""
    if report.hand_over or not (report.pending or start):
        return True
    if not report.coming and start is None:
        session.screen.say("Nothing is left to activate: AWS is at work on all that is pending.")
        return True
    return agreed(
        session.screen,
        f"{_question(report, start, session.run.account)}?",
        consent,
        details=lambda: session.screen.tell(_lines(session, report)),
    )


def _question(report: Report, start: str | None, account: str) -> str:
    """All that would be done: also what comes once the keys are active."""
    where, backfill = f"in account {account}", f"ackfill from {start and start[:7]}"
    if not report.coming:
        return f"B{backfill} {where}"
    activate = f"Activate {counted(len(report.coming), 'key')} {where}"
    return f"{activate}, and b{backfill} once all are active" if start else activate


def _waited(session: Session, activation: Activation, report: Report, at_most: timedelta) -> Report:
    session.screen.say(summary(report))
    with Interruptible(activation.patience.stopping):
        return activation.wait(
            report, at_most=at_most, notice=lambda now: session.screen.say(summary(now))
        )


def _lines(session: Session, report: Report) -> Iterator[Line]:
    return cost_tags_lines(report, options=shlex.join(session.arguments))


def _shown(session: Session, report: Report, format_: TextFormat) -> int:
    if format_ is TextFormat.JSON:
        session.show_document("cost-tags", cost_tags_json(report))
    else:
        session.screen.show(_lines(session, report))
    if report.is_denied and report.refusal is not None:
        return report.refusal.exit_code
    if report.backfill_error is not None:
        return report.backfill_error.exit_code
    return 0 if report.is_done else PENDING
