"""The file that `umetrics init` writes: complete, harmless, and true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from umetrics.config import SETTINGS, Config, entries, load
from umetrics.config.kind import Value
from umetrics.config.setting import Scope
from umetrics.config.template import PLACEHOLDER, SHOWN_STAGES, template
from umetrics.errors import ConfigurationError

SHOWN = re.compile(r"^#(?=[a-z])", re.MULTILINE)
"""What makes a comment of a setting; words of explanation stand behind a blank."""

IN_FILES = {key for key, setting in SETTINGS.items() if setting.scope is not Scope.RUN}


def loaded(folder: Path, text: str, stage: str) -> Config:
    (folder / "umetrics.toml").write_text(text, encoding="utf-8")
    return load(stage, folder=folder, environment={})


def values(config: Config) -> dict[str, Value]:
    return {each.key: each.value for each in entries(config)}


def defaults(folder: Path, stage: str) -> dict[str, Value]:
    return values(load(stage, path=folder / "empty.toml", environment={}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "empty.toml").touch()
    return tmp_path


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_the_file_changes_nothing_as_it_is_written(folder: Path, stage: str) -> None:
    written = loaded(folder, template({}), stage)
    assert values(written) == defaults(folder, stage)
    assert {origin for key, origin in written.origins.items() if key != "stage"} <= {
        "default",
        "stage",
    }


@pytest.mark.parametrize("stage", SHOWN_STAGES)
def test_every_setting_stands_in_it_with_its_default(folder: Path, stage: str) -> None:
    shown = SHOWN.sub("", template({}))
    without_default = set(re.findall(rf"^(\w+) = {re.escape(PLACEHOLDER)}$", shown, re.MULTILINE))
    settled = re.sub(rf"^\w+ = {re.escape(PLACEHOLDER)}\n", "", shown, flags=re.MULTILINE)

    written = loaded(folder, settled, stage)

    assert values(written) == defaults(folder, stage)
    from_file = {key for key, origin in written.origins.items() if "umetrics.toml" in origin}
    left_out = {key for key in IN_FILES if values(written)[key] is None}
    assert from_file | {"environment"} == IN_FILES - left_out
    assert without_default == {SETTINGS[key].name for key in left_out}


def test_each_setting_is_explained_once() -> None:
    text = re.sub(r"\n# ", " ", template({}))
    for key in IN_FILES:
        meaning = SETTINGS[key].meaning
        explained = f"{meaning[:1].upper()}{meaning[1:]}. Allowed: {SETTINGS[key].kind.allowed}."
        assert text.count(explained) == 1, key


def test_what_is_given_is_set_and_what_follows_from_it_is_shown(folder: Path) -> None:
    given = {"project": "Shop", "owner": "team@example.org", "region": "eu-west-1"}
    text = template(given)
    written = loaded(folder, text, "dev")
    assert (written.project, written.owner, written.region) == tuple(given.values())
    set_keys = {key for key, origin in written.origins.items() if "umetrics.toml" in origin}
    assert set_keys == set(given)
    assert '#storage.session_buckets = ["shop-dev-sessions*"]' in text.splitlines()


def test_values_that_are_not_allowed_are_refused_together() -> None:
    with pytest.raises(ConfigurationError) as caught:
        template({"owner": "nobody", "region": "here", "account": "123456789012"})
    assert [problem.where for problem in caught.value.problems] == ["flag --owner", "flag --region"]


def test_quotes_and_letters_of_any_language_survive(folder: Path) -> None:
    profile = 'Zoë\'s "own" \\ profile'
    assert loaded(folder, template({"profile": profile}), "dev").profile == profile


def test_no_line_is_wider_than_80_columns() -> None:
    assert max(map(len, template({}).splitlines())) <= 80
