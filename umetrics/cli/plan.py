"""`umetrics plan`: what `up` would do, what it costs, what is missing. Writes nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from umetrics.cli.options import Account, Common, TextFormat
from umetrics.cli.session import Session
from umetrics.errors import Conflict
from umetrics.render.as_json import plan_json
from umetrics.render.plan import plan_lines
from umetrics.render.price import plan_price

NOT_CLEAN = 3


def plan(
    common: Common,
    account: Account,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 3 when there is anything to do.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Plan to delete what is ours but no longer wanted.")
    ] = False,
    details: Annotated[bool, typer.Option("--details", help="Show every field.")] = False,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Show what `up` would do, and what it costs; change nothing.

    Examples:

        umetrics plan --stage dev

        umetrics plan --check --format json
    """
    session = Session(common, account)
    foundation = session.foundation(read_only=True)
    drawn = foundation.plan(foundation.look(), prune=prune)
    price = plan_price(drawn, foundation.aws.region)
    warnings = session.config.warnings
    if format_ is TextFormat.JSON:
        session.show_document("plan", plan_json(drawn, price=price, warnings=warnings))
    else:
        lines = plan_lines(drawn, price=price, warnings=warnings, details=details)
        session.screen.show(lines)
    if drawn.conflicts:
        return Conflict.exit_code
    is_clean = drawn.is_empty and not drawn.orphans
    return NOT_CLEAN if check and not is_clean else 0
