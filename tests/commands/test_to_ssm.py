"""`output --to-ssm` on the command line: asked first, written once, taken away by destroy."""

from __future__ import annotations

import pytest

from tests.cli.command_line import is_error, unwrapped
from tests.commands.desk import Desk
from tests.support.plain import client

PREFIX = "/umetrics/dev"


def names() -> set[str]:
    pages = client("ssm").get_paginator("describe_parameters").paginate()
    return {each["Name"] for page in pages for each in page["Parameters"]}


def test_ids_are_published_after_a_question_and_go_with_destroy(home: Desk) -> None:
    home.configure('[network]\nnat = "none"\n')
    assert home.sandboxed("up", "--yes").code == 0
    assert is_error(home.sandboxed("output", "--to-ssm", PREFIX), exit_code=2, code="U002")

    declined = home.asked("n\n", "output", "--to-ssm", PREFIX)
    assert declined.code == 1
    assert "Write these parameters under /umetrics/dev?" in declined.talk
    assert names() == set()

    done = home.sandboxed("output", "--to-ssm", PREFIX, "--yes")
    assert done.code == 0, done
    assert "parameter/umetrics/dev/vpc_id" in done.result
    assert "0 changed, 0 destroyed" in done.result
    assert f"{PREFIX}/vpc_id" in names()
    assert f"{PREFIX}/nat_gateway_ids" not in names()  # AWS stores no empty value
    again = home.sandboxed("output", "--to-ssm", PREFIX)
    assert (again.code, "No changes." in again.result) == (0, True), again
    assert "No changes." in home.sandboxed("up").result

    gone = home.sandboxed("destroy", "--stage", "dev", "--yes")
    assert gone.code == 0, gone
    assert names() == set()


def test_every_name_that_others_hold_is_told_and_nothing_is_written(home: Desk) -> None:
    assert home.sandboxed("up", "--yes", "--target", "role").code == 0
    for name in ("region", "grafana_role_arn"):
        client("ssm").put_parameter(Name=f"{PREFIX}/{name}", Value="theirs", Type="String")
    taken = home.sandboxed("output", "--to-ssm", PREFIX, "--yes")
    assert is_error(taken, exit_code=6, code="U011")
    for name in ("region", "grafana_role_arn"):
        assert f"its name is taken by SSM parameter {PREFIX}/{name}" in unwrapped(taken.talk)
    assert names() == {f"{PREFIX}/region", f"{PREFIX}/grafana_role_arn"}


def test_a_path_that_aws_would_not_take_is_refused_before_anything_is_asked(built: Desk) -> None:
    wrong = built.sandboxed("output", "--to-ssm", "/aws/dev", "--yes")
    assert is_error(wrong, exit_code=2, code="U002")


@pytest.mark.thorough
def test_rules_of_others_are_counted_in_the_question_and_in_a_kept_plan(home: Desk) -> None:
    home.configure('[network]\nnat = "none"\n')
    assert home.sandboxed("up", "--yes").code == 0
    group = home.receipts["security-group/alb"]["id"]
    home.outsider.ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="192.0.2.0/24"
    )
    assert "No changes." in home.sandboxed("up").result
    declined = home.asked("n\n", "up", "--prune-rules")
    assert declined.code == 1
    assert "Apply this plan, which removes 1 rule of others?" in declined.talk
    assert "ingress tcp 22 from 192.0.2.0/24, not ours" in unwrapped(declined.result)

    assert home.sandboxed("plan", "--prune-rules", "--out", "dev.plan").code == 0
    both = home.sandboxed("up", "--plan", "dev.plan", "--prune-rules", "--yes")
    assert is_error(both, exit_code=2, code="U002")
    done = home.sandboxed("up", "--plan", "dev.plan", "--yes")
    assert done.code == 0, done
    assert "No changes." in home.sandboxed("plan", "--prune-rules").result
