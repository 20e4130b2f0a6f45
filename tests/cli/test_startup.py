"""Starting quickly, helping briefly, and readers that go away."""

from __future__ import annotations

import re

import pytest

from tests.cli.command_line import TIMEOUT, Home

AWS_LIBRARIES = {"boto3", "botocore", "moto"}

HELPING = """
import contextlib, io, json
from umetrics.cli.app import run
shown = {}
for command in %r:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert run([*command.split(), "--help"]) == 0
    shown[command] = out.getvalue()
print(json.dumps(shown))
"""

COMMANDS = re.compile(r"^  ([a-z-]+)(?:  |$)", re.MULTILINE)


def imported_by(home: Home, *arguments: str) -> set[str]:
    """Top-level packages, as the interpreter itself tells."""
    done = home.python("-X", "importtime", "-m", "umetrics", *arguments)
    assert done.code == 0, done
    names = re.findall(r"^import time:.*\|\s*([\w.]+)$", done.talk, re.MULTILINE)
    assert "umetrics" in names
    return {name.partition(".")[0] for name in names}


def test_version_imports_nothing_heavy(bare: Home) -> None:
    heavy = {*AWS_LIBRARIES, "typer", "click", "rich", "tenacity", "json", "pathlib", "typing"}
    assert imported_by(bare, "--version") & heavy == set()
    assert re.fullmatch(r"umetrics \d+\.\d+\.\d+\S*\n", bare.run("--version").result)


@pytest.mark.parametrize("arguments", [("--help",), ("up", "--help")], ids=" ".join)
def test_help_imports_neither_aws_nor_terminal_libraries(
    bare: Home, arguments: tuple[str, ...]
) -> None:
    assert imported_by(bare, *arguments) & {*AWS_LIBRARIES, "rich", "tenacity"} == set()


@pytest.mark.parametrize(
    "arguments", [("status",), ("state", "show"), ("output",), ("config", "show")], ids=" ".join
)
def test_reading_receipts_and_settings_imports_no_aws_library(
    built: Home, arguments: tuple[str, ...]
) -> None:
    assert imported_by(built, *arguments, "--sandbox") & AWS_LIBRARIES == set()


def test_the_help_of_every_command_leads_with_examples_and_fits_80_columns(bare: Home) -> None:
    root = bare.run("--help").result
    names = COMMANDS.findall(root.partition("Commands:")[2])
    assert {"init", "plan", "up", "status", "output", "audit-tags", "destroy", "state"} <= set(
        names
    )
    assert "Exit codes: 0 done or clean" in root
    nested = [
        "tags undo",
        "cost-tags status",
        "cost-tags activate",
        "config show",
        "state show",
        "state rebuild",
        "state unlock",
        "sandbox start",
        "sandbox stop",
        "sandbox status",
    ]
    shown = bare.python("-c", HELPING % ([*names, *nested],))
    assert shown.code == 0, shown
    for command, text in {"": root, **shown.document}.items():
        assert max(map(len, text.splitlines())) <= 80, command
        before_options = text.partition("Options:")[0]
        assert re.search(rf"^    +umetrics {command}", before_options, re.MULTILINE), text


@pytest.mark.parametrize("arguments", [("plan",), ("--help",), ("--version",)], ids=" ".join)
def test_a_reader_that_goes_away_is_no_drama(built: Home, arguments: tuple[str, ...]) -> None:
    sandbox = ("--sandbox",) if "plan" in arguments else ()
    with built.started("-m", "umetrics", *arguments, *sandbox) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, talk = process.communicate(timeout=TIMEOUT)
    assert b"Traceback" not in talk
    assert b"Broken" not in talk


def test_a_reader_of_the_first_line_gets_it(built: Home) -> None:
    with built.started("-m", "umetrics", "plan", "--sandbox") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"sandbox: ")
        process.stdout.close()
        process.stdout = None
        _, talk = process.communicate(timeout=TIMEOUT)
    assert b"Traceback" not in talk
