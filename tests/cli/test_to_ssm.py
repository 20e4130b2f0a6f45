"""`output --to-ssm` on the command line: asked first, written once, taken away by destroy."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config

from tests.cli.command_line import Home, is_error, unwrapped
from tests.support.plain import Client
from tests.support.worlds import REGION

PREFIX = "/umetrics/dev"


def store(home: Home) -> Client:
    """A plain client of the sandbox."""
    session: Client = boto3.Session(aws_access_key_id="o", aws_secret_access_key="o")
    endpoint = home.sandbox.start().endpoint_url
    return session.client(
        "ssm", region_name=REGION, endpoint_url=endpoint, config=Config(proxies={})
    )


def names(home: Home) -> set[str]:
    pages = store(home).get_paginator("describe_parameters").paginate()
    return {each["Name"] for page in pages for each in page["Parameters"]}


def test_ids_are_published_after_a_question_and_go_with_destroy(home: Home) -> None:
    home.configure('[network]\nnat = "none"\n')
    assert home.sandboxed("up", "--yes").code == 0
    assert is_error(home.sandboxed("output", "--to-ssm", PREFIX), exit_code=2, code="U002")

    with home.on_terminal("output", "--to-ssm", PREFIX) as person:
        person.wait_for("Write these parameters under /umetrics/dev?")
        person.type("n")
        assert person.end() == 1
    assert names(home) == set()

    done = home.sandboxed("output", "--to-ssm", PREFIX, "--yes")
    assert done.code == 0, done
    assert "parameter/umetrics/dev/vpc_id" in done.result
    assert "0 changed, 0 destroyed" in done.result
    assert f"{PREFIX}/vpc_id" in names(home)
    assert f"{PREFIX}/nat_gateway_ids" not in names(home)  # AWS stores no empty value
    again = home.sandboxed("output", "--to-ssm", PREFIX)
    assert (again.code, "No changes." in again.result) == (0, True), again
    assert "No changes." in home.sandboxed("up").result

    gone = home.sandboxed("destroy", "--stage", "dev", "--yes")
    assert gone.code == 0, gone
    assert names(home) == set()


def test_every_name_that_others_hold_is_told_and_nothing_is_written(home: Home) -> None:
    assert home.sandboxed("up", "--yes", "--target", "role").code == 0
    for name in ("region", "grafana_role_arn"):
        store(home).put_parameter(Name=f"{PREFIX}/{name}", Value="theirs", Type="String")
    taken = home.sandboxed("output", "--to-ssm", PREFIX, "--yes")
    assert is_error(taken, exit_code=6, code="U011")
    for name in ("region", "grafana_role_arn"):
        assert f"its name is taken by SSM parameter {PREFIX}/{name}" in unwrapped(taken.talk)
    assert names(home) == {f"{PREFIX}/region", f"{PREFIX}/grafana_role_arn"}


def test_a_path_that_aws_would_not_take_is_refused_before_anything_is_asked(built: Home) -> None:
    wrong = built.sandboxed("output", "--to-ssm", "/aws/dev", "--yes")
    assert is_error(wrong, exit_code=2, code="U002")


@pytest.mark.thorough
def test_rules_of_others_are_counted_in_the_question_and_in_a_kept_plan(home: Home) -> None:
    home.configure('[network]\nnat = "none"\n')
    assert home.sandboxed("up", "--yes").code == 0
    group = home.receipts["security-group/alb"]["id"]
    home.outsider.ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="192.0.2.0/24"
    )
    assert "No changes." in home.sandboxed("up").result
    with home.on_terminal("up", "--prune-rules") as person:
        shown = person.wait_for("Apply this plan, which removes 1 rule of others?")
        assert "ingress tcp 22 from 192.0.2.0/24, not ours" in unwrapped(shown)
        person.type("n")
        assert person.end() == 1

    assert home.sandboxed("plan", "--prune-rules", "--out", "dev.plan").code == 0
    both = home.sandboxed("up", "--plan", "dev.plan", "--prune-rules", "--yes")
    assert is_error(both, exit_code=2, code="U002")
    done = home.sandboxed("up", "--plan", "dev.plan", "--yes")
    assert done.code == 0, done
    assert "No changes." in home.sandboxed("plan", "--prune-rules").result
