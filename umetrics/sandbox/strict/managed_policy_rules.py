"""AWS's managed policies, which are there without anybody's making, and policies told in full.

moto has the documents, and hides them unless its environment says otherwise. They are taken out
when somebody asks for one of them or for all: it takes a third of a second.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, rule

BY_AWS = ":iam::aws:policy/"

NAMING = ("PolicyArn", "PermissionsBoundary")


@rule(
    "aws-managed-policies",
    service="iam",
    actions=EVERY_ACTION,
    source="IAM user guide, access_policies_managed-vs-inline: created and administered by AWS",
)
@alone
def by_aws(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Who names a policy of AWS, or lists all, finds them."""
    if _asks_for_them(call) and not call.backend.aws_managed_policies:
        account, region = call.response.current_account, call.response.region
        policies = [
            AWSManagedPolicy.from_data(name, account, region, each)
            for name, each in _documents().items()
        ]
        call.backend.aws_managed_policies = policies
        call.backend.managed_policies.update({policy.arn: policy for policy in policies})
    return proceed()


def _asks_for_them(call: Call) -> bool:
    if call.action == "list_policies":
        return bool(call.parameter("Scope") != "Local")
    if call.action == "get_account_authorization_details":
        wanted = call.parameter("Filter")
        return not wanted or "AWSManagedPolicy" in wanted
    return any(BY_AWS in (call.parameter(name) or "") for name in NAMING)


@functools.cache
def _documents() -> Mapping[str, dict[str, Any]]:
    documents: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return documents


@rule(
    "policy-details",
    service="iam",
    actions="get_account_authorization_details",
    source="IAM API reference, ManagedPolicyDetail: PolicyName, PolicyId",
)
@alone
def details(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A policy in the account's details has its name and its id."""
    for policy in list(call.backend.managed_policies.values()):
        policy.policy_name, policy.policy_id = policy.name, policy.id
    return proceed()


RULES: tuple[Rule, ...] = (by_aws, details)
