"""Audits of tags in every scope: what only blueprints, stages and accounts know counts in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment, Line
from tests.support.plain import client
from tests.support.scans import OTHER_ACCOUNT
from tests.support.tagged import ACCOUNT, listed
from tests.support.tagged_account import open_account
from umetrics.audit.catalogue import KINDS
from umetrics.audit.tag_audit import Audit
from umetrics.audit.tally import TagReport
from umetrics.audit.values import Scope
from umetrics.aws import Aws
from umetrics.errors import AccessDenied
from umetrics.library import Foundation
from umetrics.library.auditing import Breadth, Measure, report_on_places, report_on_stages

pytestmark = pytest.mark.usefixtures("shared_readers")

MEASURE = Measure(date(2026, 3, 1))
EACH_ITS_OWN = """
[tags]
required = ["Project"]
[stages.prod.tags]
required = ["Project", "DataClass"]
"""


@pytest.fixture
def few_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each account that a role leads into has clients of its own, which take long to make."""
    few = tuple(kind for kind in KINDS if kind.name in {"vpc", "iam-role"})
    monkeypatch.setattr("umetrics.audit.scan.KINDS", few)


def verdict(
    *deployments: Deployment, scope: Scope = Scope.DEPLOYMENT, role_arns: tuple[str, ...] = ()
) -> TagReport:
    stages = [each.library for each in deployments]
    if scope is Scope.DEPLOYMENT:
        return report_on_stages(stages, MEASURE)
    breadth = Breadth(scope, role_arns=role_arns)
    return report_on_places(stages, breadth, MEASURE, lambda _progress: None)


def vpc_of(stage: str) -> str:
    pair = {"umetrics:deployment": f"UserMetrics/{stage}", "umetrics:resource": "vpc"}
    specified = [{"ResourceType": "vpc", "Tags": listed({**pair, "Project": "UserMetrics"})}]
    made = client("ec2").create_vpc(CidrBlock="10.9.0.0/24", TagSpecifications=specified)
    return str(made["Vpc"]["VpcId"])


@pytest.mark.parametrize("scope", Scope)
def test_what_is_wanted_and_not_there_is_told_in_every_scope(
    built: Built, deployment: Deployment, connection: Line, scope: Scope
) -> None:
    client("ec2").delete_vpc_endpoints(VpcEndpointIds=[deployment.id("endpoint/s3")])
    connection.clock.settle()
    report = verdict(deployment, scope=scope)
    assert report.missing_resources == ("UserMetrics/dev endpoint/s3",)
    assert not report.is_in_order


def test_a_tag_that_follows_from_where_it_was_built_is_told_once_in_every_scope(
    built: Built, deployment: Deployment, connection: Line
) -> None:
    role = deployment.receipts["role/grafana"].arn.rpartition("/")[2]
    client("iam").untag_role(RoleName=role, TagKeys=["umetrics:region"])
    connection.clock.settle()
    for scope in Scope:
        found = [
            each.tag
            for each in verdict(deployment, scope=scope).findings
            if each.subject.id == role
        ]
        assert found == ["umetrics:region"], scope


@pytest.mark.usefixtures("few_kinds")
def test_through_a_role_no_blueprint_says_what_is_missing(deployment: Deployment) -> None:
    report = verdict(deployment, scope=Scope.PROJECT, role_arns=(open_account(OTHER_ACCOUNT),))
    assert report.missing_resources == ()


@dataclass(frozen=True, slots=True)
class Requiring:
    """The tagging API of an account whose organisation requires a key of its VPCs."""

    key: str

    def list_required_tags(self, **_asked: object) -> Mapping[str, Any]:
        return {"RequiredTags": [{"ResourceType": "ec2:vpc", "ReportingTagKeys": [self.key]}]}


@pytest.mark.usefixtures("few_kinds")
def test_what_an_organisation_requires_counts_in_its_own_account_alone(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {ACCOUNT: "DataClass", OTHER_ACCOUNT: "Backup"}
    of_account = property(lambda aws: Requiring(keys[aws.identity.account]))
    monkeypatch.setattr(Aws, "tagging", of_account)
    roles = tuple(map(open_account, keys))
    report = verdict(deployment, scope=Scope.ACCOUNT, role_arns=roles)
    required = {
        (each.subject.place.account, each.tag)
        for each in report.findings
        if each.tag in keys.values()
    }
    assert required == set(keys.items())
    assert {each.subject.kind for each in report.findings if each.tag == "Backup"} == {"vpc"}


@pytest.mark.parametrize("scope", Scope)
def test_each_stage_is_judged_by_its_own_table_of_tags(
    connection: Line, deployment: Deployment, scope: Scope
) -> None:
    stages = [
        Deployment(deployment.folder, stage, EACH_ITS_OWN, line=connection)
        for stage in ("dev", "prod")
    ]
    of_dev, of_prod = (vpc_of(each.stage) for each in stages)
    connection.clock.settle()
    if scope is Scope.DEPLOYMENT:
        report = verdict(*stages)
    else:  # prod is only known: its blueprint is not asked, but its table holds
        known, breadth = [each.library for each in stages], Breadth(scope)
        report = report_on_places(known, breadth, MEASURE, lambda _progress: None, known[:1])
    lacking = [each.subject.id for each in report.findings if each.tag == "DataClass"]
    assert of_prod in lacking
    assert of_dev not in lacking


@dataclass
class Closed(Foundation):
    """A stage of which nothing may be looked at."""

    def audit(self) -> Audit:
        raise AccessDenied("iam:GetRole is not allowed")


def test_a_stage_that_may_not_be_looked_at_is_a_gap_and_stops_no_other(
    connection: Line, deployment: Deployment
) -> None:
    closed, other = (
        Deployment(deployment.folder, stage, line=connection).library for stage in ("dev", "prod")
    )
    vpc = vpc_of("prod")
    connection.clock.settle()
    stages = [Closed(closed.config, closed.state_folder, closed.connect), other]
    breadth = Breadth(Scope.PROJECT)
    report = report_on_places(stages, breadth, MEASURE, lambda _progress: None)
    (gap,) = (each for each in report.unseen if each.kind == "stage")
    assert gap.reason == "UserMetrics/dev: iam:GetRole is not allowed"
    assert (report.blind, report.is_denied) == ((gap.place,), True)
    assert vpc in {each.subject.id for each in report.findings}
