"""Encoded authorization failure messages, and DecodeAuthorizationMessage."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.plain import Client
from tests.support.principals import (
    ACCOUNT,
    REGION,
    Administered,
    administered,
    allow,
    client,
    deny,
)
from tests.support.strict_account import refused

VPCS = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/*"
DECODING = allow("sts:DecodeAuthorizationMessage")


def message_of(ec2: Client) -> str:
    """The encoded message of a refused create."""
    with pytest.raises(ClientError) as caught:
        ec2.create_vpc(CidrBlock="10.0.0.0/24")
    text: str = caught.value.response["Error"]["Message"]
    words, encoded = text.split(". Encoded authorization failure message: ")
    assert words.endswith(("allows the ec2:CreateVpc action", "an identity-based policy"))
    assert len(encoded) <= 10_240
    return encoded


def decoded(administrator: Administered, *statements: Any) -> dict[str, Any]:  # noqa: ANN401
    """What a user who may decode learns of why he may not create."""
    key = administrator.user("joe", DECODING, *statements)
    answer = client("sts", key).decode_authorization_message(
        EncodedMessage=message_of(client("ec2", key))
    )
    content: dict[str, Any] = json.loads(answer["DecodedMessage"])
    return content


def test_a_message_tells_who_was_refused_what() -> None:
    with administered() as administrator:
        told = decoded(administrator)
        assert not told["allowed"]
        assert not told["explicitDeny"]
        assert told["matchedStatements"] == {"items": []}
        context = told["context"]
        assert context["principal"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/joe"
        assert context["principal"]["name"] == "joe"
        assert (context["action"], context["resource"]) == ("ec2:CreateVpc", VPCS)
        conditions = {
            each["key"]: [value["value"] for value in each["values"]["items"]]
            for each in context["conditions"]["items"]
        }
        assert conditions["ec2:Region"] == [REGION]


def test_a_message_shows_the_statement_that_denies() -> None:
    with administered() as administrator:
        told = decoded(administrator, {**deny("ec2:Create*", VPCS), "Sid": "No"})
        assert told["explicitDeny"]
        (statement,) = told["matchedStatements"]["items"]
        assert (statement["statementId"], statement["effect"]) == ("No", "DENY")
        assert statement["actions"] == {"items": [{"value": "ec2:Create*"}]}
        assert statement["resources"] == {"items": [{"value": VPCS}]}


def test_decoding_needs_a_permission() -> None:
    with administered() as administrator:
        key = administrator.user("joe")
        encoded = message_of(client("ec2", key))
        with refused("AccessDenied", "sts:DecodeAuthorizationMessage"):
            client("sts", key).decode_authorization_message(EncodedMessage=encoded)
        client("sts", "administrator").decode_authorization_message(EncodedMessage=encoded)


def test_a_message_that_is_cut_short_or_foreign_cannot_be_decoded() -> None:
    with administered() as administrator:
        encoded = message_of(client("ec2", administrator.user("joe")))
        sts = client("sts", "administrator")
        for message in (encoded[:-20], "nonsense", "ü"):
            with refused("InvalidAuthorizationMessageException"):
                sts.decode_authorization_message(EncodedMessage=message)


def test_without_the_rule_nothing_is_decoded() -> None:
    with administered("decode-authorization-message"):
        sts = client("sts", "administrator")
        with pytest.raises(ClientError) as caught:
            sts.decode_authorization_message(EncodedMessage="nonsense")
        assert "InvalidAuthorizationMessage" not in str(caught.value)
