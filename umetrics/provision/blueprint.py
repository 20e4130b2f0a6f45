"""What umetrics builds: the one file that says so. (Configuration, facts) -> blueprint; pure.

Each row of section 1 of the requirements is one line here. References (`Ref`) make the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from umetrics import tags as tag_scheme
from umetrics.errors import ConfigurationError, Problem
from umetrics.provision import monitoring, permissions
from umetrics.provision.addresses import plan_addresses
from umetrics.provision.model import Blueprint, Ref, Resource, Shared
from umetrics.provision.placement import place, unplaced
from umetrics.provision.policy_document import LONGEST_INLINE, PolicyDocument
from umetrics.provision.resources.budget import Budget
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.endpoint import GatewayEndpoint, ServedTable
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import Association, Route, RouteTable
from umetrics.provision.resources.rule import ANYWHERE, DEFAULT_EGRESS, Rule, tcp
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc
from umetrics.provision.scope import Scope
from umetrics.provision.zones import ORDINALS
from umetrics.tags import Tags

if TYPE_CHECKING:
    from umetrics.config import Config

HTTP = 80
HTTPS = 443
PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""RFC 1918: where a database of unknown address can be."""

TASK_GROUPS = ("openreplay", "umami")

EXECUTION_SETTINGS = "registry.repositories, logs.groups, secrets.names"
SESSION_SETTINGS = "storage.session_buckets"
DATABASE_SETTINGS = "database.user, database.resource_id"
GRAFANA_SETTINGS = "logs.groups, search.domains"
"""Which settings make a role's permissions longer."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the blueprint must know of AWS: where it is, and the zone ids for a, b, ...

    `standing` are the CIDRs of our subnets by key, `foreign` those of others in the same VPC.
    `shared` is what others own and we use instead of our own, `ranges` are the addresses of a VPC
    that is shared, its primary range first.
    """

    scope: Scope
    zones: tuple[str, ...] = ()
    standing: Mapping[str, str] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    shared: tuple[Shared, ...] = ()
    ranges: tuple[str, ...] = ()


def blueprint(config: Config, facts: Facts) -> Blueprint:
    """Everything wanted for one stage."""
    parts = (
        *_network(config, facts),
        *_security_groups(config),
        *_access(config, facts.scope),
        *monitoring.flow_logs(config, facts.scope),
        *monitoring.budget(config),
    )
    required = tag_scheme.required_tags(
        config.stage, config.owner, project=config.project, environment=config.environment
    )
    region = facts.scope.region
    shared = {each.key for each in facts.shared}
    resources = tuple(
        _tagged(config.deployment, key, spec, required, region)
        for key, spec in parts
        if key not in shared
    )
    return Blueprint(config.deployment, resources, required, facts.shared)


Part = tuple[str, Any]
"""A key and its spec."""


def _tagged(deployment: str, key: str, spec: object, required: Tags, region: str) -> Resource[Any]:
    full = tag_scheme.observability_tags(deployment, key, required)
    if isinstance(spec, Role | ManagedPolicy | Budget):
        return Resource(key, spec, {**full, tag_scheme.REGION: region})
    if isinstance(spec, SecurityGroupRules):
        identity = tag_scheme.identity_tags(deployment, key)
        return Resource(key, spec, identity, part_tags=full)
    if isinstance(spec, Vpc):
        implicit = tag_scheme.implicit_tags(deployment, key, required)
        return Resource(key, spec, full, part_tags=implicit)
    return Resource(key, spec, full)


def _network(config: Config, facts: Facts) -> Iterable[Part]:
    if config.network.has_shared_subnets:
        return  # their ways out and endpoints are their owner's
    vpc = Ref("vpc")
    zones = dict(zip(ORDINALS, facts.zones, strict=False))
    yield "vpc", Vpc(config.network.cidr)
    yield "internet-gateway", InternetGateway(vpc)
    for key, cidr in _addresses(config, facts).items():
        yield key, Subnet(vpc, cidr, zones[key[-1]])
    yield "route-table/public", _route_table("public", "internet-gateway", zones)
    yield from _ways_out(config, zones)
    if config.network.s3_endpoint:
        service = f"com.amazonaws.{facts.scope.region}.s3"
        tables = (ServedTable(Ref(key)) for key, _ in _ways_out(config, zones) if _is_private(key))
        yield "endpoint/s3", GatewayEndpoint(vpc, service, frozenset(tables))


def _addresses(config: Config, facts: Facts) -> Mapping[str, str]:
    """The CIDR of each subnet: where it stands, else where there is room for it."""
    network = config.network
    if facts.ranges:
        public = unplaced(network.public_prefix, len(facts.zones))
        private = unplaced(network.private_prefix, len(facts.zones))
    else:
        plan = plan_addresses(
            network.cidr,
            public_prefix=network.public_prefix,
            private_prefix=network.private_prefix,
            zones=len(facts.zones),
        )
        public, private = plan.public, plan.private
    planned = {
        f"subnet/{tier}-{ordinal}": cidr
        for tier, cidrs in (("public", public), ("private", private))
        for ordinal, cidr in zip(ORDINALS, cidrs, strict=False)
    }
    return place(facts.ranges or (network.cidr,), planned, facts.standing, facts.foreign)


def _ways_out(config: Config, zones: Iterable[str]) -> Iterable[Part]:
    """NAT gateways, their addresses, and the private route tables that lead to them.

    Zone a has the same keys whatever the mode, so that switching touches the added ones only.
    """
    first, *others = zones
    if config.network.nat == "none":
        yield "route-table/private", _route_table("private", "", (first, *others))
        return
    apart = others if config.network.nat == "per-zone" else []
    for ordinal in (first, *apart):
        address = "nat" if ordinal == first else f"nat-{ordinal}"
        gateway = "nat-gateway" if ordinal == first else f"nat-gateway/{ordinal}"
        table = "private" if ordinal == first else f"private-{ordinal}"
        served = (first, *others) if not apart else (ordinal,)
        yield f"elastic-ip/{address}", ElasticIp()
        subnet = Ref(f"subnet/public-{ordinal}")
        yield gateway, NatGateway(subnet, Ref(f"elastic-ip/{address}"))
        yield f"route-table/{table}", _route_table("private", gateway, served)


def _is_private(key: str) -> bool:
    return key.startswith("route-table/private")


def _route_table(tier: str, way_out: str, ordinals: Iterable[str]) -> RouteTable:
    """With a route to `way_out`, where there is one, for the subnets of these zones."""
    subnets = [Ref(f"subnet/{tier}-{ordinal}") for ordinal in ordinals]
    routes = {Route(ANYWHERE, Ref(way_out))} if way_out else set()
    return RouteTable(
        Ref("vpc"),
        frozenset(routes),
        frozenset(Association(subnet) for subnet in subnets),
    )


def _security_groups(config: Config) -> Iterable[Part]:
    descriptions = {
        "alb": "Load balancer of the observability tools",
        "openreplay": "OpenReplay tasks",
        "umami": "Umami tasks",
    }
    for name, description in descriptions.items():
        full_name = f"{config.project}-{config.stage}-{name}"
        yield f"security-group/{name}", SecurityGroup(Ref("vpc"), full_name, description)
    yield "rules/alb", _rules("alb", _load_balancer_rules(config))
    for name in TASK_GROUPS:
        yield f"rules/{name}", _rules(name, _task_rules(config))


def _rules(name: str, rules: Iterable[Rule]) -> SecurityGroupRules:
    return SecurityGroupRules(Ref(f"security-group/{name}"), frozenset(rules))


def _load_balancer_rules(config: Config) -> Iterable[Rule]:
    for port in (HTTP, HTTPS):
        yield tcp("ingress", port, ANYWHERE)
    for port in config.network.task_ports:
        for name in TASK_GROUPS:
            yield tcp("egress", port, Ref(f"security-group/{name}"))


def _task_rules(config: Config) -> Iterable[Rule]:
    for port in config.network.task_ports:
        yield tcp("ingress", port, Ref("security-group/alb"))
    if config.network.egress == "all":
        yield next(rule for rule in DEFAULT_EGRESS if rule.peer == ANYWHERE)
        return
    yield tcp("egress", HTTPS, ANYWHERE)
    named = (*config.database.cidrs, *config.database.security_groups)
    for peer in named or PRIVATE_RANGES:
        yield tcp("egress", config.database.port, peer)


def _access(config: Config, scope: Scope) -> Iterable[Part]:
    path = f"/umetrics/{config.deployment}/"
    prefix = f"{config.project}-{config.stage}-Observability"
    boundary = config.iam.permissions_boundary or ""
    ecs_tasks = permissions.ecs_task_trust(scope)
    grafana = permissions.grafana_trust(scope)
    log_groups, domains = config.logs.groups, config.search.domains
    execution = permissions.execution_permissions(
        scope,
        repositories=config.registry.repositories,
        log_groups=log_groups,
        secrets=config.secrets.names,
    )
    session_storage = permissions.openreplay_permissions(
        scope, buckets=config.storage.session_buckets
    )
    database = permissions.umami_permissions(
        scope, user=config.database.user, resource_id=config.database.resource_id or ""
    )
    dashboards = permissions.grafana_permissions(scope, log_groups=log_groups, domains=domains)
    for key, name, trust, granted, settings in (
        ("ecs-task-execution", "EcsTaskExecution", ecs_tasks, execution, EXECUTION_SETTINGS),
        ("openreplay-task", "OpenReplayTask", ecs_tasks, session_storage, SESSION_SETTINGS),
        ("umami-task", "UmamiTask", ecs_tasks, database, DATABASE_SETTINGS),
        ("grafana", "Grafana", grafana, dashboards, GRAFANA_SETTINGS),
    ):
        _refuse_too_long(granted, settings)
        yield f"role/{key}", Role(f"{prefix}{name}", path, trust, granted, boundary)
    metrics = permissions.lambda_emf_permissions(scope, namespace=config.metrics.namespace)
    attached = frozenset(config.lambda_roles)
    yield "policy/lambda-emf", ManagedPolicy(f"{prefix}LambdaEmf", path, metrics, attached)


def _refuse_too_long(document: PolicyDocument, settings: str) -> None:
    """Better said now than by IAM in the middle of `up`; raises `ConfigurationError`."""
    length = len(document.text)
    if length > LONGEST_INLINE:
        allowed = f"at most {LONGEST_INLINE} characters: fewer entries, or patterns with `*`"
        problem = Problem(settings, f"what makes a policy of {length} characters", allowed)
        raise ConfigurationError("the configuration", [problem])
