"""The verdict on tags and the table of receipts: first the result, then the rows."""

from __future__ import annotations

import json

from umetrics.audit.tag_audit import Audit, Finding, Subject
from umetrics.render.document import dumps
from umetrics.render.findings import findings_json, findings_lines
from umetrics.render.line import Look, compose
from umetrics.render.receipts import receipt_lines
from umetrics.render.table import MOST_ROWS
from umetrics.state import Receipt

VPC = Subject("vpc", "VPC", "vpc-1", {"Environment": "prod"})
ROLE = Subject("role/grafana", "role", "AROA1", {})
INTERFACE = Subject("nat-gateway", "network interface", "eni-1", {}, implicit=True, judged=False)
FINDINGS = (
    Finding(VPC, "Owner", "missing", "team@example.org"),
    Finding(VPC, "Environment", "wrong value", "dev", "prod"),
    Finding(ROLE, "CostCenter", "empty", "Observability"),
)


def text(audit: Audit, look: Look | None = None, at_most: int | None = MOST_ROWS) -> str:
    return compose(findings_lines(audit, stage="dev", at_most=at_most), look or Look())


def test_a_clean_audit_is_one_line() -> None:
    subjects = tuple(Subject(f"subnet/{n}", "subnet", f"subnet-{n}", {}) for n in range(41))
    assert text(Audit(subjects, ())) == "Every tag is in place: 41 resources, 0 findings.\n"


def test_what_belongs_to_aws_is_listed_and_not_judged() -> None:
    assert text(Audit((VPC, INTERFACE), ())) == (
        "Every tag is in place: 1 resource, 0 findings.\nNot judged: 1 resource of AWS's own.\n"
    )


def test_findings_name_the_resource_the_tag_what_is_wrong_and_the_fix() -> None:
    assert (
        text(Audit((VPC, ROLE), FINDINGS))
        == """\
Tags are not in place: 3 findings on 2 of 2 resources.
! VPC vpc-1 (vpc): tag Owner is missing, wanted team@example.org
! VPC vpc-1 (vpc): tag Environment is prod, wanted dev
! role AROA1 (role/grafana): tag CostCenter is empty, wanted Observability
fix: umetrics up --stage dev
"""
    )


def test_a_pipe_gets_each_finding_complete_in_one_line() -> None:
    shown = text(Audit((VPC, ROLE), FINDINGS), at_most=None).splitlines()
    assert shown[1] == (
        "! VPC vpc-1 (vpc): tag Owner is missing, wanted team@example.org; "
        "fix: umetrics up --stage dev"
    )
    assert len(shown) == 5


def test_a_terminal_stops_at_fifty_and_a_pipe_does_not() -> None:
    many = Audit((VPC,), FINDINGS[:1] * 60)
    assert text(many).count("tag Owner") == 50
    assert "\nand 10 more\n" in text(many)
    assert text(many, at_most=None).count("tag Owner") == 60


def test_rows_come_one_by_one_and_not_all_at_once() -> None:
    lines = findings_lines(Audit((VPC,), FINDINGS[:1] * 100_000), stage="dev")
    assert next(lines).text.startswith("Tags are not in place: 100000 findings")
    assert next(lines).mark == "!"


def test_what_is_wanted_but_absent_is_said_apart_from_tags() -> None:
    assert (
        text(Audit((VPC,), (), ("nat-gateway", "elastic-ip/nat")))
        == """\
Every tag is in place: 1 resource, 0 findings, 2 resources missing.
! wanted but not in AWS: nat-gateway, elastic-ip/nat
fix: umetrics up --stage dev
"""
    )


def test_hostile_tag_values_are_shown_and_never_obeyed() -> None:
    hostile = Finding(VPC, "Owner", "wrong value", "dev", "\x1b[31m[red]x[/red]\n! forged")
    for look in (Look(), Look(colour=True), Look(unicode=False)):
        for at_most in (None, MOST_ROWS):
            shown = text(Audit((VPC,), (hostile,)), look, at_most)
            assert r"\x1b[31m[red]x[/red]\n! forged" in shown
            assert look.colour or "\x1b" not in shown


def test_machines_get_every_finding_with_its_fix() -> None:
    body = json.loads(dumps(findings_json(Audit((VPC, INTERFACE), FINDINGS[:2]), stage="dev")))
    assert body["clean"] is False
    assert body["summary"] == {
        "judged": 1,
        "not_judged": 1,
        "findings": 2,
        "missing_resources": 0,
    }
    assert body["findings"][1] == {
        "key": "vpc",
        "kind": "VPC",
        "id": "vpc-1",
        "tag": "Environment",
        "problem": "wrong value",
        "expected": "dev",
        "actual": "prod",
        "fix": "umetrics up --stage dev",
    }
    assert body["resources"][1]["implicit"] is True


def test_receipts_are_a_table_in_the_order_of_the_layers() -> None:
    receipts = [
        Receipt("role/grafana", "Role", "AROA1"),
        Receipt("subnet/public-a", "Subnet", "subnet-1"),
        Receipt("elastic-ip/nat", "ElasticIp", "eipalloc-1"),
    ]
    assert (
        compose(receipt_lines("UserMetrics/dev", receipts), Look())
        == """\
UserMetrics/dev: 3 resources recorded.

KEY              KIND       ID
elastic-ip/nat   ElasticIp  eipalloc-1
subnet/public-a  Subnet     subnet-1
role/grafana     Role       AROA1
"""
    )


def test_a_terminal_table_stops_at_fifty_rows_and_says_how_many_more() -> None:
    receipts = [Receipt(f"role/{n:03}", "Role", f"AROA{n}") for n in range(60)]
    shown = compose(receipt_lines("UserMetrics/dev", receipts, at_most=MOST_ROWS), Look())
    assert len(shown.splitlines()) == 2 + 1 + 50 + 1
    assert shown.endswith("role/049  Role  AROA49\nand 10 more\n")


def test_no_receipts_are_no_table() -> None:
    assert compose(receipt_lines("UserMetrics/dev", []), Look()) == (
        "UserMetrics/dev: nothing is recorded.\n"
    )
