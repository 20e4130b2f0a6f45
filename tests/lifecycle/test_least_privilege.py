"""umetrics as a user who may do no more than it needs: the whole way up and down again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.deployer_policy import deployer_policy
from tests.support.deployments import EVERY_KEY, TAKING_TIME, Deployment
from tests.support.principals import Administered, allow, client, deny
from umetrics.errors import AccessDenied
from umetrics.sandbox.strict import Settings


@pytest.fixture
def settings() -> Settings:
    """Every key that is nobody's is the deployer's."""
    return replace(TAKING_TIME, caller="deployer")


@pytest.fixture
def administrator(deployment: Deployment) -> Administered:
    """Of an account in which the deployer may do what umetrics needs."""
    administrator = Administered(client("iam", "administrator"))
    administrator.user("deployer", *deployer_policy())
    return administrator


def test_a_stage_is_built_kept_and_destroyed_with_no_more_than_it_needs(
    deployment: Deployment, administrator: Administered
) -> None:
    assert set(deployment.up().insist().did) == EVERY_KEY
    assert deployment.up().insist().plan.is_empty
    assert set(deployment.destroy().insist().did) == EVERY_KEY


def test_what_watches_it_and_another_way_out_need_nothing_that_is_not_said(
    deployment: Deployment, administrator: Administered
) -> None:
    deployment.settings = "[flow_logs]\nenabled = true\n[budget]\nenabled = true\n"
    deployment.up().insist()
    deployment.settings = (
        '[network]\nnat = "none"\n'
        "[flow_logs]\nenabled = true\nretention_days = 1\n"
        '[budget]\nenabled = true\nmonthly_limit = 7\nemails = ["b@example.org"]\n'
    )
    pruned = deployment.up(prune=True).insist().did
    assert {"log-group/flow-logs", "budget/monthly", "route-table/private"} <= set(pruned)
    assert pruned["nat-gateway"] == "delete"
    deployment.destroy().insist()


def test_the_deployer_of_one_stage_cannot_touch_another(
    deployment: Deployment, administrator: Administered
) -> None:
    deployment.up().insist()
    looking = allow(["iam:Get*", "iam:List*"])
    administrator.permit("deployer", *deployer_policy(stage="prod"), looking)
    refusals = deployment.destroy().errors
    assert refusals
    assert all(isinstance(error, AccessDenied) for error in refusals.values())
    administrator.permit("deployer", *deployer_policy())
    assert deployment.up().plan.is_empty


def test_a_missing_permission_is_named_and_once_it_is_given_the_next_run_finishes(
    deployment: Deployment, administrator: Administered
) -> None:
    administrator.permit("deployer", *deployer_policy(), deny("ec2:CreateNatGateway"))
    errors = deployment.up().errors
    assert set(errors) == {"nat-gateway"}
    error = errors["nat-gateway"]
    assert isinstance(error, AccessDenied)
    assert json.loads(error.statement)["Action"] == "ec2:CreateNatGateway"
    administrator.permit("deployer", *deployer_policy())
    behind = {"nat-gateway", "route-table/private", "endpoint/s3"}
    assert set(deployment.up().insist().did) == behind
    assert deployment.up().plan.is_empty
