"""`umetrics plan`: what `up` would do, what it costs, what is missing. Writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from umetrics.cli.options import Account, Common, TextFormat
from umetrics.cli.selecting import Part, circumstances, draw
from umetrics.cli.session import Session
from umetrics.errors import Conflict
from umetrics.plan_file import write_plan_file
from umetrics.render.as_json import plan_json
from umetrics.render.plan import plan_lines
from umetrics.render.price import plan_price

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
    foundation = session.foundation(read_only=True)
    view = foundation.look()
    drawn = draw(foundation, view, prune=prune, selection=part.selection)
    price = plan_price(drawn.plan, foundation.aws.region)
    if format_ is TextFormat.JSON:
        body = plan_json(drawn.plan, price=price, warnings=drawn.warnings)
        session.show_document("plan", body)
    else:
        lines = plan_lines(drawn.plan, price=price, warnings=drawn.warnings, details=details)
        session.screen.show(lines)
    if drawn.plan.conflicts:
        return Conflict.exit_code
    if out is not None:
        write_plan_file(
            out,
            drawn.plan,
            circumstances(foundation, view),
            prune=prune,
            selection=part.selection,
            at=datetime.now(UTC),
        )
        session.screen.say(f"Kept in {out}: `umetrics up --plan {out}` applies exactly this.")
    is_clean = drawn.plan.is_empty and not drawn.plan.orphans
    return NOT_CLEAN if check and not is_clean else 0
