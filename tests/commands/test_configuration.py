"""`init` writes a configuration that explains itself, `config show` says what one comes to."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tests.cli.command_line import is_error, unwrapped
from tests.commands.desk import Desk
from umetrics.config import SETTINGS


def settings_of(home: Desk, *arguments: str, **environment: str) -> dict[str, tuple[object, str]]:
    done = home.run("config", "show", "--format", "json", *arguments, **environment)
    assert done.code == 0, done
    assert done.document["kind"] == "config"
    return {each["key"]: (each["value"], each["origin"]) for each in done.document["settings"]}


def test_a_new_configuration_holds_what_was_given_and_else_the_defaults(bare: Desk) -> None:
    before = settings_of(bare)
    done = bare.run("init", "--owner", "team@example.org", "--region", "eu-west-1")
    assert done.code == 0, done
    assert unwrapped(done.result) == f"Wrote {bare.folder / 'umetrics.toml'}."
    assert settings_of(bare) == {
        **before,
        "owner": ("team@example.org", "umetrics.toml owner"),
        "region": ("eu-west-1", "umetrics.toml region"),
    }
    assert not (bare.folder / "state").exists()


def test_a_file_that_is_there_is_never_replaced(bare: Desk) -> None:
    bare.configure('owner = "team@example.org"\n')
    done = bare.run("init")
    assert is_error(done, exit_code=6, code="U023")
    assert str(bare.folder / "umetrics.toml") in unwrapped(done.talk)
    (bare.folder / "elsewhere.toml").symlink_to("nowhere.toml")
    assert is_error(bare.run("init", "--config", "elsewhere.toml"), exit_code=6, code="U023")
    assert [path.name for path in bare.folder.glob("*.toml")] != []
    assert (bare.folder / "umetrics.toml").read_text() == 'owner = "team@example.org"\n'
    assert not (bare.folder / "nowhere.toml").exists()


def test_printed_it_is_the_same_text_and_no_file(bare: Desk) -> None:
    printed = bare.run("init", "--project", "Shop", "--stdout")
    assert printed.code == 0, printed
    assert printed.talk == ""
    assert list(bare.folder.iterdir()) == []
    assert bare.run("init", "--project", "Shop", "--config", "new.toml").code == 0
    assert (bare.folder / "new.toml").read_text() == printed.result


def test_values_that_are_not_allowed_write_nothing(bare: Desk) -> None:
    done = bare.run("init", "--owner", "nobody", "--account", "12")
    assert is_error(done, exit_code=2, code="U003")
    assert "flag --owner" in done.talk
    assert "flag --account" in done.talk
    assert list(bare.folder.iterdir()) == []


def test_a_place_where_no_file_can_be_written_is_explained(bare: Desk) -> None:
    done = bare.run("init", "--config", "absent/umetrics.toml")
    assert is_error(done, exit_code=2, code="U003")
    assert "no such file or directory" in unwrapped(done.talk)


def test_a_file_that_no_longer_counts_is_named(bare: Desk) -> None:
    bare.configure("")
    inner = dataclasses.replace(bare, folder=bare.folder / "inner")
    inner.folder.mkdir()
    done = inner.run("init")
    assert done.code == 0, done
    assert f"{bare.folder / 'umetrics.toml'} counts no more here" in unwrapped(done.talk)


def test_every_setting_is_shown_with_its_origin(bare: Desk) -> None:
    bare.configure(
        'owner = "team@example.org"\n[stages.prod]\naccount = "123456789012"\n'
        'network.cidr = "10.2.0.0/23"\n'
    )
    shown = settings_of(bare, "--stage", "prod", AWS_REGION="eu-west-1", UMETRICS_PROJECT="Shop")
    assert list(shown) == list(SETTINGS)
    expected = {
        "project": ("Shop", "environment UMETRICS_PROJECT"),
        "stage": ("prod", "flag --stage"),
        "environment": ("prod", "stage"),
        "owner": ("team@example.org", "umetrics.toml owner"),
        "account": ("123456789012", "umetrics.toml [stages.prod] account"),
        "region": ("eu-west-1", "environment AWS_REGION"),
        "profile": (None, "default"),
        "network.cidr": ("10.2.0.0/23", "umetrics.toml [stages.prod.network] cidr"),
        "metrics.namespace": ("Shop/prod", "default"),
    }
    assert {key: shown[key] for key in expected} == expected


def test_people_get_a_table_of_80_columns_and_the_warnings(bare: Desk) -> None:
    bare.configure('[stages.prod.network]\ncidr = "10.2.0.0/23"\n')
    done = bare.run("config", "show", "--stage", "prod")
    assert done.code == 0, done
    assert max(len(line) for line in done.lines if str(bare.folder) not in line) <= 80
    for key in SETTINGS:
        assert f"\n{key} " in done.result
    assert "umetrics.toml [stages.prod.network] cidr" in done.result
    assert "warning: the Owner tag will say engineering@example.com" in unwrapped(done.talk)


def test_in_a_sandbox_no_real_account_is_shown_as_if_it_counted(bare: Desk) -> None:
    bare.configure('region = "eu-west-1"\naccount = "123456789012"\nprofile = "theirs"\n')
    shown = settings_of(bare, "--sandbox")
    assert {shown[key] for key in ("region", "account", "profile")} == {(None, "sandbox")}


@pytest.mark.parametrize("arguments", [("--stage", "nope"), ("--config", "absent.toml")])
def test_what_cannot_be_shown_is_an_error_as_elsewhere(
    bare: Desk, arguments: tuple[str, ...]
) -> None:
    done = bare.run("config", "show", "--format", "json", *arguments)
    assert done.code == 2
    assert json.loads(done.result)["kind"] == "error"
