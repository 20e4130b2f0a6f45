"""A deployment's life through separate processes, in an account in which others live."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command_line import Finished, Home, unwrapped
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


def test_without_a_state_file_no_more_is_called_gone_than_was_looked_for(home: Home) -> None:
    assert home.sandboxed("up", "--yes", "--target", "role").code == 0
    home.state.unlink()
    end = home.sandboxed("destroy", "--stage", "dev", "--yes")
    assert end.code == 0, end
    assert "warning: there is no state file" in end.result
    assert "budget (set budget.enabled)" in unwrapped(end.result)
    assert end.result.endswith("Nothing of what was looked for of UserMetrics/dev is left.\n")


def test_a_removed_tag_is_reported_and_exactly_that_is_repaired(home: Home) -> None:
    assert home.sandboxed("up", "--yes").code == 0
    outsider = home.outsider
    built = outsider.look_around()
    clean = home.sandboxed("audit-tags", "--stage", "dev")
    assert clean.code == 0, clean
    assert "Every tag is in place" in clean.result

    subnet = home.receipts["subnet/private-a"]["id"]
    outsider.ec2.delete_tags(Resources=[subnet], Tags=[{"Key": "CostCenter"}])
    audit = home.sandboxed("audit-tags", "--stage", "dev")
    assert audit.code == 3
    (finding,) = [line for line in audit.result.splitlines() if subnet in line]
    assert "tag CostCenter is missing, wanted Observability" in finding
    assert "fix: set CostCenter to Observability" in finding
    assert "fix: umetrics audit-tags --stage dev --sandbox --fix" in audit.result
    assert home.sandboxed("plan", "--check").code == 3

    repair = home.sandboxed("up", "--yes", "--format", "json")
    assert repair.code == 0, repair
    changed = [each for each in repair.document["plan"]["steps"] if each["action"] != "none"]
    assert [(each["key"], each["missing_tags"]) for each in changed] == [
        ("subnet/private-a", [{"part": None, "tags": {"CostCenter": "Observability"}}])
    ]
    assert outsider.look_around() == built
