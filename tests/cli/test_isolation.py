"""A sandbox run touches nothing of the user's: no key, no setting, no proxy, no other address."""

from __future__ import annotations

import json

from tests.cli.command_line import Home

CLOSED = "http://127.0.0.1:1"
"""Whoever were to go there would fail at once."""

HOSTILE = {
    "AWS_PROFILE": "nonexistent",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "a-session",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ENDPOINT_URL": CLOSED,
    "AWS_ENDPOINT_URL_EC2": CLOSED,
    "AWS_ENDPOINT_URL_IAM": CLOSED,
    "AWS_ENDPOINT_URL_STS": CLOSED,
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_CA_BUNDLE": "/nonexistent.pem",
    "AWS_DEFAULTS_MODE": "auto",
    "AWS_EC2_METADATA_DISABLED": "false",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": CLOSED,
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": CLOSED,
    "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/theirs",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent",
    "AWS_METADATA_SERVICE_TIMEOUT": "soon",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required",
    "NO_PROXY": "",
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), CLOSED),
}

SHARED_CONFIGURATION = """
[default]
region = eu-central-1
endpoint_url = http://127.0.0.1:1
credential_process = touch asked
services = theirs
[services theirs]
ec2 =
  endpoint_url = http://127.0.0.1:1
"""


def test_a_sandbox_run_reaches_only_the_sandbox_with_dummy_keys(lone: Home) -> None:
    watch = lone.folder / "watched"
    (lone.folder / ".aws").mkdir()
    (lone.folder / ".aws" / "config").write_text(SHARED_CONFIGURATION)
    lone.configure('account = "999999999999"\nregion = "eu-central-1"\nprofile = "theirs"\n')

    done = lone.sandboxed("up", "--yes", WATCH=str(watch), **HOSTILE)
    assert done.code == 0, done
    assert "Done: 22 created" in done.result
    assert not (lone.folder / "asked").exists()

    notes = [json.loads(line) for line in watch.read_text().splitlines()]
    calls = [note for note in notes if "operation" in note]
    running = lone.sandbox.status()
    assert running is not None
    assert len(calls) > 50
    assert {note["key"] for note in calls} == {"sandbox"}
    assert {note["url"].rstrip("/") for note in calls} == {running.endpoint_url}
    assert {note["address"] for note in notes if "address" in note} == {"127.0.0.1"}


def test_a_sandbox_keeps_its_receipts_in_a_folder_of_its_own(built: Home) -> None:
    assert [path.name for path in (built.folder / "state").iterdir()] == ["sandbox"]
    assert "nothing is recorded" in built.run("status").result
    assert "22 resources recorded" in built.run("status", UMETRICS_SANDBOX="1").result


def test_the_sandbox_is_started_and_stopped_by_hand(lone: Home) -> None:
    started = lone.run("sandbox", "start", "--format", "json")
    endpoint = started.document["running"]["endpoint_url"]
    assert endpoint.startswith("http://127.0.0.1:")
    assert f"Running at {endpoint}" in lone.run("sandbox", "status").result
    assert "Stopped." in lone.run("sandbox", "stop").result
    assert "It was not running." in lone.run("sandbox", "stop").result
