"""`audit-tags --fix` beyond one stage: what is others', another stage's or in another account."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cli.command_line import is_error, unwrapped
from tests.support.commands import Commands
from tests.support.deployments import REGION
from tests.support.plain import client
from tests.support.scans import OTHER_ACCOUNT, Refusing
from tests.support.tagged import TRUST, listed, mapped, role, role_tags, topic_tags, topics
from tests.support.tagged_account import open_account
from tests.support.wire import Call, Died, Moment

pytestmark = pytest.mark.usefixtures("shared_readers")

KNOWN = {"ManagedBy": "them", "CostCenter": "x", "Owner": "a@b.example", "Environment": "dev"}
WIDE = ("audit-tags", "--scope", "account", "--fix")
OF_PROD = "UserMetrics-prod-ObservabilityGrafana"


def failing(code: str) -> Callable[[Call, Moment], None]:
    """Nobody gets to look at anything."""

    def fault(call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE_SENDING and call.operation != "GetCallerIdentity":
            answer: Any = {"Error": {"Code": code, "Message": "no"}}
            raise ClientError(answer, call.operation)

    return fault


def theirs() -> str:
    """Somebody else's topic, with one key misspelt."""
    (arn,) = topics("theirs", tags={"Porject": "UserMetrics", **KNOWN})
    return arn


def vpc_of(stage: str, region: str = REGION) -> str:
    pair = {"umetrics:deployment": f"UserMetrics/{stage}", "umetrics:resource": "vpc"}
    specified = [{"ResourceType": "vpc", "Tags": listed(pair)}]
    made = client("ec2", region).create_vpc(CidrBlock="10.9.0.0/24", TagSpecifications=specified)
    return str(made["Vpc"]["VpcId"])


def test_what_belongs_to_others_is_changed_only_when_it_is_counted(commands: Commands) -> None:
    arn = theirs()
    assert arn not in commands.run("audit-tags", "--fix", "--yes").result

    uncounted = commands.run(*WIDE, "--yes")
    assert is_error(uncounted, exit_code=6, code="U015")
    assert "set Project to UserMetrics, remove Porject: 1 resource" in uncounted.result
    assert "1 of them not ours" in uncounted.result
    miscounted = commands.run(*WIDE, "--yes", "--confirm", "7")
    assert is_error(miscounted, exit_code=6, code="U015")
    assert "1 resource would be changed that is not ours" in unwrapped(miscounted.talk)
    assert "Project" not in topic_tags(arn)
    assert is_error(
        commands.run("audit-tags", "--fix", "--yes", "--confirm", "9"), exit_code=6, code="U015"
    )
    counted = commands.run(*WIDE, "--yes", "--confirm", "1")
    assert "Done: 1 changed" in counted.result, counted
    again = commands.run(*WIDE, "--yes", "--confirm", "1")
    assert is_error(again, exit_code=6, code="U015")  # nothing is left that could be counted
    assert "--confirm says 1" in unwrapped(again.talk)
    assert topic_tags(arn) == {"Project": "UserMetrics", **KNOWN}


def test_whoever_is_asked_types_the_number_and_can_see_all_before(commands: Commands) -> None:
    arn = theirs()
    declined = commands.run(*WIDE, "--format", "json", answers="d\n\n")
    assert declined.code == 1
    assert declined.talk.count("set Project to UserMetrics, remove Porject") == 2
    assert "1 of these is not ours.\n" in declined.talk
    assert declined.talk.count("Type that number to go on, or d for details: ") == 2
    assert "Nothing was changed." in declined.talk
    typed = commands.run(*WIDE, "--format", "json", answers="1\n")
    assert [each["ending"] for each in typed.document["outcomes"]] == ["changed"]
    assert topic_tags(arn)["Project"] == "UserMetrics"


def test_what_belongs_to_another_stage_is_counted_and_called_by_its_name(
    commands: Commands,
) -> None:
    vpc = vpc_of("prod")
    wide = ("audit-tags", "--scope", "project", "--fix")
    refused = commands.run(*wide, "--yes", "--stage", "dev")
    assert is_error(refused, exit_code=6, code="U015")
    assert f"vpc {vpc} (of UserMetrics/prod)" in unwrapped(refused.result)
    assert "not ours" not in refused.result + refused.talk
    asked = commands.run(*wide, "--stage", "dev", answers="\n")
    assert "of these are another stage's. Type that number to go on" in unwrapped(asked.talk)
    assert "Owner" not in mapped(client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"])
    assert "Done: " in commands.run(*wide, "--yes", "--stage", "prod").result


def test_a_deployment_of_the_same_name_in_another_region_is_counted(commands: Commands) -> None:
    pair = {"umetrics:deployment": "UserMetrics/dev", "umetrics:resource": "role/grafana"}
    abroad = {**pair, "umetrics:region": "eu-west-1"}
    role("abroad", abroad)
    vpc = vpc_of("dev", "eu-west-1")
    there = ("--scope", "project", "--regions", "eu-west-1", "--stage", "dev", "--fix")
    refused = commands.run("audit-tags", *there, "--yes")
    assert is_error(refused, exit_code=6, code="U015"), refused
    assert f"vpc {vpc} (of UserMetrics/dev in 123456789012/eu-west-1)" in unwrapped(refused.result)
    assert "would be changed that are another deployment's" in unwrapped(refused.talk)
    assert role_tags("abroad") == abroad


def test_what_a_run_left_half_made_is_finished_by_the_next_with_the_value_that_was(
    commands: Commands,
) -> None:
    tags = {**KNOWN, "Project": "UserMetrics", "costcenter": "x"}
    del tags["CostCenter"]
    role("theirs", tags)
    wide = ("audit-tags", "--scope", "project", "--stage", "dev", "--fix", "--yes")

    def dying(call: Call, moment: Moment) -> None:
        if call.operation == "UntagRole" and moment is Moment.ANSWERING:
            raise Died(call.operation)

    commands.line.wire.fault = dying
    with pytest.raises(Died):
        commands.run(*wide, "--confirm", "1")
    commands.line.wire.fault = None
    assert "costcenter" not in role_tags("theirs")
    finished = commands.run(*wide, "--confirm", "1", "--exit-zero")
    assert "set CostCenter to x: 1 resource" in finished.result, finished
    assert (finished.code, role_tags("theirs")["CostCenter"]) == (0, "x")
    (undo,) = [line for line in finished.result.splitlines() if "To take it back: " in line]
    back = commands.run(*shlex.split(undo.partition(": umetrics ")[2]), "--yes")
    assert (back.code, role_tags("theirs")) == (0, tags)


@pytest.mark.parametrize(
    ("error", "code", "gate"),
    [
        ("AccessDenied", 4, ()),
        ("AccessDenied", 4, ("--exit-zero",)),
        ("AccessDenied", 4, ("--fail-under", "0")),
        ("InternalError", 1, ("--exit-zero",)),
    ],
)
def test_who_saw_nothing_does_not_end_well_though_nothing_is_left_to_fix(
    commands: Commands, error: str, code: int, gate: tuple[str, ...]
) -> None:
    commands.line.wire.fault = failing(error)
    blind = commands.run(*WIDE, "--yes", *gate)
    assert blind.code == code, blind


@pytest.mark.parametrize(
    ("error", "code"),
    [("AccessDenied", 4), pytest.param("RegionDisabledException", 1, marks=pytest.mark.thorough)],
)
def test_a_role_that_lets_nobody_in_is_no_success_whatever_else_was_fixed(
    commands: Commands, error: str, code: int
) -> None:
    arn = theirs()
    own, other = (open_account(each) for each in ("123456789012", OTHER_ACCOUNT))
    roles = ("--role-arn", own, "--role-arn", other)
    commands.line.wire.fault = Refusing({"AssumeRole"}, error, when=OTHER_ACCOUNT)
    options = ("--exit-zero", "--yes", "--confirm", "1")
    fixed = commands.run(*WIDE, *roles, *options)
    assert topic_tags(arn)["Project"] == "UserMetrics"
    assert fixed.code == code, fixed


def test_what_a_role_has_repaired_is_taken_back_by_the_command_that_was_told(
    commands: Commands,
) -> None:
    sns = commands.line.aws.assume(other := open_account(OTHER_ACCOUNT)).session.client("sns")
    tags = {"Porject": "UserMetrics", **KNOWN}
    arn = sns.create_topic(Name="theirs", Tags=listed(tags))["TopicArn"]

    def now() -> dict[str, str]:
        return mapped(sns.list_tags_for_resource(ResourceArn=arn)["Tags"])

    fixed = commands.run(*WIDE, "--role-arn", other, "--yes", "--confirm", "1")
    assert now() == {"Project": "UserMetrics", **KNOWN}, fixed
    (line,) = (each for each in fixed.result.splitlines() if each.startswith("To take it back: "))
    undo = shlex.split(line.partition(": umetrics ")[2])
    refused = commands.run(*undo[:-2], "--yes")
    assert is_error(refused, exit_code=6, code="U013")
    assert is_error(commands.run(*undo[:-1], "Audit"), exit_code=2, code="U002")
    commands.line.wire.fault = Refusing({"AssumeRole"})
    assert commands.run(*undo, "--yes").code == 4
    commands.line.wire.fault = None
    back = commands.run(*undo, "--yes")
    assert (back.code, now()) == (0, tags), back


@pytest.mark.parametrize(
    "scope", ["deployment", pytest.param("project", marks=pytest.mark.thorough)]
)
def test_a_stage_of_another_account_is_a_gap_unless_it_was_named(
    commands: Commands, scope: str
) -> None:
    commands.configure('[stages.dev]\naccount = "999999999999"\n[stages.prod]\n')
    vpc, audit = vpc_of("prod"), ("audit-tags", "--scope", scope)
    told = commands.run(*audit)
    assert told.code == 3, told
    assert vpc in told.result
    (gap,) = (line for line in told.result.splitlines() if "UserMetrics/dev: stage dev" in line)
    assert gap.startswith("? not seen: deployment in 999999999999/us-east-1: ")
    assert gap.endswith("to see it use --stage dev, and choose the matching --profile")
    assert is_error(commands.run(*audit, "--stage", "dev"), exit_code=6, code="U013")
    assert "Done: " in commands.run(*audit, "--fix", "--yes").result
    commands.configure('account = "999999999999"\n[stages.dev]\n[stages.prod]\n')
    assert is_error(commands.run(*audit), exit_code=6, code="U013")


@pytest.fixture
def two_accounts(commands: Commands) -> dict[str, Any]:
    """Stages dev and prod in accounts of their own; in each stands what is called the same.

    In the account of dev the role of prod is somebody else's. IAM of each, by stage.
    """
    commands.configure(
        'owner = "a@b.example"\n[stages.dev]\nprofile = "dev"\n[stages.prod]\nprofile = "prod"\n'
    )
    here = commands.line.aws
    there = here.assume(open_account(OTHER_ACCOUNT))
    commands.profiles["prod"] = there
    pair = {
        "umetrics:deployment": "UserMetrics/prod",
        "umetrics:resource": "role/grafana",
        "umetrics:region": here.region,
    }
    path = "/umetrics/UserMetrics/prod/"
    iam: dict[str, Any] = {"dev": here.iam, "prod": there.iam}
    for stage, tags in (("dev", {}), ("prod", pair)):
        iam[stage].create_role(
            RoleName=OF_PROD, Path=path, AssumeRolePolicyDocument=TRUST, Tags=listed(tags)
        )
    return iam


def test_each_stage_is_repaired_and_taken_back_in_its_own_account(
    commands: Commands, two_accounts: dict[str, Any]
) -> None:
    vpc = vpc_of("dev")
    of_prod = two_accounts["prod"]
    before = mapped(of_prod.list_role_tags(RoleName=OF_PROD)["Tags"])
    fixed = commands.run("audit-tags", "--fix", "--yes")
    assert "Done: 5 changed" in fixed.result, fixed  # AWS made three of them with the VPC
    assert mapped(of_prod.list_role_tags(RoleName=OF_PROD)["Tags"])["Owner"] == "a@b.example"
    assert role_tags(OF_PROD) == {}  # the one of that name in dev's account

    told = [line for line in fixed.result.splitlines() if line.startswith("To take it back: ")]
    assert len(told) == 2
    for line in told:
        undo = shlex.split(line.partition(": umetrics ")[2])
        assert commands.run(*undo, "--yes").code == 0
    assert mapped(of_prod.list_role_tags(RoleName=OF_PROD)["Tags"]) == before
    tags = mapped(client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"])
    assert tags.keys() == {"umetrics:deployment", "umetrics:resource"}
