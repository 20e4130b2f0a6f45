"""`umetrics destroy`: list, name what is in the way, ask, remove, prove that nothing is left."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.applying import Applied, apply
from umetrics.cli.consent import agreed, agreed_by_name, can_ask, read_line
from umetrics.cli.options import Account, Common, Consent, RunFormat
from umetrics.cli.selecting import Drawn, Part, part_of
from umetrics.cli.session import Session, screen_for
from umetrics.config import known_stages
from umetrics.errors import StageUnknown
from umetrics.render.as_json import outcomes_json, plan_json
from umetrics.render.outcome import summary_lines
from umetrics.render.phrase import counted
from umetrics.render.plan import plan_lines
from umetrics.render.price import plan_price

if TYPE_CHECKING:
    from umetrics.foundation import Foundation

DECLINED = 1


def destroy(
    common: Common,
    account: Account,
    consent: Consent,
    part: Part,
    *,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", help="Name of a protected stage, with --yes, to destroy it."),
    ] = None,
    format_: Annotated[
        RunFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = RunFormat.TEXT,
) -> int:
    """Take away exactly what was built, and nothing else.

    Examples:

        umetrics destroy --stage dev

        umetrics destroy --stage prod --yes --confirm prod

        umetrics destroy --stage dev --target nat-gateway
    """
    session = Session(_with_stage(common, consent), account)
    with session.lock("destroy"):
        foundation = session.foundation(read_only=False)
        view = foundation.look(thorough=True)
        drawn = part_of(foundation.plan_destroy(view), part.selection)
        plan = drawn.plan
        if format_ is RunFormat.TEXT:
            price = plan_price(plan, foundation.aws.region)
            session.screen.show(plan_lines(plan, price=price, warnings=drawn.warnings))
        if plan.steps and not _agreed(session, drawn, consent, confirm):
            session.screen.say("Nothing was destroyed.")
            return DECLINED
        foundation.begin(view, resumable=foundation.journalled if drawn.is_part else frozenset())
        applied = apply(session, foundation, plan, format_) if plan.steps else None
        return _finish(session, foundation, drawn, applied, format_)


def _with_stage(common: Common, consent: Consent) -> Common:
    """A stage must be named; on a terminal one may be chosen from those known."""
    if common.stage or os.environ.get("UMETRICS_STAGE"):
        return common
    stages = ", ".join(known_stages(common.config))
    if consent.no_input or consent.yes or not can_ask():
        raise StageUnknown(
            f"destroy needs a stage; known stages: {stages}",
            hint="name it: umetrics destroy --stage dev",
        )
    chosen = read_line(screen_for(common), f"Which stage is to be destroyed? ({stages}) ")
    if not chosen:
        raise StageUnknown("no stage was named, so nothing was destroyed")
    return dataclasses.replace(common, stage=chosen)


def _agreed(session: Session, drawn: Drawn, consent: Consent, confirm: str | None) -> bool:
    stage, plan = session.config.stage, drawn.plan
    how_much = counted(len(plan.steps), "resource") if drawn.is_part else "all"
    if session.config.protected:
        return agreed_by_name(session.screen, stage, consent, confirm)
    return agreed(
        session.screen,
        f"Destroy {how_much} of {plan.deployment}?",
        consent,
        details=lambda: session.screen.tell(plan_lines(plan, details=True)),
    )


def _finish(
    session: Session,
    foundation: Foundation,
    drawn: Drawn,
    applied: Applied | None,
    chosen: RunFormat,
) -> int:
    """Sweep once more, summarise, and say how to end."""
    plan, is_whole = drawn.plan, applied is None or applied.is_whole
    gone = {step.key for step in plan.steps} if drawn.is_part else None
    left = foundation.verify_destroyed(gone).found if applied is not None and is_whole else {}
    if chosen is not RunFormat.TEXT:
        seconds = applied.seconds if applied else 0.0
        outcome = outcomes_json(applied.outcomes if applied else (), seconds=seconds)
        ending = {"plan": plan_json(plan, warnings=drawn.warnings), **outcome, "left": sorted(left)}
        session.show_ending("destroy", ending, stream=chosen is RunFormat.JSONL)
    elif applied is not None:
        session.screen.show(summary_lines(applied.outcomes, seconds=applied.seconds))
    if applied is None:
        return 0
    if left:
        session.screen.say(
            f"AWS still shows {', '.join(sorted(left))}. Run the same command again.", "warning"
        )
        return 1
    if is_whole and chosen is RunFormat.TEXT:
        what = f"what was chosen of {plan.deployment}" if drawn.is_part else plan.deployment
        session.screen.result(f"Nothing of {what} is left.", "good")
    return applied.exit_code
