"""Which kinds of resources a configuration concerns: what it wants, and what stands already. Pure.

The blueprint says the same and more, and must know AWS for it; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from umetrics.provision.resources import KINDS
from umetrics.provision.resources.budget import Budget
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.endpoint import GatewayEndpoint
from umetrics.provision.resources.flow_log import FlowLog
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.log_group import LogGroup
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import RouteTable
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc

if TYPE_CHECKING:
    from umetrics.config import Config

ALWAYS = frozenset({SecurityGroup, SecurityGroupRules, Role, ManagedPolicy})


def wanted_kinds(config: Config) -> frozenset[type]:
    """The kinds of which the configuration wants something."""
    network, wanted = config.network, set[type](ALWAYS)
    if network.vpc_id is None:
        wanted |= {Vpc, InternetGateway}
    if not network.has_shared_subnets:
        wanted |= {Subnet, RouteTable}
        wanted |= {ElasticIp, NatGateway} if network.nat != "none" else set()
        wanted |= {GatewayEndpoint} if network.s3_endpoint else set()
    wanted |= {LogGroup, FlowLog} if config.flow_logs.enabled else set()
    wanted |= {Budget} if config.budget.enabled else set()
    return frozenset(wanted)


def standing_kinds(names: Collection[str]) -> frozenset[type]:
    """The kinds that receipts name."""
    return frozenset(kind for kind, info in KINDS.items() if info.name in names)
