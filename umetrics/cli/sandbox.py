"""`umetrics sandbox start|stop|status`: the local AWS by hand."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.options import Common, TextFormat
from umetrics.cli.session import Session
from umetrics.render.document import JsonObject

if TYPE_CHECKING:
    from umetrics.sandbox import Running, Sandbox

FormatOption = Annotated[
    TextFormat, typer.Option("--format", "-f", help="How to write the result.")
]


def start(common: Common, format_: FormatOption = TextFormat.TEXT) -> int:
    """Start the local AWS, or find it running.

    Example:

        umetrics sandbox start

    Any AWS client can use it: set AWS_ENDPOINT_URL to its address, and dummy keys.
    """
    session = _session(common)
    return _show(session, _sandbox(session).start(), format_)


def stop(common: Common, format_: FormatOption = TextFormat.TEXT) -> int:
    """Stop the local AWS; what was built in it is gone.

    Example:

        umetrics sandbox stop
    """
    session = _session(common)
    stopped = _sandbox(session).stop()
    if format_ is TextFormat.JSON:
        session.show_document("sandbox", {"stopped": stopped})
    else:
        session.screen.result("Stopped." if stopped else "It was not running.")
    return 0


def status(common: Common, format_: FormatOption = TextFormat.TEXT) -> int:
    """Show whether the local AWS is running, and where.

    Example:

        umetrics sandbox status --format json
    """
    session = _session(common)
    return _show(session, _sandbox(session).status(), format_)


def _session(common: Common) -> Session:
    return Session(dataclasses.replace(common, sandbox=True))


def _sandbox(session: Session) -> Sandbox:
    from umetrics.sandbox import Sandbox

    return Sandbox(session.state_folder)


def _show(session: Session, running: Running | None, chosen: TextFormat) -> int:
    if chosen is TextFormat.JSON:
        body: JsonObject = {"running": None}
        if running is not None:
            endpoint = {"endpoint_url": running.endpoint_url}
            body = {"running": {**dataclasses.asdict(running), **endpoint}}
        session.show_document("sandbox", body)
        return 0
    if running is None:
        session.screen.result("Not running. `umetrics sandbox start` starts it.")
        return 0
    session.screen.result(f"Running at {running.endpoint_url} (pid {running.pid}).")
    session.screen.result(f"Since {running.since}, moto {running.version}.")
    return 0
