"""What is missing, of the state file or of a tag: said, and exactly that put right."""

from __future__ import annotations

from tests.cli.command_line import unwrapped
from tests.commands.desk import Desk


def test_without_a_state_file_no_more_is_called_gone_than_was_looked_for(home: Desk) -> None:
    assert home.sandboxed("up", "--yes", "--target", "role").code == 0
    home.state.unlink()
    end = home.sandboxed("destroy", "--stage", "dev", "--yes")
    assert end.code == 0, end
    assert "warning: there is no state file" in end.result
    assert "budget (set budget.enabled)" in unwrapped(end.result)
    assert end.result.endswith("Nothing of what was looked for of UserMetrics/dev is left.\n")


def test_a_removed_tag_is_reported_and_exactly_that_is_repaired(home: Desk) -> None:
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
