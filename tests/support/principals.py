"""Who calls the account in memory: the sandbox's administrator, and IAM users with real keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto import mock_aws

from tests.support.plain import Client
from tests.support.strict_account import ONE_TRY, SESSION
from umetrics.sandbox.strict import Settings, World, strict

ACCOUNT = "123456789012"
REGION = "us-east-1"

Statement = Mapping[str, Any]
"""One statement of a policy, as JSON has it."""

Texts = str | list[str]
Keys = Mapping[str, object]


def document(*statements: Statement) -> str:
    """A policy that says this."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: Texts, resource: Texts = "*", **condition: Keys) -> Statement:
    """A statement; a condition is `StringEquals={key: value}`."""
    said = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**said, "Condition": condition} if condition else said


def deny(action: Texts, resource: Texts = "*", **condition: Keys) -> Statement:
    """The same, against."""
    return {**allow(action, resource, **condition), "Effect": "Deny"}


def client(service: str, key_id: str, token: str | None = None) -> Client:
    """Plain boto3 with a key."""
    any_service: Any = SESSION.client
    return any_service(
        service,
        region_name=REGION,
        aws_access_key_id=key_id,
        aws_secret_access_key="secret",
        aws_session_token=token,
        config=ONE_TRY,
    )


@dataclass(frozen=True, slots=True)
class Administered:
    """An account with its administrator."""

    iam: Client

    def user(self, name: str, *statements: Statement, path: str = "/") -> str:
        """A user with an inline policy that says so (none without statements); the id of a key."""
        self.iam.create_user(UserName=name, Path=path)
        if statements:
            self.permit(name, *statements)
        key_id: str = self.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        return key_id

    def permit(self, name: str, *statements: Statement) -> None:
        """The user's policy says this from now on."""
        self.iam.put_user_policy(
            UserName=name, PolicyName="permissions", PolicyDocument=document(*statements)
        )


@contextmanager
def administered(*without: str, settings: Settings | None = None) -> Iterator[Administered]:
    """An empty account under all rules but these; time stands still."""
    world = World(settings or Settings(), clock=lambda: 0.0)
    with mock_aws(), strict(world, without=without):
        yield Administered(client("iam", "administrator"))
