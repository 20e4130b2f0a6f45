"""Part of a plan: built alone, looked at alone, taken away alone; the rest is as it was."""

from __future__ import annotations

from tests.commands.desk import Desk


def test_a_part_is_built_and_another_taken_away_with_a_warning_each(home: Desk) -> None:
    part = home.sandboxed("up", "--target", "role", "--exclude", "role/umami-task", "--yes")
    assert part.code == 0, part
    assert "Ids for later work: umetrics output --stage dev --sandbox" in part.talk
    assert "3 to create, 0 to change, 0 to destroy" in part.result
    assert "only part of the deployment was chosen: 19 resources left out" in part.result
    assert home.receipts.keys() == {
        "role/ecs-task-execution",
        "role/grafana",
        "role/openreplay-task",
    }

    network = home.sandboxed("up", "--target", "subnet/public-a", "--yes", "--format", "json")
    assert network.code == 0, network
    assert network.document["summary"]["created"] == 2
    assert any("only part" in each for each in network.document["plan"]["warnings"])

    gone = home.sandboxed("destroy", "--stage", "dev", "--target", "vpc", "--yes")
    assert gone.code == 0, gone
    assert gone.result.endswith("Nothing of what was chosen of UserMetrics/dev is left.\n")
    assert len(home.receipts) == 3

    rest = home.sandboxed("plan", "--check", "--target", "role/grafana")
    assert rest.code == 0
    assert "No changes. 1 resource as wanted" in rest.result


def test_a_part_that_makes_no_sense_is_refused_by_name(home: Desk) -> None:
    unknown = home.sandboxed("plan", "--target", "subnet/pubic-a")
    assert unknown.code == 2
    assert "nothing in this plan is called 'subnet/pubic-a'" in unknown.talk
    assert "subnet/public-a?" in unknown.talk

    gap = home.sandboxed("up", "--exclude", "vpc", "--yes")
    assert gap.code == 2
    assert "internet-gateway (create) needs vpc (create)" in gap.talk
    assert not home.state.exists()
