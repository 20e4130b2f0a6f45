"""Completion as a shell has it: through the function that typer gives the shell."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.cli.command_line import TIMEOUT, Home

COMPLETING = """
. ./completion.sh
{ read -r -a COMP_WORDS; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); } <<< "$1"
[ "$2" = open ] && COMP_WORDS+=("") && COMP_CWORD=$((COMP_CWORD + 1))
_umetrics_completion ./umetrics
printf '%s\\n' "${COMPREPLY[@]}"
"""

PROGRAM = f"""#!/bin/sh
exec {sys.executable} -m umetrics "$@"
"""

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="completes in bash")


@pytest.fixture
def shell(bare: Home) -> Home:
    """A folder with the program and what it tells bash about its completion."""
    program = bare.folder / "umetrics"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    shown = run(bare, "bash", "-c", "./umetrics --show-completion; true")
    (bare.folder / "completion.sh").write_text(shown.stdout)
    return bare


def run(home: Home, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=home.folder,
        env=home.settings(environment),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )


def offered(home: Home, line: str) -> list[str]:
    """What bash would offer at the end of a line; nothing may be said besides."""
    end = "open" if line.endswith(" ") else "word"
    done = run(home, "bash", "-c", COMPLETING, "bash", line, end)
    assert done.stderr == ""
    return done.stdout.split()


@needs_bash
def test_bash_completes_commands_options_and_stages(shell: Home) -> None:
    shell.configure('[stages.qa]\nenvironment = "staging"\n')
    assert offered(shell, "umetrics sta") == ["status", "state"]
    assert offered(shell, "umetrics state ") == ["show", "rebuild", "unlock"]
    assert offered(shell, "umetrics up --sta") == ["--stage"]
    assert offered(shell, "umetrics up --stage ") == ["dev", "staging", "prod", "qa"]
    assert offered(shell, "umetrics up --format j") == ["json", "jsonl"]


@needs_bash
def test_what_cannot_be_read_is_no_drama_in_the_middle_of_a_prompt(shell: Home) -> None:
    shell.configure("[stages")
    (shell.folder / ".aws").mkdir()
    (shell.folder / ".aws" / "config").write_text("[broken")
    assert offered(shell, "umetrics up --stage p") == ["prod"]
    assert offered(shell, "umetrics up --profile ") == []


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completing_imports_neither_aws_nor_terminal_libraries(bare: Home, shell_name: str) -> None:
    words = "umetrics plan --st"
    asked = {"COMP_WORDS": words, "COMP_CWORD": "2", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    code = (
        "import atexit, sys; from umetrics.cli.app import run; "
        "atexit.register(lambda: print(sorted({*sys.modules} & {'boto3', 'botocore', 'tenacity', "
        "'rich.console', 'umetrics.reconciler'}))); run([])"
    )
    done = bare.python(
        "-c",
        code,
        _UMETRICS_COMPLETE=f"complete_{shell_name}",
        **({"_TYPER_COMPLETE_ARGS": words} | asked),
    )
    assert done.code == 0, done
    assert "--stage" in done.result
    assert done.result.splitlines()[-1] == "[]"
    assert done.talk == ""
