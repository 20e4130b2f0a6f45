"""What `drift` says after each way in which things drift: exactly that, and who it was."""

from __future__ import annotations

from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from tests.support.built import Built
from tests.support.deployments import EVERY_KEY, Deployment, changes_of
from tests.support.drifts import DRIFTS, Drift, Scene, rounds
from tests.support.worlds import ec2
from umetrics.audit.drift import Drift as Found
from umetrics.audit.history import History, last_changes


def drifted(deployment: Deployment) -> tuple[Found, History]:
    """What the command finds, and what CloudTrail knows of it."""
    foundation = deployment.begin()
    found = foundation.drift(foundation.look())
    return found, last_changes(foundation.aws, found.deviations)


def test_nothing_has_drifted_right_after_building(deployment: Deployment, built: Built) -> None:
    found, history = drifted(deployment)
    assert found.is_clean
    assert {step.key for step in found.judged} == EVERY_KEY
    assert history == History()


def test_before_anything_is_built_nothing_has_drifted(deployment: Deployment) -> None:
    found, _ = drifted(deployment)
    assert (found.judged, found.deviations) == ((), ())


@pytest.mark.parametrize(
    "drifts", rounds(DRIFTS), ids=lambda drifts: ", ".join(d.name for d in drifts)
)
def test_exactly_what_drifted_is_reported(
    drifts: tuple[Drift, ...], deployment: Deployment, built: Built
) -> None:
    scene = Scene(deployment, built.others)
    for drift in drifts:
        drift.happen(scene)
    planned = changes_of(deployment.plan())
    found, history = drifted(deployment)
    assert {each.key for each in found.deviations} == planned.keys()
    assert planned.keys() >= {key for drift in drifts for key in drift.planned}
    assert bool(history.changes) is not all(drift.nameless for drift in drifts)


def test_the_author_the_call_and_the_time_are_those_of_the_change(
    deployment: Deployment, built: Built
) -> None:
    subnet = deployment.id("subnet/public-a")
    ec2().modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    with pytest.raises(ClientError):
        ec2().create_nat_gateway(SubnetId=subnet, AllocationId="eipalloc-0123456789abcdef0")
    _, history = drifted(deployment)
    change = history.changes["subnet/public-a"]
    assert change.event == "ModifySubnetAttribute"
    assert ":iam::" in change.author
    assert isinstance(change.at, datetime)


def test_receipts_alone_tell_what_is_missing_and_without_them_it_is_not_known(
    deployment: Deployment, built: Built
) -> None:
    table = deployment.id("route-table/private")
    ec2().delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    endpoint = deployment.id("endpoint/s3")
    ec2().delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    deployment.line.clock.settle()
    found, _ = drifted(deployment)
    assert {each.key: each.id for each in found.deviations} == {
        "route-table/private": table,
        "endpoint/s3": endpoint,
    }
    deployment.forget_state()
    found, _ = drifted(deployment)
    assert [each.key for each in found.deviations] == ["route-table/private"]


def test_looking_for_drift_writes_nothing(deployment: Deployment, built: Built) -> None:
    ec2().delete_tags(Resources=[deployment.id("vpc")], Tags=[{"Key": "Owner"}])
    drifted(deployment)
    assert deployment.line.aws.log.write_count == 0
    assert deployment.line.aws.log.operations[-1] == "cloudtrail:LookupEvents"
