"""`umetrics plan`: what `up` would do, what it costs, what is missing. Writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from umetrics.cli.options import Account, Common, TextFormat
from umetrics.cli.selecting import Part
from umetrics.cli.session import Session
from umetrics.errors import Conflict
from umetrics.plan_file import write_plan_file
from umetrics.provision.selection import Wish
from umetrics.render.as_json import plan_json
from umetrics.render.plan import plan_lines

NOT_CLEAN = 3


def plan(
    common: Common,
    account: Account,
    part: Part,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 3 when there is anything to do.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Plan to delete what is ours but no longer wanted.")
    ] = False,
    prune_rules: Annotated[
        bool,
        typer.Option("--prune-rules", help="Plan to remove rules of others from our groups."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Keep the plan in this file, for `up --plan`.")
    ] = None,
    details: Annotated[bool, typer.Option("--details", help="Show every field.")] = False,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Show what `up` would do, and what it costs; change nothing.

    Examples:

        umetrics plan --stage dev

        umetrics plan --check --format json

        umetrics plan --out dev.plan
    """
    session = Session(common, account)
    proposal = session.foundation.plan(Wish(prune, prune_rules, part.selection))
    drawn, warnings = proposal.plan, proposal.warnings
    if format_ is TextFormat.JSON:
        session.show_document("plan", plan_json(drawn, price=proposal.price, warnings=warnings))
    else:
        lines = plan_lines(drawn, price=proposal.price, warnings=warnings, details=details)
        session.screen.show(lines)
    if drawn.conflicts:
        return Conflict.exit_code
    if out is not None:
        kept_for, at = proposal.circumstances, datetime.now(UTC)
        write_plan_file(out, drawn, kept_for, wish=proposal.wish, at=at)
        session.screen.say(f"Kept in {out}: `umetrics up --plan {out}` applies exactly this.")
    is_clean = drawn.is_empty and not drawn.orphans
    return NOT_CLEAN if check and not is_clean else 0
