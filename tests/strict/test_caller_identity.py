"""GetCallerIdentity: ARNs and ids as AWS issues them."""

from __future__ import annotations

import re

from tests.support.principals import ACCOUNT, administered, client, deny, document
from tests.support.strict_calls import refusal
from umetrics.sandbox.strict import Settings

TRUST = document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


def identity(key: str, token: str | None = None) -> tuple[str, str]:
    """ARN and UserId."""
    told = client("sts", key, token).get_caller_identity()
    assert told["Account"] == ACCOUNT
    return told["Arn"], told["UserId"]


def test_a_user_has_the_arn_and_the_id_that_iam_shows() -> None:
    with administered() as administrator:
        key = administrator.user("joe", path="/team/")
        arn, unique = identity(key)
        shown = administrator.iam.get_user(UserName="joe")["User"]
        assert (arn, unique) == (shown["Arn"], shown["UserId"])
        assert arn == f"arn:aws:iam::{ACCOUNT}:user/team/joe"
        assert re.fullmatch(r"AIDA[A-Z0-9]{17}", unique)


def test_a_session_has_the_name_of_its_role_without_the_path() -> None:
    with administered() as administrator:
        made = administrator.iam.create_role(
            RoleName="r", Path="/team/", AssumeRolePolicyDocument=TRUST
        )["Role"]
        given = client("sts", "administrator").assume_role(
            RoleArn=made["Arn"], RoleSessionName="work"
        )["Credentials"]
        arn, unique = identity(given["AccessKeyId"], given["SessionToken"])
        assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/r/work"
        assert unique == f"{made['RoleId']}:work"


def test_the_administrator_is_a_user_whom_iam_does_not_list() -> None:
    with administered() as administrator:
        for key in ("administrator", "testing"):
            arn, unique = identity(key)
            assert arn == f"arn:aws:iam::{ACCOUNT}:user/administrator"
            assert re.fullmatch(r"AIDA[A-Z0-9]{17}", unique)
        assert administrator.iam.list_users()["Users"] == []


def test_unknown_keys_are_the_caller_that_was_chosen() -> None:
    with administered(settings=Settings(caller="joe")) as administrator:
        administrator.iam.create_user(UserName="joe")
        assert identity("testing")[0] == f"arn:aws:iam::{ACCOUNT}:user/joe"
        administrator.iam.delete_user(UserName="joe")
        sts = client("sts", "testing")
        assert refusal(sts.get_caller_identity) == ("InvalidClientTokenId", 403)


def test_asking_who_one_is_needs_no_permission() -> None:
    with administered() as administrator:
        identity(administrator.user("joe", deny("*")))


def test_a_group_has_an_id_of_its_form() -> None:
    with administered() as administrator:
        group = administrator.iam.create_group(GroupName="g")["Group"]
        assert re.fullmatch(r"AGPA[A-Z0-9]{17}", group["GroupId"])


def test_without_the_rules_arns_and_ids_are_moto_s() -> None:
    with administered("caller-identity", "unique-ids") as administrator:
        assert identity("testing")[0] == f"arn:aws:sts::{ACCOUNT}:user/moto"
        made = administrator.iam.create_user(UserName="joe")["User"]
        assert not made["UserId"].startswith("AIDA")
