"""`verify` as it is typed: what it tries only when asked, and what it says of odd files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import Finished, is_error, unwrapped
from tests.support.applications import make_database, make_function
from tests.support.built import Built
from tests.support.commands import Commands
from tests.support.plain import client
from umetrics.verify.probe.rehearsing import COMPARED


@pytest.fixture
def application(built: Built, commands: Commands) -> Commands:
    """A folder beside an account with a function, and a database behind a proxy."""
    others = built.others
    make_function("orders-api", (others.subnet,), (others.security_group,))
    make_database("orders", (others.subnet,), others.security_group)
    commands.line.wire.calls.clear()
    return commands


def function() -> dict[str, Any]:
    told: dict[str, Any] = client("lambda").get_function(FunctionName="orders-api")["Configuration"]
    return {name: told.get(name) for name in COMPARED}


def tried(done: Finished) -> dict[str, str]:
    return {each["what"]: each["outcome"] for each in done.document["trials"]}


def test_functions_are_tried_only_when_asked_and_then_by_dry_runs_that_change_nothing(
    application: Commands,
) -> None:
    before = function()
    assert tried(application.run("verify", "-f", "json")) == {}
    assert application.line.wire.writes == []

    done = application.run(
        "verify", "-f", "json", "--invoke", "dry-run", "--update-code", "dry-run"
    )

    assert done.code == 0, done
    assert tried(done) == {"invoke": "ok", "update code": "ok"}
    assert application.line.wire.writes == ["Invoke", "UpdateFunctionCode"]
    assert function() == before
    assert client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda")["logGroups"] == []


def test_configured_functions_are_tried_by_name_and_one_that_is_gone_fails(
    application: Commands,
) -> None:
    application.configure('[verify]\nfunctions = ["orders-api", "gone"]\n')
    done = application.run("verify", "--update-code", "dry-run")
    assert done.code == 3, done
    assert "Tried, running nothing and changing nothing:" in done.lines
    assert "- update code gone: failed: there is no such function" in done.lines
    assert "= update code orders-api: ok: code hash and revision as before" in done.lines


@pytest.mark.parametrize(
    "options",
    [
        ("--save", "x.json", "--invoke", "dry-run"),
        ("--save", "x.json", "--health-url", "https://orders.example.com/"),
        ("--save", "x.json", "--before", "y.json"),
        ("--invoke", "event"),
        ("--update-code",),
        ("--health-url", "file:///etc/passwd"),
        ("--health-url", "https://orders.example.com/", "--sandbox"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    commands: Commands, options: tuple[str, ...]
) -> None:
    commands.line.wire.calls.clear()
    done = commands.run("verify", *options)
    assert done.code == 2, done
    assert commands.line.wire.calls == []
    assert not (commands.folder / "x.json").exists()


def test_an_address_that_does_not_answer_fails_the_check(application: Commands) -> None:
    done = application.run("verify", "-f", "md", "--health-url", "http://127.0.0.1:9/health")
    assert done.code == 3, done
    assert "## Trials" in done.result
    assert "`http://127.0.0.1:9/health` | `failed` | `no answer: " in done.result


def test_where_there_is_nothing_to_follow_or_to_try_that_is_said(commands: Commands) -> None:
    done = commands.run("verify", "--invoke", "dry-run")
    assert done.code == 0, done
    said = unwrapped(done.result)
    assert "no Lambda function in a VPC was found, so no way from one was checked" in said
    assert "no Aurora PostgreSQL database was found, so no way to one was checked" in said
    assert "invoke functions: unknown: no Lambda function in a VPC was found" in said


def spoilt(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_snapshot_that_is_damaged_or_of_another_place_is_refused(
    built: Built, commands: Commands
) -> None:
    assert len(built.world) > 0
    path = commands.folder / "before.json"
    saved = commands.run("verify", "--save", "before.json")
    assert saved.code == 0, saved
    assert saved.result.startswith("Partial: kept ")  # nobody answers for stacks here
    assert "not seen: CloudFormation stack: " in saved.talk
    kept = path.read_text()

    for changes in ({"region": "eu-west-1"}, {"account": "999999999999"}):
        spoilt(path, **changes)
        done = commands.run("verify", "--before", "before.json")
        assert is_error(done, exit_code=6, code="U013")
        assert next(iter(changes.values())) in done.talk
        path.write_text(kept)

    for damage in (kept[: len(kept) // 2], "", "\x00\x01", kept.replace('"things"', '"thinks"')):
        path.write_text(damage)
        done = commands.run("verify", "--before", "before.json")
        assert is_error(done, exit_code=1, code="U018"), done
        assert "before.json" in done.talk


@pytest.mark.parametrize("name", ["before.json", "nowhere", "umetrics.toml", "folder"])
def test_a_snapshot_is_kept_in_a_new_file_only(commands: Commands, name: str) -> None:
    path = commands.folder / name
    if name == "nowhere":
        path.symlink_to("elsewhere")
    elif name == "folder":
        path.mkdir()
    elif not path.exists():
        path.write_text("the one from before the change")
    was = path.read_bytes() if path.is_file() else b""
    commands.line.wire.calls.clear()

    done = commands.run("verify", "--save", name)

    assert is_error(done, exit_code=2, code="U002"), done
    assert name in done.talk
    assert "another name" in done.talk
    assert (path.read_bytes() if path.is_file() else b"") == was
    assert commands.line.wire.calls == []
