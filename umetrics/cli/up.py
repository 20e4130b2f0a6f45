"""`umetrics up`: plan, ask, apply, verify, summarise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.applying import Applied, apply
from umetrics.cli.consent import agreed, can_ask
from umetrics.cli.options import Account, Common, Consent, RunFormat
from umetrics.cli.selecting import Drawn, Part, circumstances, draw
from umetrics.cli.session import Session
from umetrics.errors import UsageError
from umetrics.foundation import refuse_conflicts
from umetrics.plan_file import KeptPlan, read_plan_file
from umetrics.render.as_json import outcomes_json, plan_json
from umetrics.render.outcome import summary_lines
from umetrics.render.phrase import counted
from umetrics.render.plan import plan_lines
from umetrics.render.price import plan_price

if TYPE_CHECKING:
    from umetrics.foundation import Foundation, View
    from umetrics.provision.selection import Selection

DECLINED = 1


def up(
    common: Common,
    account: Account,
    consent: Consent,
    part: Part,
    *,
    prune: Annotated[
        bool, typer.Option("--prune", help="Also delete what is ours but no longer wanted.")
    ] = False,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="Apply exactly the plan that `plan --out` kept, or refuse."),
    ] = None,
    format_: Annotated[
        RunFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = RunFormat.TEXT,
) -> int:
    """Build or repair the foundation; twice changes nothing.

    Examples:

        umetrics up --stage dev

        umetrics up --stage dev --yes --format json

        umetrics up --plan dev.plan --yes

        umetrics up --sandbox
    """
    session = Session(common, account)
    asked = _asked(plan, part.selection, prune=prune)
    with session.lock("up"):
        foundation = session.foundation(read_only=False)
        view = foundation.look()
        drawn = _drawn(foundation, view, asked)
        _show_plan(session, foundation, drawn, format_)
        refuse_conflicts(drawn.plan)
        if drawn.plan.orphans:
            drawn = _with_orphans(session, foundation, view, drawn, asked, consent)
        resumable = foundation.journalled if drawn.is_part else drawn.plan.keys
        if drawn.plan.is_empty:
            foundation.begin(view, resumable=resumable)
            return _finish(session, foundation, drawn, None, format_)
        if not agreed(
            session.screen,
            "Apply this plan?",
            consent,
            details=lambda: session.screen.tell(plan_lines(drawn.plan, details=True)),
        ):
            session.screen.say("Nothing was changed.")
            return DECLINED
        foundation.begin(view, resumable=resumable)
        applied = apply(session, foundation, drawn.plan, format_)
        return _finish(session, foundation, drawn, applied, format_)


@dataclass(frozen=True, slots=True)
class _Asked:
    """How the plan is to be drawn, and what it must equal where one was kept."""

    prune: bool
    selection: Selection
    kept: KeptPlan | None = None


def _asked(path: Path | None, selection: Selection, *, prune: bool) -> _Asked:
    """As the options say, or the file."""
    if path is None:
        return _Asked(prune, selection)
    if prune or not selection.is_everything:
        raise UsageError(
            "--plan goes with neither --prune, --target nor --exclude",
            hint="these are kept in the file: give them to `umetrics plan --out`",
        )
    kept = read_plan_file(path)
    return _Asked(kept.prune, kept.selection, kept)


def _drawn(foundation: Foundation, view: View, asked: _Asked) -> Drawn:
    """The plan of this moment; raises `StalePlan` where another one was kept."""
    if asked.kept is None:
        return draw(foundation, view, prune=asked.prune, selection=asked.selection)
    asked.kept.insist_on_circumstances(circumstances(foundation, view))
    try:
        drawn = draw(foundation, view, prune=asked.prune, selection=asked.selection)
    except UsageError as error:  # what could be chosen then cannot be chosen now
        raise asked.kept.stale([error.message]) from error
    asked.kept.insist_on_steps(drawn.plan)
    return drawn


def _show_plan(session: Session, foundation: Foundation, drawn: Drawn, chosen: RunFormat) -> None:
    """On stdout for people; in a machine's format the plan is part of the closing document."""
    if chosen is RunFormat.TEXT:
        price = plan_price(drawn.plan, foundation.aws.region)
        session.screen.show(plan_lines(drawn.plan, price=price, warnings=drawn.warnings))


def _with_orphans(
    session: Session,
    foundation: Foundation,
    view: View,
    drawn: Drawn,
    asked: _Asked,
    consent: Consent,
) -> Drawn:
    """The plan with its orphans deleted, if somebody is there and says so; --yes keeps them."""
    count = counted(len(drawn.plan.orphans), "orphan")
    if asked.kept or consent.yes or consent.no_input or not can_ask():
        session.screen.say(f"{count} kept; --prune deletes what is no longer wanted.")
        return drawn
    question = f"Also delete {count}?"
    if agreed(session.screen, question, consent, details=lambda: _tell_orphans(session, drawn)):
        return draw(foundation, view, prune=True, selection=asked.selection)
    return drawn


def _tell_orphans(session: Session, drawn: Drawn) -> None:
    for orphan in drawn.plan.orphans:
        session.screen.say(f"{orphan.key} {orphan.id}: {orphan.spec}")


def _finish(
    session: Session,
    foundation: Foundation,
    drawn: Drawn,
    applied: Applied | None,
    chosen: RunFormat,
) -> int:
    """Verify what was done, summarise it, and say how to end."""
    looked_at = {step.key for step in drawn.plan.steps} if drawn.is_part else None
    left = foundation.verify_up(looked_at) if applied is not None and applied.is_whole else None
    unsettled = [step.key for step in left.changes] if left is not None else []
    if chosen is not RunFormat.TEXT:
        price = plan_price(drawn.plan, foundation.aws.region)
        body = plan_json(drawn.plan, price=price, warnings=drawn.warnings)
        seconds = applied.seconds if applied else 0.0
        outcome = outcomes_json(applied.outcomes if applied else (), seconds=seconds)
        ending = {"plan": body, **outcome, "unsettled": unsettled}
        session.show_ending("up", ending, stream=chosen is RunFormat.JSONL)
    elif applied is not None:
        session.screen.show(summary_lines(applied.outcomes, seconds=applied.seconds))
    if applied is None:
        return 0
    if unsettled:
        session.screen.say(
            f"AWS does not show everything as wanted yet: {', '.join(unsettled)}. "
            "Run the same command again.",
            "warning",
        )
        return 1
    if applied.is_whole:
        session.screen.say(f"Ids for later work: umetrics output --stage {session.config.stage}")
    return applied.exit_code
