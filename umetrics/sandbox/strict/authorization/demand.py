"""What a call demands: for each thing that it touches, one permission.

This is the value, and what every request brings along; which things an action touches is said in
`ec2_demands`, `iam_demands` and `service_demands`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from umetrics.sandbox.strict.authorization import context
from umetrics.sandbox.strict.authorization.context import NOTHING, Context
from umetrics.sandbox.strict.authorization.principal import Principal

if TYPE_CHECKING:
    from umetrics.sandbox.strict.rule import Call

EVERYTHING = "*"
"""The resource of actions that AWS judges without one."""

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Demand:
    """One action on one resource, and what is known of that resource in this request.

    `called` is how AWS's refusal names the resource where that is not its ARN.
    """

    action: str
    resource: str = EVERYTHING
    keys: Context = NOTHING
    called: str = ""


def common_keys(call: Call, principal: Principal) -> Context:
    """The global keys that AWS gives with every request.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    now = datetime.now(UTC)
    return principal_keys(principal) | context.of(
        {
            "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:RequestedRegion": call.response.region,
            "aws:SecureTransport": "false",
            "aws:SourceIp": LOOPBACK,
            "aws:UserAgent": call.response.headers.get("User-Agent"),
            "aws:ViaAWSService": "false",
        }
    )


def principal_keys(principal: Principal) -> Context:
    """What policies may want to know of the caller."""
    account = principal.arn.split(":")[4]
    return context.of(
        {
            "aws:PrincipalAccount": account,
            "aws:PrincipalArn": principal.entity,
            "aws:PrincipalType": "User" if principal.name else "AssumedRole",
            "aws:userid": principal.id,
            "aws:username": principal.name,
            **{f"aws:PrincipalTag/{key}": value for key, value in principal.tags.items()},
        }
    )
