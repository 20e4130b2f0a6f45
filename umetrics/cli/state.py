"""`umetrics state show`: the state file itself, checked and readable."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from umetrics.cli.options import Common, TextFormat
from umetrics.cli.session import Session
from umetrics.errors import StateError
from umetrics.render.receipts import receipt_lines
from umetrics.state import to_json


def show(
    common: Common,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Show the state file: where it is, whose it is, and every receipt.

    Examples:

        umetrics state show --stage dev

        umetrics state show --format json
    """
    session = Session(common)
    state = session.store.read()
    if state is None:
        raise StateError(
            f"there is no state file at {session.store.path}",
            hint=f"`umetrics up --stage {session.config.stage}` writes one, also for a "
            "foundation that is already there",
        )
    if format_ is TextFormat.JSON:
        session.show_document("state", {"state": json.loads(to_json(state))}, state)
        return 0
    about = (
        f"file     {session.store.path}",
        f"account  {state.account}, {state.region}",
        f"lineage  {state.lineage}, serial {state.serial}, written by {state.written_by}",
    )
    for line in about:
        session.screen.result(line)
    session.screen.show(receipt_lines(state.deployment, state.receipts.values()))
    for intent in state.intents.values():
        session.screen.result(f"unfinished: {intent.key}, since {intent.since}", "warning")
    return 0
