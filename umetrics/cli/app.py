"""All commands in one Typer application, and the one place where errors become exit codes."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Annotated

import typer

from umetrics.cli.completion import begin_completing
from umetrics.cli.interrupt import Termination
from umetrics.cli.options import Common, expanded
from umetrics.cli.session import screen_for
from umetrics.errors import UmetricsError, UsageError
from umetrics.render.document import Run, document, dumps
from umetrics.render.error import error_lines
from umetrics.render.line import Line

HELP = """Build and look after the AWS ground for self-hosted user metrics.

Try it without an account, on a local AWS:

    umetrics up --sandbox

    umetrics audit-tags --sandbox

    umetrics destroy --stage dev --sandbox
"""

EPILOG = """Exit codes: 0 done or clean, 1 failed or partly done (run again to resume), 2 usage or
configuration, 3 a check is not clean, 4 credentials or permissions, 5 lock held, 6 refused by a
safety rule, 7 existing resources disturbed, 130/143 signals."""

COMMANDS: Mapping[str, str] = {
    "init": "init:init",
    "plan": "plan:plan",
    "up": "up:up",
    "status": "status:status",
    "output": "output:output",
    "drift": "drift:drift",
    "doctor": "doctor:doctor",
    "verify": "verify:verify",
    "policy": "policy:policy",
    "adopt": "adopt:adopt",
    "audit-tags": "audit_tags:audit",
    "tags undo": "tags:undo",
    "cost-tags status": "cost_tags:status",
    "cost-tags activate": "cost_tags:activate",
    "destroy": "destroy:destroy",
    "config show": "config:show",
    "state show": "state:show",
    "state rebuild": "state:rebuild",
    "state unlock": "state:unlock",
    "sandbox start": "sandbox:start",
    "sandbox stop": "sandbox:stop",
    "sandbox status": "sandbox:status",
}
"""Command -> module and function; a command's module is imported when the command is asked for."""

GROUPS: Mapping[str, str] = {
    "config": """What umetrics.toml, environment and flags come to.

    Example:

        umetrics config show --stage dev
    """,
    "tags": """Take back what `audit-tags --fix` has changed.

    Example:

        umetrics tags undo state/undo/2026-03-01T093000Z-123456789012.jsonl
    """,
    "cost-tags": """Cost allocation tags: the keys by which finance tells costs apart.

    Example:

        umetrics cost-tags status --stage dev
    """,
    "state": """The receipts of a stage, on this machine.

    Example:

        umetrics state show --stage dev
    """,
    "sandbox": """A local AWS on 127.0.0.1, no account needed.

    Example:

        umetrics sandbox start
    """,
}

MACHINE_FORMATS = {"json", "jsonl"}

COMMAND_LINE_ERROR: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
"""What typer raises for a wrong command line: click's class, or that of its own copy of click."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code. Only a bug raises."""
    termination = Termination()
    termination.listen()
    try:
        app = build(arguments or begin_completing(os.environ))
        return int(app(list(arguments), prog_name="umetrics", standalone_mode=False) or 0)
    except COMMAND_LINE_ERROR as error:
        return _usage(error)
    except (typer.Abort, KeyboardInterrupt, Interruption):
        screen_for(Common()).say("Interrupted. Nothing was under way; nothing was lost.")
        return termination.exit_code
    finally:
        termination.leave_at_once()


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application, with only the commands that these arguments can mean."""
    app = typer.Typer(
        help=HELP,
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    )
    app.callback()(umetrics)
    groups = {name: typer.Typer(help=about, no_args_is_help=True) for name, about in GROUPS.items()}
    asked = arguments[0] if arguments else ""
    firsts = {command.split()[0] for command in COMMANDS}
    for command, place in COMMANDS.items():
        first, _, second = command.partition(" ")
        if asked in firsts and asked != first:
            continue
        (groups[first] if second else app).command(second or first)(_command(place))
    for name, group in groups.items():
        if asked not in firsts or asked == name:
            app.add_typer(group, name=name)
    return app


def umetrics(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """The options before any command; `--version` alone is answered before this is imported."""
    if version:
        from umetrics import __version__

        sys.stdout.write(f"umetrics {__version__}\n")
        raise typer.Exit


def _command(place: str) -> Callable[..., int]:
    module, _, function = place.partition(":")
    return expanded(_guarded(getattr(import_module(f"umetrics.cli.{module}"), function)))


class Interruption(Exception):
    """A command was interrupted; typer would make a silent exit code of KeyboardInterrupt."""


def _guarded(function: Callable[..., int]) -> Callable[..., int]:
    """The command with its errors shown, in the format asked for, and turned into exit codes."""

    @functools.wraps(function)
    def called(**given: object) -> int:
        try:
            return function(**given)
        except UmetricsError as error:
            common = next(each for each in given.values() if isinstance(each, Common))
            _report(error, common, str(given.get("format_", "text")))
            return error.exit_code
        except KeyboardInterrupt as interrupt:
            raise Interruption from interrupt

    return called


def _report(error: UmetricsError, common: Common, chosen: str) -> None:
    """On stderr for people; where a machine waits for a document, that too."""
    screen = screen_for(common)
    screen.tell(error_lines(error, debug=common.debug))
    if chosen in MACHINE_FORMATS:
        import uuid

        from umetrics.render.as_json import error_json

        stage = common.stage or os.environ.get("UMETRICS_STAGE", "")
        run = Run(str(uuid.uuid4()), stage=stage, sandbox=common.sandbox)
        content = document("error", error_json(error), run, at=datetime.now(UTC))
        # A stream of events ends in a line like the others.
        screen.show_data(json.dumps(content) if chosen == "jsonl" else dumps(content))


def _usage(error: Exception) -> int:
    """A command line that does not fit together, in the words of every other error."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "umetrics"
    wording = getattr(error, "format_message", error.__str__)()
    screen = screen_for(Common())
    if wording.startswith("Usage:"):  # no command was given, so the help is the answer
        screen.tell(Line(text, verbatim=True) for text in wording.splitlines())
    else:
        screen.tell(error_lines(UsageError(wording, hint=f"see `{command} --help`")))
    return UsageError.exit_code
