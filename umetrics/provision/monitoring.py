"""What watches the foundation, where a setting asks for it: flow logs, and a budget. Pure.

Off by default. Each is a few resources of ordinary kinds; the blueprint takes them as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from umetrics.errors import ConfigurationError, Problem
from umetrics.provision import permissions
from umetrics.provision.model import Ref
from umetrics.provision.resources.budget import Alert, Budget, budget_name
from umetrics.provision.resources.flow_log import FlowLog, Named, Traffic
from umetrics.provision.resources.iam import iam_path
from umetrics.provision.resources.log_group import LogGroup, log_group_path
from umetrics.provision.resources.role import Role
from umetrics.provision.scope import Scope

if TYPE_CHECKING:
    from umetrics.config import Config

ALERTS = (80, 100)
"""Percent of the monthly limit."""

TRAFFIC: Mapping[str, Traffic] = {"all": "ALL", "accept": "ACCEPT", "reject": "REJECT"}
"""As the setting has it -> as EC2 does."""


def demanded_kinds(config: Config) -> frozenset[str]:
    """The names of the kinds that settings ask for; others are looked for by receipt alone."""
    wanted = {LogGroup, FlowLog} if config.flow_logs.enabled else set[type]()
    wanted |= {Budget} if config.budget.enabled else set()
    return frozenset(kind.__name__ for kind in wanted)


def flow_logs(config: Config, scope: Scope) -> Iterable[tuple[str, Any]]:
    """Log group, role and flow log; raises `ConfigurationError` for a VPC that is not ours."""
    settings = config.flow_logs
    if not settings.enabled:
        return
    if config.network.vpc_id:
        allowed = "false: a flow log of a VPC that others share is its owner's to make"
        problem = Problem("flow_logs.enabled", "true, with network.vpc_id set", allowed)
        raise ConfigurationError("the configuration", [problem])
    group = f"{log_group_path(config.deployment)}flow-logs"
    role = Role(
        f"{config.project}-{config.stage}-ObservabilityFlowLogs",
        iam_path(config.deployment),
        permissions.flow_logs_trust(scope),
        permissions.flow_logs_permissions(scope, log_group=group),
        config.iam.permissions_boundary or "",
    )
    yield "log-group/flow-logs", LogGroup(group, settings.retention_days)
    yield "role/flow-logs", role
    yield (
        "flow-log/vpc",
        FlowLog(
            Ref("vpc"),
            Named(group, Ref("log-group/flow-logs")),
            Named(scope.role(role.path, role.name), Ref("role/flow-logs")),
            TRAFFIC[settings.traffic],
        ),
    )


def budget(config: Config) -> Iterable[tuple[str, Any]]:
    """One budget for all that carries the project's tag, whatever made it."""
    settings = config.budget
    if not settings.enabled:
        return
    addresses = settings.emails or (config.owner,)
    yield (
        "budget/monthly",
        Budget(
            budget_name(config.deployment, "monthly"),
            str(settings.monthly_limit),
            f"user:Project${config.project}",
            frozenset(Alert(percent, each) for percent in ALERTS for each in addresses),
        ),
    )
