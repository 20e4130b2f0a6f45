"""Ids into files: all of them or none."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from umetrics.errors import UsageError
from umetrics.outputs import Format, format_of, write_all


@pytest.fixture
def narrow_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("ids.json", Format.JSON),
        (".env", Format.DOTENV),
        ("dev.env", Format.DOTENV),
        ("umetrics.auto.tfvars", Format.TFVARS),
        ("umetrics.ts", Format.SST),
        ("ids.sh", Format.SHELL),
    ],
)
def test_the_name_of_a_file_says_how_it_is_written(name: str, chosen: Format) -> None:
    assert format_of(Path("infra") / name) is chosen


@pytest.mark.parametrize("name", ["ids", "ids.yaml", "env", ".env.local", "ids.JSON"])
def test_a_name_that_says_nothing_is_refused_with_those_that_do(name: str) -> None:
    with pytest.raises(UsageError, match=f"the name of {name} does not say") as caught:
        format_of(Path(name))
    assert ".json, .env, .tfvars, .ts, .sh" in caught.value.hint


def test_files_are_replaced_whole_and_everybody_may_read_them(
    tmp_path: Path, narrow_umask: None
) -> None:
    first, second = tmp_path / "a.env", tmp_path / "b.sh"
    first.write_text("as it was before, and longer than what comes")
    write_all({first: "A=1\n", second: "export A=1\n"})
    assert (first.read_text(), second.read_text()) == ("A=1\n", "export A=1\n")
    assert {stat.S_IMODE(each.stat().st_mode) for each in (first, second)} == {0o644}
    assert sorted(tmp_path.iterdir()) == [first, second]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [("missing/b.sh", "no such file or directory"), ("folder.sh", "is a directory")],
)
def test_nothing_is_written_when_one_of_the_files_cannot_be(
    tmp_path: Path, wrong: str, told: str
) -> None:
    (tmp_path / "folder.sh").mkdir()
    first = tmp_path / "a.env"
    first.write_text("before")
    with pytest.raises(UsageError, match=f"cannot write .*{wrong}: {told}") as caught:
        write_all({first: "A=1\n", tmp_path / wrong: "export A=1\n"})
    assert "nothing was written" in caught.value.hint
    assert first.read_text() == "before"
    assert sorted(tmp_path.iterdir()) == [first, tmp_path / "folder.sh"]
