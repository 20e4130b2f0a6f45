"""umetrics as a user who has the policy that it prints and nothing else, command by command.

Each command runs under the policy of its own mode. An action that is called and not granted is a
refusal; one that is granted and never called is too much.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from moto.backends import get_backend

from tests.support.applications import make_database, make_function, make_pipeline
from tests.support.deployer_policy import EVERYTHING, Deployer, deployer_policy
from tests.support.deployments import TAKING_TIME, Deployment
from tests.support.drifts import DRIFTS, GRAFANA, UMAMI, Scene, strip
from tests.support.landlord import lend
from tests.support.neighbours import GRANT, Neighbours, move_in
from tests.support.plain import client as plain
from tests.support.principals import ACCOUNT, REGION, Administered, allow, client, deny
from tests.support.rivals import ROUNDS, rivalled
from tests.support.worlds import ec2, iam
from umetrics.audit.repair.change import Ending, Outcome
from umetrics.audit.repair.plan import plan_repair
from umetrics.audit.repair.undo_file import read_undo
from umetrics.deployer import Mode
from umetrics.errors import AccessDenied, LockHeld
from umetrics.library.auditing import Measure, report_on_stages
from umetrics.library.checking import examined
from umetrics.library.cost_allocation import activation
from umetrics.library.reaching import reach
from umetrics.library.repairing import Repairer
from umetrics.library.verifying import look_around
from umetrics.provision.resources.policy import MAXIMUM_VERSIONS
from umetrics.provision.survey import survey
from umetrics.sandbox.strict import Settings

PARAMETERS = "/umetrics/dev"
WATCHED = "[flow_logs]\nenabled = true\n[budget]\nenabled = true\n"
LAMBDA = '[lambda]\nroles = ["application-lambda"]\n'
NAMED = '[outputs]\nmetrics_vpc = "vpc"\n'
WITHOUT_A_WAY_OUT = '[network]\nnat = "none"\negress = "all"\n'

OF_NO_TYPE = {"ssm:RemoveTagsFromResource"}
"""What follows only where the tagging API knows parameters, which moto's does not."""

OF_NO_SERVICE = {"DescribeStacks": "cloudformation", "GetPipelineState": "codepipeline"}
"""Calls that are sent and that nobody answers here, and so nobody asks a permission for."""

WITHIN_OTHERS = {"lambda:ListTags"}
"""What AWS wants for a part of another call's answer, and leaves that part out otherwise."""


UNSERVED = {"tag:ListRequiredTags"}
"""What nobody answers in the sandbox, and so nobody judges."""


@pytest.fixture
def settings() -> Settings:
    """Every key that is nobody's is the deployer's."""
    return replace(TAKING_TIME, caller="deployer", day=1.0)


@pytest.fixture
def administrator(deployment: Deployment) -> Administered:
    """Of an account in which there is a user."""
    administrator = Administered(client("iam", "administrator"))
    administrator.user("deployer")
    return administrator


@pytest.fixture
def deployer(
    deployment: Deployment, administrator: Administered, monkeypatch: pytest.MonkeyPatch
) -> Deployer:
    """That user, who may do nothing yet."""
    deployer = Deployer(deployment, administrator)
    deployer.listen(monkeypatch)
    return deployer


def test_every_command_works_with_the_policy_of_its_mode_which_grants_no_action_in_vain(
    deployment: Deployment, deployer: Deployer
) -> None:
    with deployer.replaced():
        others = move_in()
        _run_an_application(others)
    deployment.line.clock.settle()
    deployment.settings = WATCHED + LAMBDA + NAMED

    _build_against_rivals(deployment, deployer)
    deployer.may(Mode.APPLY, to_ssm=PARAMETERS)
    assert deployment.library.publish(PARAMETERS).is_done
    with deployer.replaced():
        _let_drift(Scene(deployment, others))
    _look(deployment, deployer)
    _be_examined(deployment, deployer)
    _repair_between_two_looks(deployment, deployer)
    with deployer.replaced():
        _lose_an_owner(deployment)
    _mend_tags(deployment, deployer)
    _activate_cost_tags(deployment, deployer)
    _change_settings(deployment, deployer)
    with deployer.replaced():
        _hang_things_on_ours()
    deployer.may(Mode.DESTROY)
    deployment.destroy().insist()

    deployer.granted[Mode.AUDIT] -= OF_NO_TYPE
    deployer.demanded[Mode.READ] |= {f"{of}:{call}" for call, of in OF_NO_SERVICE.items()}
    deployer.demanded[Mode.READ] |= WITHIN_OTHERS
    assert deployer.lacking == {mode: [] for mode in deployer.granted}
    _be_refused(deployment, deployer)
    for granted in deployer.granted.values():
        granted.difference_update(UNSERVED)
    assert deployer.vain == {mode: [] for mode in deployer.granted}


def _be_refused(deployment: Deployment, deployer: Deployer) -> None:
    """Whoever may only read is told what was encoded."""
    deployment.settings = ""
    deployer.may(Mode.READ)
    error = deployment.up().errors["elastic-ip/nat"]
    assert isinstance(error, AccessDenied)
    assert error.denial is not None
    assert error.denial.resources == (f"arn:aws:ec2:{REGION}:{ACCOUNT}:elastic-ip/*",)
    assert json.loads(error.statement)["Condition"] == {
        "StringEquals": {"aws:RequestTag/umetrics:deployment": "UserMetrics/dev"}
    }
    assert "Encoded" not in error.message


def _build_against_rivals(deployment: Deployment, deployer: Deployer) -> None:
    """Whoever sees that another run made the same takes its own away; then it is built."""
    deployer.may(Mode.APPLY)
    for operations in ROUNDS:
        deployment.line.wire.fault = rivalled(deployment, operations)
        errors = deployment.up(verify=False).errors
        assert {type(error) for error in errors.values()} == {LockHeld}
        deployment.line.wire.fault = None
    deployment.up().insist()
    assert deployment.up().insist().plan.is_empty


CALLED_FOR = {
    "association moved to a foreign table",
    "boundary added",
    "default group opened",
    "endpoint off its table",
    "everything let out",
    "policy document changed",
    "public addresses on launch",
    "trust without its condition",
}


def _let_drift(scene: Scene) -> None:
    """All that needs a call of its own to be repaired."""
    by_name = {drift.name: drift for drift in DRIFTS}
    for name in sorted(CALLED_FOR):
        by_name[name].happen(scene)
    for _ in range(MAXIMUM_VERSIONS - 2):  # there is room for no further document then
        by_name["policy document changed"].happen(scene)
    iam().untag_role(RoleName=GRAFANA, TagKeys=["Owner"])
    iam().tag_role(RoleName=GRAFANA, Tags=[{"Key": "owner", "Value": "somebody"}])
    _fail(scene.ours, "nat_gateways", "nat-gateway")


def _fail(deployment: Deployment, collection: str, key: str) -> None:
    """AWS gave up on it."""
    things = getattr(get_backend("ec2")[ACCOUNT][REGION], collection)
    things[deployment.id(key)].state = "failed"


def _look(deployment: Deployment, deployer: Deployer) -> None:
    """Everything that only looks."""
    deployer.may(Mode.READ)
    deployment.plan()
    library = deployment.library
    library.audit()
    library.last_changes(library.drift())
    survey(deployment.line.aws)
    library.rebuild()
    listed = look_around(library)
    assert reach(library, listed).functions
    assert OF_NO_SERVICE.keys() <= set(deployment.line.wire.reads)


def _run_an_application(others: Neighbours) -> None:
    """One of each of which something is asked that its list does not tell."""
    make_function("orders-api", (others.subnet,), (others.security_group,))
    make_database("orders", (others.subnet,), others.security_group)
    make_pipeline("orders")


def _repair_between_two_looks(deployment: Deployment, deployer: Deployer) -> None:
    """`up`, which looks at what others have before it writes, and after."""
    deployer.may(Mode.APPLY)
    deployment.looks_at_others = True
    result = deployment.library.up()
    deployment.looks_at_others = False
    assert result.is_done
    assert result.verdict is not None
    assert not any(gap.denied for gap in result.verdict.gaps)


def _be_examined(deployment: Deployment, deployer: Deployer) -> None:
    """Everything that is asked before anything is built: with the policy, nothing is missing."""
    with deployer.replaced():
        plain("s3").create_bucket(Bucket="trail")
        plain("cloudtrail").create_trail(Name="events", S3BucketName="trail")
    deployer.may(Mode.APPLY)
    found = examined(deployment.library).permissions
    assert found is not None
    assert (found.missing, found.undecided) == ((), ())


def _lose_an_owner(deployment: Deployment) -> None:
    """One tag is gone from one of each that is tagged in a way of its own."""
    ec2().delete_tags(Resources=[deployment.id("vpc")], Tags=[{"Key": "Owner"}])
    iam().untag_role(RoleName=UMAMI, TagKeys=["Owner"])
    arn = deployment.receipts["policy/lambda-emf"].arn
    iam().untag_policy(PolicyArn=arn, TagKeys=["Owner"])
    plain("logs").untag_resource(
        resourceArn=deployment.receipts["log-group/flow-logs"].arn, tagKeys=["Owner"]
    )
    plain("budgets").untag_resource(
        ResourceARN=f"arn:aws:budgets::{ACCOUNT}:budget/UserMetrics-dev-monthly",
        ResourceTagKeys=["Owner"],
    )
    plain("ssm").remove_tags_from_resource(
        ResourceType="Parameter", ResourceId=f"{PARAMETERS}/vpc_id", TagKeys=["Owner"]
    )


def _mend_tags(deployment: Deployment, deployer: Deployer) -> None:
    """A repair, and the repair taken back."""
    deployer.may(Mode.AUDIT)
    library = deployment.library
    report = report_on_stages([library], Measure(date(2026, 3, 14)))
    plan = plan_repair(report.findings)
    repairer = Repairer(deployment.line.aws)
    journal = repairer.journal(deployment.folder / "state")
    _all_done(list(repairer.repair(plan.changes, journal)))
    _all_done(list(repairer.undo(read_undo(journal.paths[ACCOUNT]))))


def _all_done(outcomes: list[Outcome]) -> None:
    assert len(outcomes) >= 4
    of_no_type = (":parameter/",)
    assert {
        each.change.arn: each.error
        for each in outcomes
        if each.ending is not Ending.DONE
        and not any(kind in each.change.arn for kind in of_no_type)
    } == {}


def _activate_cost_tags(deployment: Deployment, deployer: Deployer) -> None:
    """On the day after, when AWS knows the keys; then past costs are asked for."""
    deployer.may(Mode.AUDIT)
    keys = activation(deployment.library, activating=True)
    keys.look()
    deployment.line.clock.now += 2
    keys.activate(keys.look())
    deployment.line.clock.now += 2
    report = keys.look()
    assert keys.backfill(report, "2026-02-01T00:00:00Z").backfill_from


def _change_settings(deployment: Deployment, deployer: Deployer) -> None:
    """No way out and no Lambda role any more; then a boundary."""
    with deployer.replaced():
        _fail(deployment, "vpc_end_points", "endpoint/s3")
    deployment.settings = WITHOUT_A_WAY_OUT
    deployer.may(Mode.APPLY, to_ssm=PARAMETERS)
    deployment.up().insist()
    deployment.library.publish(PARAMETERS)
    boundary = plain("iam").create_policy
    with deployer.replaced():
        arn = boundary(PolicyName="boundary", PolicyDocument=GRANT)["Policy"]["Arn"]
    deployment.settings += f'[iam]\npermissions_boundary = "{arn}"\n'
    deployer.may(Mode.APPLY)
    deployment.up().insist()


def _hang_things_on_ours() -> None:
    """What has to be taken off before a role or policy can go."""
    iam().create_instance_profile(InstanceProfileName=UMAMI)
    iam().add_role_to_instance_profile(InstanceProfileName=UMAMI, RoleName=UMAMI)
    iam().attach_role_policy(RoleName=GRAFANA, PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/boundary")


@pytest.mark.parametrize("subnets", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_in_a_vpc_of_somebody_else_only_what_is_ours_may_be_touched(
    deployment: Deployment, deployer: Deployer, *, subnets: bool
) -> None:
    with deployer.replaced():
        landlord = lend(deployment.line.clock)
    deployment.line.clock.settle()
    deployment.settings = landlord.settings(subnets=subnets)
    deployer.may(Mode.APPLY)
    deployment.up().insist()
    deployment.settings = landlord.settings(subnets=subnets, nat="none", s3_endpoint=False)
    deployer.may(Mode.ALL)
    deployment.up(prune=True, prune_rules=True).insist()
    deployer.may(Mode.DESTROY)
    deployment.destroy().insist()
    granted = set[str]().union(*deployer.granted.values())
    assert granted.isdisjoint({"ec2:CreateVpc", "ec2:ModifyVpcAttribute", "ec2:DeleteVpc"})


def test_another_stage_is_out_of_reach_and_what_is_lacking_is_named_and_once_granted_done(
    deployment: Deployment, administrator: Administered
) -> None:
    whole = deployer_policy(deployment)
    administrator.permit("deployer", *whole, deny("ec2:CreateNatGateway"))
    errors = deployment.up().errors
    assert set(errors) == {"nat-gateway"}
    assert isinstance(errors["nat-gateway"], AccessDenied)
    administrator.permit("deployer", *whole)
    behind = {"nat-gateway", "route-table/private", "endpoint/s3"}
    assert set(deployment.up().insist().did) == behind

    other = json.loads(json.dumps(whole).replace("UserMetrics/dev", "UserMetrics/prod"))
    administrator.permit("deployer", *other, allow(["iam:Get*", "iam:List*"]))
    refusals = deployment.destroy().errors
    assert refusals
    assert all(isinstance(error, AccessDenied) for error in refusals.values())

    _lose_an_identity(deployment, administrator, key="subnet/private-a")
    administrator.permit("deployer", *whole)
    error = deployment.up().errors["subnet/private-a"]
    assert isinstance(error, AccessDenied)
    statement = json.loads(error.statement)
    lost = deployment.id("subnet/private-a")
    assert statement["Resource"] == f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{lost}"
    administrator.permit("deployer", *whole, statement)
    assert set(deployment.up().insist().did) == {"subnet/private-a"}


def _lose_an_identity(deployment: Deployment, administrator: Administered, key: str) -> None:
    """Who may tag anything as ours could delete anything: so the policy does not grant that."""
    administrator.permit("deployer", EVERYTHING)
    strip(deployment.id(key))
