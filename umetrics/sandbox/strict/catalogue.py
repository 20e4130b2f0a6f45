"""All rules, in the order in which they stand around a call: the first is the outermost."""

from __future__ import annotations

from umetrics.sandbox.strict import (
    address_rules,
    consistency_rules,
    dependency_rules,
    dry_run_rules,
    endpoint_rules,
    gateway_rules,
    group_rules,
    iam_rules,
    nat_gateway_rules,
    paging_rules,
    quota_rules,
    route_rules,
    shape_rules,
    throttle_rules,
    token_rules,
)
from umetrics.sandbox.strict.rule import Rule

RULES: tuple[Rule, ...] = (
    *throttle_rules.RULES,
    *dry_run_rules.RULES,
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
    *gateway_rules.RULES,
    *dependency_rules.RULES,
    *shape_rules.RULES,  # before rules are compared
    *group_rules.RULES,
    *iam_rules.RULES,
)
