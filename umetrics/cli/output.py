"""`umetrics output`: ids for later work, from the state file. Asks AWS nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from umetrics.cli.options import Common, OutputFormat
from umetrics.cli.session import Session
from umetrics.errors import StateError
from umetrics.outputs import as_dotenv, outputs
from umetrics.render.line import Line
from umetrics.render.table import aligned


def output(
    common: Common,
    format_: Annotated[
        OutputFormat, typer.Option("--format", "-f", help="How to write the ids.")
    ] = OutputFormat.TEXT,
) -> int:
    """Print the ids that later work needs.

    Examples:

        umetrics output --stage dev

        umetrics output --format dotenv > .env
    """
    session = Session(common)
    state = session.store.read()
    if state is None or not state.receipts:
        stage = session.config.stage
        raise StateError(
            f"nothing is recorded for stage {stage} in {session.store.path}",
            hint=f"`umetrics up --stage {stage}` builds it, and records what is already there",
        )
    values = outputs(state)
    if format_ is OutputFormat.JSON:
        session.show_document("outputs", {"outputs": values}, state)
    elif format_ is OutputFormat.DOTENV:
        session.screen.show_data(as_dotenv(values))
    else:
        rows = [
            (name, value if isinstance(value, str) else " ".join(value))
            for name, value in values.items()
        ]
        # Never wrapped: an ARN is there to be copied whole.
        session.screen.show(Line(row, verbatim=True) for row in aligned(rows))
    return 0
