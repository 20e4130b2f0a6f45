"""What shells are offered: from files alone, nothing they could execute, and never an error."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import typer

from umetrics.cli import completion
from umetrics.state import Receipt, StateStore

SHARED = """
[default]
region = eu-west-1
[profile team]
region = us-east-1
[profile spare]
[sso-session corporate]
sso_region = us-west-2
[services theirs]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, and HOME."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "UMETRICS_STAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def typed(**options: object) -> typer.Context:
    """A command line on which these options stand already."""
    context = typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)))
    context.params.update(options)
    return context


def record(folder: Path, stage: str) -> None:
    store = StateStore(folder, stage)
    store.open(deployment=f"UserMetrics/{stage}", account="123456789012", region="us-east-1")
    for key, kind in (("vpc", "Vpc"), ("subnet/public-a", "Subnet")):
        store.record(Receipt(key, kind, f"{key}-1"))


def test_stages_are_those_of_the_configuration_and_of_state_files(folder: Path) -> None:
    (folder / "umetrics.toml").write_text('[stages.qa]\nenvironment = "staging"\n')
    record(folder / "state", "old")
    record(folder / "state" / "sandbox", "tryout")
    assert completion.stages(typed()) == ["dev", "staging", "prod", "qa", "old"]
    assert completion.stages(typed(sandbox=True))[-1] == "tryout"
    (folder / "other.toml").write_text('[stages.live]\nenvironment = "prod"\n')
    assert "live" in completion.stages(typed(config="other.toml"))


@pytest.mark.parametrize("content", ["[stages", "\x00", '[stages.qa]\nregoin = "x"\n'])
def test_a_broken_configuration_leaves_the_stages_that_always_exist(
    folder: Path, content: str
) -> None:
    (folder / "umetrics.toml").write_text(content)
    assert completion.stages(typed())[:3] == ["dev", "staging", "prod"]
    assert completion.keys(typed()) == []


def test_nothing_is_offered_that_a_shell_could_execute(folder: Path) -> None:
    names = ("$(touch-pwned)", "`id`", "a'b", "a b", "-x", "a;b", "a)b")
    tables = "\n".join(f'[stages."{name}"]\nenvironment = "dev"' for name in names)
    (folder / "umetrics.toml").write_text(tables)
    assert completion.stages(typed()) == ["dev", "staging", "prod"]


def test_keys_are_those_recorded_for_the_stage_that_is_typed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(folder / "state", "dev")
    recorded = ["subnet/public-a", "vpc"]
    assert completion.keys(typed()) == recorded
    assert completion.keys(typed(stage="prod")) == []
    assert completion.keys(typed(stage="../dev")) == []
    monkeypatch.setenv("UMETRICS_STAGE", "prod")
    assert completion.keys(typed()) == []
    assert completion.keys(typed(stage="dev")) == recorded


def test_a_state_file_that_cannot_be_read_offers_nothing(folder: Path) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "dev.json").write_text("{")
    assert completion.keys(typed()) == []


def test_profiles_and_regions_are_those_of_the_aws_cli(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert completion.profiles(typed()) == completion.regions(typed()) == []
    (folder / ".aws").mkdir()
    (folder / ".aws" / "config").write_text(SHARED)
    (folder / ".aws" / "credentials").write_text("[team]\naws_access_key_id = A\n[keys]\n")
    assert completion.profiles(typed()) == ["default", "team", "spare", "keys"]
    assert completion.regions(typed()) == ["eu-west-1", "us-east-1"]

    (folder / "elsewhere").write_text("[profile theirs]\nregion = ap-south-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", "~/elsewhere")
    assert completion.profiles(typed()) == ["theirs", "team", "keys"]
    assert completion.regions(typed()) == ["ap-south-1"]


@pytest.mark.parametrize("content", [b"[default\n", b"region = x\n", b"\xff\xfe[default]"])
def test_a_broken_aws_configuration_offers_nothing(folder: Path, content: bytes) -> None:
    (folder / ".aws").mkdir()
    (folder / ".aws" / "config").write_bytes(content)
    assert completion.profiles(typed()) == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"COMP_WORDS": "umetrics\nplan\n--st", "COMP_CWORD": "2"}, ["plan"]),
        ({"COMP_WORDS": "umetrics\nstate\n", "COMP_CWORD": "2"}, ["state"]),
        ({"COMP_WORDS": "umetrics\nst", "COMP_CWORD": "1"}, []),
        ({"_TYPER_COMPLETE_ARGS": "umetrics plan --stage "}, ["plan", "--stage"]),
        ({}, []),
    ],
)
def test_only_what_is_typed_before_the_unfinished_word_counts(
    monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], words: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rich", sys)  # whatever is set here is taken back
    assert completion.begin_completing({completion.VARIABLE: "complete_bash", **asked}) == words
    assert completion.begin_completing(asked) == []
