"""Keys are used and never seen: not in what is shown, not in what is written, however it ends."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

from tests.cli.command_line import Finished, Home
from tests.support.aging import let_an_hour_pass

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FQoGZXIvYXdzEJr-a-session-token"
PROFILE_SECRET = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
SECRETS = (SECRET, TOKEN, PROFILE_SECRET)

TEMPORARY = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": TOKEN,
    "AWS_REGION": "us-east-1",
}

SHARED = f"[theirs]\naws_access_key_id = {KEY}\naws_secret_access_key = {PROFILE_SECRET}\n"

REPORTS = """
import sys
from umetrics.cli.app import run
for command in (
    ["plan", "--details", *sys.argv[1:]],
    ["audit-tags", "--stage", "dev", "--format", "json", *sys.argv[1:]],
    ["status"],
    ["output", "--format", "dotenv"],
    ["state", "show", "--format", "json"],
    ["status", "--stage", "nope", "--debug"],
    ["plan", "--nonsense"],
):
    run(command)
"""


def written(home: Home) -> Iterator[tuple[Path, bytes]]:
    """Every file of the folder but the credentials themselves."""
    for path in home.folder.rglob("*"):
        if path.is_file() and path.parent.name != ".aws":
            yield path, path.read_bytes()


def shows_no_secret(home: Home, *runs: Finished) -> bool:
    for done in runs:
        shown = done.result + done.talk
        assert not [secret for secret in SECRETS if secret in shown], done
    for path, content in written(home):
        assert not [secret for secret in SECRETS if secret.encode() in content], path
    return True


def test_no_command_shows_or_stores_a_key(home: Home) -> None:
    (home.folder / ".aws").mkdir()
    (home.folder / ".aws" / "credentials").write_text(SHARED)
    there = ("--endpoint-url", home.outsider.endpoint_url, "--debug")

    killed = home.run(
        "up", "--yes", *there, STRIKE="SIGKILL response-received CreateNatGateway", **TEMPORARY
    )
    assert killed.code == -signal.SIGKILL
    let_an_hour_pass(home.folder / "state" / "dev.json")
    resumed = home.run("up", "--yes", "--format", "jsonl", *there, **TEMPORARY)
    assert resumed.code == 0, resumed
    reports = home.python("-c", REPORTS, *there, **TEMPORARY)
    assert "VPC_ID=vpc-" in reports.result
    assert '"kind": "findings"' in reports.result
    assert "Traceback" in reports.talk
    profile = ("--profile", "theirs", "--region", "us-east-1")
    destroyed = home.run("destroy", "--stage", "dev", "--yes", *there, *profile)
    assert destroyed.code == 0, destroyed
    assert shows_no_secret(home, killed, resumed, reports, destroyed)


def test_no_refusal_shows_or_stores_a_key(bare: Home) -> None:
    (bare.folder / ".aws").mkdir()
    (bare.folder / ".aws" / "credentials").write_text(f"{SHARED}[broken\n")
    watch = bare.folder / "watched"
    elsewhere = bare.run(
        "up",
        "--yes",
        "--debug",
        "--endpoint-url",
        "http://aws.example.test",
        **TEMPORARY,
        AWS_SHARED_CREDENTIALS_FILE="/dev/null",
        WATCH=str(watch),
    )
    assert elsewhere.code == 2, elsewhere
    assert "error[U002]: http://aws.example.test would get signed requests" in elsewhere.talk
    assert not watch.exists()  # nothing was sent, and not even an address looked up
    unparsed = bare.run("plan", "--profile", "theirs", "--debug", AWS_REGION="us-east-1")
    assert unparsed.code == 2, unparsed
    assert "Unable to parse config file" in unparsed.talk
    assert shows_no_secret(bare, elsewhere, unparsed)
