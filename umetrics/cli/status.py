"""`umetrics status`: what the state file says. Asks AWS nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from umetrics.cli.options import Common, TextFormat
from umetrics.cli.session import Session
from umetrics.render.as_json import receipts_json
from umetrics.render.phrase import counted
from umetrics.render.receipts import receipt_lines


def status(
    common: Common,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Show what is recorded as built, from the local state file.

    Examples:

        umetrics status --stage dev

        umetrics status --format json
    """
    session = Session(common)
    state = session.store.read()
    receipts = tuple(state.receipts.values()) if state else ()
    shared = tuple(state.shared.values()) if state else ()
    deployment = session.config.deployment
    if format_ is TextFormat.JSON:
        session.show_document("status", receipts_json(deployment, receipts, shared), state)
        return 0
    session.screen.show(receipt_lines(deployment, receipts, shared))
    if state is not None and state.intents:
        unfinished = counted(len(state.intents), "unfinished create")
        session.screen.result(
            f"{unfinished} ({', '.join(sorted(state.intents))}): `umetrics up` goes on from there.",
            "warning",
        )
    if state is None:
        session.screen.say(f"No state file at {session.store.path}; `umetrics up` writes one.")
    return 0
