"""`doctor` on the command line: a report for people, one document for machines, and exit codes."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from tests.support.commands import Commands
from tests.support.deployer_policy import EVERYTHING
from tests.support.principals import ACCOUNT, REGION, Administered, client, deny
from umetrics.aws import connect_to_sandbox
from umetrics.config import load
from umetrics.doctor import Check, Status
from umetrics.errors import CredentialsError
from umetrics.library import Foundation
from umetrics.library.checking import examined
from umetrics.sandbox.strict import Settings

pytestmark = pytest.mark.usefixtures("shared_readers")

EXPIRED = (
    b"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>"
    b"<Message>Signature expired</Message></Error></ErrorResponse>"
)


@pytest.fixture
def settings() -> Settings:
    return Settings(caller="deployer")


@pytest.fixture
def administrator(commands: Commands) -> Administered:
    administrator = Administered(client("iam", "administrator"))
    administrator.user("deployer", EVERYTHING)
    return administrator


def test_a_policy_for_another_account_than_the_receipts_name_is_refused(
    commands: Commands, administrator: Administered
) -> None:
    assert commands.run("up", "--yes", "--skip-checks").code == 0
    assert commands.run("policy", "--account", ACCOUNT, "--region", REGION).code == 0
    for place in (
        ("--account", "999999999999", "--region", REGION),
        ("--account", ACCOUNT, "--region", "eu-west-1"),
    ):
        refused = commands.run("policy", *place)
        assert (refused.code, refused.result) == (6, "")
        assert f"records account {ACCOUNT}" in " ".join(refused.talk.split())


def test_policies_go_into_files_as_these_are_called_and_over_nothing_of_ours(
    commands: Commands,
) -> None:
    commands.configure("")
    asking = ("policy", "--mode", "read", "--account", ACCOUNT, "--region", REGION)
    printed = commands.run(*asking)
    told = commands.run(*asking, "-o", "read.json", "-o", "read.tf")
    assert (told.code, told.result) == (0, "")
    assert "Wrote read.json." in told.talk
    assert "(1 of 1)" in told.talk
    assert (commands.folder / "read.json").read_text() == printed.result
    assert (commands.folder / "read.tf").read_text().startswith('resource "aws_iam_policy"')
    both = commands.run(*asking, "-o", "read.tf", "--format", "text")
    assert both.result == printed.result

    (commands.folder / "state").mkdir()
    (commands.folder / "state" / "dev.undo.json").touch()
    for name, said in (
        ("umetrics.toml", "does not say how to write it"),
        ("state/dev.undo.json", "is a file of the state folder"),
        ("state/dev.before.json", "is a name of the files of stage dev"),
        ("nowhere/read.json", "cannot write"),
    ):
        refused = commands.run(*asking, "-o", name)
        assert (refused.code, refused.result) == (2, "")
        assert said in " ".join(refused.talk.split())


def test_a_report_fits_80_columns_and_is_one_document_for_machines(
    commands: Commands, administrator: Administered
) -> None:
    told = commands.run("doctor")
    assert told.code == 0, told
    first, *rest = told.result.splitlines()
    assert first.startswith("Nothing found that keeps this from working: it can be applied.")
    assert max(map(len, rest)) <= 80
    assert any(line.startswith("= permissions: all ") for line in rest)

    document = commands.run("doctor", "--mode", "read", "--format", "json").document
    assert (document["kind"], document["mode"], document["clean"]) == ("doctor", "read", True)
    assert document["permissions"]["missing"] == []


def test_what_is_missing_is_a_policy_to_paste_of_doctor_and_of_up(
    commands: Commands, administrator: Administered
) -> None:
    administrator.permit("deployer", *_without_nat_gateways())
    told = commands.run("doctor", "--format", "json")
    assert told.code == 4
    (missing,) = told.document["permissions"]["missing"]
    assert missing["action"] == "ec2:CreateNatGateway"
    policy = told.document["permissions"]["policy"]
    asked = {action for each in policy["Statement"] for action in each["Action"]}
    assert asked == {"ec2:CreateNatGateway"}

    shown = commands.run("doctor").result
    assert shown.partition("\n{")[2].count('"Sid"') == len(policy["Statement"])

    refused = commands.run("up", "--yes", "--format", "json")
    assert refused.code == 4
    assert refused.document["code"] == "U007"
    assert refused.document["policy"] == policy
    assert "nothing was touched" in refused.talk


def _without_nat_gateways() -> list[dict[str, Any]]:
    everything = {"Effect": "Allow", "NotAction": "ec2:CreateNatGateway", "Resource": "*"}
    return [everything]


def test_an_explicit_deny_that_a_dry_run_met_too_is_measured_and_offers_no_policy(
    commands: Commands, administrator: Administered
) -> None:
    administrator.permit("deployer", EVERYTHING, deny("ec2:CreateVpc"))
    told = commands.run("doctor")
    assert told.code == 4
    assert "a policy denies it explicitly (measured)" in " ".join(told.result.split())
    assert '"Statement"' not in told.result


def test_actions_to_ask_for_besides_are_actions(commands: Commands) -> None:
    told = commands.run("doctor", "--also", "s3:*")
    assert (told.code, told.result) == (2, "")
    assert "is no action" in told.talk


class Raw(io.BytesIO):
    """A body as urllib3 streams it."""

    def stream(self, **_how: object) -> Iterator[bytes]:
        yield self.getvalue()


@pytest.mark.parametrize("ahead", [900, 5])
def test_a_clock_that_is_far_off_is_why_nobody_is_known(tmp_path: Path, ahead: int) -> None:
    aws = connect_to_sandbox("http://127.0.0.1:9", read_only=True)
    headers: Any = {"Date": formatdate(time.time() + ahead, usegmt=True)}
    sts: Any = aws._sts
    sts._client.meta.events.register_first(
        "before-send", lambda **_: AWSResponse("", 403, headers, Raw(EXPIRED))
    )
    config = load("dev", folder=tmp_path, environment={})
    stage = Foundation(config, tmp_path, lambda *, read_only: aws)  # noqa: ARG005
    if ahead < 60:
        with pytest.raises(CredentialsError):
            examined(stage)
        return
    report = examined(stage)
    assert report.exit_code == 4
    statuses = {each.check: each.status for each in report.findings}
    assert statuses == {Check.IDENTITY: Status.PROBLEM, Check.CLOCK: Status.PROBLEM}
    (clock,) = report.of(Check.CLOCK)
    assert "900 s behind AWS" in clock.text or "899 s behind AWS" in clock.text
