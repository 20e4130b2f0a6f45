"""`umetrics up`: plan, ask, apply, verify, summarise."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.applying import Show, agreed_to
from umetrics.cli.consent import agreed, can_ask
from umetrics.cli.options import Account, Common, Consent, RunFormat
from umetrics.cli.selecting import Part
from umetrics.cli.session import Session
from umetrics.errors import UsageError
from umetrics.plan_file import KeptPlan, read_plan_file
from umetrics.provision.selection import Wish
from umetrics.render.phrase import counted

if TYPE_CHECKING:
    from umetrics.library import Proposal, Result

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
    prune_rules: Annotated[
        bool,
        typer.Option("--prune-rules", help="Also remove rules of others from our groups."),
    ] = False,
    skip_checks: Annotated[
        bool,
        typer.Option("--skip-checks", help="Do not ask beforehand whether it is all allowed."),
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
    wish = Wish(prune, prune_rules, part.selection)
    kept = _kept(plan, wish)
    with Show(session, format_) as show:
        result = session.foundation.up(
            Wish() if kept else wish,
            plan=kept,
            approve=partial(_approves, session, consent),
            prune=partial(_prunes, session, consent),
            notify=show,
            check=not skip_checks,
        )
        return _finish(session, show, result, kept)


def _kept(path: Path | None, wish: Wish) -> KeptPlan | None:
    """The plan in the file, which says itself how it was asked for."""
    if path is None:
        return None
    if wish != Wish():
        raise UsageError(
            "--plan goes with neither --prune, --prune-rules, --target nor --exclude",
            hint="these are kept in the file: give them to `umetrics plan --out`",
        )
    return read_plan_file(path)


def _prunes(session: Session, consent: Consent, proposal: Proposal) -> bool:
    """Whether orphans are deleted: if somebody is there and says so; --yes keeps them."""
    orphans = proposal.plan.orphans
    count = counted(len(orphans), "orphan")
    if consent.yes or consent.no_input or not can_ask():
        session.screen.say(f"{count} kept; --prune deletes what is no longer wanted.")
        return False

    def tell() -> None:
        for orphan in orphans:
            session.screen.say(f"{orphan.key} {orphan.id}: {orphan.spec}")

    return agreed(session.screen, f"Also delete {count}?", consent, details=tell)


def _approves(session: Session, consent: Consent, proposal: Proposal) -> bool:
    others = len(proposal.plan.evictions)
    question = "Apply this plan?"
    if others:
        question = f"Apply this plan, which removes {counted(others, 'rule')} of others?"
    return agreed_to(session, proposal, question, consent)


def _finish(session: Session, show: Show, result: Result, kept: KeptPlan | None) -> int:
    """Summarise what was done, and say how to end."""
    if result.declined:
        session.screen.say("Nothing was changed.")
        return DECLINED
    show.ending("up", result, unsettled=list(result.remaining))
    if kept and result.plan.orphans:
        count = counted(len(result.plan.orphans), "orphan")
        session.screen.say(f"{count} kept, as in the plan that was given.")
    if result.remaining:
        session.screen.say(
            f"AWS does not show everything as wanted yet: {', '.join(result.remaining)}. "
            "Run the same command again.",
            "warning",
        )
        return 1
    if result.outcomes and result.is_done:
        command = shlex.join(["umetrics", "output", *session.arguments])
        session.screen.say(f"Ids for later work: {command}")
    return show.exit_code(result)
