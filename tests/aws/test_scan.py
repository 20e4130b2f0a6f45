"""What can carry tags in an account is found, however little the tagging API knows of it."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment, Line
from tests.support.plain import client
from tests.support.scans import HERE, NOWHERE, OTHER_ACCOUNT, UNSERVED, look
from tests.support.tagged_account import ACCOUNT, TAGS, open_account, seed
from umetrics.audit.catalogue import KINDS
from umetrics.audit.ground import Recorded
from umetrics.audit.scan import Progress, ScanOptions, scan
from umetrics.audit.values import Place, Scope, Standing
from umetrics.aws.calls import writes
from umetrics.errors import Interrupted, Refused
from umetrics.patience import Pace
from umetrics.sandbox.strict import Settings

pytestmark = pytest.mark.usefixtures("shared_readers")

UNTOLD = {"ecr-repository", "opensearch-domain"}
"""Kinds that the stand-in's tagging API leaves out; AWS's has them."""


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


@pytest.mark.thorough
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
    connection.wire.calls.clear()
    look(connection, Scope.PROJECT)
    operations = [each.operation for each in connection.wire.calls]
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


def test_each_account_of_a_role_is_looked_at(connection: Line) -> None:
    roles = tuple(open_account(each) for each in (ACCOUNT, OTHER_ACCOUNT))
    seen = look(connection, role_arns=roles)
    vpcs = [each for each in seen.subjects if each.kind == "vpc"]
    assert {each.place.account for each in vpcs} == {ACCOUNT, OTHER_ACCOUNT}
    assert {each.arn.split(":")[4] for each in vpcs} == {ACCOUNT, OTHER_ACCOUNT}
    assumed = [call.body for call in connection.wire.calls if call.operation == "AssumeRole"]
    assert ["RoleSessionName=umetrics" in body for body in assumed] == [True, True]


def test_ctrl_c_ends_it(connection: Line) -> None:
    events = scan(connection.aws, ScanOptions(Scope.ACCOUNT, "UserMetrics"))
    next(events)
    connection.aws.patience.stopping.set()
    with pytest.raises(Interrupted):
        list(events)


def test_who_leaves_while_places_are_begun_leaves_no_thread_behind(connection: Line) -> None:
    regions = ("us-east-1", "eu-west-1", "us-west-2")
    events = scan(connection.aws, ScanOptions(Scope.ACCOUNT, "UserMetrics", regions=regions))
    assert any(isinstance(each, Progress) for each in events)  # and then nobody reads on
    events.close()  # type: ignore[attr-defined]  # it is a generator
    assert [each.name for each in threading.enumerate() if each.name.startswith("stream")] == []
