"""What a process finds around it and cannot work with: no region, no credentials, nobody there."""

from __future__ import annotations

import re
import sys

from tests.cli.command_line import DUMMY_KEYS, Home, is_error

CLOSED = "http://127.0.0.1:1"
"""Nobody listens on port 1, and 127.0.0.1 says so at once."""


def test_without_a_region_nothing_is_guessed(bare: Home) -> None:
    done = bare.run("plan", **DUMMY_KEYS)
    assert is_error(done, exit_code=2, code="U002")
    assert "AWS_REGION" in done.talk


def test_without_credentials(bare: Home) -> None:
    done = bare.run("plan", "--endpoint-url", CLOSED, AWS_REGION="us-east-1")
    assert is_error(done, exit_code=4, code="U005")


def test_an_unknown_profile(bare: Home) -> None:
    done = bare.run("plan", "--profile", "nobody", "--region", "us-east-1")
    assert is_error(done, exit_code=4, code="U005")
    assert "nobody" in done.talk


def test_an_endpoint_where_nobody_answers(bare: Home) -> None:
    done = bare.run("plan", "--endpoint-url", CLOSED, AWS_REGION="us-east-1", **DUMMY_KEYS)
    assert done.code == 1, done
    assert "Traceback" not in done.talk
    assert CLOSED in done.talk
    assert re.search(r"^hint: \S", done.talk, re.MULTILINE)


def test_the_command_line_runs_on_this_very_interpreter(bare: Home) -> None:
    """What the tests of this folder rest on."""
    done = bare.python("-c", "import sys, umetrics; print(sys.executable)")
    assert done.result.strip() == sys.executable
