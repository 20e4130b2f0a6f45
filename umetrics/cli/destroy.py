"""`umetrics destroy`: list, name what is in the way, ask, remove, prove that nothing is left."""

from __future__ import annotations

import dataclasses
import os
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.applying import Show, agreed_to
from umetrics.cli.consent import agreed_by_name, can_ask, read_line
from umetrics.cli.options import Account, Common, Consent, RunFormat
from umetrics.cli.selecting import Part
from umetrics.cli.session import Session, screen_for
from umetrics.config import known_stages
from umetrics.errors import StageUnknown
from umetrics.render.phrase import counted

if TYPE_CHECKING:
    from umetrics.library import Proposal, Result

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
    with Show(session, format_) as show:
        result = session.foundation.destroy(
            part.selection,
            approve=partial(_approves, session, consent, confirm),
            notify=show,
        )
        return _finish(session, show, result)


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


def _approves(session: Session, consent: Consent, confirm: str | None, proposal: Proposal) -> bool:
    stage, plan = session.config.stage, proposal.plan
    if session.config.protected:
        return agreed_by_name(session.screen, stage, consent, confirm)
    how_much = counted(len(plan.going), "resource") if proposal.is_part else "all"
    return agreed_to(session, proposal, f"Destroy {how_much} of {plan.deployment}?", consent)


def _finish(session: Session, show: Show, result: Result) -> int:
    """Summarise what was done, and say how to end."""
    if result.declined:
        session.screen.say("Nothing was destroyed.")
        return DECLINED
    show.ending("destroy", result, left=list(result.remaining))
    if result.remaining:
        session.screen.say(
            f"AWS still shows {', '.join(result.remaining)}. Run the same command again.",
            "warning",
        )
        return 1
    if result.outcomes and result.is_done and show.format is RunFormat.TEXT:
        session.screen.result(f"Nothing of {_whole(result.proposal)} is left.", "good")
    return show.exit_code(result)


def _whole(proposal: Proposal) -> str:
    """All of which the closing look can say something."""
    deployment = proposal.plan.deployment
    if proposal.is_part:
        return f"what was chosen of {deployment}"
    return f"what was looked for of {deployment}" if proposal.unsought else deployment
