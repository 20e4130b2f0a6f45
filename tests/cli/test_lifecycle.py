"""A deployment's life through separate processes, in an account in which others live."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command_line import Finished, Home
from tests.support.deployments import EVERY_KEY

READING = ("Describe", "Get", "List")


def operations_in(watch: Path) -> list[str]:
    notes = [json.loads(line) for line in watch.read_text().splitlines()]
    return [note["operation"] for note in notes if "operation" in note]


def says(done: Finished, text: str) -> bool:
    """It went well, and the result says so."""
    assert done.code == 0, done
    assert text in done.result
    return True


def test_up_builds_once_with_or_without_receipts_and_destroy_undoes_it(home: Home) -> None:
    outsider, watch = home.outsider, home.folder / "watched"
    outsider.move_in()
    before = outsider.look_around()

    first = home.sandboxed("up", "--yes")
    assert says(first, "22 to create, 0 to change, 0 to destroy")
    assert says(first, "Done: 22 created, 0 changed, 0 destroyed")
    assert "vpc: created VPC vpc-" in first.talk
    assert "vpc: created" not in first.result
    assert "to create" not in first.talk
    built, receipts, state = outsider.look_around(), home.receipts, home.state.read_bytes()
    assert set(receipts) == EVERY_KEY
    assert {name: built[name] for name in before} == before

    assert says(home.sandboxed("up", WATCH=str(watch)), "No changes. 22 resources as wanted")
    assert [each for each in operations_in(watch) if not each.startswith(READING)] == []
    assert home.state.read_bytes() == state

    home.state.unlink()
    assert says(home.sandboxed("up"), "No changes. 22 resources as wanted")
    assert home.receipts == receipts
    assert outsider.look_around() == built

    end = home.sandboxed("destroy", "--stage", "dev", "--yes")
    assert says(end, "Done: 0 created, 0 changed, 22 destroyed")
    assert end.result.endswith("Nothing of UserMetrics/dev is left.\n")
    assert outsider.look_around() == before
    assert home.receipts == {}
    assert says(home.sandboxed("destroy", "--stage", "dev"), "Nothing to destroy")
