"""Ways to a database: open where everything is; where one thing is shut, that one is named."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.library.reaching import Reach
from umetrics.render.line import Look, compose
from umetrics.render.verify.ways import reach_json, reach_lines, reach_markdown
from umetrics.verify.reach.database import Health, Wanted, databases
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.place import (
    READY,
    functions_in_vpcs,
    groups_of_functions,
    missing_names,
    ways,
)
from umetrics.verify.reach.shape import misfit, without_nothing
from umetrics.verify.reach.values import Passage, Place, Way

World = dict[str, list[dict[str, Any]]]

ALLOW_ALL = {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}
DENY_ALL = {**ALLOW_ALL, "RuleNumber": 32767, "RuleAction": "deny"}
TARGET = {"RdsResourceId": "orders", "TargetHealth": {"State": "AVAILABLE"}}


def tcp(port: int, *groups: str, cidr: str = "") -> dict[str, Any]:
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "UserIdGroupPairs": [{"GroupId": each} for each in groups],
        "IpRanges": [{"CidrIp": cidr}] if cidr else [],
    }


def table(id_: str, vpc: str, *subnets: str) -> dict[str, Any]:
    return {
        "RouteTableId": id_,
        "VpcId": vpc,
        "Associations": [{"SubnetId": each} for each in subnets] or [{"Main": True}],
        "Routes": [{"DestinationCidrBlock": f"{RANGES[vpc]}.0.0/16", "GatewayId": "local"}],
    }


RANGES = {"vpc-app": "10.50", "vpc-data": "10.60"}


def acl(id_: str, vpc: str, *subnets: str) -> dict[str, Any]:
    entries = [
        {**each, "Egress": egress} for each in (ALLOW_ALL, DENY_ALL) for egress in (True, False)
    ]
    return {
        "NetworkAclId": id_,
        "VpcId": vpc,
        "Associations": [{"SubnetId": each} for each in subnets],
        "Entries": entries,
    }


def subnet(id_: str, vpc: str, number: int) -> dict[str, Any]:
    return {"SubnetId": id_, "VpcId": vpc, "CidrBlock": f"{RANGES[vpc]}.{number}.0/24"}


def function(name: str = "api", *, group: str = "sg-fn") -> dict[str, Any]:
    vpc_config = {"SubnetIds": ["subnet-fn"], "SecurityGroupIds": [group]}
    state, last_update = READY
    return {
        "FunctionName": name,
        "VpcConfig": vpc_config,
        "State": state,
        "LastUpdateStatus": last_update,
    }


def world() -> World:
    """A function and a proxy in one VPC, the cluster in another one, peered."""
    there = {"DestinationCidrBlock": "10.60.0.0/16", "VpcPeeringConnectionId": "pcx-1"}
    back = {"DestinationCidrBlock": "10.50.0.0/16", "VpcPeeringConnectionId": "pcx-1"}
    app, data = table("rtb-app", "vpc-app", "subnet-fn"), table("rtb-data", "vpc-data")
    main = table("rtb-main", "vpc-app")
    public = table("rtb-public", "vpc-app", "subnet-nat")
    public["Routes"].append({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"})
    main["Routes"].append(there)
    data["Routes"].append(back)
    return {
        "lambda-function": [function(), {"FunctionName": "outside", "VpcConfig": {}}],
        "subnet": [
            subnet("subnet-fn", "vpc-app", 1),
            subnet("subnet-proxy", "vpc-app", 2),
            subnet("subnet-db", "vpc-data", 1),
            subnet("subnet-nat", "vpc-app", 3),
        ],
        "route-table": [app, main, data, public],
        "network-acl": [
            acl("acl-fn", "vpc-app", "subnet-fn"),
            acl("acl-proxy", "vpc-app", "subnet-proxy"),
            acl("acl-db", "vpc-data", "subnet-db"),
        ],
        "security-group": [
            {"GroupId": "sg-fn", "IpPermissionsEgress": [tcp(5432, "sg-proxy")]},
            {
                "GroupId": "sg-proxy",
                "IpPermissions": [tcp(5432, "sg-fn")],
                "IpPermissionsEgress": [tcp(5432, cidr="10.60.0.0/16")],
            },
            {"GroupId": "sg-db", "IpPermissions": [tcp(5432, cidr="10.50.2.0/24")]},
        ],
        "vpc-peering-connection": [
            {
                "VpcPeeringConnectionId": "pcx-1",
                "Status": {"Code": "active"},
                "RequesterVpcInfo": {"VpcId": "vpc-app"},
                "AccepterVpcInfo": {"VpcId": "vpc-data"},
            }
        ],
        "nat-gateway": [{"NatGatewayId": "nat-1", "SubnetId": "subnet-nat"}],
        "rds-proxy": [
            {
                "DBProxyName": "orders",
                "EngineFamily": "POSTGRESQL",
                "Status": "available",
                "VpcSubnetIds": ["subnet-proxy"],
                "VpcSecurityGroupIds": ["sg-proxy"],
            }
        ],
        "rds-cluster": [
            {
                "DBClusterIdentifier": "orders",
                "Engine": "aurora-postgresql",
                "Status": "available",
                "Port": 5432,
                "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db"}],
            }
        ],
        "rds-instance": [
            {
                "DBClusterIdentifier": "orders",
                "DBSubnetGroup": {"Subnets": [{"SubnetIdentifier": "subnet-db"}]},
            }
        ],
    }


HEALTHY = Health({"orders": (TARGET,)})


def ways_in(there: World, health: Health = HEALTHY, wanted: Wanted | None = None) -> list[Way]:
    ground, asked = Ground.of(there), wanted or Wanted()
    functions = functions_in_vpcs(there["lambda-function"], asked)
    targets = list(databases(ground, there, health, asked))
    return list(ways(ground, groups_of_functions(ground, functions, health), targets))


def wrong(way: Way) -> list[tuple[str, Passage, tuple[str, ...]]]:
    return [(hop.what, hop.passage, hop.ids) for hop in way.hops if hop.passage is not Passage.OK]


def test_where_everything_is_open_every_hop_says_so_with_what_was_looked_at() -> None:
    (way,) = ways_in(world())
    assert wrong(way) == []
    assert way.passage is Passage.OK
    looked_at = {id_ for hop in way.hops for id_ in hop.ids}
    assert looked_at == {
        *("sg-fn", "sg-proxy", "sg-db", "acl-fn", "acl-proxy", "acl-db"),
        *("rtb-app", "rtb-main", "rtb-data", "pcx-1", "local"),
    }


def entry(there: World, acl_number: int, **changes: Any) -> None:  # noqa: ANN401  # an entry's fields
    egress = changes.pop("egress")
    added = {**ALLOW_ALL, "RuleNumber": 50, "Protocol": "6", "Egress": egress, **changes}
    there["network-acl"][acl_number]["Entries"].append(added)


def groups(there: World, number: int, **rules: Any) -> None:  # noqa: ANN401  # a group's rules
    there["security-group"][number].update(rules)


def routes(there: World, number: int, *more: dict[str, str]) -> None:
    there["route-table"][number]["Routes"][1:] = more


def port(first: int, last: int) -> dict[str, int]:
    return {"From": first, "To": last}


def half(first: int, **more: str) -> dict[str, str]:
    """A route to one half of the cluster's subnet."""
    return {
        "DestinationCidrBlock": f"10.60.1.{first}/25",
        "VpcPeeringConnectionId": "pcx-1",
        **more,
    }


BLACKHOLE = {
    "DestinationCidrBlock": "10.60.0.0/16",
    "VpcPeeringConnectionId": "pcx-1",
    "State": "blackhole",
}
BY_PEERING = {"DestinationCidrBlock": "10.60.0.0/16", "VpcPeeringConnectionId": "pcx-1"}
BY_LIST = {"DestinationPrefixListId": "pl-1", "VpcPeeringConnectionId": "pcx-1"}
BY_DEFAULT = {"DestinationCidrBlock": "0.0.0.0/0"}
BY_NAT = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}
BY_TRANSIT = {"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1"}
PREFIX_LIST = {**tcp(5432), "PrefixListIds": [{"PrefixListId": "pl-1"}]}


def by_nat_and_transit(there: World) -> None:
    """The NAT gateway's own subnet leads into a transit gateway."""
    routes(there, 1, BY_NAT)
    routes(there, 3, BY_TRANSIT)


SHUT: dict[str, tuple[Callable[[World], object], str, Passage]] = {
    "no egress of the function": (
        lambda there: groups(there, 0, IpPermissionsEgress=[tcp(443, "sg-proxy")]),
        "sg-fn",
        Passage.BLOCKED,
    ),
    "no ingress of the proxy": (
        lambda there: groups(there, 1, IpPermissions=[tcp(5432, "sg-other")]),
        "sg-proxy",
        Passage.BLOCKED,
    ),
    "no egress of the proxy": (
        lambda there: groups(there, 1, IpPermissionsEgress=[]),
        "sg-proxy",
        Passage.BLOCKED,
    ),
    "no ingress of the cluster": (
        lambda there: groups(there, 2, IpPermissions=[tcp(5432, cidr="10.50.3.0/24")]),
        "sg-db",
        Passage.BLOCKED,
    ),
    "ingress from a part of the subnet": (
        lambda there: groups(there, 2, IpPermissions=[tcp(5432, cidr="10.50.2.0/25")]),
        "sg-db",
        Passage.UNKNOWN,
    ),
    "ingress from a prefix list": (
        lambda there: groups(there, 2, IpPermissions=[PREFIX_LIST]),
        "sg-db",
        Passage.UNKNOWN,
    ),
    "a group that was not seen": (
        lambda there: there["security-group"].pop(2),
        "sg-db",
        Passage.UNKNOWN,
    ),
    "no route there": (lambda there: routes(there, 1), "rtb-main", Passage.BLOCKED),
    "no route back": (lambda there: routes(there, 2), "rtb-data", Passage.BLOCKED),
    "a route to the internet": (
        lambda there: routes(there, 1, BY_NAT),
        "nat-1",
        Passage.BLOCKED,
    ),
    "a route by a transit gateway": (
        lambda there: routes(there, 1, BY_TRANSIT),
        "tgw-1",
        Passage.UNKNOWN,
    ),
    "a blackhole": (lambda there: routes(there, 1, BLACKHOLE), "rtb-main", Passage.BLOCKED),
    "half of the subnet by a blackhole": (
        lambda there: routes(there, 1, BY_PEERING, half(0, State="blackhole")),
        "rtb-main",
        Passage.UNKNOWN,
    ),
    "both halves by blackholes": (
        lambda there: routes(
            there, 1, BY_PEERING, half(0, State="blackhole"), half(128, State="blackhole")
        ),
        "rtb-main",
        Passage.BLOCKED,
    ),
    "a route to a half only": (
        lambda there: routes(there, 1, half(0)),
        "rtb-main",
        Passage.UNKNOWN,
    ),
    "a route by a prefix list": (
        lambda there: routes(there, 1, BY_LIST),
        "pl-1",
        Passage.UNKNOWN,
    ),
    "a route, and a prefix list that leads elsewhere": (
        lambda there: routes(there, 1, BY_PEERING, {**BY_LIST, "VpcPeeringConnectionId": "pcx-2"}),
        "pl-1",
        Passage.UNKNOWN,
    ),
    "a NAT gateway that was not seen": (
        lambda there: routes(there, 1, {**BY_NAT, "NatGatewayId": "nat-2"}),
        "nat-2",
        Passage.UNKNOWN,
    ),
    "a NAT gateway whose subnet has a way there": (
        by_nat_and_transit,
        "nat-1",
        Passage.UNKNOWN,
    ),
    "a virtual private gateway": (
        lambda there: routes(there, 1, {**BY_DEFAULT, "GatewayId": "vgw-1"}),
        "vgw-1",
        Passage.UNKNOWN,
    ),
    "a network interface": (
        lambda there: routes(there, 1, {**BY_DEFAULT, "NetworkInterfaceId": "eni-1"}),
        "eni-1",
        Passage.UNKNOWN,
    ),
    "a route whose target is not told": (
        lambda there: routes(there, 1, BY_DEFAULT),
        "rtb-main",
        Passage.UNKNOWN,
    ),
    "a peering that is not accepted": (
        lambda there: there["vpc-peering-connection"][0].update(
            Status={"Code": "pending-acceptance"}
        ),
        "pcx-1",
        Passage.BLOCKED,
    ),
    "a peering into another VPC": (
        lambda there: there["vpc-peering-connection"][0].update(
            AccepterVpcInfo={"VpcId": "vpc-other"}
        ),
        "pcx-1",
        Passage.BLOCKED,
    ),
    "a peering that was not seen": (
        lambda there: there["vpc-peering-connection"].clear(),
        "pcx-1",
        Passage.UNKNOWN,
    ),
    "an ACL that lets nothing in": (
        lambda there: entry(there, 2, egress=False, RuleAction="deny", PortRange=port(5432, 5432)),
        "acl-db",
        Passage.BLOCKED,
    ),
    "an ACL that lets no answer back": (
        lambda there: entry(there, 0, egress=False, RuleAction="deny", PortRange=port(1024, 65535)),
        "acl-fn",
        Passage.BLOCKED,
    ),
    "an ACL that lets some answers back": (
        lambda there: entry(there, 0, egress=False, RuleAction="deny", PortRange=port(1024, 2000)),
        "acl-fn",
        Passage.UNKNOWN,
    ),
    "an ACL without entries": (
        lambda there: there["network-acl"][1].update(Entries=[]),
        "acl-proxy",
        Passage.BLOCKED,
    ),
    "an ACL that was not seen": (
        lambda there: there["network-acl"].pop(2),
        "subnet-db",
        Passage.UNKNOWN,
    ),
}


@pytest.mark.parametrize("case", SHUT)
def test_whatever_one_thing_is_shut_is_named(case: str) -> None:
    shut, id_, passage = SHUT[case]
    there = world()
    shut(there)
    (way,) = ways_in(there)
    assert way.passage is passage
    told = wrong(way)
    assert {each for _, _, ids in told for each in ids} >= {id_}
    assert all(each[1] is passage for each in told)
    requested = {id_, "rtb-main", "rtb-data"}
    assert any(each in " ".join(way.requests) for each in requested) is (passage is Passage.BLOCKED)


@pytest.mark.parametrize(
    ("over", "passage"),
    [
        ({"NatGatewayId": "nat-9", "State": "blackhole"}, Passage.BLOCKED),
        ({"NetworkInterfaceId": "eni-1"}, Passage.UNKNOWN),
        ({"NatGatewayId": "nat-9"}, Passage.UNKNOWN),
    ],
)
def test_the_way_back_within_a_vpc_counts_too_where_a_route_is_more_specific_than_local(
    over: dict[str, str], passage: Passage
) -> None:
    there = world()
    there["route-table"][1]["Routes"].append({"DestinationCidrBlock": "10.50.1.0/24", **over})
    (way,) = ways_in(there)
    assert way.passage is passage
    (hop,) = (hop for hop in way.hops if hop.passage is not Passage.OK)
    assert hop.what == "routes from proxy orders to api"


def test_a_deny_that_is_about_something_else_shuts_nothing() -> None:
    there = world()
    entry(there, 2, egress=False, RuleAction="deny", PortRange=port(22, 22))
    entry(there, 2, egress=False, RuleAction="deny", Protocol="17", RuleNumber=51)
    entry(there, 2, egress=False, RuleAction="deny", CidrBlock="10.99.0.0/16", RuleNumber=52)
    (way,) = ways_in(there)
    assert way.passage is Passage.OK


def test_the_most_specific_route_counts() -> None:
    there = world()
    routes(there, 1, BY_NAT, {**BLACKHOLE, "State": "active"})
    assert ways_in(there)[0].passage is Passage.OK


@pytest.mark.parametrize(
    ("state", "last_update", "passage"),
    [
        ("Pending", "Successful", Passage.UNKNOWN),
        ("Inactive", "", Passage.UNKNOWN),
        ("Active", "InProgress", Passage.UNKNOWN),
        ("", "", Passage.UNKNOWN),
        ("Failed", "", Passage.BLOCKED),
    ],
)
def test_a_function_that_is_not_ready_cannot_be_judged_and_only_one_that_failed_is_broken(
    state: str, last_update: str, passage: Passage
) -> None:
    there = world()
    there["lambda-function"][0].update(State=state, LastUpdateStatus=last_update)
    (way,) = ways_in(there)
    assert way.passage is passage
    assert [what for what, *_ in wrong(way)] == ["state of the function"]


def test_where_states_may_not_be_asked_nothing_is_said_of_functions_but_why() -> None:
    (way,) = ways_in(world(), replace(HEALTHY, stateless="not authorized"))
    assert way.passage is Passage.UNKNOWN
    assert way.hops[0].reason == "not authorized"


@pytest.mark.parametrize(
    ("targets", "passage"),
    [
        ((), Passage.BLOCKED),
        ("not allowed", Passage.UNKNOWN),
        (({**TARGET, "TargetHealth": {"State": "UNAVAILABLE"}},), Passage.BLOCKED),
        (({**TARGET, "TargetHealth": {"State": "REGISTERING"}},), Passage.UNKNOWN),
    ],
)
def test_a_proxy_without_a_healthy_target_is_told(
    targets: tuple[dict[str, Any], ...] | str, passage: Passage
) -> None:
    told = ways_in(world(), Health({"orders": targets}))
    assert told[0].passage is passage


def test_functions_in_one_place_are_told_as_one_and_others_apart() -> None:
    there = world()
    there["lambda-function"] += [function("worker"), function("batch", group="sg-batch")]
    names = [way.source for way in ways_in(there)]
    assert names == ["api, worker", "batch"]


def test_a_cluster_without_a_proxy_is_reached_by_itself_and_one_behind_a_proxy_only_if_named() -> (
    None
):
    there = world()
    other = copy.deepcopy(there["rds-cluster"][0])
    other["DBClusterIdentifier"] = "bare"
    there["rds-cluster"].append(other)
    assert [way.target for way in ways_in(there)] == ["proxy orders", "cluster bare"]
    named = ways_in(there, wanted=Wanted(databases=("bare",)))
    assert [way.target for way in named] == ["cluster bare"]
    assert named[0].passage is Passage.UNKNOWN  # no instance of it tells where it is


def test_what_lies_in_another_region_is_not_seen_and_nothing_is_said_of_the_way_there() -> None:
    there = world()
    del there["subnet"][2]  # a list tells its own region's only, and a peering may lead elsewhere
    (way,) = ways_in(there)
    assert way.passage is Passage.UNKNOWN
    assert [hop.reason for hop in way.hops if hop.passage is not Passage.OK] == [
        "no subnet of cluster orders was seen"
    ]


def test_names_that_nobody_has_are_told() -> None:
    there, wanted = world(), Wanted(("api", "gone"), ("lost",))
    functions = functions_in_vpcs(there["lambda-function"], wanted)
    assert missing_names(wanted, functions, ["orders"]) == ("function gone", "database lost")


def test_what_is_missing_for_our_tasks_is_put_as_a_request() -> None:
    there = world()
    there["security-group"].append(
        {"GroupId": "sg-umami", "IpPermissionsEgress": [tcp(5432, cidr="10.0.0.0/8")]}
    )
    ground = Ground.of(there)
    tasks = Place("umami tasks", ground.named(["subnet-fn"]), ("sg-umami",))
    (way,) = ways(ground, [(tasks, None)], list(databases(ground, there, HEALTHY, Wanted())))
    assert way.requests == (
        "ingress tcp 5432 from sg-umami (umami tasks) in sg-proxy (proxy orders)",
    )
    reach = Reach(tasks=(way,))
    assert not reach.is_broken
    shown = compose(reach_lines(reach), Look())
    assert "To be done with the database's owner" in shown
    assert "- umami tasks to proxy orders: blocked" in shown
    assert "ingress tcp 5432 from sg-umami" in reach_markdown(reach)
    assert reach_json(reach)["broken"] is False


def test_a_blocked_function_is_wrong_only_where_it_was_named() -> None:
    there = world()
    groups(there, 2, IpPermissions=[])
    blocked = tuple(ways_in(there))
    assert not Reach(functions=blocked).is_broken
    assert Reach(functions=blocked, insists=True).is_broken
    absent = Reach(absent=("function gone",), region="us-east-1")
    assert absent.is_broken
    told = "function gone is configured, and not in us-east-1"
    assert told in compose(reach_lines(absent), Look())
    assert f"`{told}`" in reach_markdown(absent)


def test_two_routes_that_cover_a_subnet_together_are_as_good_as_one() -> None:
    there = world()
    routes(there, 1, half(0), half(128))
    assert wrong(ways_in(there)[0]) == []


def test_where_parts_of_a_subnet_go_different_ways_both_routes_are_named() -> None:
    there = world()
    routes(there, 1, BY_PEERING, half(0, VpcPeeringConnectionId="pcx-9", State="blackhole"))
    (hop,) = (hop for hop in ways_in(there)[0].hops if hop.passage is not Passage.OK)
    assert {"rtb-main", "pcx-1", "pcx-9"} <= set(hop.ids)
    assert "10.60.1.0/25: pcx-9 is gone: the route is a blackhole" in hop.reason
    assert "10.60.1.128/25 by pcx-1: ok" in hop.reason


def test_a_prefix_list_that_cannot_hold_the_target_is_no_doubt() -> None:
    there = world()
    to_s3 = {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1"}
    routes(there, 1, BY_PEERING, to_s3, {**BY_LIST})
    there["route-table"][0]["Routes"] += [to_s3, BY_LIST]
    assert wrong(ways_in(there)[0]) == []


@pytest.mark.parametrize(
    "more", [[], [{"SubnetId": "subnet-six", "VpcId": "vpc-app", "Ipv6Native": True}]]
)
@pytest.mark.parametrize("place", ["function", "proxy", "cluster"])
def test_a_subnet_without_an_ipv4_range_or_unseen_is_unknown_and_named(
    place: str, more: list[dict[str, Any]]
) -> None:
    there = world()
    there["subnet"] += more
    if place == "function":
        there["lambda-function"][0]["VpcConfig"]["SubnetIds"].append("subnet-six")
    elif place == "proxy":
        there["rds-proxy"][0]["VpcSubnetIds"].append("subnet-six")
    else:
        found = there["rds-instance"][0]["DBSubnetGroup"]["Subnets"]
        found.append({"SubnetIdentifier": "subnet-six"})
    (way,) = ways_in(there)
    assert way.passage is Passage.UNKNOWN
    assert {ids for _, _, ids in wrong(way)} == {("subnet-six",)}


def test_a_range_that_may_hold_a_subnet_that_was_not_seen_shuts_nobody_out() -> None:
    there = world()
    there["lambda-function"][0]["VpcConfig"]["SubnetIds"].append("subnet-unseen")
    _, proxy, _ = there["security-group"]
    proxy["IpPermissions"] = [tcp(5432, cidr="10.50.9.0/24")]
    (way,) = ways_in(there)
    assert way.passage is Passage.UNKNOWN
    proxy["IpPermissions"] = [tcp(5432, "sg-other")]
    (way,) = ways_in(there)
    assert way.passage is Passage.BLOCKED


def test_within_one_subnet_no_route_is_asked() -> None:
    there = world()
    there["rds-proxy"][0]["VpcSubnetIds"] = ["subnet-fn"]
    del there["route-table"][0]["VpcId"], there["route-table"][0]["Associations"]
    there["route-table"][1]["Associations"] = []
    told = {hop.what: hop.passage for hop in ways_in(there)[0].hops}
    assert told["routes from api to proxy orders"] is Passage.OK
    assert told["routes from proxy orders to cluster orders"] is Passage.UNKNOWN


INSTANCE = {
    "DBInstanceIdentifier": "single",
    "Engine": "postgres",
    "DBInstanceStatus": "available",
    "Endpoint": {"Port": 5432},
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db"}],
    "DBSubnetGroup": {"Subnets": [{"SubnetIdentifier": "subnet-db"}]},
}


def aimed_at(id_: str, **more: str) -> Health:
    return Health({"orders": ({**TARGET, "RdsResourceId": id_, **more},)})


def test_a_proxy_of_an_instance_is_followed_to_that() -> None:
    there = world()
    there["rds-instance"].append(INSTANCE)
    asked = Wanted(databases=("orders",))
    there["rds-cluster"] = []
    (way,) = ways_in(there, aimed_at("single"), asked)
    assert wrong(way) == []
    groups(there, 2, IpPermissions=[])
    (way,) = ways_in(there, aimed_at("single"), asked)
    assert [ids for _, _, ids in wrong(way)] == [("sg-db",)]


def test_a_proxy_of_a_cluster_s_instance_is_followed_to_the_cluster() -> None:
    there = world()
    there["rds-instance"][0]["DBInstanceIdentifier"] = "orders-1"
    groups(there, 2, IpPermissions=[])
    for health in (aimed_at("orders-1"), aimed_at("other", TrackedClusterId="orders")):
        assert ("sg-db",) in [ids for _, _, ids in wrong(ways_in(there, health)[0])]


def test_a_target_that_was_not_seen_is_unknown() -> None:
    there = world()
    there["rds-cluster"], there["rds-instance"] = [], []
    (way,) = ways_in(there)
    assert way.passage is Passage.UNKNOWN
    assert [reason for hop in way.hops if (reason := hop.reason)] == [
        "orders is no cluster or instance that was seen"
    ]


def test_a_tracked_cluster_has_the_health_of_its_instances() -> None:
    cluster = {"RdsResourceId": "orders", "Type": "TRACKED_CLUSTER"}
    instance = {**TARGET, "RdsResourceId": "orders-1", "TrackedClusterId": "orders"}
    (way,) = ways_in(world(), Health({"orders": (cluster, instance)}))
    assert wrong(way) == []


@pytest.mark.parametrize("kind", ["rds-proxy", "rds-cluster"])
@pytest.mark.parametrize(
    ("status", "passage"),
    [
        ("incompatible-network", Passage.BLOCKED),
        ("deleting", Passage.BLOCKED),
        ("failed", Passage.BLOCKED),
        ("modifying", Passage.UNKNOWN),
        ("", Passage.UNKNOWN),
    ],
)
def test_a_database_that_does_not_serve_is_not_ok_and_its_state_is_named(
    kind: str, status: str, passage: Passage
) -> None:
    there = world()
    there[kind][0]["Status"] = status
    (way,) = ways_in(there)
    assert way.passage is passage
    assert f"it is {status or 'in no known state'}" in [hop.reason for hop in way.hops]


def direct(*instances: dict[str, Any]) -> World:
    """The cluster without a proxy, reached over the peering."""
    there = world()
    there["rds-proxy"] = []
    groups(there, 0, IpPermissionsEgress=[tcp(5432, cidr="10.60.0.0/16")])
    groups(there, 2, IpPermissions=[tcp(5432, cidr="10.50.0.0/16")])
    there["route-table"][0]["Routes"].append(BY_PEERING)
    there["rds-instance"] = list(instances)
    return there


def member(status: str = "available", **more: Any) -> dict[str, Any]:  # noqa: ANN401  # its fields
    return {
        "DBInstanceIdentifier": f"orders-{status}",
        "DBClusterIdentifier": "orders",
        "DBInstanceStatus": status,
        "DBSubnetGroup": {"Subnets": [{"SubnetIdentifier": "subnet-db"}]},
        **more,
    }


@pytest.mark.parametrize(
    ("statuses", "passage"),
    [
        (["available", "backing-up"], Passage.OK),
        (["failed"], Passage.BLOCKED),
        (["deleting", "stopped"], Passage.BLOCKED),
        (["available", "failed"], Passage.UNKNOWN),
        (["rebooting"], Passage.UNKNOWN),
        (["storage-full"], Passage.UNKNOWN),
        (["failed", "rebooting"], Passage.UNKNOWN),
        ([""], Passage.UNKNOWN),
    ],
)
def test_a_cluster_without_a_proxy_serves_as_its_instances_do(
    statuses: list[str], passage: Passage
) -> None:
    (way,) = ways_in(direct(*map(member, statuses)))
    assert way.passage is passage
    (hop,) = (hop for hop in way.hops if hop.what == "instances of cluster orders")
    assert hop.passage is passage
    assert all((each or "in no known state") in hop.reason for each in statuses) is (
        passage is not Passage.OK
    )


def test_a_cluster_without_instances_serves_nobody_that_is_known_of() -> None:
    (way,) = ways_in(direct())
    assert way.passage is Passage.UNKNOWN
    assert "no instance of it was seen" in [hop.reason for hop in way.hops]


ZONES = {"subnet-db": "us-east-1a", "subnet-db2": "us-east-1b"}


def in_zones(*zones: str, port_open_in: tuple[str, ...] = ("subnet-db",)) -> World:
    """Instances in these zones, of a group of two subnets whose ACLs may be closed."""
    subnets = [
        {"SubnetIdentifier": id_, "SubnetAvailabilityZone": {"Name": zone}}
        for id_, zone in ZONES.items()
    ]
    told = [{"AvailabilityZone": zone} if zone else {} for zone in zones]
    there = direct(*(member(DBSubnetGroup={"Subnets": subnets}, **each) for each in told))
    there["subnet"].append(subnet("subnet-db2", "vpc-data", 2))
    there["network-acl"].append(acl("acl-db2", "vpc-data", "subnet-db2"))
    for number, id_ in ((2, "subnet-db"), (3, "subnet-db2")):
        if id_ not in port_open_in:
            there["network-acl"][number]["Entries"] = []
    return there


@pytest.mark.parametrize(
    ("zones", "is_open", "passage"),
    [
        (["us-east-1a"], ("subnet-db",), Passage.OK),
        (["us-east-1b"], ("subnet-db",), Passage.BLOCKED),
        (["us-east-1a", "us-east-1b"], ("subnet-db",), Passage.BLOCKED),
        ([""], ("subnet-db",), Passage.UNKNOWN),
        (["us-east-1a", ""], ("subnet-db",), Passage.UNKNOWN),
        (["us-east-1c"], ("subnet-db",), Passage.UNKNOWN),
        ([""], (), Passage.BLOCKED),
        ([""], ("subnet-db", "subnet-db2"), Passage.OK),
    ],
)
def test_only_a_subnet_in_which_an_instance_lives_shuts_the_way(
    zones: list[str], is_open: tuple[str, ...], passage: Passage
) -> None:
    (way,) = ways_in(in_zones(*zones, port_open_in=is_open))
    assert way.passage is passage, wrong(way)
    assert bool(way.requests) is (passage is Passage.BLOCKED)


def test_two_subnets_in_the_zone_of_an_instance_leave_it_open_in_which_it_is() -> None:
    there = in_zones("us-east-1a")
    both = there["rds-instance"][0]["DBSubnetGroup"]["Subnets"]
    both[1]["SubnetAvailabilityZone"] = both[0]["SubnetAvailabilityZone"]
    assert ways_in(there)[0].passage is Passage.UNKNOWN
    there["network-acl"][2]["Entries"] = []
    both[1]["SubnetIdentifier"] = "subnet-gone"
    assert ways_in(there)[0].passage is Passage.UNKNOWN


@pytest.mark.parametrize(
    ("is_public", "out", "passage"),
    [
        (True, {"NatGatewayId": "nat-1"}, Passage.UNKNOWN),
        (True, {"GatewayId": "igw-1"}, Passage.UNKNOWN),
        (False, {"NatGatewayId": "nat-1"}, Passage.BLOCKED),
        (False, {"GatewayId": "igw-1"}, Passage.BLOCKED),
        (True, None, Passage.BLOCKED),
    ],
)
def test_a_public_database_may_be_reached_over_the_internet(
    is_public: bool,
    out: dict[str, str] | None,
    passage: Passage,
) -> None:
    there = direct(member(PubliclyAccessible=is_public))
    there["vpc-peering-connection"] = []
    routes(there, 0, *([{**BY_DEFAULT, **out}] if out else []))
    routes(there, 2, {**BY_DEFAULT, "GatewayId": "igw-2"})
    groups(there, 2, IpPermissions=[tcp(5432, cidr="198.51.100.7/32")])
    (way,) = ways_in(there)
    assert way.passage is passage, wrong(way)
    assert bool(way.requests) is (passage is Passage.BLOCKED)
    told = " ".join(hop.reason for hop in way.hops)
    assert ("is public" in told) is (passage is Passage.UNKNOWN)


def test_a_cluster_whose_port_is_not_told_is_unknown() -> None:
    there = world()
    del there["rds-cluster"][0]["Port"]
    (way,) = ways_in(there)
    assert way.passage is Passage.UNKNOWN
    assert "AWS tells no port of cluster orders" in [hop.reason for hop in way.hops]


def test_a_range_with_host_bits_means_what_aws_makes_of_it() -> None:
    there = world()
    groups(there, 2, IpPermissions=[tcp(5432, cidr="10.50.2.7/24")])
    routes(there, 1, {**BY_PEERING, "DestinationCidrBlock": "10.60.1.7/24"})
    entry(there, 0, egress=True, CidrBlock="10.50.2.9/24")
    assert wrong(ways_in(there)[0]) == []


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something stands in an answer."""
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else ()
    for key, each in enumerate(value) if isinstance(value, list) else parts:
        yield from places(each, (*path, key))


GONE = "no such field"
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [GONE, None, "", "odd", 0, -1, 1.5, True, [], {}, [None], ["odd"], [{}]]
)


@given(st.data())
def test_no_odd_answer_ends_in_a_traceback_and_what_cannot_be_read_is_named(
    data: st.DataObject,
) -> None:
    there = world()
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([each for each in places(there) if len(each) > 1]))
        odd = copy.deepcopy(data.draw(ODD))  # the next place may lie within it
        holder: Any = there
        for name in path[:-1]:
            holder = holder[name]
        if odd == GONE:
            del holder[path[-1]]
        else:
            holder[path[-1]] = odd
    read = without_nothing(there)
    told = [reason for kind in read if (reason := misfit(kind, read[kind]))]
    assert all(each.startswith("an answer cannot be read: ") for each in told)
    if not told:
        list(ways_in(read))
