"""`umetrics config show`: every setting, its value and where that comes from. Asks AWS nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from umetrics.cli.options import Common, TextFormat
from umetrics.cli.session import Session
from umetrics.config import entries
from umetrics.render.error import warning_lines
from umetrics.render.settings import config_json, entry_lines


def show(
    common: Common,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Show every setting of a stage: its value, and where that comes from.

    Examples:

        umetrics config show --stage prod

        umetrics config show --format json
    """
    session = Session(common)
    config = session.config
    settings = entries(config)
    if format_ is TextFormat.JSON:
        session.show_document("config", config_json(config, settings))
        return 0
    session.screen.result(f"{config.deployment}, from {config.source or 'no file'}:", "strong")
    session.screen.result("")
    session.screen.show(entry_lines(settings))
    session.screen.tell(warning_lines(config.warnings))
    return 0
