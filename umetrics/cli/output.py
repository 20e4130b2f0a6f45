"""`umetrics output`: ids for later work, from the state file. Asks AWS nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from umetrics.cli.options import Common
from umetrics.cli.session import Session, screen_for
from umetrics.errors import StateError
from umetrics.outputs import Format, Output, format_of, formatted, outputs, write_all
from umetrics.render.document import dumps
from umetrics.render.line import Line
from umetrics.render.output_schema import output_schema
from umetrics.render.table import aligned
from umetrics.state import State


def output(
    common: Common,
    format_: Annotated[
        Format | None, typer.Option("--format", "-f", help="How to write the ids; else as text.")
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--out",
            "-o",
            help="Write a file, as its name ends: .json .env .tfvars .ts .sh. Repeatable.",
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of --format json.")
    ] = False,
) -> int:
    """Print the ids that later work needs, or write them to files.

    Examples:

        umetrics output --stage dev

        umetrics output --format github >> "$GITHUB_OUTPUT"

        umetrics output -o infra/umetrics.ts -o umetrics.auto.tfvars
    """
    if schema:
        screen_for(common).show_data(dumps(output_schema()))
        return 0
    files = {path: format_of(path) for path in out or ()}
    shown = format_ or (None if files else Format.TEXT)
    session = Session(common)
    state = _recorded(session)
    named = session.config.outputs
    values = outputs(state, named)
    write_all({path: _text(session, state, values, chosen) for path, chosen in files.items()})
    for path in files:
        session.screen.say(f"Wrote {path}.")
    for name, source in named:
        if name not in values:
            session.screen.say(f"Left out {name}: no {source} is recorded.", "warning")
    if shown is Format.TEXT:
        session.screen.show(_lines(values))
    elif shown is not None:
        session.screen.show_data(_text(session, state, values, shown))
    return 0


def _recorded(session: Session) -> State:
    state = session.store.read()
    if state is None or not state.receipts:
        stage = session.config.stage
        raise StateError(
            f"nothing is recorded for stage {stage} in {session.store.path}",
            hint=f"`umetrics up --stage {stage}` builds it, and records what is already there",
        )
    return state


def _text(session: Session, state: State, values: Mapping[str, Output], chosen: Format) -> str:
    if chosen is Format.JSON:
        return session.document_text("outputs", {"outputs": values}, state)
    return formatted(values, chosen)


def _lines(values: Mapping[str, Output]) -> Iterator[Line]:
    rows = [
        (name, value if isinstance(value, str) else " ".join(value))
        for name, value in values.items()
    ]
    # Never wrapped: an ARN is there to be copied whole.
    return (Line(row, verbatim=True) for row in aligned(rows))
