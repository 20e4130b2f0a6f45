"""AWS's refusals, word for word as people have met them, and what is made of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from umetrics.aws.denial import decoded, denial, explain
from umetrics.errors import AccessDenied, Denial

EC2 = (
    "You are not authorized to perform this operation. User: arn:aws:sts::999888777666:assumed-role"
    "/ReadOnly/Tom is not authorized to perform: ec2:RunInstances on resource: "
    "arn:aws:ec2:us-east-1:999888777666:instance/* with an explicit deny in a service control "
    "policy. Encoded authorization failure message: XQ_jqde5rHje6j9P-qke7"
)
"""https://repost.aws/knowledge-center/organizations-troubleshoot-explicit-deny-scp"""

WITH_ARN = (
    "User: arn:aws:iam::123456789012:user/Matt is not authorized to perform: iam:ListRoles on "
    "resource: arn:aws:iam::123456789012:role/* with an explicit deny in a service control policy: "
    "arn:aws:organizations::987654321098:policy/o-qv5af4abcd/service_control_policy/p-2kgnabcd"
)
"""https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns"""

BY_NAME = (
    "User: arn:aws:iam::341538367464:user/matt is not authorized to perform: iam:GetRole on "
    "resource: role cdk-hnb659fds-file-publishing because no identity-based policy allows the "
    "iam:GetRole action"
)
"""https://github.com/aws/aws-cdk/issues/27067"""

SCP = "service control policy"
IDENTITY = "identity-based policy"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            EC2,
            Denial(
                "ec2:RunInstances",
                ("arn:aws:ec2:us-east-1:999888777666:instance/*",),
                SCP,
                explicit=True,
            ),
        ),
        (
            WITH_ARN,
            Denial(
                "iam:ListRoles",
                ("arn:aws:iam::123456789012:role/*",),
                SCP,
                explicit=True,
                policy_arn="arn:aws:organizations::987654321098:policy/o-qv5af4abcd/"
                "service_control_policy/p-2kgnabcd",
            ),
        ),
        (
            BY_NAME,
            Denial(
                "iam:GetRole",
                (
                    "arn:aws:iam::341538367464:role/cdk-hnb659fds-file-publishing",
                    "arn:aws:iam::341538367464:role/*/cdk-hnb659fds-file-publishing",
                ),
                IDENTITY,
            ),
        ),
        (
            (
                "User: me is not authorized to perform: iam:TagPolicy on resource: policy "
                "arn:aws:iam::123456789012:policy/p because no permissions boundary allows "
                "the iam:TagPolicy action"
            ),
            Denial(
                "iam:TagPolicy", ("arn:aws:iam::123456789012:policy/p",), "permissions boundary"
            ),
        ),
        (
            (
                'User: me is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b" '
                "with an explicit deny in a resource-based policy"
            ),
            Denial("s3:GetObject", ("arn:aws:s3:::b",), "resource-based policy", explicit=True),
        ),
        (
            (
                "User: me is not authorized to perform: codecommit:ListRepositories because no VPC "
                "endpoint policy allows the codecommit:ListRepositories action"
            ),
            Denial("codecommit:ListRepositories", (), "VPC endpoint policy"),
        ),
        (
            (
                "User: me is not authorized to perform: lambda:GetFunction on resource: "
                "arn:aws:lambda:us-east-1:1:function:f with an explicit deny"
            ),
            Denial("lambda:GetFunction", ("arn:aws:lambda:us-east-1:1:function:f",), explicit=True),
        ),
        ("You are not authorized to perform this operation.", Denial("ec2:CreateVpc")),
    ],
)
def test_a_refusal_names_action_resource_and_the_type_of_policy(text: str, told: Denial) -> None:
    assert denial(text, "ec2:CreateVpc") == told


def message(**changed: Any) -> str:  # noqa: ANN401  # any part of the message
    """As DecodeAuthorizationMessage gives it."""
    keys = {
        "aws:RequestTag/umetrics:deployment": "UserMetrics/dev",
        "ec2:CreateAction": "CreateVpc",
        "aws:Region": "us-east-1",
    }
    content = {
        "allowed": False,
        "explicitDeny": False,
        "matchedStatements": {"items": []},
        "failures": {"items": []},
        "context": {
            "principal": {"id": "AIDA", "arn": "arn:aws:iam::1:user/me"},
            "action": "ec2:CreateTags",
            "resource": "arn:aws:ec2:us-east-1:1:vpc/*",
            "conditions": {
                "items": [
                    {"key": key, "values": {"items": [{"value": value}]}}
                    for key, value in keys.items()
                ]
            },
        },
    }
    return json.dumps({**content, **changed})


def explained(told: Denial) -> AccessDenied:
    error = AccessDenied("no")
    explain(error, told)
    return error


def test_what_ec2_encodes_limits_the_statement_to_this_very_use() -> None:
    error = explained(decoded(denial("no", "ec2:CreateVpc"), message()))
    assert json.loads(error.statement) == {
        "Effect": "Allow",
        "Action": "ec2:CreateTags",
        "Resource": "arn:aws:ec2:us-east-1:1:vpc/*",
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/umetrics:deployment": "UserMetrics/dev",
                "ec2:CreateAction": "CreateVpc",
            }
        },
    }


def test_against_an_explicit_deny_no_statement_is_offered_and_the_denying_one_is_named() -> None:
    denying = {"items": [{"statementId": "NoNewNetworks", "effect": "DENY"}]}
    told = decoded(denial(EC2, ""), message(explicitDeny=True, matchedStatements=denying))
    assert told.reason == f"an explicit deny in a {SCP}, statement NoNewNetworks"
    error = explained(told)
    assert error.statement == ""
    assert "no statement helps" in error.hint


@pytest.mark.parametrize("said", ["", "[]", "{}", '{"context": 1}', '{"context": {"action": "a"}}'])
def test_a_decoded_message_of_another_form_leaves_what_was_known(said: str) -> None:
    told = decoded(denial(BY_NAME, ""), said)
    assert (told.action, told.policy_type) == ("iam:GetRole", IDENTITY)
    assert told.note


@pytest.mark.parametrize(
    ("policy_type", "asked"),
    [
        (IDENTITY, "`umetrics policy`"),
        ("permissions boundary", "boundary"),
        (SCP, "organisation"),
        ("session policy", "session"),
        ("resource-based policy", "owner"),
        ("VPC endpoint policy", "endpoint"),
    ],
)
def test_the_hint_says_whom_to_ask(policy_type: str, asked: str) -> None:
    assert asked in explained(Denial("iam:GetRole", (), policy_type)).hint
