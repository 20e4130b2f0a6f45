"""`audit-tags --fix` and `tags undo` as commands: what they ask, write, tell and exit with."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

import pytest

from tests.cli.command_line import Finished, is_error, unwrapped
from tests.support.built import Built
from tests.support.commands import Commands
from tests.support.deployments import Deployment
from tests.support.plain import client
from tests.support.scans import Refusing
from tests.support.tagged import mapped, role, role_tags

ROLE = "UserMetrics-dev-ObservabilityGrafana"
FIX = ("audit-tags", "--stage", "dev", "--fix", "--yes")


@dataclass(frozen=True, slots=True)
class Spoilt:
    """Stage dev with a role whose key is in lower case, and two subnets.

    `lacking` has no Owner; `other` has the CostCenter of somebody's choice.
    """

    commands: Commands
    lacking: str
    other: str

    def run(self, *arguments: str) -> Finished:
        return self.commands.run(*arguments)

    @property
    def tags(self) -> list[dict[str, str]]:
        described = client("ec2").describe_subnets(SubnetIds=[self.lacking, self.other])["Subnets"]
        by_id = {each["SubnetId"]: mapped(each["Tags"]) for each in described}
        return [by_id[self.lacking], by_id[self.other], role_tags(ROLE)]


@pytest.fixture
def spoilt(built: Built, deployment: Deployment, commands: Commands) -> Spoilt:
    ec2, iam = client("ec2"), client("iam")
    lacking, other = (deployment.id(f"subnet/private-{zone}") for zone in "ab")
    ec2.delete_tags(Resources=[lacking], Tags=[{"Key": "Owner"}])
    ec2.create_tags(Resources=[other], Tags=[{"Key": "CostCenter", "Value": "x"}])
    iam.untag_role(RoleName=ROLE, TagKeys=["Project"])
    iam.tag_role(RoleName=ROLE, Tags=[{"Key": "project", "Value": "UserMetrics"}])
    deployment.line.clock.settle()
    return Spoilt(commands, lacking, other)


def test_on_a_role_a_value_under_a_key_in_another_case_is_lost_by_overwrite_only(
    commands: Commands,
) -> None:
    pair = {"umetrics:deployment": "UserMetrics/dev", "umetrics:resource": "role/grafana"}
    before = {**pair, "umetrics:region": "us-east-1", "owner": "chosen by somebody"}
    role(ROLE, before, "/umetrics/UserMetrics/dev/")
    commands.configure('owner = "a@b.example"\n[tags]\nforbidden = ["owner"]\n')
    commands.run(*FIX)
    assert (role_tags(ROLE)["owner"], role_tags(ROLE)["Project"]) == (
        before["owner"],
        "UserMetrics",
    )
    overwritten = commands.run(*FIX, "--overwrite")
    assert role_tags(ROLE)["Owner"] == "a@b.example"
    (undo,) = undoing(overwritten.result)
    assert commands.run(*undo, "--yes").code == 0
    assert role_tags(ROLE)["owner"] == before["owner"]


def undoing(told: str) -> list[list[str]]:
    """The commands that a repair has named, to be typed."""
    lines = [line for line in told.splitlines() if line.startswith("To take it back: ")]
    return [shlex.split(line.partition(": umetrics ")[2]) for line in lines]


def test_what_is_fixed_is_told_and_taken_back_by_the_command_that_was_told(spoilt: Spoilt) -> None:
    before = spoilt.tags
    fixed = spoilt.run(*FIX)
    assert fixed.code == 3, fixed
    assert "fix: umetrics" not in fixed.result
    assert "Done: 2 changed" in fixed.result
    assert spoilt.tags != before
    (undo,) = undoing(fixed.result)
    back = spoilt.run(*undo, "--yes")
    assert (back.code, spoilt.tags) == (0, before), back


def test_the_command_that_an_audit_names_repeats_the_options_it_was_given(
    spoilt: Spoilt,
) -> None:
    options = ("--config", "umetrics.toml", "--region", "us-east-1")
    spoilt.commands.configure("")
    audited = spoilt.run("audit-tags", "--stage", "dev", *options)
    (named,) = (line for line in audited.result.splitlines() if line.startswith("fix: "))
    words = shlex.split(named.removeprefix("fix: umetrics "))
    assert words == ["audit-tags", "--stage", "dev", *options, "--fix"]
    assert "Done: 2 changed" in spoilt.run(*words, "--yes").result


def test_what_is_not_built_is_left_to_up(spoilt: Spoilt, deployment: Deployment) -> None:
    client("ec2").delete_vpc_endpoints(VpcEndpointIds=[deployment.id("endpoint/s3")])
    deployment.line.clock.settle()
    fixed = spoilt.run(*FIX, "--overwrite")
    assert fixed.code == 3, fixed
    assert "fix: umetrics up --stage dev\n" in fixed.result


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 3),
        (("--overwrite",), 0),
        (("--fail-under", "100"), 3),
        (("--fail-under", "90"), 0),
        (("--exit-zero",), 0),
    ],
)
def test_the_gate_judges_what_is_left(spoilt: Spoilt, options: tuple[str, ...], code: int) -> None:
    assert spoilt.run(*FIX, *options).code == code


def test_known_debt_is_repaired_and_what_is_left_of_it_passes(spoilt: Spoilt) -> None:
    assert spoilt.run("audit-tags", "--stage", "dev", "--write-baseline", "known.json").code == 0
    fixed = spoilt.run(*FIX, "--baseline", "known.json")
    assert (fixed.code, "Done: 2 changed" in fixed.result) == (0, True), fixed
    lacking, other, _ = spoilt.tags
    assert (lacking["Owner"], other["CostCenter"]) == ("engineering@example.com", "x")
    client("ec2").delete_tags(Resources=[spoilt.other], Tags=[{"Key": "Owner"}])
    assert spoilt.run("audit-tags", "--stage", "dev", "--baseline", "known.json").code == 3


def test_a_repair_that_breaks_off_can_be_taken_back_and_gone_on_with(spoilt: Spoilt) -> None:
    before = spoilt.tags
    spoilt.commands.line.wire.fault = Refusing({"CreateTags"}, "ExpiredToken")
    broken = spoilt.run(*FIX)
    assert is_error(broken, exit_code=4, code="U005")
    assert "Interrupted: 1 changed, 1 not begun" in unwrapped(broken.result)
    assert "Project" in spoilt.tags[2]

    spoilt.commands.line.wire.fault = None
    further = spoilt.run(*FIX, "--format", "json")
    assert [each["ending"] for each in further.document["outcomes"]] == ["changed"]
    (later,) = further.document["undo_files"].values()
    for undo in (["tags", "undo", later], *undoing(broken.result)):
        assert spoilt.run(*undo, "--yes").code == 0
    assert spoilt.tags == before


def test_what_is_half_made_is_called_so_and_finished_by_the_next_run(spoilt: Spoilt) -> None:
    before = spoilt.tags
    client("ec2").delete_tags(Resources=[spoilt.other], Tags=[{"Key": "CostCenter"}])
    costs = {"Key": "costcenter", "Value": "Observability"}
    client("ec2").create_tags(Resources=[spoilt.other], Tags=[costs])
    spoilt.commands.line.wire.fault = Refusing({"DeleteTags"}, "ExpiredToken")
    broken = spoilt.run(*FIX)
    assert is_error(broken, exit_code=4, code="U005")
    told = unwrapped(broken.result)
    assert "1 half made" in told
    assert f"half made: subnet {spoilt.other}" in told
    spoilt.commands.line.wire.fault = None
    finished = spoilt.run(*FIX)
    assert (finished.code, "remove costcenter: 1 resource" in finished.result) == (0, True), (
        finished
    )
    assert spoilt.tags[1] == {**before[1], "CostCenter": "Observability"}
    assert "nothing to change" in spoilt.run(*FIX).result


def test_what_cannot_be_written_is_the_exit_code_whatever_the_gate(spoilt: Spoilt) -> None:
    spoilt.commands.line.wire.fault = Refusing({"CreateTags"}, "UnauthorizedOperation")
    denied = spoilt.run(*FIX, "--exit-zero")
    assert denied.code == 4, denied
    assert "Failed: 1 changed, 1 failed" in denied.result


def test_nobody_is_changed_anything_who_says_no(spoilt: Spoilt) -> None:
    before = spoilt.tags
    declined = spoilt.commands.run(*FIX[:-1], answers="d\nn\n")
    assert (declined.code, spoilt.tags) == (1, before)
    assert declined.talk.count("Change the tags of 2 resources? [y/N/d] ") == 2
    assert "set Owner to engineering@example.com: 1 resource" in declined.talk
    assert "Nothing was changed." in declined.talk
    agreed = spoilt.commands.run(*FIX[:-1], answers="y\n")
    assert "Done: 2 changed" in agreed.result


def test_a_file_of_another_account_takes_nothing_back(commands: Commands) -> None:
    header = {"schema_version": 1, "kind": "undo", "account": "999999999999", "by": "u"}
    path = commands.folder / "undo.jsonl"
    path.write_text(json.dumps({**header, "at": "2026-03-01T09:30:00Z"}) + "\n")
    refused = commands.run("tags", "undo", "undo.jsonl", "--yes")
    assert is_error(refused, exit_code=6, code="U013")
    path.write_text("{}")
    assert is_error(commands.run("tags", "undo", "undo.jsonl"), exit_code=2, code="U002")
    assert is_error(commands.run("tags", "undo", "none.jsonl"), exit_code=2, code="U002")


def test_what_somebody_changed_since_is_left_and_the_exit_code_says_so(spoilt: Spoilt) -> None:
    (undo,) = undoing(spoilt.run(*FIX).result)
    client("ec2").create_tags(Resources=[spoilt.lacking], Tags=[{"Key": "Owner", "Value": "new"}])
    back = spoilt.run(*undo, "--yes", "--format", "json")
    assert back.code == 3, back
    endings = sorted(each["ending"] for each in back.document["outcomes"])
    assert endings == ["changed", "changed by somebody else since"]
    assert spoilt.tags[0]["Owner"] == "new"


def test_an_expired_exception_fails_and_is_named_until_it_is_taken_out(
    built: Built, deployment: Deployment, commands: Commands
) -> None:
    deployment.line.clock.settle()
    table = '"vpc-*" = { reason = "r", owner = "ops", expires = 2020-01-31 }\n'
    commands.configure(f"[tags.exceptions]\n{table}")
    expired = commands.run("audit-tags", "--stage", "dev", "--fix", "--yes", "--fail-under", "0")
    assert expired.code == 3, expired
    assert "exception vpc-* expired on 2020-01-31 (ops: r)" in expired.result
    assert "nothing to change" in expired.result
    commands.configure("")
    assert commands.run("audit-tags", "--stage", "dev").code == 0
