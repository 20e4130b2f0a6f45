"""What flow logs and log groups refuse and forget in AWS, and not in moto."""

from __future__ import annotations

from typing import Any

from umetrics.sandbox.strict.backend import backend_in
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule

SERVICE = "vpc-flow-logs.amazonaws.com"


@rule(
    "flow-log-role",
    service="ec2",
    actions="create_flow_logs",
    source="VPC user guide, flow-logs-iam-role: a trust relationship that allows the service to "
    "assume the role; code and words: hashicorp/terraform-provider-aws#29323",
)
def trusted(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The role must exist, and trust the service."""
    arn = call.parameter("DeliverLogsPermissionArn")
    if arn and SERVICE not in _trust(call, arn):
        refuse("InvalidParameter", f"Unable to assume given IAM role: '{arn}'")
    return proceed()


def _trust(call: Call, arn: str) -> str:
    roles = backend_in(call, "iam", call.response.partition).roles.values()
    return next((str(role.assume_role_policy_document) for role in roles if role.arn == arn), "")


@rule(
    "log-group-forgets-its-tags",
    service="logs",
    actions="delete_log_group",
    source="CloudWatch Logs API reference, DeleteLogGroup: permanently deletes the group; "
    "ListTagsForResource: ResourceNotFoundException",
)
def forgotten(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A group that is made again under the name of another one has none of its tags."""
    group = call.backend.groups.get(call.parameter("logGroupName"))
    answer = proceed()
    if group is not None:
        call.backend.tagger.delete_all_tags_for_resource(group.arn)
    return answer


RULES: tuple[Rule, ...] = (trusted, forgotten)
