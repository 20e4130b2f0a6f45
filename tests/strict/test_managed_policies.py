"""AWS's managed policies are there, and the details of an account name its policies."""

from __future__ import annotations

from tests.support.plain import Client, account
from tests.support.strict_account import refused

EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
TRUST = '{"Version": "2012-10-17", "Statement": []}'
DOCUMENT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
)


def everyone(iam: Client, **more: str) -> list[str]:
    pages = iam.get_paginator("list_policies").paginate(**more)
    return [each["Arn"] for page in pages for each in page["Policies"]]


def test_a_policy_of_aws_is_read_and_attached() -> None:
    with account("iam") as iam:
        version = iam.get_policy(PolicyArn=EXECUTION)["Policy"]["DefaultVersionId"]
        told = iam.get_policy_version(PolicyArn=EXECUTION, VersionId=version)["PolicyVersion"]
        assert "logs:PutLogEvents" in told["Document"]["Statement"][0]["Action"]
        iam.create_role(RoleName="task", AssumeRolePolicyDocument=TRUST)
        iam.attach_role_policy(RoleName="task", PolicyArn=EXECUTION)
        (attached,) = iam.list_attached_role_policies(RoleName="task")["AttachedPolicies"]
        assert attached["PolicyArn"] == EXECUTION


def test_a_policy_of_aws_bounds_a_role() -> None:
    with account("iam") as iam:
        bounded = {"AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": EXECUTION}
        iam.create_role(RoleName="task", **bounded)
        role = iam.get_role(RoleName="task")["Role"]
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == EXECUTION


def test_they_are_listed_but_not_among_the_customers_own() -> None:
    with account("iam") as iam:
        own = iam.create_policy(PolicyName="emf", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
        assert everyone(iam, Scope="Local") == [own]
        assert {own, EXECUTION} <= set(everyone(iam))
        assert own not in everyone(iam, Scope="AWS")
        assert everyone(iam, Scope="Local") == [own]


def test_without_the_rule_there_are_none() -> None:
    with account("iam", "aws-managed-policies") as iam:
        assert everyone(iam) == []
        with refused("NoSuchEntity"):
            iam.get_policy(PolicyArn=EXECUTION)


def details(iam: Client) -> dict[str, str]:
    iam.create_policy(PolicyName="emf", PolicyDocument=DOCUMENT)
    told = iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])["Policies"]
    return dict(told[0])


def test_the_details_of_an_account_name_its_policies() -> None:
    with account("iam") as iam:
        told = details(iam)
        assert told["PolicyName"] == "emf"
        assert told["PolicyId"] == iam.get_policy(PolicyArn=told["Arn"])["Policy"]["PolicyId"]


def test_without_the_rule_policies_have_no_name_in_the_details() -> None:
    with account("iam", "policy-details") as iam:
        assert not {"PolicyName", "PolicyId"} & details(iam).keys()
