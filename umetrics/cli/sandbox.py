"""`umetrics sandbox start|stop|status`: the local AWS by hand."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.options import Common, TextFormat
from umetrics.cli.session import Session
from umetrics.render.document import JsonObject

if TYPE_CHECKING:
    from umetrics.sandbox import Options, Running, Sandbox

FormatOption = Annotated[
    TextFormat, typer.Option("--format", "-f", help="How to write the result.")
]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a sandbox can be started with; the defaults are `umetrics.sandbox.Options`'."""

    latency: Annotated[
        str | None, typer.Option(help="How long each answer takes: 60ms.", metavar="DURATION")
    ] = None
    nat: Annotated[
        str | None,
        typer.Option(
            help="How long NAT gateways are pending, and deleting: 5s.",
            metavar="DURATION",
            show_default="1s",
        ),
    ] = None
    eventual: Annotated[
        str | None,
        typer.Option(help="How long created things are not found: 2s.", metavar="DURATION"),
    ] = None
    day: Annotated[
        str | None,
        typer.Option(
            help="How long a day lasts for what AWS does daily: 1m.",
            metavar="DURATION",
            show_default="10s",
        ),
    ] = None
    flaky: Annotated[
        str | None, typer.Option(help="How many connections break: 1%.", metavar="PERCENT")
    ] = None
    throttle: Annotated[
        bool, typer.Option("--throttle", help="Limit the rate of EC2 calls, as AWS does.")
    ] = False
    linked: Annotated[
        bool, typer.Option("--linked", help="Make it a member of somebody's organization.")
    ] = False
    brownfield: Annotated[
        bool, typer.Option("--brownfield", help="Have an application run in it already.")
    ] = False
    without: Annotated[
        list[str] | None,
        typer.Option(help="Leave a strict rule out; repeatable.", metavar="RULE"),
    ] = None
    caller: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="Be this IAM user, who has no permissions until he is given some.",
            metavar="USER",
        ),
    ] = None


def start(common: Common, conditions: Conditions, format_: FormatOption = TextFormat.TEXT) -> int:
    """Start the local AWS, or find it running.

    Examples:

        umetrics sandbox start

        umetrics sandbox start --nat 5s --latency 60ms --throttle

        umetrics sandbox start --brownfield

        umetrics sandbox start --as deployer

    Any AWS client can use it: set AWS_ENDPOINT_URL to its address, and dummy keys.
    """
    options = _options(conditions)
    session = _session(common)
    return _show(session, session.start_sandbox(options), format_)


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


def _options(asked: Conditions) -> Options | None:
    """What was asked for; None when that is nothing, and any sandbox will do."""
    from umetrics.sandbox.options import SHORTEST_DAY, Options, fraction, seconds, user_name

    durations = {"latency": asked.latency, "nat": asked.nat, "eventual": asked.eventual}
    told = {name: text for name, text in durations.items() if text is not None}
    given = {name: seconds(text, f"--{name}") for name, text in told.items()}
    if asked.day is not None:
        given["day"] = seconds(asked.day, "--day", shortest=SHORTEST_DAY)
    if asked.flaky is not None:
        given["flaky"] = fraction(asked.flaky, "--flaky")
    caller = "" if asked.caller is None else user_name(asked.caller, "--as")
    switches = (asked.throttle, asked.linked, asked.brownfield)
    if not (given or any(switches) or asked.without or caller):
        return None
    throttle, linked, brownfield = switches
    return Options(
        **given,
        throttle=throttle,
        linked=linked,
        brownfield=brownfield,
        without=tuple(sorted(set(asked.without or ()))),
        caller=caller,
    )


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
    session.screen.result(f"Since {running.since}, {running.emulator}.")
    session.screen.result(f"{running.options}.")
    if caller := running.options.caller:
        session.screen.result(f"You are the IAM user {caller}, who may do what his policies allow:")
        session.screen.result("nothing at first. With AWS_ACCESS_KEY_ID=administrator you may do")
        session.screen.result(f"everything, as: aws iam put-user-policy --user-name {caller} ...")
    return 0
