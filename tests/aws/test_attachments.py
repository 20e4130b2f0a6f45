"""The application's Lambda roles: our policy is attached to those named, and to nothing else."""

from __future__ import annotations

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment
from tests.support.neighbours import make_role
from tests.support.worlds import iam, look_around
from umetrics.errors import Blocked, Conflict, NotFound
from umetrics.provision.events import Failed

LAMBDA = '[lambda]\nroles = ["application-lambda"]\n'
POLICY = "policy/lambda-emf"


def attached(deployment: Deployment) -> set[str]:
    arn = deployment.receipts[POLICY].arn
    users = iam().list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]
    return {role["RoleName"] for role in users}


def attach(deployment: Deployment, role: str) -> None:
    iam().attach_role_policy(RoleName=role, PolicyArn=deployment.receipts[POLICY].arn)


def test_named_roles_get_the_policy_and_lose_nothing_else_when_it_goes(
    deployment: Deployment, built: Built
) -> None:
    deployment.settings = LAMBDA

    assert deployment.up().insist().did == {POLICY: "update"}
    assert attached(deployment) == {built.others.lambda_role}

    deployment.destroy().insist()
    assert look_around() == built.before


def test_a_role_that_is_no_longer_named_is_detached(deployment: Deployment, built: Built) -> None:
    deployment.settings = LAMBDA
    deployment.up().insist()
    deployment.settings = ""

    assert deployment.up().insist().did == {POLICY: "update"}

    assert attached(deployment) == set()
    assert look_around() == built.world


def test_an_attachment_that_others_made_survives_up_and_blocks_destroy(
    deployment: Deployment, built: Built
) -> None:
    role = make_role("somebody-elses-function")
    attach(deployment, role)

    assert deployment.up().did == {}
    assert attached(deployment) == {role}

    with pytest.raises(Blocked, match=role):
        deployment.destroy()
    assert attached(deployment) == {role}


@pytest.mark.thorough
def test_a_role_once_ours_to_attach_is_its_owners_again_after_it_was_detached(
    deployment: Deployment, built: Built
) -> None:
    deployment.settings = LAMBDA
    deployment.up().insist()
    deployment.settings = ""
    deployment.up().insist()
    deployment.up()
    attach(deployment, built.others.lambda_role)

    assert deployment.up().did == {}

    assert attached(deployment) == {built.others.lambda_role}


def test_a_named_role_that_does_not_exist_is_a_conflict_before_anything_is_touched(
    deployment: Deployment,
) -> None:
    deployment.settings = '[lambda]\nroles = ["no-such-role"]\n'

    with pytest.raises(Conflict, match="no-such-role"):
        deployment.up()

    assert deployment.line.wire.writes == []
    assert deployment.line.clock.slept == 0


def test_a_named_role_that_goes_after_the_plan_fails_at_once(
    deployment: Deployment, built: Built
) -> None:
    deployment.settings = LAMBDA
    foundation = deployment.begin()
    view = foundation.look()
    plan = foundation.plan(view)
    foundation.begin(view)
    remove_role(built.others.lambda_role)

    (outcome,) = foundation.apply(plan, lambda _event: None)

    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, NotFound)
    assert built.others.lambda_role in outcome.error.message
    assert "[lambda]" in outcome.error.hint
    assert deployment.line.clock.slept == 0


def remove_role(role: str) -> None:
    for policy in iam().list_role_policies(RoleName=role)["PolicyNames"]:
        iam().delete_role_policy(RoleName=role, PolicyName=policy)
    for each in iam().list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam().detach_role_policy(RoleName=role, PolicyArn=each["PolicyArn"])
    iam().delete_role(RoleName=role)
