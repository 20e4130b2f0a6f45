"""A configuration as a table, in which nothing is cut off and nothing runs beyond 80 columns."""

from __future__ import annotations

from pathlib import Path

from umetrics.config import Entry, entries, load
from umetrics.render.line import Look, compose
from umetrics.render.settings import config_json, entry_lines


def text(*shown: Entry) -> str:
    return compose(entry_lines(shown), Look())


def test_each_setting_is_a_row_with_value_and_origin() -> None:
    assert text(
        Entry("project", "Shop", "umetrics.toml project"),
        Entry("region", None, "default"),
        Entry("network.task_ports", (80, 443), "flag --x"),
        Entry("protected", value=False, origin="default"),
    ) == (
        "KEY                 VALUE      ORIGIN\n"
        'project             "Shop"     umetrics.toml project\n'
        "region              -          default\n"
        "network.task_ports  [80, 443]  flag --x\n"
        "protected           false      default\n"
    )


def test_what_does_not_fit_goes_below_and_stays_whole() -> None:
    cidrs = tuple(f"10.{n}.0.0/16" for n in range(8))
    origin = "pyproject.toml [tool.umetrics.stages.prod.database] cidrs"
    shown = text(Entry("database.cidrs", cidrs, origin), Entry("stage", "prod", "flag --stage"))
    first, *rows = shown.splitlines()
    assert max(map(len, (first, *rows))) <= 80
    assert rows[0].startswith("database.cidrs  [")
    listed = ", ".join(f'"{each}"' for each in cidrs)
    assert " ".join(" ".join(rows[:-1]).split()) == f"database.cidrs [{listed}] from {origin}"
    assert {row[:16] for row in rows[1:-1]} == {" " * 16}
    assert rows[-1].split() == ["stage", '"prod"', "flag", "--stage"]


def test_a_long_value_does_not_push_the_origins_of_all_others_aside() -> None:
    shown = text(Entry("key", "x" * 60, "default"), Entry("b", "y", "default"))
    heading, *_, last = shown.splitlines()
    assert (heading, last) == ("KEY  VALUE  ORIGIN", 'b    "y"    default')


def test_machines_get_values_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "umetrics.toml"
    path.write_text("[network]\ntask_ports = [8080]\n")
    config = load("dev", path=path, environment={})
    body = config_json(config, entries(config))
    assert body["source"] == str(path)
    assert body["warnings"] == list(config.warnings)
    settings = body["settings"]
    assert isinstance(settings, list)
    assert {
        "key": "network.task_ports",
        "value": (8080,),
        "origin": "umetrics.toml [network] task_ports",
    } in settings
    assert {"key": "region", "value": None, "origin": "default"} in settings
