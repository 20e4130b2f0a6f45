"""IAM's policy simulator: decisions without calls, and what it would need to know."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.principals import ACCOUNT, administered, allow, client, deny, document
from tests.support.strict_account import refused

JOE = f"arn:aws:iam::{ACCOUNT}:user/team/joe"
VPC = f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/*"
TRUST = document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
BORN = allow("ec2:CreateVpc", VPC, StringEquals={"aws:RequestTag/owner": "joe"})


def decisions(answer: dict[str, Any]) -> dict[tuple[str, str], str]:
    """(action, resource) -> decision."""
    return {
        (each["EvalActionName"], each["EvalResourceName"]): each["EvalDecision"]
        for each in answer["EvaluationResults"]
    }


def test_each_action_is_decided_on_each_resource() -> None:
    with administered() as administrator:
        administrator.user("joe", allow("ec2:*", VPC), deny("ec2:DeleteVpc"), path="/team/")
        subnet = VPC.replace("vpc", "subnet")
        answer = administrator.iam.simulate_principal_policy(
            PolicySourceArn=JOE,
            ActionNames=["ec2:CreateVpc", "ec2:DeleteVpc"],
            ResourceArns=[VPC, subnet],
        )
        assert decisions(answer) == {
            ("ec2:CreateVpc", VPC): "allowed",
            ("ec2:CreateVpc", subnet): "implicitDeny",
            ("ec2:DeleteVpc", VPC): "explicitDeny",
            ("ec2:DeleteVpc", subnet): "explicitDeny",
        }


def test_a_result_names_the_statement_that_decides_and_where_it_stands() -> None:
    with administered() as administrator:
        administrator.user("joe", BORN, allow("s3:*"), path="/team/")
        (result,) = administrator.iam.simulate_principal_policy(
            PolicySourceArn=JOE, ActionNames=["s3:GetObject"]
        )["EvaluationResults"]
        (matched,) = result["MatchedStatements"]
        assert matched["SourcePolicyId"] == "permissions"
        assert matched["SourcePolicyType"] == "user"
        text = document(BORN, allow("s3:*"))
        start, end = (matched[place]["Column"] for place in ("StartPosition", "EndPosition"))
        assert text[start - 1 : end - 1].startswith('{"Effect": "Allow", "Action": "s3:*"')
        assert "ResourceSpecificResults" not in result


def test_what_no_context_entry_says_is_missing() -> None:
    with administered() as administrator:
        administrator.user("joe", BORN, path="/team/")
        asking: dict[str, Any] = {
            "PolicySourceArn": JOE,
            "ActionNames": ["ec2:CreateVpc"],
            "ResourceArns": [VPC],
        }
        (result,) = administrator.iam.simulate_principal_policy(**asking)["EvaluationResults"]
        assert result["EvalDecision"] == "implicitDeny"
        (specific,) = result["ResourceSpecificResults"]
        assert specific["EvalResourceDecision"] == "implicitDeny"
        for each in (result, specific):
            assert each["MissingContextValues"] == ["aws:RequestTag/owner"]
        entry = {
            "ContextKeyName": "aws:RequestTag/owner",
            "ContextKeyValues": ["joe"],
            "ContextKeyType": "string",
        }
        answer = administrator.iam.simulate_principal_policy(**asking, ContextEntries=[entry])
        (result,) = answer["EvaluationResults"]
        assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])


def test_a_boundary_is_told_apart_and_can_be_tried_out() -> None:
    with administered() as administrator:
        iam = administrator.iam
        bounds = iam.create_policy(PolicyName="b", PolicyDocument=document(allow("s3:*")))
        role = iam.create_role(
            RoleName="r",
            AssumeRolePolicyDocument=TRUST,
            PermissionsBoundary=bounds["Policy"]["Arn"],
        )["Role"]["Arn"]
        iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document(allow("*")))
        asking = {"PolicySourceArn": role, "ActionNames": ["ec2:CreateVpc"]}
        (result,) = iam.simulate_principal_policy(**asking)["EvaluationResults"]
        assert result["EvalDecision"] == "implicitDeny"
        detail = result["PermissionsBoundaryDecisionDetail"]
        assert detail == {"AllowedByPermissionsBoundary": False}
        other = [document(allow("ec2:*"))]
        (result,) = iam.simulate_principal_policy(
            **asking, PermissionsBoundaryPolicyInputList=other
        )["EvaluationResults"]
        assert result["EvalDecision"] == "allowed"
        detail = result["PermissionsBoundaryDecisionDetail"]
        assert detail == {"AllowedByPermissionsBoundary": True}


def test_results_come_in_pages() -> None:
    with administered() as administrator:
        administrator.user("joe", allow("ec2:*"), path="/team/")
        names = [f"ec2:Describe{letter}" for letter in "ABCDE"]
        asking: dict[str, Any] = {"PolicySourceArn": JOE, "ActionNames": names}
        first = administrator.iam.simulate_principal_policy(**asking, MaxItems=2)
        assert first["IsTruncated"]
        assert len(first["EvaluationResults"]) == 2
        pages = administrator.iam.get_paginator("simulate_principal_policy")
        listed = pages.paginate(**asking, PaginationConfig={"PageSize": 2})
        found = [each["EvalActionName"] for page in listed for each in page["EvaluationResults"]]
        assert found == names
        with refused("InvalidInput"):
            administrator.iam.simulate_principal_policy(**asking, Marker="nonsense!")


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/r/work",
            "InvalidInput",
            "does not clearly define entity type and name",
        ),
        (f"arn:aws:iam::{ACCOUNT}:root", "InvalidInput", "Invalid Entity Arn"),
        (f"arn:aws:iam::{ACCOUNT}:user/joe", "NoSuchEntity", "The user with name joe cannot be"),
        (f"arn:aws:iam::{ACCOUNT}:role/r", "NoSuchEntity", "The role with name r cannot be"),
        (f"arn:aws:iam::{ACCOUNT}:group/g", "NoSuchEntity", "The group with name g cannot be"),
    ],
)
def test_only_users_groups_and_roles_that_are_there_are_simulated(
    source: str, code: str, words: str
) -> None:
    with administered() as administrator:
        administrator.user("joe", path="/team/")
        with refused(code, words):
            administrator.iam.simulate_principal_policy(
                PolicySourceArn=source, ActionNames=["ec2:CreateVpc"]
            )


def test_what_makes_no_sense_is_refused() -> None:
    with administered() as administrator:
        administrator.user("joe", path="/team/")
        asking: dict[str, Any] = {"PolicySourceArn": JOE, "ActionNames": ["ec2:CreateVpc"]}
        simulate = administrator.iam.simulate_principal_policy
        with refused("InvalidInput", "ResourceNames are not in a valid ARN format: vpc-1."):
            simulate(**asking, ResourceArns=["vpc-1"])
        with refused("InvalidInput"):
            simulate(**asking, PolicyInputList=["nonsense"])
        with refused("InvalidInput", "CreateVpc"):
            simulate(PolicySourceArn=JOE, ActionNames=["CreateVpc"])


def test_groups_and_the_administrator_can_be_simulated() -> None:
    with administered() as administrator:
        iam = administrator.iam
        group = iam.create_group(GroupName="g")["Group"]["Arn"]
        iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=document(allow("s3:*")))
        for source in (group, f"arn:aws:iam::{ACCOUNT}:user/administrator"):
            answer = iam.simulate_principal_policy(
                PolicySourceArn=source, ActionNames=["s3:GetObject"]
            )
            assert set(decisions(answer).values()) == {"allowed"}


def test_policies_can_be_tried_out_without_a_principal() -> None:
    with administered() as administrator:
        answer = administrator.iam.simulate_custom_policy(
            PolicyInputList=[document(allow("ec2:*"), deny("ec2:DeleteVpc"))],
            ActionNames=["ec2:CreateVpc", "ec2:DeleteVpc"],
        )
        assert list(decisions(answer).values()) == ["allowed", "explicitDeny"]


def test_the_keys_that_policies_refer_to_are_told() -> None:
    with administered() as administrator:
        administrator.user("joe", BORN, path="/team/")
        told = administrator.iam.get_context_keys_for_principal_policy(PolicySourceArn=JOE)
        assert told["ContextKeyNames"] == ["aws:RequestTag/owner"]
        mine = document(allow("s3:*", "arn:aws:s3:::b/${aws:username}"))
        told = administrator.iam.get_context_keys_for_custom_policy(PolicyInputList=[mine])
        assert told["ContextKeyNames"] == ["aws:username"]


def test_simulating_is_judged_on_the_principal() -> None:
    with administered() as administrator:
        key = administrator.user("joe", allow("iam:SimulatePrincipalPolicy", JOE), path="/team/")
        administrator.user("ann")
        iam = client("iam", key)
        iam.simulate_principal_policy(PolicySourceArn=JOE, ActionNames=["ec2:CreateVpc"])
        ann = f"arn:aws:iam::{ACCOUNT}:user/ann"
        with refused("AccessDenied", f"iam:SimulatePrincipalPolicy on resource: {ann}"):
            iam.simulate_principal_policy(PolicySourceArn=ann, ActionNames=["ec2:CreateVpc"])


@pytest.mark.parametrize("rule", ["policy-simulator", "policy-context-keys"])
def test_without_the_rules_there_is_no_simulator(rule: str) -> None:
    with administered(rule) as administrator:
        given: dict[str, Any] = {"PolicyInputList": [document(allow("ec2:*"))]}
        if rule == "policy-simulator":
            given["ActionNames"] = ["ec2:CreateVpc"]
            call = administrator.iam.simulate_custom_policy
        else:
            call = administrator.iam.get_context_keys_for_custom_policy
        with pytest.raises(ClientError, match="not"):
            call(**given)
