"""A setting is put into somebody's file, and every other line of it stays as it was written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from umetrics.config.editing import Assigned, edited
from umetrics.config.template import template
from umetrics.errors import ConfigurationError

NETWORK = ("network",)
CHOICE: Mapping[str, Assigned] = {"vpc_id": "vpc-1", "public_subnet_ids": ("subnet-1", "subnet-2")}

COMMENTED = """\
# How we build.
owner = "team@example.org"   # all of us

[network]   # ours alone
# Private tasks only.
nat = "none"

# The database came first.
[database]
port = 5433
"""

STAGES = "[stages.dev]\n# b\n\n# about prod\n[stages.prod]\nx = 1\n"


def lines_of(before: str, after: str) -> tuple[list[str], list[str]]:
    """What went and what came."""
    old, new = before.splitlines(), after.splitlines()
    return [each for each in old if each not in new], [each for each in new if each not in old]


def test_new_keys_stand_at_the_head_of_their_table_and_nothing_else_moves() -> None:
    after = edited(COMMENTED, NETWORK, CHOICE)
    head, tail = COMMENTED.split("# ours alone\n")
    assert after == (
        f"{head}# ours alone\n"
        'vpc_id = "vpc-1"\npublic_subnet_ids = ["subnet-1", "subnet-2"]\n'
        f"{tail}"
    )


def test_a_key_that_is_there_is_changed_in_its_place_with_its_comment() -> None:
    text = '[network]\nnat = "none"\nvpc_id = "vpc-0"   # the shop\nzones = 2\n'
    assert edited(text, NETWORK, {"vpc_id": "vpc-1"}) == text.replace("vpc-0", "vpc-1")


def test_a_key_that_is_explained_as_a_comment_comes_to_life_there() -> None:
    text = template({})
    after = edited(text, NETWORK, CHOICE)
    assert lines_of(text, after) == (
        ['#vpc_id = "..."', "#public_subnet_ids = []"],
        ['vpc_id = "vpc-1"', 'public_subnet_ids = ["subnet-1", "subnet-2"]'],
    )
    assert len(after.splitlines()) == len(text.splitlines())


def test_a_commented_key_of_another_table_is_left_asleep() -> None:
    text = '[network]\nzones = 2\n\n[database]\n#vpc_id = "no"\n'
    assert edited(text, NETWORK, {"vpc_id": "vpc-1"}) == (
        '[network]\nvpc_id = "vpc-1"\nzones = 2\n\n[database]\n#vpc_id = "no"\n'
    )


@pytest.mark.parametrize(
    ("before", "tables", "after"),
    [
        ("", NETWORK, '[network]\nvpc_id = "vpc-1"\n'),
        ("[network]", NETWORK, '[network]\nvpc_id = "vpc-1"\n'),
        ('owner = "x"\n\n\n', NETWORK, 'owner = "x"\n\n[network]\nvpc_id = "vpc-1"\n'),
        ("network.zones = 2\n", NETWORK, 'network.zones = 2\nnetwork.vpc_id = "vpc-1"\n'),
        (
            STAGES,
            ("stages", "dev", "network"),
            f'{STAGES}\n[stages.dev.network]\nvpc_id = "vpc-1"\n',
        ),
        (
            "owner = 'x'\r\n[network]\r\nzones = 2\r\n",
            NETWORK,
            "owner = 'x'\r\n[network]\r\nvpc_id = \"vpc-1\"\r\nzones = 2\r\n",
        ),
        ("\ufeff[network]\n", NETWORK, '\ufeff[network]\nvpc_id = "vpc-1"\n'),
        (
            'text = """\n[network]\n"""\n',
            NETWORK,
            'text = """\n[network]\n"""\n\n[network]\nvpc_id = "vpc-1"\n',
        ),
    ],
    ids=[
        "no text",
        "no line break",
        "no table",
        "dotted",
        "a stage",
        "CRLF",
        "byte order mark",
        "a heading that is none",
    ],
)
def test_a_table_is_found_or_made_however_it_is_written(
    before: str, tables: tuple[str, ...], after: str
) -> None:
    assert edited(before, tables, {"vpc_id": "vpc-1"}) == after


def test_none_takes_a_key_out_and_what_says_it_already_is_not_touched() -> None:
    text = '[network]\ncidr   =   "10.0.0.0/24"\nvpc_id   =   "vpc-1"\n'
    assert edited(text, NETWORK, {"vpc_id": "vpc-1", "public_subnet_ids": None}) == text
    assert edited(text, NETWORK, {"cidr": None}) == '[network]\nvpc_id   =   "vpc-1"\n'


@pytest.mark.parametrize(
    "text",
    [
        "network = {zones = 2}\n",
        "network = {}\n",
        '"network".zones = 2\n',
        '[ "network" ]\nzones = 2\n',
        "[database]\nport = 1\n[network] # ours\nzones = 2\n",
    ],
)
def test_however_a_table_is_written_it_gets_the_choice(text: str) -> None:
    wanted = tomllib.loads(text)
    wanted["network"].update(vpc_id="vpc-1")
    assert tomllib.loads(edited(text, NETWORK, {"vpc_id": "vpc-1"})) == wanted


def test_an_edit_that_went_wrong_is_an_error_that_says_what_to_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tomlkit, "parse", lambda _text: tomlkit.document())
    with pytest.raises(ConfigurationError) as caught:
        edited(COMMENTED, NETWORK, {"vpc_id": "vpc-1", "cidr": None})
    assert caught.value.hint == 'write it yourself: vpc_id = "vpc-1"; no cidr'


NAMES = st.sampled_from(["cidr", "nat", "vpc_id", "zones"])
TABLES = st.dictionaries(NAMES, st.text("ab#[]=\" '\n", max_size=6), max_size=3)


@given(TABLES, TABLES, st.lists(st.text("ab #[]=", max_size=8), max_size=3))
def test_the_result_says_what_it_said_and_the_choice(
    ours: dict[str, str], others: dict[str, str], comments: list[str]
) -> None:
    def table(name: str, content: dict[str, str]) -> list[str]:
        said = [f"{key} = {_quoted(value)}" for key, value in content.items()]
        return [f"[{name}]", *(f"# {each}" for each in comments), *said]

    text = "\n".join([*table("network", ours), "", *table("database", others), ""])
    after = edited(text, NETWORK, {**CHOICE, "cidr": None})
    wanted: dict[str, Any] = {
        **ours,
        "vpc_id": "vpc-1",
        "public_subnet_ids": ["subnet-1", "subnet-2"],
    }
    wanted.pop("cidr", None)
    assert tomllib.loads(after) == {"network": wanted, "database": others}
    assert all(line in after for line in text.splitlines() if line.startswith("# "))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
