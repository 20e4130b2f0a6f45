"""What a call demands, whatever its service, and the roles that it passes on.

EC2, IAM, S3 and what the tool names (Logs, Budgets, SSM) have tables of their own; AssumeRole is
judged on the role. Every other action is judged on `*` with the global keys, which is coarser than
AWS: a policy that names resources of such a service never allows anything here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto.core.utils import get_service_model

from umetrics.sandbox.strict.authorization import context
from umetrics.sandbox.strict.authorization.demand import EVERYTHING, Demand
from umetrics.sandbox.strict.authorization.ec2_demands import ec2_demands
from umetrics.sandbox.strict.authorization.iam_demands import iam_demands
from umetrics.sandbox.strict.authorization.named_demands import (
    NAMED,
    named_demands,
    tagging_demands,
)
from umetrics.sandbox.strict.authorization.principal import Principal
from umetrics.sandbox.strict.authorization.s3_demands import s3_demands

if TYPE_CHECKING:
    from umetrics.sandbox.strict.rule import Call

PREFIXES: Mapping[str, str] = {
    "email": "ses",
    "monitoring": "cloudwatch",
    "tagging": "tag",
}
"""Where actions do not begin with the name that requests are signed for."""

BUDGET_PARTS = ("Budget", "Notification", "Subscriber")

SPELLED: Mapping[str, str] = {
    "lambda:Invoke": "lambda:InvokeFunction",
    **dict.fromkeys(
        (f"budgets:{verb}{what}" for verb in ("Create", "Delete") for what in BUDGET_PARTS),
        "budgets:ModifyBudget",
    ),
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
}
"""Actions that are not called as the operations are.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
"""


@dataclass(frozen=True, slots=True)
class Passing:
    """An operation that hands roles to a service, and the parameters that name them."""

    parameters: tuple[str, ...]
    to: str


PASSING: Mapping[str, Passing] = {
    "ec2:CreateFlowLogs": Passing(("DeliverLogsPermissionArn",), "vpc-flow-logs.amazonaws.com"),
    "ecs:RegisterTaskDefinition": Passing(
        ("taskRoleArn", "executionRoleArn"), "ecs-tasks.amazonaws.com"
    ),
    "grafana:CreateWorkspace": Passing(("workspaceRoleArn",), "grafana.amazonaws.com"),
    "iam:AddRoleToInstanceProfile": Passing(("RoleName",), "ec2.amazonaws.com"),
    "lambda:CreateFunction": Passing(("Role",), "lambda.amazonaws.com"),
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""


def demands(call: Call, service: str, operation: str, principal: Principal) -> Iterator[Demand]:
    """Every permission that a call needs; it is refused for the first that is lacking."""
    action = _action(service, operation)
    if service == "ec2":
        yield from ec2_demands(call, operation)
    elif service == "iam":
        yield from iam_demands(call, operation, principal)
    elif service == "s3":
        yield from s3_demands(call, operation)
    elif action.partition(":")[0] in NAMED:
        yield from named_demands(call, action)
    elif service == "resourcegroupstaggingapi":
        yield from tagging_demands(call, action)
    elif action == "sts:AssumeRole":
        yield Demand(action, call.parameter("RoleArn"))
    else:
        yield Demand(action, EVERYTHING)
    yield from _passed(call, action)


def _action(service: str, operation: str) -> str:
    """As policies call it."""
    metadata = get_service_model(service).metadata
    signed = metadata.get("signingName", metadata["endpointPrefix"])
    action = f"{PREFIXES.get(signed, signed)}:{operation}"
    return SPELLED.get(action, action)


def _passed(call: Call, action: str) -> Iterator[Demand]:
    if action not in PASSING:
        return
    passing = PASSING[action]
    for parameter in passing.parameters:
        if role := call.parameter(parameter):
            arn = role if role.startswith("arn:") else _role_arn(call, role)
            to = context.of({"iam:PassedToService": passing.to})
            yield Demand("iam:PassRole", arn, to)


def _role_arn(call: Call, name: str) -> str:
    arn: str = call.backend.get_role(name).arn
    return arn
