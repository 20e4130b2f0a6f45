"""Where the configuration is found, and what is said when it cannot be read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from umetrics.config import Config, known_stages, load
from umetrics.errors import ConfigurationError


def write(place: Path, text: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def load_from(folder: Path, path: Path | None = None) -> Config:
    return load("dev", path=path, folder=folder, environment={})


def refusal(folder: Path, path: Path | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_from(folder, path)
    assert caught.value.hint
    return str(caught.value)


def test_without_any_file_the_defaults_hold(tmp_path: Path) -> None:
    config = load_from(tmp_path)
    assert config.source is None
    assert config.state_folder == tmp_path / "state"
    assert (config.deployment, config.slug) == ("UserMetrics/dev", "usermetrics-dev")


def test_the_file_is_found_above_and_the_state_lies_beside_it(tmp_path: Path) -> None:
    written = write(tmp_path / "umetrics.toml", 'region = "eu-west-1"\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    config = load_from(below)
    assert config.region == "eu-west-1"
    assert config.source == written
    assert config.state_folder == tmp_path / "state"


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    write(tmp_path / "umetrics.toml", 'region = "eu-west-1"')
    write(tmp_path / "a" / "umetrics.toml", 'region = "eu-west-2"')
    assert load_from(tmp_path / "a").region == "eu-west-2"


def test_a_pyproject_is_used_where_no_umetrics_toml_is(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.umetrics.network]\ncidr = "10.9.0.0/20"\n')
    write(tmp_path / "a" / "pyproject.toml", '[project]\nname = "umetrics-plugin"\n')
    config = load_from(tmp_path / "a")
    assert config.network.cidr == "10.9.0.0/20"
    assert config.origins["network.cidr"] == "pyproject.toml [tool.umetrics.network] cidr"
    assert config.state_folder == tmp_path / "state"


def test_a_umetrics_toml_above_goes_before_a_pyproject_here(tmp_path: Path) -> None:
    write(tmp_path / "umetrics.toml", 'owner = "file@example.org"')
    write(tmp_path / "a" / "pyproject.toml", '[tool.umetrics]\nowner = "project@example.org"')
    assert load_from(tmp_path / "a").owner == "file@example.org"


def test_a_broken_pyproject_of_others_is_none_of_our_business(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[[[")
    assert load_from(tmp_path).source is None


def test_an_explicit_file_is_used_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path / "umetrics.toml", 'region = "eu-west-1"')
    write(tmp_path / "ci" / "other.toml", 'region = "eu-west-2"')
    config = load_from(tmp_path, Path("ci/other.toml"))
    assert config.region == "eu-west-2"
    assert config.origins["region"] == "other.toml region"
    assert config.state_folder == tmp_path / "ci" / "state"


def test_an_explicit_file_must_exist(tmp_path: Path) -> None:
    assert "gone.toml: found no such file" in refusal(tmp_path, Path("gone.toml"))


def test_an_explicit_pyproject_must_have_our_table(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[project]")
    assert "found no table [tool.umetrics]" in refusal(tmp_path, Path("pyproject.toml"))


def test_an_explicit_pyproject_is_read_from_our_table(tmp_path: Path) -> None:
    written = write(tmp_path / "a" / "pyproject.toml", '[tool.umetrics]\nregion = "eu-west-1"')
    config = load_from(tmp_path, written)
    assert config.origins["region"] == "pyproject.toml [tool.umetrics] region"
    assert config.source == written


def test_tool_umetrics_must_be_a_table(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool]\numetrics = 1")
    assert "tool.umetrics that is not a table" in refusal(tmp_path)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "umetrics.toml").mkdir()
    assert "umetrics.toml: found is a directory" in refusal(tmp_path)


def test_a_link_that_leads_nowhere_does_not_fall_back_to_defaults(tmp_path: Path) -> None:
    (tmp_path / "umetrics.toml").symlink_to(tmp_path / "gone.toml")
    assert "umetrics.toml: found no such file" in refusal(tmp_path)


def test_a_file_that_the_system_cannot_read_is_named_with_its_reason(tmp_path: Path) -> None:
    # A link to itself, because even root cannot read it: tests may run as anybody.
    (tmp_path / "umetrics.toml").symlink_to("umetrics.toml")
    assert f"umetrics.toml: found {os.strerror(errno.ELOOP).lower()}" in refusal(tmp_path)


def test_a_syntax_error_is_told_with_file_and_line(tmp_path: Path) -> None:
    written = write(tmp_path / "umetrics.toml", 'region = "eu-west-1"\nowner = me@example.org\n')
    text = refusal(tmp_path)
    assert str(written) in text
    assert "umetrics.toml line 2, column 9: found Invalid value" in text


def test_a_file_that_ends_too_early_is_told_with_its_last_line(tmp_path: Path) -> None:
    write(tmp_path / "umetrics.toml", "# stages\n[network]\ntask_ports = [80,\n")
    assert "umetrics.toml line 3 (the end): found" in refusal(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["x = " + "9" * 5000, "x = " + "[" * 5000, "x = 1\nx = 2", "x = 1979-13-40", "x = '\0'"],
    ids=["number too long", "nested too deeply", "key twice", "no such day", "control character"],
)
def test_whatever_toml_refuses_is_a_configuration_error(tmp_path: Path, text: str) -> None:
    write(tmp_path / "umetrics.toml", text)
    assert "1 problem in" in refusal(tmp_path)


def test_text_that_is_not_utf_8_is_told_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "umetrics.toml").write_bytes(b"# a\n# b\xe9\n")
    assert "found the byte 0xe9 on line 2; allowed: text in UTF-8" in refusal(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "umetrics.toml").write_bytes(b'\xef\xbb\xbfregion = "eu-west-1"\r\n')
    assert load_from(tmp_path).region == "eu-west-1"


def test_known_stages_are_the_three_and_the_configured(tmp_path: Path) -> None:
    assert known_stages(folder=tmp_path) == ("dev", "staging", "prod")
    write(
        tmp_path / "umetrics.toml",
        '[stages.qa]\nenvironment = "staging"\n[stages.prod]\n[stages.anna]\nenvironment = "dev"\n',
    )
    assert known_stages(folder=tmp_path) == ("dev", "staging", "prod", "qa", "anna")
    assert known_stages(tmp_path / "umetrics.toml") == ("dev", "staging", "prod", "qa", "anna")
