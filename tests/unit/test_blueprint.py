"""What umetrics builds, against a table written by hand from the requirements."""

# ruff: noqa: ANN401  # specs are of many kinds, and their fields are what is looked at

from __future__ import annotations

import json
from dataclasses import replace
from graphlib import TopologicalSorter
from ipaddress import ip_network
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from umetrics import tags
from umetrics.config import Config, load
from umetrics.errors import ConfigurationError
from umetrics.provision.blueprint import Facts, blueprint
from umetrics.provision.model import Blueprint, Found, Ref, Resource, Snapshot
from umetrics.provision.plan import Action, plan_destroy, plan_up
from umetrics.provision.references import references, resolve
from umetrics.provision.resources import KINDS
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.endpoint import GatewayEndpoint, ServedTable
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import Association, Route, RouteTable
from umetrics.provision.resources.rule import Rule, tcp
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc
from umetrics.provision.scope import Scope

ACCOUNT = "123456789012"
FACTS = Facts(Scope("aws", "us-east-1", ACCOUNT), ("use1-az1", "use1-az2"))
ANYWHERE = "0.0.0.0/0"
VPC = Ref("vpc")

KEYS = [
    "vpc",
    "internet-gateway",
    "subnet/public-a",
    "subnet/public-b",
    "subnet/private-a",
    "subnet/private-b",
    "route-table/public",
    "elastic-ip/nat",
    "nat-gateway",
    "route-table/private",
    "endpoint/s3",
    "security-group/alb",
    "security-group/openreplay",
    "security-group/umami",
    "rules/alb",
    "rules/openreplay",
    "rules/umami",
    "role/ecs-task-execution",
    "role/openreplay-task",
    "role/umami-task",
    "role/grafana",
    "policy/lambda-emf",
]


def table(tier: str, way_out: str) -> RouteTable:
    subnets = (Ref(f"subnet/{tier}-a"), Ref(f"subnet/{tier}-b"))
    return RouteTable(
        VPC,
        frozenset({Route(ANYWHERE, Ref(way_out))}),
        frozenset(Association(subnet) for subnet in subnets),
    )


def rules(name: str, *each: Rule) -> SecurityGroupRules:
    return SecurityGroupRules(Ref(f"security-group/{name}"), frozenset(each))


ALB, OPENREPLAY, UMAMI = (Ref(f"security-group/{name}") for name in ("alb", "openreplay", "umami"))
TO_TASKS = (
    tcp("egress", 80, OPENREPLAY),
    tcp("egress", 443, OPENREPLAY),
    tcp("egress", 80, UMAMI),
    tcp("egress", 443, UMAMI),
)
FROM_BALANCER = (tcp("ingress", 80, ALB), tcp("ingress", 443, ALB))
HTTPS_OUT = tcp("egress", 443, ANYWHERE)
PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
TASK_RULES = (*FROM_BALANCER, HTTPS_OUT, *(tcp("egress", 5432, cidr) for cidr in PRIVATE_RANGES))

NETWORK = {
    "vpc": Vpc("10.0.0.0/24", dns_support=True, dns_hostnames=True),
    "internet-gateway": InternetGateway(VPC),
    "subnet/public-a": Subnet(VPC, "10.0.0.0/27", "use1-az1", public_ip_on_launch=False),
    "subnet/public-b": Subnet(VPC, "10.0.0.32/27", "use1-az2", public_ip_on_launch=False),
    "subnet/private-a": Subnet(VPC, "10.0.0.64/26", "use1-az1", public_ip_on_launch=False),
    "subnet/private-b": Subnet(VPC, "10.0.0.128/26", "use1-az2", public_ip_on_launch=False),
    "route-table/public": table("public", "internet-gateway"),
    "elastic-ip/nat": ElasticIp(),
    "nat-gateway": NatGateway(Ref("subnet/public-a"), Ref("elastic-ip/nat")),
    "route-table/private": table("private", "nat-gateway"),
    "endpoint/s3": GatewayEndpoint(
        VPC, "com.amazonaws.us-east-1.s3", frozenset({ServedTable(Ref("route-table/private"))})
    ),
    "rules/alb": rules(
        "alb", tcp("ingress", 80, ANYWHERE), tcp("ingress", 443, ANYWHERE), *TO_TASKS
    ),
    "rules/openreplay": rules("openreplay", *TASK_RULES),
    "rules/umami": rules("umami", *TASK_RULES),
}

GROUPS = {
    "security-group/alb": "UserMetrics-dev-alb",
    "security-group/openreplay": "UserMetrics-dev-openreplay",
    "security-group/umami": "UserMetrics-dev-umami",
}

ROLES = {
    "role/ecs-task-execution": ("EcsTaskExecution", "ecs-tasks.amazonaws.com"),
    "role/openreplay-task": ("OpenReplayTask", "ecs-tasks.amazonaws.com"),
    "role/umami-task": ("UmamiTask", "ecs-tasks.amazonaws.com"),
    "role/grafana": ("Grafana", "grafana.amazonaws.com"),
}

REQUIRED = {
    "Project": "UserMetrics",
    "Environment": "dev",
    "ManagedBy": "umetrics",
    "CostCenter": "Observability",
    "Owner": "engineering@example.com",
}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The stage dev with nothing configured."""
    return load("dev", environment={}, folder=tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def default(config: Config) -> Blueprint:
    return blueprint(config, FACTS)


def resource(wanted: Blueprint, key: str) -> Resource[Any]:
    return next(each for each in wanted.resources if each.key == key)


def spec(wanted: Blueprint, key: str) -> Any:
    return resource(wanted, key).spec


def configured(folder: Path, text: str) -> Blueprint:
    """The blueprint of dev with this umetrics.toml."""
    (folder / "umetrics.toml").write_text(text, encoding="utf-8")
    return blueprint(load("dev", environment={}, folder=folder), FACTS)


def granted(document: Any) -> str:
    """Everything that a document says, to look for words in."""
    return json.dumps(document.statements)


def test_the_foundation_is_these_resources_and_no_others(default: Blueprint) -> None:
    assert [each.key for each in default.resources] == KEYS
    assert default.deployment == "UserMetrics/dev"


@pytest.mark.parametrize("key", NETWORK)
def test_a_row_of_the_network_is_as_specified(default: Blueprint, key: str) -> None:
    assert spec(default, key) == NETWORK[key]


@pytest.mark.parametrize(("key", "name"), GROUPS.items())
def test_a_group_has_the_name_of_its_row(default: Blueprint, key: str, name: str) -> None:
    group = spec(default, key)
    assert isinstance(group, SecurityGroup)
    assert (group.vpc, group.name) == (VPC, name)
    assert 0 < len(group.description) <= 255


@pytest.mark.parametrize("key", ROLES)
def test_a_role_has_the_name_path_and_trust_of_its_row(default: Blueprint, key: str) -> None:
    name, service = ROLES[key]
    role = spec(default, key)
    assert isinstance(role, Role)
    assert role.name == f"UserMetrics-dev-Observability{name}"
    assert role.path == "/umetrics/UserMetrics/dev/"
    assert role.permissions_boundary == ""
    (trust,) = role.trust.statements
    assert trust["Principal"] == {"Service": service}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            "role/ecs-task-execution",
            [
                f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/usermetrics-dev/*",
                f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/ecs/usermetrics-dev/*:*",
                f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:usermetrics/dev/*",
            ],
        ),
        (
            "role/openreplay-task",
            ["arn:aws:s3:::usermetrics-dev-sessions*", f'"aws:ResourceAccount": "{ACCOUNT}"'],
        ),
        ("role/umami-task", [f"arn:aws:rds-db:us-east-1:{ACCOUNT}:dbuser:*/umami"]),
        (
            "role/grafana",
            [
                f"arn:aws:es:us-east-1:{ACCOUNT}:domain/usermetrics-dev-*",
                f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/ecs/usermetrics-dev/*:*",
            ],
        ),
    ],
)
def test_a_role_may_use_the_default_names_of_its_row(
    default: Blueprint, key: str, words: list[str]
) -> None:
    text = granted(spec(default, key).permissions)
    for word in words:
        assert word in text


def test_the_policy_writes_one_namespace_and_is_attached_to_nothing(default: Blueprint) -> None:
    policy = spec(default, "policy/lambda-emf")
    assert isinstance(policy, ManagedPolicy)
    assert policy.name == "UserMetrics-dev-ObservabilityLambdaEmf"
    assert policy.path == "/umetrics/UserMetrics/dev/"
    assert policy.attached_roles == frozenset()
    (statement,) = policy.document.statements
    assert statement["Action"] == ["cloudwatch:PutMetricData"]
    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "UserMetrics/dev"}}


# --------------------------------------------------------------------------------------- tags


@pytest.mark.parametrize("key", [key for key in KEYS if not key.startswith("rules/")])
def test_every_resource_carries_all_its_tags(default: Blueprint, key: str) -> None:
    assert resource(default, key).tags == {
        "Name": f"UserMetrics-dev-{key.replace('/', '-')}",
        **REQUIRED,
        **tags.functional_tags(key),
        "umetrics:deployment": "UserMetrics/dev",
        "umetrics:resource": key,
        **({"umetrics:region": "us-east-1"} if key.startswith(("role/", "policy/")) else {}),
    }


@pytest.mark.parametrize("name", ["alb", "openreplay", "umami"])
def test_every_rule_of_a_group_carries_all_tags_and_one_pair(default: Blueprint, name: str) -> None:
    wanted = resource(default, f"rules/{name}")
    pair = {"umetrics:deployment": "UserMetrics/dev", "umetrics:resource": f"rules/{name}"}
    assert wanted.tags == pair
    assert wanted.part_tags == {
        "Name": f"UserMetrics-dev-rules-{name}",
        **REQUIRED,
        **tags.functional_tags(f"security-group/{name}"),
        **pair,
    }


def test_what_aws_makes_with_the_vpc_gets_its_tags_without_the_pair(default: Blueprint) -> None:
    assert resource(default, "vpc").part_tags == {
        "Name": "UserMetrics-dev-vpc-default",
        **REQUIRED,
        "Component": "Networking",
        "Function": "Networking",
        "NetworkTier": "Private",
    }


def test_nothing_else_tags_parts(default: Blueprint) -> None:
    tagging = {each.key for each in default.resources if each.part_tags}
    assert tagging == {"vpc", "rules/alb", "rules/openreplay", "rules/umami"}


# ------------------------------------------------------------------------------------- choices


def test_free_egress_is_one_rule_instead_of_named_ways_out(tmp_path: Path) -> None:
    wanted = configured(tmp_path, '[network]\negress = "all"\n')
    everything = Rule("egress", "-1", -1, -1, ANYWHERE)
    for name in ("openreplay", "umami"):
        assert spec(wanted, f"rules/{name}") == rules(name, *FROM_BALANCER, everything)
    assert spec(wanted, "rules/alb") == NETWORK["rules/alb"]


def test_without_the_s3_endpoint_nothing_else_is_missing(tmp_path: Path) -> None:
    wanted = configured(tmp_path, "[network]\ns3_endpoint = false\n")
    assert [each.key for each in wanted.resources] == [key for key in KEYS if key != "endpoint/s3"]


def test_task_ports_hold_between_balancer_and_tasks_only(tmp_path: Path) -> None:
    wanted = configured(tmp_path, "[network]\ntask_ports = [8080]\n")
    assert spec(wanted, "rules/alb") == rules(
        "alb",
        tcp("ingress", 80, ANYWHERE),
        tcp("ingress", 443, ANYWHERE),
        tcp("egress", 8080, OPENREPLAY),
        tcp("egress", 8080, UMAMI),
    )
    assert spec(wanted, "rules/umami") == rules(
        "umami",
        tcp("ingress", 8080, ALB),
        HTTPS_OUT,
        *(tcp("egress", 5432, cidr) for cidr in PRIVATE_RANGES),
    )


def test_a_known_database_is_the_only_one_that_tasks_reach(tmp_path: Path) -> None:
    wanted = configured(
        tmp_path,
        '[database]\nresource_id = "prx-0123456789abcdef0"\nuser = "stats"\nport = 6432\n'
        'cidrs = ["10.9.0.0/24"]\nsecurity_groups = ["sg-0123456789abcdef0"]\n',
    )
    for name in ("openreplay", "umami"):
        assert spec(wanted, f"rules/{name}") == rules(
            name,
            *FROM_BALANCER,
            HTTPS_OUT,
            tcp("egress", 6432, "10.9.0.0/24"),
            tcp("egress", 6432, "sg-0123456789abcdef0"),
        )
    (statement,) = spec(wanted, "role/umami-task").permissions.statements
    assert statement["Resource"] == [
        f"arn:aws:rds-db:us-east-1:{ACCOUNT}:dbuser:prx-0123456789abcdef0/stats"
    ]


def test_a_boundary_bounds_every_role(tmp_path: Path) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    wanted = configured(tmp_path, f'[iam]\npermissions_boundary = "{arn}"\n')
    assert {spec(wanted, key).permissions_boundary for key in ROLES} == {arn}


def test_the_named_lambda_roles_get_the_policy(tmp_path: Path) -> None:
    wanted = configured(tmp_path, '[lambda]\nroles = ["api-role", "worker-role"]\n')
    assert spec(wanted, "policy/lambda-emf").attached_roles == {"api-role", "worker-role"}


def test_another_network_gives_other_addresses_to_the_same_keys(tmp_path: Path) -> None:
    wanted = configured(tmp_path, '[network]\ncidr = "10.2.0.0/16"\n')
    assert [each.key for each in wanted.resources] == KEYS
    assert spec(wanted, "vpc").cidr == "10.2.0.0/16"
    assert spec(wanted, "subnet/public-a").cidr == "10.2.0.0/27"


def test_project_stage_and_owner_are_in_every_name_and_tag(tmp_path: Path) -> None:
    (tmp_path / "umetrics.toml").write_text(
        'project = "Shop"\nowner = "me@example.org"\n[stages.qa]\nenvironment = "staging"\n',
        encoding="utf-8",
    )
    wanted = blueprint(load("qa", environment={}, folder=tmp_path), FACTS)
    assert spec(wanted, "security-group/alb").name == "Shop-qa-alb"
    assert spec(wanted, "role/grafana").name == "Shop-qa-ObservabilityGrafana"
    assert spec(wanted, "role/grafana").path == "/umetrics/Shop/qa/"
    for each in wanted.resources:
        carried = {**each.tags, **each.part_tags}
        assert carried["Project"] == "Shop"
        assert carried["Environment"] == "staging"
        assert carried["Owner"] == "me@example.org"
        assert each.tags["umetrics:deployment"] == "Shop/qa"


def test_another_partition_and_region_are_in_what_names_them(config: Config) -> None:
    facts = Facts(Scope("aws-cn", "cn-north-1", ACCOUNT), ("cnn1-az1", "cnn1-az2"))
    wanted = blueprint(config, facts)
    assert "arn:aws:" not in "".join(granted(spec(wanted, key).permissions) for key in ROLES)
    assert spec(wanted, "subnet/public-a").zone == "cnn1-az1"


def test_three_zones_are_three_pairs_of_subnets(config: Config) -> None:
    roomy = replace(config, network=replace(config.network, cidr="10.0.0.0/20"))
    wanted = blueprint(roomy, Facts(FACTS.scope, ("use1-az1", "use1-az2", "use1-az4")))
    subnets = [each for each in wanted.resources if isinstance(each.spec, Subnet)]
    assert [each.spec.zone for each in subnets] == ["use1-az1", "use1-az2", "use1-az4"] * 2
    for tier in ("public", "private"):
        associated = {each.subnet for each in spec(wanted, f"route-table/{tier}").associations}
        assert associated == {f"subnet/{tier}-{ordinal}" for ordinal in "abc"}


# --------------------------------------------------------------------------- for all settings

PORTS = st.lists(st.integers(1, 65535), min_size=1, max_size=5, unique=True).map(tuple)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,23}", fullmatch=True)
STAGES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@st.composite
def settings_of(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "project": draw(NAMES),
        "stage": draw(STAGES),
        "egress": draw(st.sampled_from(["all", "restricted"])),
        "s3_endpoint": draw(st.booleans()),
        "task_ports": draw(PORTS),
        "zones": draw(st.integers(2, 3)),
        "nat": draw(st.sampled_from(["single", "per-zone", "none"])),
        "groups": draw(st.sampled_from([(), ("sg-1",), ("sg-1", "sg-2")])),
        "lambda_roles": draw(st.sampled_from([(), ("api",), ("api", "worker")])),
    }


def made_of(config: Config, chosen: dict[str, Any]) -> Blueprint:
    network = replace(
        config.network,
        cidr="10.0.0.0/20",
        egress=chosen["egress"],
        s3_endpoint=chosen["s3_endpoint"],
        task_ports=chosen["task_ports"],
        nat=chosen["nat"],
    )
    changed = replace(
        config,
        project=chosen["project"],
        stage=chosen["stage"],
        network=network,
        database=replace(config.database, security_groups=chosen["groups"]),
        lambda_roles=chosen["lambda_roles"],
    )
    zones = tuple(f"use1-az{n}" for n in range(1, chosen["zones"] + 1))
    return blueprint(changed, Facts(FACTS.scope, zones))


@settings(max_examples=60)
@given(chosen=settings_of())
def test_whatever_is_chosen_the_blueprint_holds_together(
    config: Config, chosen: dict[str, Any]
) -> None:
    wanted = made_of(config, chosen)
    keys = [each.key for each in wanted.resources]
    assert len(set(keys)) == len(keys)
    for each in wanted.resources:
        assert references(each.spec) <= wanted.keys
        assert tags.violations(each.tags) == []
        assert tags.violations(each.part_tags) == []
        assert (each.tags[tags.DEPLOYMENT], each.tags[tags.RESOURCE]) == (
            wanted.deployment,
            each.key,
        )
        if isinstance(each.spec, Role):
            assert len(each.spec.name) <= 64


@settings(max_examples=30)
@given(chosen=settings_of())
def test_whatever_is_chosen_it_can_be_built_from_nothing_in_some_order(
    config: Config, chosen: dict[str, Any]
) -> None:
    wanted = made_of(config, chosen)
    plan = plan_up(wanted, Snapshot(wanted.deployment, {}), KINDS)
    order = list(TopologicalSorter({each.key: each.requires for each in plan.steps}).static_order())
    assert sorted(order) == sorted(wanted.keys)
    assert {each.action for each in plan.steps} == {Action.CREATE}
    for gateway in (key for key in order if key.startswith("nat-gateway")):
        assert order.index("internet-gateway") < order.index(gateway)
    for each in wanted.resources:
        assert all(order.index(key) < order.index(each.key) for key in references(each.spec))


def test_what_was_built_comes_down_in_an_order_that_aws_accepts(default: Blueprint) -> None:
    ids = {key: f"id-of-{key}" for key in KEYS}
    found = {
        each.key: (Found(ids[each.key], resolve(each.spec, ids), each.tags),)
        for each in default.resources
    }
    plan = plan_destroy(Snapshot(default.deployment, found), KINDS)
    order = list(TopologicalSorter({each.key: each.requires for each in plan.steps}).static_order())
    for first, then in (
        ("route-table/private", "nat-gateway"),
        ("nat-gateway", "elastic-ip/nat"),
        ("nat-gateway", "internet-gateway"),
        ("nat-gateway", "subnet/public-a"),
        ("endpoint/s3", "route-table/private"),
        ("route-table/public", "internet-gateway"),
        ("route-table/private", "subnet/private-b"),
        ("rules/alb", "security-group/umami"),
        ("rules/umami", "security-group/alb"),
    ):
        assert order.index(first) < order.index(then), (first, then)
    in_the_vpc = [key for key in KEYS if not key.startswith(("role/", "policy/", "elastic-ip/"))]
    assert order.index("vpc") == max(order.index(key) for key in in_the_vpc)


def test_settings_that_make_a_policy_too_long_for_iam_are_refused_by_name(tmp_path: Path) -> None:
    buckets = ", ".join(f'"session-recordings-of-one-team-and-more-{n:03}"' for n in range(150))
    (tmp_path / "umetrics.toml").write_text(f"[storage]\nsession_buckets = [{buckets}]\n")
    config = load("dev", path=tmp_path / "umetrics.toml", environment={})
    with pytest.raises(ConfigurationError, match=r"storage\.session_buckets.*at most 10240"):
        blueprint(config, FACTS)


def with_network(config: Config, **changes: Any) -> Config:
    return replace(config, network=replace(config.network, **changes))


ADDED_PER_ZONE = {"nat-gateway/b", "elastic-ip/nat-b", "route-table/private-b"}


def test_a_gateway_for_each_zone_adds_keys_and_changes_only_who_uses_the_private_table(
    config: Config, default: Blueprint
) -> None:
    wanted = blueprint(with_network(config, nat="per-zone"), FACTS)
    assert wanted.keys - default.keys == ADDED_PER_ZONE
    assert default.keys <= wanted.keys
    before = {each.key: each for each in default.resources}
    changed = {each.key for each in wanted.resources if before.get(each.key, each) != each}
    assert changed == {"route-table/private", "endpoint/s3"}
    by_key = {each.key: each.spec for each in wanted.resources}
    assert by_key["nat-gateway/b"] == NatGateway(Ref("subnet/public-b"), Ref("elastic-ip/nat-b"))
    assert by_key["route-table/private-b"] == RouteTable(
        Ref("vpc"),
        frozenset({Route("0.0.0.0/0", Ref("nat-gateway/b"))}),
        frozenset({Association(Ref("subnet/private-b"))}),
    )
    assert by_key["route-table/private"].associations == {Association(Ref("subnet/private-a"))}
    assert by_key["endpoint/s3"].route_tables == {
        ServedTable(Ref("route-table/private")),
        ServedTable(Ref("route-table/private-b")),
    }


def test_without_a_gateway_there_is_no_way_out_of_the_private_subnets(
    config: Config, default: Blueprint
) -> None:
    wanted = blueprint(with_network(config, nat="none"), FACTS)
    assert default.keys - wanted.keys == {"nat-gateway", "elastic-ip/nat"}
    (table,) = (each.spec for each in wanted.resources if each.key == "route-table/private")
    assert table.routes == frozenset()
    assert len(table.associations) == 2


def test_the_added_gateways_carry_the_tags_of_the_first(config: Config) -> None:
    wanted = blueprint(with_network(config, nat="per-zone"), FACTS)
    tags_of = {each.key: dict(each.tags) for each in wanted.resources}
    for first, added in (
        ("nat-gateway", "nat-gateway/b"),
        ("elastic-ip/nat", "elastic-ip/nat-b"),
        ("route-table/private", "route-table/private-b"),
    ):
        own = {"Name", tags.RESOURCE}
        assert tags_of[first].keys() == tags_of[added].keys()
        assert {k: v for k, v in tags_of[added].items() if k not in own} == {
            k: v for k, v in tags_of[first].items() if k not in own
        }
    assert tags_of["nat-gateway/b"]["Name"] == "UserMetrics-dev-nat-gateway-b"


def cidrs_in(wanted: Blueprint) -> dict[str, str]:
    return {each.key: each.spec.cidr for each in wanted.resources if isinstance(each.spec, Subnet)}


def test_a_third_zone_finds_room_and_leaves_the_others_where_they_stand(config: Config) -> None:
    roomy = with_network(config, cidr="10.0.0.0/23")
    two = cidrs_in(blueprint(roomy, FACTS))
    three = Facts(FACTS.scope, (*FACTS.zones, "use1-az4"), standing=two, foreign=("10.0.0.192/28",))
    wanted = cidrs_in(blueprint(roomy, three))
    assert {key: wanted[key] for key in two} == two
    assert set(wanted) - set(two) == {"subnet/public-c", "subnet/private-c"}
    placed = [ip_network(cidr) for cidr in (*wanted.values(), "10.0.0.192/28")]
    assert not any(one.overlaps(other) for one, other in combinations(placed, 2))
