"""`umetrics output`: ids for later work, from the state file. Only `--to-ssm` asks AWS anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from umetrics.cli.applying import Show, agreed_to
from umetrics.cli.kept_files import refuse_kept_files
from umetrics.cli.options import Account, Common, Consent, RunFormat
from umetrics.cli.session import Session, screen_for
from umetrics.outputs import Format, Output, format_of, formatted, shared_names, write_all
from umetrics.render.document import Json, dumps
from umetrics.render.line import Line
from umetrics.render.output_schema import output_schema
from umetrics.render.table import aligned
from umetrics.state import State

DECLINED = 1


def output(
    common: Common,
    account: Account,
    consent: Consent,
    *,
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
    to_ssm: Annotated[
        str | None,
        typer.Option(
            "--to-ssm",
            metavar="PATH",
            help="Write them to AWS as SSM parameters under this path, such as /umetrics/dev.",
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of --format json.")
    ] = False,
) -> int:
    """Print the ids that later work needs, or write them to files or SSM parameters.

    Examples:

        umetrics output --stage dev

        umetrics output --format github >> "$GITHUB_OUTPUT"

        umetrics output -o infra/umetrics.ts -o umetrics.auto.tfvars

        umetrics output --to-ssm /umetrics/dev
    """
    if schema:
        screen_for(common).show_data(dumps(output_schema()))
        return 0
    files = {path: format_of(path) for path in out or ()}
    shown = format_ or (None if files or to_ssm is not None else Format.TEXT)
    session = Session(common, account)
    refuse_kept_files(session, files)
    state = session.foundation.recorded()
    named = session.config.outputs
    values = session.foundation.outputs()
    write_all({path: _text(session, state, values, chosen) for path, chosen in files.items()})
    for path in files:
        session.screen.say(f"Wrote {path}.")
    for name, source in named:
        if name not in values:
            session.screen.say(f"Left out {name}: no {source} is recorded.", "warning")
    if shown is Format.TEXT:
        session.screen.show(_lines(values, shared_names(state, named)))
    elif shown is not None:
        session.screen.show_data(_text(session, state, values, shown))
    return 0 if to_ssm is None else _publish(session, to_ssm, consent)


def _publish(session: Session, prefix: str, consent: Consent) -> int:
    """The plan, a question, the parameters."""
    with Show(session, RunFormat.TEXT) as show:
        question = f"Write these parameters under {prefix}?"
        result = session.foundation.publish(
            prefix,
            approve=lambda proposal: agreed_to(session, proposal, question, consent),
            notify=show,
        )
        if result.declined:
            session.screen.say("Nothing was changed.")
            return DECLINED
        show.ending("publication", result)
        if result.remaining:
            session.screen.say(
                f"AWS does not show {', '.join(result.remaining)} yet. Run the same command again.",
                "warning",
            )
            return 1
        return show.exit_code(result)


def _text(session: Session, state: State, values: Mapping[str, Output], chosen: Format) -> str:
    if chosen is Format.JSON:
        shared: list[Json] = [*shared_names(state, session.config.outputs)]
        return session.document_text("outputs", {"outputs": values, "shared": shared}, state)
    return formatted(values, chosen)


def _lines(values: Mapping[str, Output], shared: Collection[str]) -> Iterator[Line]:
    rows = [
        (
            name,
            value if isinstance(value, str) else " ".join(value),
            "shared" if name in shared else "",
        )
        for name, value in values.items()
    ]
    # Never wrapped: an ARN is there to be copied whole.
    return (Line(row, verbatim=True) for row in aligned(rows))
