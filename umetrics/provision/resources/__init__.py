"""The kinds that umetrics knows. A new kind is one new file and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from umetrics.provision.model import KindInfo, Kinds
from umetrics.provision.resources.budget import Budget, BudgetHandler
from umetrics.provision.resources.elastic_ip import ElasticIp, ElasticIpHandler
from umetrics.provision.resources.endpoint import GatewayEndpoint, GatewayEndpointHandler
from umetrics.provision.resources.flow_log import FlowLog, FlowLogHandler
from umetrics.provision.resources.handler import Handler
from umetrics.provision.resources.internet_gateway import InternetGateway, InternetGatewayHandler
from umetrics.provision.resources.log_group import LogGroup, LogGroupHandler
from umetrics.provision.resources.nat_gateway import NatGateway, NatGatewayHandler
from umetrics.provision.resources.parameter import Parameter, ParameterHandler
from umetrics.provision.resources.policy import ManagedPolicy, ManagedPolicyHandler
from umetrics.provision.resources.role import Role, RoleHandler
from umetrics.provision.resources.route_table import RouteTable, RouteTableHandler
from umetrics.provision.resources.security_group import SecurityGroup, SecurityGroupHandler
from umetrics.provision.resources.security_group_rules import (
    SecurityGroupRules,
    SecurityGroupRulesHandler,
)
from umetrics.provision.resources.subnet import Subnet, SubnetHandler
from umetrics.provision.resources.vpc import Vpc, VpcHandler

Handlers = Mapping[type, Handler[Any]]

HANDLERS: Handlers = {
    Vpc: VpcHandler(),
    InternetGateway: InternetGatewayHandler(),
    Subnet: SubnetHandler(),
    RouteTable: RouteTableHandler(),
    ElasticIp: ElasticIpHandler(),
    NatGateway: NatGatewayHandler(),
    GatewayEndpoint: GatewayEndpointHandler(),
    SecurityGroup: SecurityGroupHandler(),
    SecurityGroupRules: SecurityGroupRulesHandler(),
    Role: RoleHandler(),
    ManagedPolicy: ManagedPolicyHandler(),
    LogGroup: LogGroupHandler(),
    FlowLog: FlowLogHandler(),
    Budget: BudgetHandler(),
    Parameter: ParameterHandler(),
}

KINDS: Kinds = {
    spec: KindInfo(
        spec.__name__,
        handler.label,
        handler.after,
        is_slow=handler.is_slow,
        holds=handler.holds,
    )
    for spec, handler in HANDLERS.items()
}

__all__ = ["HANDLERS", "KINDS", "Handlers"]
