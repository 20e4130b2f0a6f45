"""What doctor sees of an account, whoever calls; and that it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from tests.support.deployer_policy import EVERYTHING, deployer_policy
from tests.support.deployments import TAKING_TIME, Deployment, line
from tests.support.neighbours import make_vpc
from tests.support.plain import client as plain
from tests.support.principals import (
    ACCOUNT,
    REGION,
    Administered,
    Statement,
    client,
    deny,
    document,
)
from tests.support.tagged import refusing
from tests.support.worlds import ec2, iam, look_around
from umetrics.aws import Aws, Identity
from umetrics.deployer import Mode, needs
from umetrics.doctor import Certainty, Check, Finding, Known, Report, Status
from umetrics.doctor.caller import caller_of
from umetrics.doctor.decision import Decision
from umetrics.doctor.question import batches, concerning, questions
from umetrics.doctor.simulator import simulated
from umetrics.errors import AccessDenied, AwsError, CredentialsError
from umetrics.library import Foundation
from umetrics.library.checking import examined
from umetrics.library.permitting import concerned_kinds, place_of
from umetrics.provision.scope import Scope
from umetrics.render.doctor import summary
from umetrics.sandbox.strict import Settings, World, strict

pytestmark = pytest.mark.usefixtures("shared_readers")

TRUST = document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


@pytest.fixture
def settings() -> Settings:
    """Every key that is nobody's is the deployer's, who may do everything until he may not."""
    return replace(TAKING_TIME, caller="deployer")


@pytest.fixture
def administrator(deployment: Deployment) -> Administered:
    administrator = Administered(client("iam", "administrator"))
    administrator.user("deployer", EVERYTHING)
    return administrator


def look(deployment: Deployment, mode: Mode = Mode.APPLY) -> Report:
    return examined(deployment.library, mode)


def only(report: Report, check: Check) -> Finding:
    (finding,) = report.of(check)
    return finding


def status(report: Report) -> dict[Check, set[Status]]:
    return {check: {each.status for each in report.of(check)} for check in Check}


def without(statements: tuple[Statement, ...], *actions: str) -> tuple[Statement, ...]:
    left = [
        {**each, "Action": [a for a in each["Action"] if a not in actions]} for each in statements
    ]
    return tuple(each for each in left if each["Action"])


def test_whoever_may_do_everything_in_an_empty_account_can_apply(
    deployment: Deployment, administrator: Administered
) -> None:
    before = look_around()
    report = look(deployment)
    assert report.exit_code == 0
    assert not report.problems
    assert only(report, Check.PERMISSIONS).certainty is Certainty.SIMULATED
    assert "22 to create" in only(report, Check.PLAN).text
    assert {each.status for each in report.of(Check.ALSO)} == {Status.OK}
    assert only(report, Check.TAG_POLICY).certainty is Certainty.UNSUPPORTED
    assert report.permissions is not None
    assert {"ec2:CreateVpc", "ec2:DescribeVpcs", "iam:SimulatePrincipalPolicy"} <= (
        report.permissions.measured
    )
    rehearsed = ["CreateInternetGateway", "CreateVpc", "AllocateAddress"]
    assert sorted(deployment.line.wire.writes) == sorted(rehearsed)
    assert look_around() == before


def test_through_a_client_that_only_reads_it_finds_the_same(
    deployment: Deployment, administrator: Administered
) -> None:
    session = boto3.Session(aws_access_key_id="t", aws_secret_access_key="t", region_name=REGION)
    reading = Aws(session, REGION, read_only=True)
    guarded = Foundation(
        deployment.config,
        deployment.folder / "state",
        lambda *, read_only: reading,  # noqa: ARG005
    )
    assert examined(guarded).exit_code == 0
    assert reading.log.write_count == 0
    assert len(reading.log.rehearsals) == 3


def test_who_may_only_read_is_told_all_that_is_missing_and_with_that_policy_lacks_nothing(
    deployment: Deployment, administrator: Administered
) -> None:
    reading = deployer_policy(deployment, Mode.READ)
    administrator.permit("deployer", *reading)
    report = look(deployment)
    assert report.exit_code == 4
    found = report.permissions
    assert found is not None
    assert found.policy is not None
    assert "ec2:CreateVpc" in found.missing
    assert not any(each.startswith("ec2:Describe") for each in found.missing)
    asked = [replace(grant, sid=f"Asked{grant.sid}").statement for grant in found.policy.grants]
    administrator.permit("deployer", *reading, *asked)
    again = look(deployment)
    assert again.exit_code == 0
    assert {each.text for each in again.of(Check.ALSO)} == {
        "s3:CreateBucket is not allowed: no policy allows it",
        "ce:GetCostAndUsage is not allowed: no policy allows it",
    }


def test_what_others_modes_need_is_asked_without_a_plan(
    deployment: Deployment, administrator: Administered
) -> None:
    destroying = deployer_policy(deployment, Mode.DESTROY)
    administrator.permit("deployer", *without(destroying, "ec2:DeleteVpc"))
    report = look(deployment, Mode.DESTROY)
    assert report.permissions is not None
    assert report.permissions.missing == ("ec2:DeleteVpc",)
    assert not list(report.of(Check.PLAN))
    assert deployment.line.wire.writes == []


def test_without_the_permission_to_simulate_dry_runs_are_all_that_is_known(
    deployment: Deployment, administrator: Administered
) -> None:
    policy = deployer_policy(deployment, Mode.APPLY)
    administrator.permit("deployer", *without(policy, "iam:SimulatePrincipalPolicy"))
    report = look(deployment)
    assert report.exit_code == 0
    assert report.permissions is not None
    assert report.permissions.missing == ("iam:SimulatePrincipalPolicy",)
    assert "ec2:CreateSubnet" in report.permissions.undecided
    assert "ec2:CreateVpc" in report.permissions.measured

    refused = deny("ec2:CreateVpc")
    administrator.permit("deployer", *without(policy, "iam:SimulatePrincipalPolicy"), refused)
    report = look(deployment)
    assert report.exit_code == 4
    assert report.permissions is not None
    (vpc,) = (each for each in report.permissions.refusals if each.action == "ec2:CreateVpc")
    assert vpc.certainty is Certainty.MEASURED


def test_what_is_half_readable_is_told_in_part(
    deployment: Deployment, administrator: Administered
) -> None:
    policy = deployer_policy(deployment, Mode.APPLY)
    administrator.permit("deployer", *without(policy, "ec2:DescribeVpcs", "iam:GetAccountSummary"))
    report = look(deployment)
    assert report.exit_code == 4
    assert report.is_partial
    assert report.permissions is not None
    assert set(report.permissions.missing) == {"ec2:DescribeVpcs", "iam:GetAccountSummary"}
    assert only(report, Check.PLAN).status is Status.PROBLEM
    assert only(report, Check.ZONES).status is Status.OK
    told = {each.text for each in report.of(Check.QUOTAS) if each.status is Status.UNKNOWN}
    assert any("VPCs are not counted" in each for each in told)
    assert any("IAM roles are not counted" in each for each in told)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CredentialsError("ec2: the token has expired"), 4),
        (AccessDenied("x", aws_code="AccessDenied", operation="ec2:DescribeVpcs"), 4),
        (AwsError("x", aws_code="OptInRequired", operation="ec2:DescribeVpcs"), 1),
        (KeyError("Addresses"), 1),
    ],
)
def test_without_a_plan_nothing_is_said_to_work(
    deployment: Deployment,
    administrator: Administered,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    code: int,
) -> None:
    library = deployment.library

    def fail() -> None:
        raise error

    monkeypatch.setattr(library, "plan", fail)
    report = examined(library)
    finding = only(report, Check.PLAN)
    assert (finding.status, finding.exit_code) == (Status.PROBLEM, code)
    assert report.exit_code == code
    assert "it cannot be applied like this" in summary(report)


def sessions(administrator: Administered, *statements: Statement) -> None:
    """A role in a path of its own, with these permissions."""
    administrator.iam.create_role(RoleName="Ops", Path="/team/", AssumeRolePolicyDocument=TRUST)
    administrator.iam.put_role_policy(
        RoleName="Ops", PolicyName="p", PolicyDocument=document(*statements)
    )


def called_by(deployment: Deployment, arn: str) -> Foundation:
    """As STS would name whoever calls."""
    library = deployment.library
    deployment.line.aws.__dict__["identity"] = Identity(ACCOUNT, arn, "aws")
    return library


@pytest.mark.parametrize("path_told_by", ["GetRole", "ListRoles", ""])
def test_the_role_of_a_session_is_simulated_under_its_real_arn(
    deployment: Deployment, administrator: Administered, path_told_by: str
) -> None:
    sessions(administrator, *without(deployer_policy(deployment), "ec2:CreateVpc"))
    hidden = {"GetRole": [], "ListRoles": ["iam:GetRole"], "": ["iam:GetRole", "iam:ListRoles"]}
    if hidden[path_told_by]:
        administrator.permit("deployer", EVERYTHING, deny(hidden[path_told_by]))
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Ops/joe"
    report = examined(called_by(deployment, session), Mode.DESTROY)
    who = only(report, Check.IDENTITY)
    assert report.permissions is not None
    if path_told_by:
        assert f"arn:aws:iam::{ACCOUNT}:role/team/Ops" in who.text
        assert report.permissions.missing == ()
        assert report.permissions.undecided == ()
    else:
        assert who.certainty is Certainty.UNDECIDABLE
        assert "the path of" in report.permissions.note


@pytest.mark.parametrize("name", ["root", "federated-user/joe"])
def test_who_cannot_be_simulated_is_measured_as_far_as_that_goes(
    deployment: Deployment, administrator: Administered, name: str
) -> None:
    service = "iam" if name == "root" else "sts"
    report = examined(called_by(deployment, f"arn:aws:{service}::{ACCOUNT}:{name}"))
    assert report.exit_code == 0
    assert report.permissions is not None
    assert "ec2:CreateVpc" in report.permissions.measured
    assert "iam:CreateRole" in report.permissions.undecided
    assert only(report, Check.PERMISSIONS).certainty is Certainty.UNDECIDABLE
    assert (only(report, Check.IDENTITY).status is Status.ADVICE) is (name == "root")


def test_in_another_account_nothing_else_is_looked_at(
    deployment: Deployment, administrator: Administered
) -> None:
    deployment.settings = 'account = "210987654321"\n'
    report = look(deployment)
    assert report.exit_code == 6
    assert {each.check for each in report.findings} == {Check.IDENTITY, Check.ACCOUNT, Check.CLOCK}
    assert [call.operation for call in deployment.line.wire.calls] == ["GetCallerIdentity"]


def test_addresses_that_others_have_are_a_problem_until_the_vpc_stands(
    deployment: Deployment, administrator: Administered
) -> None:
    vpc = make_vpc("10.40.0.0/16", "application")
    ec2().associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.0.0.0/20")
    report = look(deployment)
    assert report.exit_code == 3
    finding = only(report, Check.ADDRESSES)
    assert f"10.0.0.0/20 of VPC {vpc} (application)" in finding.text
    assert finding.hint == "set `cidr` in [network] to 10.0.16.0/24, which is free"


def test_a_quota_that_is_used_up_is_named(
    deployment: Deployment, administrator: Administered
) -> None:
    for n in range(1, 5):
        make_vpc(f"10.{40 + n}.0.0/16", f"application-{n}")
    report = look(deployment)
    assert report.exit_code == 3
    (finding,) = (each for each in report.of(Check.QUOTAS) if each.fails)
    assert finding.text == "VPCs: 5 of 5 in use, 1 to be added"
    assert "L-F678F1CE" in finding.hint


@pytest.mark.thorough
def test_a_trail_that_writes_and_flow_logs_leave_nothing_to_advise(
    deployment: Deployment, administrator: Administered
) -> None:
    deployment.settings = "[flow_logs]\nenabled = true\n"
    plain("s3").create_bucket(Bucket="trail")
    trail = plain("cloudtrail").create_trail(Name="events", S3BucketName="trail")["TrailARN"]
    assert "no trail of CloudTrail is logging" in only(look(deployment), Check.ADVICE).text
    plain("cloudtrail").start_logging(Name=trail)
    assert not list(look(deployment).of(Check.ADVICE))


def test_in_production_a_web_acl_is_missed_until_there_is_one(
    deployment: Deployment, administrator: Administered
) -> None:
    deployment.stage = "prod"
    told = " ".join(each.text for each in look(deployment).of(Check.ADVICE))
    assert "UserMetrics-prod-alb lets everybody in" in told
    plain("wafv2").create_web_acl(
        Name="acl",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig={
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "acl",
        },
    )
    told = " ".join(each.text for each in look(deployment).of(Check.ADVICE))
    assert "lets everybody in" not in told


def test_a_lambda_role_is_asked_about_by_its_real_arn(
    deployment: Deployment, administrator: Administered
) -> None:
    answer = iam().create_role(
        RoleName="there", Path="/service-role/", AssumeRolePolicyDocument=TRUST
    )
    administrator.permit(
        "deployer", EVERYTHING, deny("iam:AttachRolePolicy", answer["Role"]["Arn"])
    )
    deployment.settings = '[lambda]\nroles = ["there"]\n'
    report = look(deployment)
    assert report.permissions is not None
    assert report.permissions.missing == ("iam:AttachRolePolicy",)


@pytest.mark.thorough
def test_of_each_action_that_is_taken_from_the_policy_iam_itself_says_so(
    deployment: Deployment, administrator: Administered
) -> None:
    """That no other is named with it is proved in tests/unit/test_doctor_permissions.py."""
    deployment.settings = (
        "[flow_logs]\nenabled = true\n[budget]\nenabled = true\n"
        '[lambda]\nroles = ["application-lambda"]\n'
    )
    policy, config = deployer_policy(deployment, Mode.ALL), deployment.config
    aws = deployment.line.aws
    place = place_of(config, Scope("aws", REGION, ACCOUNT), None)
    needed = concerning(needs(Mode.ALL, config, concerned_kinds(config, None)), place)
    known = Known(foreign_tags={"application-lambda": {}})
    asked = list(questions(needed, place, known))
    caller = caller_of(f"arn:aws:iam::{ACCOUNT}:user/deployer")
    actions = {action for each in policy for action in each["Action"]} - {
        "iam:SimulatePrincipalPolicy"
    }
    assert {each.action for each in asked} == actions
    for action in actions:
        administrator.permit("deployer", *without(policy, action))
        own = batches(each for each in asked if each.action == action)
        told, why = simulated(aws, caller, own)
        assert why is None
        assert {each.decision for each in told} == {Decision.LACKING}, action


@pytest.fixture
def lax(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """Stage dev before something that lacks one of the rules of AWS."""
    there = line()
    there.reset()
    with mock_aws(), strict(World(TAKING_TIME, clock=there.clock), without=(request.param,)):
        yield Deployment(tmp_path, line=there)
    there.reset()


@pytest.mark.parametrize("lax", ["dry-run"], indirect=True)
def test_a_dry_run_that_acts_is_an_alarm_and_the_last_one(lax: Deployment) -> None:
    before = look_around()
    report = look(lax)
    assert report.exit_code == 6
    (alarm,) = (each for each in report.findings if each.alarm)
    assert alarm.text.startswith("ALARM: ec2:CreateVpc with DryRun was carried out, and made vpc-")
    assert lax.line.wire.writes == ["CreateInternetGateway", "CreateVpc"]
    made = {name.partition("/")[0] for name in look_around().keys() - before.keys()}
    assert "vpc" in made
    assert "igw" not in made
    again = look(lax)
    assert not any(each.alarm for each in again.findings)
    assert lax.line.wire.writes == []
    told = " ".join(each.text for each in again.of(Check.PERMISSIONS))
    assert "none is sent while that stands" in told
    plan = lax.plan()
    assert [each.id for each in plan.orphans] == [alarm.text.partition("made ")[2].split(".")[0]]
    assert len(plan.changes) == 22


@pytest.mark.parametrize("lax", ["policy-simulator"], indirect=True)
def test_an_endpoint_without_a_simulator_is_said_to_be_one(lax: Deployment) -> None:
    report = look(lax)
    assert report.exit_code == 0
    finding = only(report, Check.PERMISSIONS)
    assert (finding.status, finding.certainty) == (Status.UNKNOWN, Certainty.UNSUPPORTED)
    assert report.permissions is not None
    assert report.permissions.missing == ()


def test_an_action_of_later_work_that_iam_does_not_know_spoils_no_other_answer(
    deployment: Deployment, administrator: Administered
) -> None:
    deployment.settings = '[doctor]\nalso = ["s3:CreateBucket", "nobody:KnowsThis"]\n'
    deployment.line.wire.fault = refusing(
        "SimulatePrincipalPolicy", "InvalidInput", times=9, blames="nobody%3AKnowsThis"
    )
    report = look(deployment)
    assert {each.text: each.status for each in report.of(Check.ALSO)} == {
        "s3:CreateBucket is allowed": Status.OK,
        "nobody:KnowsThis could not be judged": Status.UNKNOWN,
    }
    assert only(report, Check.PERMISSIONS).status is Status.OK
