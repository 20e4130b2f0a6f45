"""What a scan could not see is told with its reason; what cannot be meant is refused."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from typing import Any, cast

import pytest

from tests.support.deployments import Line
from tests.support.plain import client
from tests.support.scans import HERE, OTHER_ACCOUNT, Refusing, look
from tests.support.tagged import refusing
from tests.support.tagged_account import ACCOUNT, TAGS, open_account, seed
from umetrics.audit.breadth import EVERYWHERE
from umetrics.audit.scan import Event, ScanOptions, scan
from umetrics.audit.values import Place, Scope, Unseen
from umetrics.errors import UsageError
from umetrics.patience import Pace

pytestmark = pytest.mark.usefixtures("shared_readers")


def test_the_lists_show_what_the_tagging_api_would_hide_when_it_is_denied(connection: Line) -> None:
    seeded = seed()
    connection.wire.fault = Refusing({"GetResources"})
    seen = look(connection, Scope.PROJECT)
    for kind, name in seeded.tagged.items():
        assert seen.names(kind) == [name]
    assert "GetResources" in seen.gaps()["resourcegroupstaggingapi"]


@pytest.mark.parametrize(
    ("scope", "operation"),
    [(Scope.PROJECT, "DescribeVpcs"), (Scope.ACCOUNT, "DescribeSecurityGroups")],
)
def test_that_nobody_could_tell_what_is_ours_is_a_gap_though_every_list_is_read(
    connection: Line, scope: Scope, operation: str
) -> None:
    connection.wire.fault = refusing(operation, "InternalError")
    assert look(connection, scope).gaps() == {
        "ec2": "which VPCs and groups are ours, and so what lies in them: "
        f"ec2:{operation}: InternalError: no"
    }


def test_a_stray_of_a_kind_without_a_row_is_named(connection: Line) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName="alarm",
        MetricName="Errors",
        Namespace="Shop",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=[{"Key": "Project", "Value": "UserMetrics"}],
    )
    gaps = look(connection, Scope.PROJECT).gaps()
    assert f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:alarm" in gaps["cloudwatch"]


def test_a_denied_service_is_a_gap_for_each_of_its_kinds_and_no_other(connection: Line) -> None:
    seeded = seed()
    connection.wire.fault = Refusing({"DescribeDBInstances", "DescribeDBClusters"})
    seen = look(connection)
    assert set(seen.gaps()) == {"rds-instance", "rds-cluster"}
    assert "rds:DescribeDBClusters: AccessDenied: no" in seen.gaps()["rds-cluster"]
    for kind in seeded.tagged.keys() - seen.gaps().keys():
        assert seeded.tagged[kind] in seen.names(kind)


def test_tags_that_are_refused_are_a_gap_that_names_the_first(connection: Line) -> None:
    seed()
    connection.wire.fault = Refusing({"ListQueueTags"}, "InternalError")
    seen = look(connection)
    assert seen.gaps()["sqs-queue"].startswith("the tags of 2 of 2, ")
    assert "sqs:ListQueueTags: InternalError: no" in seen.gaps()["sqs-queue"]
    assert seen.names("sqs-queue") == []


def test_a_key_that_may_not_be_described_is_seen_all_the_same(connection: Line) -> None:
    seeded = seed()
    connection.wire.fault = Refusing({"DescribeKey"})
    seen = look(connection)
    assert dict(seen.one("kms-key", seeded.tagged["kms-key"]).tags) == TAGS
    assert seen.gaps() == {}


def test_tags_that_nobody_may_read_end_the_kind_with_one_gap(connection: Line) -> None:
    seed()
    connection.wire.fault = Refusing({"ListResourceTags"})
    seen = look(connection)
    assert seen.gaps() == {"kms-key": "kms:ListResourceTags: AccessDenied: no"}
    assert seen.names("kms-key") == []


def test_what_vanishes_between_list_and_look_is_no_gap(connection: Line) -> None:
    seed()
    connection.wire.fault = Refusing(
        {"ListQueueTags", "DescribeTags", "DescribeServices"}, "ResourceNotFoundException"
    )
    seen = look(connection)
    assert seen.gaps() == {}
    for kind in ("sqs-queue", "load-balancer", "target-group", "ecs-service"):
        assert seen.names(kind) == []


def test_an_account_that_cannot_be_assumed_stops_no_other(connection: Line) -> None:
    good, bad = (open_account(each) for each in (ACCOUNT, OTHER_ACCOUNT))
    connection.wire.fault = Refusing({"AssumeRole"}, when=OTHER_ACCOUNT)
    seen = look(connection, role_arns=(bad, good))
    (gap,) = (each for each in seen.unseen if each.kind == "account")
    assert gap.place == Place(OTHER_ACCOUNT, EVERYWHERE)
    assert "sts:AssumeRole" in gap.reason
    assert "trust policy" in gap.reason
    assert HERE in {each.place for each in seen.subjects}


def test_who_leaves_before_anything_was_listed_leaves_nothing_running(connection: Line) -> None:
    good, bad = (open_account(each) for each in (ACCOUNT, OTHER_ACCOUNT))
    connection.wire.fault = Refusing({"AssumeRole"}, when=OTHER_ACCOUNT)
    options = ScanOptions(Scope.ACCOUNT, "UserMetrics", role_arns=(good, bad))
    events = cast("Generator[Event, None, None]", scan(connection.aws, options))
    gap = next(each for each in events if isinstance(each, Unseen))
    assert gap.place.account == OTHER_ACCOUNT
    events.close()
    assert not [each for each in threading.enumerate() if each.name.startswith("stream")]


def test_a_region_that_is_not_enabled_is_a_gap(connection: Line) -> None:
    seen = look(connection, regions=("us-east-1", "me-south-1"))
    (gap,) = (each for each in seen.unseen if each.kind == "region")
    assert gap.place.region == "me-south-1"
    assert HERE in {each.place for each in seen.subjects}


def test_a_region_that_aws_does_not_have_is_a_slip_and_no_gap(connection: Line) -> None:
    with pytest.raises(UsageError, match=r"--regions: AWS has no region us-esat-1"):
        look(connection, regions=("us-east-1", "us-esat-1"))


@pytest.mark.parametrize(
    ("service", "region", "tries"),
    [
        ("grafana", "us-east-1", 10),
        ("grafana", "sa-east-1", 1),  # not offered there
        ("iam", "us-east-1", 10),  # offered in no region in particular
    ],
)
def test_nothing_is_asked_twice_where_the_service_is_not_offered(
    connection: Line, service: str, region: str, tries: int
) -> None:
    reader = connection.aws.reader(service, region, Pace(20, 100, connection.aws.patience))
    settings: Any = reader.client._client.meta.config
    assert settings.retries["total_max_attempts"] == tries


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scope": Scope.DEPLOYMENT}, "no scope"),
        ({"regions": ("all", "us-east-1")}, "no other to name"),
        ({"role_arns": ("Audit",)}, "not the ARN of a role"),
        ({"role_arns": (f"arn:aws:iam::{ACCOUNT}:role/{n}" for n in "ab")}, "two roles"),
        ({"rate": 0.0}, "rate of 0.0"),
        ({"rate": float("nan")}, "rate of nan"),
    ],
)
def test_options_without_sense_are_refused_before_anything_is_asked(
    connection: Line, given: dict[str, object], words: str
) -> None:
    options = {
        name: tuple(value) if isinstance(value, Iterator) else value
        for name, value in given.items()
    }
    with pytest.raises(UsageError, match=words):
        look(connection, **options)  # type: ignore[arg-type]
    assert connection.wire.calls == []
