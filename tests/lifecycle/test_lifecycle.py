"""From an account in which others live, through up and destroy, back to the very same account."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.support.built import Built
from tests.support.deployments import EVERY_KEY, Deployment
from tests.support.drifts import Scene
from tests.support.neighbours import let_in, move_in
from tests.support.worlds import ec2, look_around, parse, tags_in

REQUIRED = {
    "Project": "UserMetrics",
    "Environment": "dev",
    "ManagedBy": "umetrics",
    "CostCenter": "Observability",
    "Owner": "engineering@example.com",
}
PRIVATE = {"Component": "Networking", "Function": "Networking", "NetworkTier": "Private"}
PUBLIC = {"Component": "Networking", "Function": "Networking", "NetworkTier": "Public"}
BALANCER = {"Component": "Networking", "Function": "Security", "Purpose": "LoadBalancer"}
TASKS = {"Component": "Networking", "Function": "Security", "Purpose": "ECSAccess"}
ACCESS = {"Component": "IAM", "Function": "AccessControl"}
WRITING, READING = {"AccessLevel": "ReadWrite"}, {"AccessLevel": "ReadOnly"}

FUNCTIONAL: Mapping[str, Mapping[str, str]] = {
    "vpc": PRIVATE,
    "internet-gateway": PUBLIC,
    "subnet/public-a": PUBLIC,
    "subnet/public-b": PUBLIC,
    "subnet/private-a": PRIVATE,
    "subnet/private-b": PRIVATE,
    "route-table/public": PUBLIC,
    "elastic-ip/nat": PUBLIC,
    "nat-gateway": PUBLIC,
    "route-table/private": PRIVATE,
    "endpoint/s3": PRIVATE,
    "security-group/alb": BALANCER,
    "security-group/openreplay": TASKS,
    "security-group/umami": TASKS,
    "rules/alb": BALANCER,
    "rules/openreplay": TASKS,
    "rules/umami": TASKS,
    "role/ecs-task-execution": {**ACCESS, **WRITING, "Purpose": "ECSTaskExecution"},
    "role/openreplay-task": {**ACCESS, **WRITING, "Purpose": "OpenReplayTask"},
    "role/umami-task": {**ACCESS, **WRITING, "Purpose": "UmamiTask"},
    "role/grafana": {**ACCESS, **READING, "Purpose": "GrafanaAccess"},
    "policy/lambda-emf": {**ACCESS, **WRITING, "Purpose": "LambdaMetrics"},
}
"""Section 2 of the requirements, row by row."""

IMPLICIT = ("rtb", "acl", "sg")
"""The kinds that AWS makes with a VPC, one of each."""


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.thorough), 8])
def test_the_account_is_afterwards_what_it_was_before(deployment: Deployment, workers: int) -> None:
    deployment.workers = workers
    move_in()
    deployment.line.clock.settle()
    before = look_around()

    assert deployment.up().insist().did == dict.fromkeys(EVERY_KEY, "create")
    built = look_around()
    assert {key: built[key] for key in before} == before

    assert deployment.up().did == {}
    assert deployment.line.wire.writes == []
    assert look_around() == built

    assert deployment.destroy().insist().did == dict.fromkeys(EVERY_KEY, "delete")
    assert look_around() == before
    assert deployment.receipts == {}


def test_everything_new_in_the_account_carries_every_tag(built: Built) -> None:
    described = {
        name: each for name, each in parse(built.world).items() if name not in built.before
    }
    ours = {name: each for name, each in described.items() if not name.startswith("eni/")}
    explicit = {
        name: tags for name, each in ours.items() if "umetrics:resource" in (tags := tags_in(each))
    }
    implicit = {name: tags_in(each) for name, each in ours.items() if name not in explicit}

    assert {tags["umetrics:resource"] for tags in explicit.values()} == EVERY_KEY
    for tags in explicit.values():
        assert tags == expected(tags["umetrics:resource"])
    assert sorted(name.partition("/")[0] for name in implicit) == sorted(IMPLICIT)
    for tags in implicit.values():
        assert tags == {**REQUIRED, **PRIVATE, "Name": "UserMetrics-dev-vpc-default"}


def expected(key: str) -> dict[str, str]:
    return {
        **REQUIRED,
        **FUNCTIONAL[key],
        "Name": "UserMetrics-dev-" + key.replace("/", "-"),
        "umetrics:deployment": "UserMetrics/dev",
        "umetrics:resource": key,
        **({"umetrics:region": "us-east-1"} if key.startswith(("role/", "policy/")) else {}),
    }


def test_the_only_untagged_thing_is_the_interface_that_aws_gives_the_nat_gateway(
    built: Built,
) -> None:
    new = parse({key: text for key, text in built.world.items() if key not in built.before})
    (gateway,) = [each for name, each in new.items() if name.startswith("nat/")]

    untagged = [name.partition("/")[2] for name, each in new.items() if not tags_in(each)]

    assert untagged == [each["NetworkInterfaceId"] for each in gateway["NatGatewayAddresses"]]


def test_the_default_group_of_our_vpc_lets_nothing_through(
    deployment: Deployment, built: Built
) -> None:
    vpc = deployment.id("vpc")
    (group,) = [
        each
        for name, each in parse(built.world).items()
        if name.startswith("sg/") and each["VpcId"] == vpc and each["GroupName"] == "default"
    ]

    assert group["IpPermissions"] == []
    assert group["IpPermissionsEgress"] == []


def test_a_foreign_route_on_our_table_and_a_foreign_rule_in_our_group_survive(
    deployment: Deployment, built: Built
) -> None:
    table, group = deployment.id("route-table/private"), deployment.id("security-group/umami")
    peering = built.others.peering
    ec2().create_route(
        RouteTableId=table,
        DestinationCidrBlock="10.60.0.0/16",
        VpcPeeringConnectionId=peering,
    )
    ec2().delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    let_in(group, "192.0.2.0/24")
    others = {name for name in look_around() if name.startswith("sgr/")} - built.world.keys()
    scene = Scene(deployment, built.others)
    ec2().revoke_security_group_egress(
        GroupId=group, SecurityGroupRuleIds=scene.rules("umami", egress=True)[:1]
    )

    repaired = deployment.up().insist()

    assert repaired.did == {"route-table/private": "update", "rules/umami": "update"}
    routes = parse(look_around())[f"rtb/{table}"]["Routes"]
    assert {"10.60.0.0/16", "0.0.0.0/0"} <= {each.get("DestinationCidrBlock") for each in routes}
    assert len(others) == 1
    assert others <= look_around().keys()
    assert deployment.up().did == {}
