"""What the actions of Logs, Budgets and SSM touch: things that the request names.

From the Service Authorization Reference of each. Tags in a create need the permission to tag
besides, and the tagging API wants that of the service; there, AWS refuses ARN by ARN, and here the
whole call is refused, which is coarser. Actions that name nothing are judged on `*`.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from umetrics.sandbox.strict.authorization.demand import EVERYTHING, Demand

if TYPE_CHECKING:
    from umetrics.sandbox.strict.rule import Call

WITH_TAGS: Mapping[str, tuple[str, str]] = {
    "logs:CreateLogGroup": ("tags", "logs:TagResource"),
    "budgets:ModifyBudget": ("ResourceTags", "budgets:TagResource"),
    "ssm:PutParameter": ("Tags", "ssm:AddTagsToResource"),
}
"""Creates: the parameter that holds tags, and the permission that these need."""

TAGGING: Mapping[str, Mapping[str, str]] = {
    "tag:TagResources": {
        "budgets": "budgets:TagResource",
        "logs": "logs:TagResource",
        "ssm": "ssm:AddTagsToResource",
    },
    "tag:UntagResources": {
        "budgets": "budgets:UntagResource",
        "logs": "logs:UntagResource",
        "ssm": "ssm:RemoveTagsFromResource",
    },
}
"""Of the tagging API: by the service in an ARN, the permission of that service."""


def named_demands(call: Call, action: str) -> Iterator[Demand]:
    """The permissions that a call needs of a service whose things have names."""
    service = action.partition(":")[0]
    named = list(NAMED[service](call)) or [EVERYTHING]
    for resource in named:
        yield Demand(action, resource)
    parameter, tagging = WITH_TAGS.get(action, ("", ""))
    if parameter and call.parameter(parameter):
        yield from (Demand(tagging, resource) for resource in named)


def tagging_demands(call: Call, action: str) -> Iterator[Demand]:
    """The permission of the tagging API, and that of each service whose things it tags."""
    yield Demand(action, EVERYTHING)
    by_service = TAGGING.get(action, {})
    for arn in call.parameter("ResourceARNList") or ():
        if wanted := by_service.get(arn.split(":")[2]):
            yield Demand(wanted, arn)


def _log_groups(call: Call) -> Iterator[str]:
    """A list of groups is judged on a group without a name."""
    if arn := call.parameter("resourceArn"):
        yield arn
    elif name := call.parameter("logGroupName"):
        yield f"{_prefix(call, 'logs')}:log-group:{name}:log-stream:"
    elif call.action == "describe_log_groups":
        yield f"{_prefix(call, 'logs')}:log-group::log-stream:"


def _budgets(call: Call) -> Iterator[str]:
    """A list of budgets is judged on any."""
    if arn := call.parameter("ResourceARN"):
        yield arn
        return
    described = call.parameter("Budget") or call.parameter("NewBudget") or {}
    name = call.parameter("BudgetName") or described.get("BudgetName") or "*"
    answering = call.response
    yield f"arn:{answering.partition}:budgets::{answering.current_account}:budget/{name}"


def _parameters(call: Call) -> Iterator[str]:
    """The slash that a name begins with is not doubled."""
    single = call.parameter("Name") or call.parameter("ResourceId")
    for name in [single] if single else call.parameter("Names") or ():
        yield f"{_prefix(call, 'ssm')}:parameter/{name.removeprefix('/')}"


def _prefix(call: Call, service: str) -> str:
    answering = call.response
    return f"arn:{answering.partition}:{service}:{answering.region}:{answering.current_account}"


NAMED: Mapping[str, Callable[[Call], Iterator[str]]] = {
    "budgets": _budgets,
    "logs": _log_groups,
    "ssm": _parameters,
}
