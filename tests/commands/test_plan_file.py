"""A plan that is kept, looked at by somebody, and applied by somebody else: that one or none."""

from __future__ import annotations

import json
import stat

from tests.cli.command_line import unwrapped
from tests.commands.desk import Desk


def test_a_kept_plan_is_applied_once_and_is_stale_ever_after(home: Desk) -> None:
    drawn = home.sandboxed("plan", "--out", "dev.plan")
    assert drawn.code == 0, drawn
    assert "22 to create" in drawn.result
    assert "Kept in dev.plan: `umetrics up --plan dev.plan` applies exactly this." in drawn.talk
    assert stat.S_IMODE((home.folder / "dev.plan").stat().st_mode) == 0o600

    declined = home.asked("n\n", "up", "--plan", "dev.plan")
    assert declined.code == 1
    assert "Apply this plan?" in declined.talk
    assert not home.state.exists()

    done = home.sandboxed("up", "--plan", "dev.plan", "--yes")
    assert done.code == 0, done
    assert "Done: 22 created" in done.result

    built = home.outsider.look_around()
    again = home.sandboxed("up", "--plan", "dev.plan", "--yes")
    assert again.code == 6, again
    assert "error[U020]: dev.plan is not the plan that is drawn now" in again.talk
    assert "vpc: create in the file, none now" in again.talk
    assert again.result == ""
    assert home.outsider.look_around() == built


def test_what_happened_since_is_told_in_every_format_and_nothing_is_done(home: Desk) -> None:
    assert home.sandboxed("up", "--target", "vpc", "--yes").code == 0
    assert home.sandboxed("plan", "--target", "subnet/*", "--out", "dev.plan").code == 0
    without = ("--target", "subnet/*", "--exclude", "vpc")
    assert home.sandboxed("plan", *without, "--out", "without.plan").code == 0
    vpc = home.receipts["vpc"]["id"]
    home.outsider.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    before = home.outsider.look_around()

    stale = home.sandboxed("up", "--plan", "dev.plan", "--yes", "--format", "json")
    assert stale.code == 6, stale
    assert stale.document["code"] == "U020"
    assert "vpc: none in the file, update now (dns_hostnames false" in stale.document["message"]

    gap = home.sandboxed("up", "--plan", "without.plan", "--yes")
    assert gap.code == 6
    assert "subnet/private-a (create) needs vpc (update)" in unwrapped(gap.talk)

    home.configure('owner = "team@example.org"')
    other = home.sandboxed("up", "--plan", "dev.plan", "--yes")
    assert other.code == 6
    assert "the configuration has changed since" in other.talk
    assert home.outsider.look_around() == before


def test_what_is_no_plan_file_is_refused_before_aws_is_asked(home: Desk) -> None:
    plan = home.folder / "dev.plan"
    plan.write_text(json.dumps({"kind": "plan"}))
    for arguments, code, problem in (
        (("--plan", "dev.plan"), 2, "expected a plan file, as `umetrics plan --out` writes it"),
        (("--plan", "none"), 2, "cannot read none: No such file or directory"),
        (("--plan", "dev.plan", "--prune"), 2, "--plan goes with neither --prune, --prune-rules,"),
    ):
        refused = home.run("up", *arguments, "--yes", AWS_ENDPOINT_URL="http://127.0.0.1:9")
        assert refused.code == code
        assert problem in unwrapped(refused.talk)
    assert not (home.folder / "state" / "dev.json").exists()


def test_where_the_plan_cannot_be_kept_it_is_shown_all_the_same(home: Desk) -> None:
    kept = home.sandboxed("plan", "--out", "none/dev.plan")
    assert kept.code == 2
    assert "22 to create" in kept.result
    assert "cannot write none/dev.plan: No such file or directory" in kept.talk


def test_a_plan_is_kept_in_the_place_of_nothing_but_another_plan(home: Desk) -> None:
    home.configure('owner = "team@example.org"')
    text = (home.folder / "umetrics.toml").read_text()
    kept = home.sandboxed("plan", "--out", "umetrics.toml")
    assert kept.code == 6
    assert "umetrics.toml is there already and is no plan file" in unwrapped(kept.talk)
    assert (home.folder / "umetrics.toml").read_text() == text
