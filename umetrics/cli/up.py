"""`umetrics up`: plan, ask, apply, verify, summarise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.applying import Applied, apply
from umetrics.cli.consent import agreed, can_ask
from umetrics.cli.options import Account, Common, Consent, RunFormat
from umetrics.cli.session import Session
from umetrics.foundation import refuse_conflicts
from umetrics.render.as_json import outcomes_json, plan_json
from umetrics.render.outcome import summary_lines
from umetrics.render.phrase import counted
from umetrics.render.plan import plan_lines
from umetrics.render.price import plan_price

if TYPE_CHECKING:
    from umetrics.foundation import Foundation, View
    from umetrics.provision.plan import Plan

DECLINED = 1


def up(
    common: Common,
    account: Account,
    consent: Consent,
    prune: Annotated[
        bool, typer.Option("--prune", help="Also delete what is ours but no longer wanted.")
    ] = False,
    format_: Annotated[
        RunFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = RunFormat.TEXT,
) -> int:
    """Build or repair the foundation; twice changes nothing.

    Examples:

        umetrics up --stage dev

        umetrics up --stage dev --yes --format json

        umetrics up --sandbox
    """
    session = Session(common, account)
    with session.lock("up"):
        foundation = session.foundation(read_only=False)
        view = foundation.look()
        drawn = foundation.plan(view, prune=prune)
        _show_plan(session, foundation, drawn, format_)
        refuse_conflicts(drawn)
        if drawn.orphans:
            drawn = _with_orphans(session, foundation, view, drawn, consent)
        if drawn.is_empty:
            foundation.begin(view, resumable=drawn.keys)
            return _finish(session, foundation, drawn, None, format_)
        if not agreed(
            session.screen,
            "Apply this plan?",
            consent,
            details=lambda: session.screen.tell(plan_lines(drawn, details=True)),
        ):
            session.screen.say("Nothing was changed.")
            return DECLINED
        foundation.begin(view, resumable=drawn.keys)
        applied = apply(session, foundation, drawn, format_)
        return _finish(session, foundation, drawn, applied, format_)


def _show_plan(session: Session, foundation: Foundation, plan: Plan, chosen: RunFormat) -> None:
    """On stdout for people; in a machine's format the plan is part of the closing document."""
    if chosen is RunFormat.TEXT:
        price = plan_price(plan, foundation.aws.region)
        session.screen.show(plan_lines(plan, price=price, warnings=session.config.warnings))


def _with_orphans(
    session: Session, foundation: Foundation, view: View, plan: Plan, consent: Consent
) -> Plan:
    """The plan with its orphans deleted, if somebody is there and says so; --yes keeps them."""
    count = counted(len(plan.orphans), "orphan")
    if consent.yes or consent.no_input or not can_ask():
        session.screen.say(f"{count} kept; --prune deletes what is no longer wanted.")
        return plan
    question = f"Also delete {count}?"
    if agreed(session.screen, question, consent, details=lambda: _tell_orphans(session, plan)):
        return foundation.plan(view, prune=True)
    return plan


def _tell_orphans(session: Session, plan: Plan) -> None:
    for orphan in plan.orphans:
        session.screen.say(f"{orphan.key} {orphan.id}: {orphan.spec}")


def _finish(
    session: Session,
    foundation: Foundation,
    plan: Plan,
    applied: Applied | None,
    chosen: RunFormat,
) -> int:
    """Verify what was done, summarise it, and say how to end."""
    left = foundation.verify_up() if applied is not None and applied.is_whole else None
    unsettled = [step.key for step in left.changes] if left is not None else []
    if chosen is not RunFormat.TEXT:
        price = plan_price(plan, foundation.aws.region)
        body = plan_json(plan, price=price, warnings=session.config.warnings)
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
