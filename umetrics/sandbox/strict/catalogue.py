"""All rules, in the order in which they stand around a call: the first is the outermost."""

from __future__ import annotations

from umetrics.sandbox.strict import (
    address_rules,
    budget_rules,
    bulk_tagging_rules,
    consistency_rules,
    cost_allocation_rules,
    cost_backfill_rules,
    dependency_rules,
    dry_run_rules,
    endpoint_rules,
    event_rules,
    flow_log_rules,
    gateway_rules,
    group_rules,
    iam_rules,
    lambda_rules,
    managed_policy_rules,
    nat_gateway_rules,
    paging_rules,
    parameter_rules,
    quota_rules,
    route_rules,
    service_quota_rules,
    shape_rules,
    tagging_api_rules,
    throttle_rules,
    token_rules,
)
from umetrics.sandbox.strict.authorization import rules as authorization_rules
from umetrics.sandbox.strict.authorization import simulation
from umetrics.sandbox.strict.rule import Rule

RULES: tuple[Rule, ...] = (
    *throttle_rules.RULES,
    *event_rules.RECORDING,  # what is refused is an event, too
    *authorization_rules.RULES,  # before DryRun says that it would be allowed
    *simulation.RULES,
    *dry_run_rules.RULES,
    *tagging_api_rules.RULES,  # sees what is there before endpoints and gateways vanish
    *bulk_tagging_rules.RULES,
    *cost_allocation_rules.RULES,
    *cost_backfill_rules.RULES,
    *budget_rules.RULES,
    *service_quota_rules.RULES,
    *event_rules.RULES,
    *lambda_rules.RULES,
    *managed_policy_rules.RULES,  # before policies are counted
    *paging_rules.RULES,  # around all that shortens a list
    *consistency_rules.RULES,
    *nat_gateway_rules.STATES,
    *endpoint_rules.STATES,
    *token_rules.RULES,  # who asks again is answered before anything else is refused
    *quota_rules.RULES,
    *nat_gateway_rules.RULES,
    *address_rules.RULES,
    *route_rules.RULES,
    *endpoint_rules.RULES,
    *flow_log_rules.RULES,
    *gateway_rules.RULES,
    *dependency_rules.RULES,
    *shape_rules.RULES,  # before rules are compared
    *group_rules.RULES,
    *iam_rules.RULES,
    *parameter_rules.RULES,
)
