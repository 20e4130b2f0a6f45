"""What can carry tags in an account is found, however little the tagging API knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.built import Built
from tests.support.deployments import Deployment, Line, line
from tests.support.plain import client
from tests.support.tagged_account import ACCOUNT, TAGS, open_account, seed
from tests.support.wire import Call, Moment
from umetrics.audit.breadth import EVERYWHERE
from umetrics.audit.catalogue import KINDS
from umetrics.audit.ground import Recorded
from umetrics.audit.scan import Progress, ScanOptions, scan
from umetrics.audit.values import Place, Scope, Standing, Subject, Unseen
from umetrics.aws import Aws, Reader
from umetrics.aws.calls import writes
from umetrics.errors import Interrupted, Refused, UsageError
from umetrics.patience import Pace
from umetrics.sandbox.strict import Settings

HERE = Place(ACCOUNT, "us-east-1")
NOWHERE = Place(ACCOUNT, "global")
OTHER_ACCOUNT = "210987654321"

MAKE_READER = Aws.reader

UNSERVED = {"rest-api", "http-api", "grafana-workspace"}
"""Kinds that the stand-in has no model of."""

UNTOLD = {"ecr-repository", "opensearch-domain"}
"""Kinds that the stand-in's tagging API leaves out; AWS's has them."""


@cache
def shared_reader(service: str, region: str) -> Reader:
    aws = line().aws
    return MAKE_READER(aws, service, region, Pace(1000, 1000, aws.patience))


@pytest.fixture(autouse=True)
def shared_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making two dozen takes longer than most scans, and they hold nothing of the account."""

    def reader(aws: Aws, service: str, region: str, pace: Pace) -> Reader:
        is_own = aws.session is line().aws.session
        return shared_reader(service, region) if is_own else MAKE_READER(aws, service, region, pace)

    monkeypatch.setattr(Aws, "reader", reader)


@dataclass
class Seen:
    """What a scan told."""

    subjects: list[Subject] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    def names(self, kind: str) -> list[str]:
        return sorted(each.id for each in self.subjects if each.kind == kind)

    def one(self, kind: str, name: str) -> Subject:
        (subject,) = (each for each in self.subjects if (each.kind, each.id) == (kind, name))
        return subject

    def gaps(self) -> dict[str, str]:
        """Reasons by kind, but for those that are never served here."""
        return {each.kind: each.reason for each in self.unseen if each.kind not in UNSERVED}


def look(connection: Line, scope: Scope = Scope.ACCOUNT, **others: object) -> Seen:
    seen = Seen()
    options = ScanOptions(scope, "UserMetrics", **others)  # type: ignore[arg-type]
    for event in scan(connection.aws, options):
        match event:
            case Subject():
                seen.subjects.append(event)
            case Unseen():
                seen.unseen.append(event)
            case Progress():
                seen.progress.append(event)
    return seen


@dataclass
class Refusing:
    """These operations are refused with a code, whoever asks."""

    operations: Collection[str]
    code: str = "AccessDenied"
    when: str = ""

    def __call__(self, call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE_SENDING and call.operation in self.operations:
            if self.when and self.when not in call.body:
                return
            error = {"Error": {"Code": self.code, "Message": "no"}}
            raise ClientError(error, call.operation)  # type: ignore[arg-type]


def test_everything_there_is_is_seen_once_with_its_tags(connection: Line) -> None:
    seeded = seed()
    seen = look(connection)
    for kind, name in seeded.tagged.items():
        assert dict(seen.one(kind, name).tags) == TAGS, kind
    for kind, name in seeded.untagged.items():
        assert dict(seen.one(kind, name).tags) == {}, kind
    assert max(Counter(each.arn for each in seen.subjects).values()) == 1
    assert {each.kind for each in seen.unseen} == UNSERVED
    assert not [each for each in seen.unseen if "does not serve" not in each.reason]


def test_what_lives_in_no_region_is_seen_once_per_account(connection: Line) -> None:
    seeded = seed()
    seen = look(connection, regions=("us-east-1", "eu-west-1"))
    for kind in ("iam-role", "iam-policy", "s3-bucket", "cloudfront-distribution"):
        assert seen.one(kind, seeded.tagged[kind]).place == NOWHERE
    assert seen.one("sqs-queue", "queue").place == HERE
    assert Place(ACCOUNT, "eu-west-1") in {each.place for each in seen.subjects}


def test_progress_counts_the_kinds_of_each_place(connection: Line) -> None:
    seen = look(connection)
    for place, is_global in ((HERE, False), (NOWHERE, True)):
        total = sum(kind.is_global is is_global for kind in KINDS)
        steps = [each for each in seen.progress if each.place == place]
        assert [each.done for each in steps] == list(range(total + 1))
        assert {each.total for each in steps} == {total}
        assert sum(each.resources for each in steps) == sum(
            each.place == place for each in seen.subjects
        )


def test_nothing_is_written_and_nothing_can_be(connection: Line) -> None:
    look(connection, Scope.PROJECT)
    operations = [each.partition(":")[2] for each in connection.aws.log.operations]
    assert operations
    assert not [each for each in operations if writes(each)]
    reader = connection.aws.reader("sqs", "us-east-1", Pace(1000, 1000, connection.aws.patience))
    with pytest.raises(Refused, match="CreateQueue would write"):
        reader.call("CreateQueue", {"QueueName": "new"})


def test_what_was_built_is_ours_and_what_aws_made_with_it_is_implicit(
    built: Built, deployment: Deployment, connection: Line
) -> None:
    connection.clock.settle()
    seen = look(connection, Scope.PROJECT)
    ours = [
        each
        for each in seen.subjects
        if each.standing is Standing.OURS and each.deployment == "UserMetrics/dev"
    ]
    receipts = {key for key in deployment.receipts if not key.startswith("rules/")}
    rules = {each.key for each in ours if each.kind == "security-group-rule"}
    assert {each.key for each in ours} - rules == receipts
    assert rules == {"rules/alb", "rules/openreplay", "rules/umami"}
    implicit = {each.kind: each for each in seen.subjects if each.standing is Standing.IMPLICIT}
    assert set(implicit) == {"security-group", "route-table", "network-acl"}
    vpc = deployment.id("vpc")
    assert {(each.key, each.parent, each.deployment) for each in implicit.values()} == {
        ("vpc", vpc, "UserMetrics/dev")
    }
    (interface,) = (each for each in seen.subjects if each.kind == "network-interface")
    assert (interface.standing, interface.parent) == (Standing.AWS, vpc)
    assert built.others.vpc not in seen.names("vpc")
    assert seen.gaps() == {}


def test_receipts_know_what_lost_its_tags(
    built: Built, deployment: Deployment, connection: Line
) -> None:
    network, role = deployment.id("vpc"), deployment.receipts["role/grafana"]
    pair = [{"Key": "umetrics:deployment"}, {"Key": "umetrics:resource"}, {"Key": "Project"}]
    client("ec2").delete_tags(Resources=[network], Tags=pair)
    name = role.arn.rpartition("/")[2]
    client("iam").untag_role(RoleName=name, TagKeys=[each["Key"] for each in pair])
    receipts = {
        each.id: Recorded("UserMetrics/dev", key, ACCOUNT, "us-east-1")
        for key, each in deployment.receipts.items()
    }
    seen = look(connection, Scope.PROJECT, receipts=receipts)
    assert seen.one("vpc", network).standing is Standing.OURS
    assert seen.one("iam-role", name).key == "role/grafana"
    implicit = [each for each in seen.subjects if each.standing is Standing.IMPLICIT]
    assert {each.parent for each in implicit} == {network}
    assert len(implicit) == 3
    elsewhere = {
        id_: Recorded(each.deployment, each.key, OTHER_ACCOUNT, "us-east-1")
        for id_, each in receipts.items()
    }
    assert network not in look(connection, Scope.PROJECT, receipts=elsewhere).names("vpc")


def test_strays_of_the_project_are_seen_wherever_they_are_and_no_others_are_asked_about(
    connection: Line,
) -> None:
    seeded = seed()
    seen = look(connection, Scope.PROJECT)
    for kind in seeded.tagged.keys() - UNTOLD:
        assert seen.names(kind) == [seeded.tagged[kind]]
        assert seen.one(kind, seeded.tagged[kind]).standing is Standing.FOREIGN
    asked = Counter(connection.wire.reads)
    assert (asked["ListQueueTags"], asked["GetBucketTagging"]) == (1, 2)


def test_the_lists_show_what_the_tagging_api_would_hide_when_it_is_denied(connection: Line) -> None:
    seeded = seed()
    connection.wire.fault = Refusing({"GetResources"})
    seen = look(connection, Scope.PROJECT)
    for kind, name in seeded.tagged.items():
        assert seen.names(kind) == [name]
    assert "GetResources" in seen.gaps()["resourcegroupstaggingapi"]


class TestGhosts:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(ghosts=3600)

    def test_what_the_tagging_api_still_lists_and_nothing_else_is_left_out(
        self, connection: Line
    ) -> None:
        ec2 = client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Project", "Value": "UserMetrics"}])
        ec2.delete_vpc(VpcId=vpc)
        told = client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"]
        assert [each["ResourceARN"].rpartition("/")[2] for each in told] == [vpc]
        seen = look(connection, Scope.PROJECT)
        assert (seen.subjects, seen.gaps()) == ([], {})


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


def test_each_account_of_a_role_is_looked_at(connection: Line) -> None:
    roles = tuple(open_account(each) for each in (ACCOUNT, OTHER_ACCOUNT))
    seen = look(connection, role_arns=roles)
    vpcs = [each for each in seen.subjects if each.kind == "vpc"]
    assert {each.place.account for each in vpcs} == {ACCOUNT, OTHER_ACCOUNT}
    assert {each.arn.split(":")[4] for each in vpcs} == {ACCOUNT, OTHER_ACCOUNT}
    assumed = [call.body for call in connection.wire.calls if call.operation == "AssumeRole"]
    assert ["RoleSessionName=umetrics" in body for body in assumed] == [True, True]


def test_an_account_that_cannot_be_assumed_stops_no_other(connection: Line) -> None:
    good, bad = (open_account(each) for each in (ACCOUNT, OTHER_ACCOUNT))
    connection.wire.fault = Refusing({"AssumeRole"}, when=OTHER_ACCOUNT)
    seen = look(connection, role_arns=(bad, good))
    (gap,) = (each for each in seen.unseen if each.kind == "account")
    assert gap.place == Place(OTHER_ACCOUNT, EVERYWHERE)
    assert "sts:AssumeRole" in gap.reason
    assert "trust policy" in gap.reason
    assert HERE in {each.place for each in seen.subjects}


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


def test_ctrl_c_ends_it(connection: Line) -> None:
    events = scan(connection.aws, ScanOptions(Scope.ACCOUNT, "UserMetrics"))
    next(events)
    connection.aws.patience.stopping.set()
    with pytest.raises(Interrupted):
        list(events)
