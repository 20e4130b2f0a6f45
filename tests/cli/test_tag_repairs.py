"""`audit-tags` beyond one deployment, `--fix` and `tags undo`, as people and CI run them."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest

from tests.cli.command_line import Finished, Home, is_error, unwrapped
from tests.support.worlds import REGION

ROLE = "UserMetrics-dev-ObservabilityGrafana"


def spoil(home: Home) -> str:
    """A subnet loses its Owner and gets another CostCenter; a role's key goes to lower case."""
    subnet = str(home.receipts["subnet/private-a"]["id"])
    home.outsider.ec2.delete_tags(Resources=[subnet], Tags=[{"Key": "Owner"}])
    home.outsider.ec2.create_tags(Resources=[subnet], Tags=[{"Key": "CostCenter", "Value": "x"}])
    home.outsider.iam.untag_role(RoleName=ROLE, TagKeys=["Project"])
    home.outsider.iam.tag_role(RoleName=ROLE, Tags=[{"Key": "project", "Value": "UserMetrics"}])
    return subnet


def tags_of(home: Home, subnet: str) -> dict[str, str]:
    (described,) = home.outsider.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    return {tag["Key"]: tag["Value"] for tag in described["Tags"]}


def role_tags(home: Home) -> dict[str, str]:
    listed = home.outsider.iam.list_role_tags(RoleName=ROLE)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def topic(home: Home, **tags: str) -> str:
    """Somebody else's, with our project's tag."""
    session = boto3.Session(aws_access_key_id="o", aws_secret_access_key="o", region_name=REGION)
    sns = session.client("sns", endpoint_url=home.outsider.endpoint_url)
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return str(sns.create_topic(Name="theirs", Tags=listed)["TopicArn"])


def undo_file(done: Finished) -> str:
    """The path that a repair has named."""
    return unwrapped(done.result).partition("umetrics tags undo ")[2].split()[0]


@pytest.fixture
def spoilt(home: Home) -> str:
    """The id of a subnet whose tags are not in order, beside a role of which it is so."""
    assert home.sandboxed("up", "--yes", "--target", "subnet", "--target", "role").code == 0
    return spoil(home)


def test_a_repair_is_planned_carried_out_and_taken_back_exactly(home: Home, spoilt: str) -> None:
    before = tags_of(home, spoilt), role_tags(home)
    asked = home.sandboxed("audit-tags", "--stage", "dev", "--fix")
    assert is_error(asked, exit_code=2, code="U002")
    assert "~ set Owner to engineering@example.com: 1 resource" in asked.result
    assert (tags_of(home, spoilt), role_tags(home)) == before

    fixed = home.sandboxed("audit-tags", "--stage", "dev", "--fix", "--yes")
    assert fixed.code == 3, fixed  # nothing but the overwriting is left, and what is not built
    assert "left out, needs --overwrite: 1 finding: CostCenter of subnet" in unwrapped(fixed.result)
    assert "Done: 2 changed" in fixed.result
    assert tags_of(home, spoilt)["Owner"] == "engineering@example.com"
    assert tags_of(home, spoilt)["CostCenter"] == "x"
    assert (role_tags(home)["Project"], "project" in role_tags(home)) == ("UserMetrics", False)

    path = undo_file(fixed)
    assert Path(path).stat().st_mode & 0o777 == 0o600
    declined = home.sandboxed("tags", "undo", path, "--no-input")
    assert is_error(declined, exit_code=2, code="U002")
    back = home.sandboxed("tags", "undo", path, "--yes")
    assert back.code == 0, back
    assert "Done: 2 changed" in back.result
    assert (tags_of(home, spoilt), role_tags(home)) == before
    again = home.sandboxed("tags", "undo", path, "--yes")
    assert is_error(again, exit_code=6, code="U025")


def test_what_somebody_changed_after_a_repair_is_not_taken_back(home: Home, spoilt: str) -> None:
    report = home.sandboxed(
        "audit-tags", "--stage", "dev", "--fix", "--overwrite", "--yes", "--format", "json"
    )
    assert [each["ending"] for each in report.document["outcomes"]] == ["changed", "changed"]
    assert report.document["left_out"] == []
    assert tags_of(home, spoilt)["CostCenter"] == "Observability"
    written = list(report.document["undo_files"].values())
    home.outsider.ec2.create_tags(
        Resources=[spoilt], Tags=[{"Key": "Owner", "Value": "new@o.example"}]
    )
    changed = home.sandboxed("tags", "undo", written[0], "--yes", "--format", "json")
    assert changed.code == 3
    assert sorted(each["ending"] for each in changed.document["outcomes"]) == [
        "changed",
        "changed by somebody else since",
    ]
    assert tags_of(home, spoilt)["Owner"] == "new@o.example"


def test_an_undo_file_of_another_account_and_what_is_none_are_refused(home: Home) -> None:
    elsewhere = {"schema_version": 1, "kind": "undo", "account": "999999999999", "by": "u"}
    path = home.folder / "undo.jsonl"
    path.write_text(json.dumps({**elsewhere, "at": "2026-03-01T09:30:00Z"}) + "\n")
    refused = home.sandboxed("tags", "undo", "undo.jsonl", "--yes")
    assert is_error(refused, exit_code=6, code="U013")
    path.write_text("{}")
    assert is_error(home.sandboxed("tags", "undo", "undo.jsonl"), exit_code=2, code="U002")
    assert is_error(home.sandboxed("tags", "undo", "none.jsonl"), exit_code=2, code="U002")


def test_what_belongs_to_others_is_changed_only_when_it_is_counted(home: Home) -> None:
    known = {"ManagedBy": "them", "CostCenter": "x", "Owner": "a@b.example", "Environment": "dev"}
    theirs = topic(home, Porject="UserMetrics", **known)
    narrow = home.sandboxed("audit-tags", "--fix", "--yes")
    assert theirs not in narrow.result

    wide = ("audit-tags", "--scope", "account", "--fix")
    uncounted = home.sandboxed(*wide, "--yes")
    assert uncounted.code == 6, uncounted
    assert "set Project to UserMetrics, remove Porject: 1 resource" in uncounted.result
    assert "1 of them not ours" in uncounted.result
    miscounted = home.sandboxed(*wide, "--yes", "--confirm", "7")
    assert is_error(miscounted, exit_code=6, code="U015")
    counted = home.sandboxed(*wide, "--yes", "--confirm", "1")
    assert "Done: 1 changed" in counted.result, counted


def test_a_repair_passes_the_same_gate_as_an_audit(home: Home, spoilt: str) -> None:
    fixed = home.sandboxed("audit-tags", "--stage", "dev", "--fix", "--yes", "--exit-zero")
    assert fixed.code == 0, fixed
    assert tags_of(home, spoilt)["CostCenter"] == "x"


def test_what_belongs_to_another_stage_is_changed_only_when_it_is_counted(home: Home) -> None:
    pair = {"umetrics:deployment": "UserMetrics/prod", "umetrics:resource": "vpc"}
    vpc = home.outsider.ec2.create_vpc(CidrBlock="10.9.0.0/24")["Vpc"]["VpcId"]
    for key, value in pair.items():
        home.outsider.ec2.create_tags(Resources=[vpc], Tags=[{"Key": key, "Value": value}])
    wide = ("audit-tags", "--scope", "project", "--fix", "--yes")
    refused = home.sandboxed(*wide, "--stage", "dev")
    assert is_error(refused, exit_code=6, code="U015")
    assert f"{vpc} (not ours)" in unwrapped(refused.result)
    assert home.sandboxed(*wide, "--stage", "prod").code != 6


def test_whoever_is_asked_has_seen_the_plan_and_can_see_all_of_it(home: Home) -> None:
    known = {"ManagedBy": "them", "CostCenter": "x", "Owner": "a@b.example", "Environment": "dev"}
    topic(home, Porject="UserMetrics", **known)
    wide = ("audit-tags", "--scope", "account", "--fix", "--format", "json")
    with home.on_terminal(*wide) as terminal:
        assert "set Project to UserMetrics" in terminal.wait_for("or d for details: ")
        terminal.type("d")
        assert "set Project to UserMetrics" in terminal.wait_for("or d for details: ")
        terminal.type("")
        assert terminal.end() == 1
    assert "Nothing was changed." in terminal.shown


def test_a_wide_audit_tells_how_far_it_is_and_what_it_could_not_see(home: Home) -> None:
    topic(home, Project="UserMetrics")
    done = home.sandboxed("audit-tags", "--scope", "project", "-o", "tags.csv", "-o", "tags.sarif")
    assert done.code == 3, done
    assert "123456789012/us-east-1: looking at " in done.talk
    assert "123456789012/global: done" in done.talk
    assert "theirs" in (home.folder / "tags.csv").read_text()
    assert json.loads((home.folder / "tags.sarif").read_text())["version"] == "2.1.0"
    assert home.sandboxed("audit-tags", "--scope", "project", "--exit-zero").code == 0

    known = home.sandboxed("audit-tags", "--scope", "project", "--write-baseline", "known.json")
    assert known.code == 0, known
    gated = home.sandboxed("audit-tags", "--scope", "project", "--baseline", "known.json")
    assert gated.code == 0, gated


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--regions", "all"), "--scope project"),
        (("--role-arn", "arn:aws:iam::123456789012:role/a"), "--scope project"),
        (("--scope", "account", "--role-arns-file", "absent"), "cannot read absent"),
        (("--baseline", "absent.json"), "absent.json"),
        (("-o", "tags.pdf"), "tags.pdf"),
        (("--fix", "--format", "sarif"), "-o"),
    ],
)
def test_what_makes_no_sense_is_said_before_aws_is_asked(
    bare: Home, arguments: tuple[str, ...], said: str
) -> None:
    done = bare.run("audit-tags", *arguments)
    assert is_error(done, exit_code=2, code="U002")
    assert said in done.talk


def test_the_schema_of_a_report_is_printed(bare: Home) -> None:
    assert "$schema" in bare.run("audit-tags", "--schema").document
