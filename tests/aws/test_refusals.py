"""What forbids a plan: names taken by others, changes that AWS cannot make, foreign things."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment, changes_of
from tests.support.drifts import DRIFTS, Scene
from tests.support.neighbours import GRANT, let_in, make_group, make_role, make_subnet
from tests.support.worlds import ec2, iam, look_around
from umetrics.errors import Blocked, Conflict

GRAFANA = "UserMetrics-dev-ObservabilityGrafana"
LAMBDA_EMF = "UserMetrics-dev-ObservabilityLambdaEmf"


def drift(name: str) -> Callable[[Scene], object]:
    """One of the ways in which things drift."""
    (found,) = [each.happen for each in DRIFTS if each.name == name]
    return found


def a_foreign_policy(_scene: Scene | None = None) -> None:
    iam().create_policy(PolicyName=LAMBDA_EMF, Path="/others/", PolicyDocument=GRANT)


def test_names_that_others_hold_in_iam_are_conflicts_before_anything_is_touched(
    deployment: Deployment,
) -> None:
    make_role(GRAFANA, "/others/", tags={"Owner": "somebody@example.com"})
    a_foreign_policy()
    before = look_around()

    plan = deployment.plan()

    assert {step.key for step in plan.conflicts} == {"role/grafana", "policy/lambda-emf"}
    assert "somebody@example.com" in plan.step("role/grafana").reason
    with pytest.raises(Conflict, match="/others/"):
        deployment.up()
    assert deployment.line.wire.writes == []
    assert look_around() == before


def test_a_group_name_that_others_hold_in_our_vpc_is_a_conflict_before_anything_is_touched(
    deployment: Deployment, built: Built
) -> None:
    drift("group deleted")(Scene(deployment, built.others))
    taken = make_group(deployment.id("vpc"), "UserMetrics-dev-umami")
    before = look_around()

    with pytest.raises(Conflict, match=taken):
        deployment.up()

    assert deployment.line.wire.writes == []
    assert look_around() == before


def test_a_setting_that_aws_cannot_change_in_place_is_a_conflict(
    deployment: Deployment, built: Built
) -> None:
    deployment.settings = '[network]\ncidr = "10.1.0.0/24"\n'

    plan = deployment.plan()

    subnets = {f"subnet/{tier}-{zone}" for tier in ("public", "private") for zone in "ab"}
    assert changes_of(plan) == dict.fromkeys({"vpc", *subnets}, "conflict")
    with pytest.raises(Conflict, match=r"10\.0\.0\.0/24, wanted 10\.1\.0\.0/24"):
        deployment.up()
    assert look_around() == built.world


def test_orphans_are_shown_and_kept_until_they_are_to_be_pruned(
    deployment: Deployment, built: Built
) -> None:
    endpoint = deployment.id("endpoint/s3")
    deployment.settings = "[network]\ns3_endpoint = false\n"

    kept = deployment.up()

    assert [orphan.id for orphan in kept.plan.orphans] == [endpoint]
    assert kept.did == {}
    assert look_around() == built.world

    assert deployment.up(prune=True).insist().did == {"endpoint/s3": "delete"}

    assert f"vpce/{endpoint}" not in look_around()
    assert "endpoint/s3" not in deployment.receipts
    assert changes_of(deployment.plan()) == {}


def test_foreign_things_in_the_way_of_a_destroy_are_all_named_and_nothing_is_deleted(
    deployment: Deployment, built: Built
) -> None:
    vpc = deployment.id("vpc")
    interface = ec2().create_network_interface(
        SubnetId=deployment.id("subnet/private-a"), Description="somebody's task"
    )["NetworkInterface"]["NetworkInterfaceId"]
    subnet = make_subnet(vpc, "10.0.0.192/26")
    group = make_group(vpc, "somebody")
    referring = built.others.security_group
    let_in(referring, deployment.id("security-group/alb"))
    table = ec2().create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    peering = ec2().create_vpc_peering_connection(VpcId=built.others.vpc, PeerVpcId=vpc)
    peering_id = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    iam().attach_role_policy(
        RoleName=built.others.lambda_role, PolicyArn=deployment.receipts["policy/lambda-emf"].arn
    )
    before = look_around()

    with pytest.raises(Blocked) as refusal:
        deployment.destroy()

    foreign = (interface, subnet, group, referring, table, peering_id, built.others.lambda_role)
    for each in foreign:
        assert each in refusal.value.message
    assert "somebody's task" in refusal.value.message
    assert refusal.value.message.startswith(f"{len(foreign)} foreign things")
    assert deployment.line.wire.writes == []
    assert look_around() == before


def test_what_lost_its_tags_after_the_listing_is_not_deleted(
    deployment: Deployment, built: Built
) -> None:
    gateway = deployment.id("internet-gateway")
    foundation = deployment.begin()
    view = foundation.look()
    plan = foundation.plan_destroy(view)
    foundation.begin(view)
    ec2().delete_tags(Resources=[gateway], Tags=[{"Key": "umetrics:deployment"}])

    outcomes = foundation.apply(plan, lambda _event: None)

    failed = {each.key: type(each).__name__ for each in outcomes if type(each).__name__ != "Done"}
    assert failed == {"internet-gateway": "Failed", "vpc": "Skipped"}
    assert f"igw/{gateway}" in look_around()


def test_an_endpoint_of_others_on_our_table_is_a_conflict_before_anything_is_touched(
    deployment: Deployment, built: Built
) -> None:
    ec2().delete_vpc_endpoints(VpcEndpointIds=[deployment.id("endpoint/s3")])
    deployment.line.clock.settle()
    table = deployment.id("route-table/private")
    answer = ec2().create_vpc_endpoint(
        VpcEndpointType="Gateway",
        VpcId=deployment.id("vpc"),
        ServiceName="com.amazonaws.us-east-1.s3",
        RouteTableIds=[table],
    )
    theirs = answer["VpcEndpoint"]["VpcEndpointId"]
    before = look_around()

    with pytest.raises(Conflict, match=f"{theirs}, which is not ours, serves {table} already"):
        deployment.up()

    assert look_around() == before
