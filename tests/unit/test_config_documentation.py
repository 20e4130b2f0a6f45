"""docs/configuration.md says of every setting what the code says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from umetrics.config import SETTINGS, load
from umetrics.config.kind import shown

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")


def row(key: str) -> str:
    """A setting as a line of the page's tables: key, meaning, default, allowed."""
    setting = SETTINGS[key]
    default = setting.default if setting.named is None else setting.named
    holds = setting.unset or f"`{shown(default)}`"
    if setting.unset and default == ():
        holds = f"`[]`: {setting.unset}"
    return f"| `{key}` | {setting.meaning} | {holds} | {setting.kind.allowed} |"


@pytest.mark.parametrize("key", SETTINGS)
def test_every_setting_is_documented_as_it_is_declared(key: str) -> None:
    assert row(key) in PAGE.splitlines()


def test_no_setting_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `([a-z0-9_.]+)` \|", PAGE, re.MULTILINE)) == set(SETTINGS)


def test_the_example_of_the_documentation_is_a_configuration(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n# umetrics\.toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "umetrics.toml").write_text(example, encoding="utf-8")
    for stage in ("dev", "prod", *tomllib.loads(example)["stages"]):
        assert load(stage, folder=tmp_path, environment={}).warnings == ()
