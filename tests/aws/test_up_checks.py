"""What `up` asks before its first write: a missing permission stops it, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from tests.support.deployer_policy import EVERYTHING, deployer_policy
from tests.support.deployments import TAKING_TIME, Deployment, line
from tests.support.principals import Administered, Statement, allow, client, deny
from tests.support.worlds import ec2, iam
from umetrics.deployer import Mode
from umetrics.doctor.step_needs import needs_of
from umetrics.errors import AccessDenied, NotPermitted, Refused
from umetrics.library import Foundation, Result
from umetrics.provision.resources.ec2 import tag_list
from umetrics.sandbox.strict import Settings, World, strict
from umetrics.tags import UNSET_OWNER

FIRST_UP, NOTHING_TO_DO = 110, 35
"""Calls, as tests/lifecycle/test_figures.py has them."""

CHECKS_OF_A_FIRST_UP = 21
"""Calls of the simulator before the first write, besides: the figure of docs/doctor.md."""


UNTAGGED = deny("ec2:CreateTags", Null={"aws:RequestTag/Project": "true"})
"""A guard-rail: a repair of tags carries those that were lacking, and so no project."""


@pytest.fixture
def settings() -> Settings:
    """Every key that is nobody's is the deployer's; nothing takes time."""
    return Settings(caller="deployer")


@pytest.fixture
def administrator(deployment: Deployment) -> Administered:
    administrator = Administered(client("iam", "administrator"))
    administrator.user("deployer", EVERYTHING)
    return administrator


def up(deployment: Deployment, *, check: bool = True) -> tuple[Result, list[str]]:
    """The whole command; what it said before there was a plan."""
    said: list[str] = []
    library = deployment.library
    library.notice = said.append
    return library.up(check=check), said


def without(statements: tuple[Statement, ...], action: str) -> tuple[Statement, ...]:
    left = [{**each, "Action": [a for a in each["Action"] if a != action]} for each in statements]
    return tuple(each for each in left if each["Action"])


def test_the_checks_of_a_first_up_cost_few_calls_and_an_up_without_a_change_none(
    deployment: Deployment, administrator: Administered
) -> None:
    administrator.permit("deployer", *deployer_policy(deployment, Mode.APPLY))
    result, said = up(deployment)
    assert result.is_done
    assert said == []
    asked = [call.operation for call in deployment.line.wire.calls]
    assert asked.count("SimulatePrincipalPolicy") == CHECKS_OF_A_FIRST_UP
    assert len(asked) <= FIRST_UP + CHECKS_OF_A_FIRST_UP
    last = len(asked) - asked[::-1].index("SimulatePrincipalPolicy")
    assert not any(call.writes for call in deployment.line.wire.calls[:last])

    up(deployment)
    assert "SimulatePrincipalPolicy" not in [c.operation for c in deployment.line.wire.calls]
    assert len(deployment.line.wire.calls) <= NOTHING_TO_DO

    administrator.permit("deployer", EVERYTHING)
    ec2().delete_tags(Resources=[deployment.id("vpc")], Tags=[{"Key": "Owner"}])
    up(deployment)
    asked = [call.operation for call in deployment.line.wire.calls]
    assert asked.count("SimulatePrincipalPolicy") == 1


@pytest.mark.parametrize(
    "action",
    [
        "iam:PutRolePolicy",
        pytest.param("ec2:AuthorizeSecurityGroupEgress", marks=pytest.mark.thorough),
        pytest.param("ec2:CreateNatGateway", marks=pytest.mark.thorough),
        pytest.param("ec2:CreateTags", marks=pytest.mark.thorough),
    ],
)
def test_one_missing_permission_is_named_before_anything_is_touched_and_else_a_failure_resumes(
    deployment: Deployment, administrator: Administered, action: str
) -> None:
    policy = deployer_policy(deployment, Mode.APPLY)
    administrator.permit("deployer", *without(policy, action))
    with pytest.raises(NotPermitted, match=f"1 permission is missing.*\n  {action}: ") as caught:
        up(deployment)
    assert deployment.line.wire.writes == []
    assert not deployment.store.path.exists()
    asked = json.loads(caught.value.policy)["Statement"]
    assert {each for statement in asked for each in statement["Action"]} == {action}

    result, _ = up(deployment, check=False)
    failures = [each for each in result.errors.values() if isinstance(each, AccessDenied)]
    assert failures
    assert {each.denial.action for each in failures if each.denial} == {action}
    told = [{**each, "Sid": f"Asked{n}"} for n, each in enumerate(asked)]
    administrator.permit("deployer", *without(policy, action), *told)
    resumed, _ = up(deployment)
    assert resumed.is_done


def test_an_explicit_deny_stops_it_without_a_policy_to_ask_for(
    deployment: Deployment, administrator: Administered
) -> None:
    administrator.permit("deployer", EVERYTHING, deny("iam:CreateRole"))
    with pytest.raises(NotPermitted, match="a policy denies it explicitly") as caught:
        up(deployment)
    assert caught.value.policy == ""


def test_what_only_a_failure_would_need_stops_nothing_and_is_said(
    deployment: Deployment, administrator: Administered
) -> None:
    """A guard-rail against deleting, and one that lets nobody tag without a project."""
    cleaning_up = ["ec2:DeleteNatGateway", "ec2:DeleteRouteTable", "ec2:DeleteVpc"]
    administrator.permit("deployer", EVERYTHING, deny(cleaning_up), UNTAGGED)
    result, said = up(deployment)
    assert result.is_done
    (text,) = said
    assert f"not allowed: {', '.join(cleaning_up)}. This plan needs none of it" in text


def test_what_cannot_be_told_stops_nothing_and_is_said(
    deployment: Deployment, administrator: Administered
) -> None:
    administrator.permit("deployer", EVERYTHING, deny("iam:SimulatePrincipalPolicy"))
    result, said = up(deployment)
    assert result.is_done
    (text,) = said
    assert "could not be checked beforehand: iam:SimulatePrincipalPolicy is not allowed" in text
    rehearsed = deployment.line.aws.log.rehearsals[-3:]
    assert rehearsed == ["ec2:CreateInternetGateway", "ec2:CreateVpc", "ec2:AllocateAddress"]


def test_a_condition_that_nobody_can_know_stops_nothing(
    deployment: Deployment, administrator: Administered
) -> None:
    here = allow("iam:CreateRole", IpAddress={"aws:SourceIp": "127.0.0.0/8"})
    policy = without(deployer_policy(deployment, Mode.APPLY), "iam:CreateRole")
    administrator.permit("deployer", *policy, here)
    result, said = up(deployment)
    assert result.is_done
    assert "aws:SourceIp" in said[0]


def test_a_rule_on_names_is_held_against_the_name_of_what_is_made(
    deployment: Deployment, administrator: Administered
) -> None:
    """One that our names keep, and one that they break."""
    subnets = "arn:aws:ec2:*:*:subnet/*"
    kept = deny("ec2:CreateSubnet", subnets, StringNotLike={"aws:RequestTag/Name": "*-subnet-*"})
    broken = deny("iam:CreatePolicy", StringNotLike={"aws:RequestTag/Name": "*-vpc"})
    administrator.permit("deployer", EVERYTHING, kept, broken)
    with pytest.raises(NotPermitted, match=r"1 permission is missing.*\n  iam:CreatePolicy: "):
        up(deployment)
    assert deployment.line.wire.writes == []


def test_a_repair_asks_only_for_what_a_repair_does(
    deployment: Deployment, administrator: Administered
) -> None:
    up(deployment)
    role = deployment.receipts["role/grafana"].arn.rpartition("/")[2]
    ec2().delete_tags(Resources=[deployment.id("vpc")], Tags=[{"Key": "Owner"}])
    iam().delete_role_policy(RoleName=role, PolicyName=role)
    needed = {a for need in needs_of(deployment.plan(), deployment.config) for a in need.actions}
    assert {"ec2:CreateTags", "iam:PutRolePolicy"} <= needed
    assert needed.isdisjoint({"ec2:CreateVpc", "ec2:CreateSubnet", "iam:CreateRole"})
    assert "ec2:DeleteVpc" not in needed

    ec2().create_tags(Resources=[deployment.id("vpc")], Tags=tag_list({"Owner": UNSET_OWNER}))
    ec2().delete_tags(Resources=[deployment.id("subnet/public-a")], Tags=[{"Key": "Owner"}])
    administrator.permit("deployer", EVERYTHING, UNTAGGED)
    with pytest.raises(NotPermitted, match=r"1 permission is missing.*\n  ec2:CreateTags: "):
        up(deployment)
    assert deployment.line.wire.writes == []


@pytest.fixture
def lax(tmp_path: Path) -> Iterator[Deployment]:
    """Stage dev before something that knows neither the simulator nor dry runs."""
    there = line()
    there.reset()
    rules = ("dry-run", "policy-simulator")
    with mock_aws(), strict(World(TAKING_TIME, clock=there.clock), without=rules):
        yield Deployment(tmp_path, line=there)
    there.reset()


def test_where_a_dry_run_acts_nothing_else_does(lax: Deployment) -> None:
    with pytest.raises(Refused, match="ALARM: ec2:CreateVpc with DryRun was carried out"):
        up(lax)
    assert lax.line.wire.writes == ["CreateInternetGateway", "CreateVpc"]
    library: Foundation = lax.library
    assert library.up(check=False).is_done
    assert len(lax.plan().orphans) == 1
    assert list(lax.up(prune=True).insist().did.values()) == ["delete"]


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("iam:PutRolePolicy", "aws:RequestTag/Project"),
        ("iam:CreateRole", "aws:ResourceTag/Project"),
    ],
)
def test_what_is_allowed_only_with_a_key_that_the_call_does_not_carry_is_missing(
    deployment: Deployment, administrator: Administered, action: str, key: str
) -> None:
    policy = without(deployer_policy(deployment, Mode.APPLY), action)
    condition = {key: deployment.config.project}
    administrator.permit("deployer", *policy, allow(action, StringEquals=condition))
    with pytest.raises(NotPermitted, match=f"1 permission is missing.*\n  {action}: "):
        up(deployment)
    assert deployment.line.wire.writes == []
