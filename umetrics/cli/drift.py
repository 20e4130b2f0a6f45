"""`umetrics drift`: is what was built still as wanted, and who changed it? Writes nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from umetrics.cli.options import Account, Common, TextFormat
from umetrics.cli.session import Session
from umetrics.render.drift import drift_json, drift_lines

NOT_CLEAN = 3


def drift(
    common: Common,
    account: Account,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit 0 also where something has drifted.")
    ] = False,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Show what is other in AWS than it was built, and who changed it last.

    Only what was built is judged: `plan` also shows what is yet to be built.

    Examples:

        umetrics drift --stage dev

        umetrics drift --exit-zero --format json
    """
    session = Session(common, account)
    found = session.foundation.drift()
    history = session.foundation.last_changes(found)
    if format_ is TextFormat.JSON:
        session.show_document("drift", drift_json(found, history))
    else:
        session.screen.show(drift_lines(found, history))
    return 0 if found.is_clean or exit_zero else NOT_CLEAN
