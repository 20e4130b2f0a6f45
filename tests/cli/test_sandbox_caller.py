"""A sandbox in which one is an IAM user, who may do what his policies allow and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tests.cli.command_line import Home
from tests.support.plain import Client
from tests.support.principals import ACCOUNT, Administered
from tests.support.worlds import REGION
from umetrics.errors import UsageError
from umetrics.sandbox.options import user_name


def connected(home: Home, service: str, key_id: str) -> Client:
    """Plain boto3 with a key."""
    return boto3.Session(key_id, "secret", region_name=REGION).client(  # type: ignore[call-overload]
        service, endpoint_url=home.sandbox.start().endpoint_url, config=Config(proxies={})
    )


@pytest.fixture(scope="module")
def restricted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("restricted"))
    try:
        started = home.run("sandbox", "start", "--as", "deployer", "--nat", "0s")
        assert started.code == 0, started
        assert "AWS_ACCESS_KEY_ID=administrator" in started.result
        yield home
    finally:
        home.sandbox.stop()


def test_dummy_keys_are_the_user_s_and_the_administrator_has_his_own(restricted: Home) -> None:
    for key, name in (("anything", "deployer"), ("administrator", "administrator")):
        told = connected(restricted, "sts", key).get_caller_identity()
        assert told["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    shown = restricted.run("sandbox", "status", "--format", "json").document["running"]
    assert shown["options"]["caller"] == "deployer"


def test_nothing_is_allowed_before_the_administrator_allows_it(restricted: Home) -> None:
    plan = restricted.sandboxed("plan")
    assert plan.code == 4
    assert "user/deployer is not authorized to perform" in " ".join(plan.talk.split())
    administrator = Administered(connected(restricted, "iam", "administrator"))
    asked = restricted.sandboxed("policy", "--mode", "all", "--format", "json")
    assert asked.code == 0, asked
    documents = [policy["document"] for policy in asked.document["policies"]]
    administrator.permit("deployer", *(each for one in documents for each in one["Statement"]))
    for command in ("up", "destroy"):
        done = restricted.sandboxed(command, "--stage", "dev", "--yes")
        assert done.code == 0, done


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "Administrator"])
def test_a_name_that_iam_would_not_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--as") as caught:
        user_name(name, "--as")
    assert caught.value.hint


def test_a_bad_name_starts_no_sandbox(tmp_path: Path) -> None:
    home = Home(tmp_path)
    refused = home.run("sandbox", "start", "--as", "a b")
    assert refused.code == 2
    assert "--as is the name of an IAM user" in refused.talk
    assert home.sandbox.status() is None
