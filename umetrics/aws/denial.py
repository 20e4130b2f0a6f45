"""What AWS says when it refuses for want of a permission: which action, on what, by which policy.

Pure: texts in, a `Denial` out; who asks AWS to decode what EC2 encodes is `translation.py`. AWS's
wordings: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, the ARN
of the policy: https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns,
IAM's `role NAME`: https://github.com/aws/aws-cdk/issues/27067.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from umetrics.errors import AccessDenied, Denial
from umetrics.tags import DEPLOYMENT

ENCODED = re.compile(
    r"\.? ?Encoded authorization failure message: (?P<message>[A-Za-z0-9_=+/-]+)\.?"
)
"""Only of EC2. STS decodes it for whoever is in the same account and may."""

_ACTION = re.compile(r"perform:? (?P<action>[a-z0-9-]+:[A-Za-z0-9*]+)")
_RESOURCE = re.compile(
    r"on resource:? \"?(?:(?P<kind>role|user|group|policy|instance profile) )?"
    r"(?P<name>\*|[^\s\"]+)"
)
_IMPLICIT = re.compile(r"because no (?P<type>[A-Za-z -]+?) allows")
_EXPLICIT = re.compile(
    r"with an explicit deny|due to an explicit deny|explicitly denied", re.IGNORECASE
)
_DENYING = re.compile(
    r"explicit deny in (?:an? |the )?(?P<type>[A-Za-z -]*?(?:policy|boundary))"
    r"(?:: (?P<arn>arn:[^\s,\"]+))?",
    re.IGNORECASE,
)
_CALLER = re.compile(r"User: arn:(?P<partition>[^:]+):[a-z]+::(?P<account>\d{12}):")

TYPES: Mapping[str, str] = {"vpc endpoint policy": "VPC endpoint policy"}
"""Where the name of a type of policy is not all in lower case."""

PINNED = frozenset(
    {
        f"aws:RequestTag/{DEPLOYMENT}",
        f"aws:ResourceTag/{DEPLOYMENT}",
        "ec2:CreateAction",
        "iam:PassedToService",
        "iam:PolicyARN",
    }
)
"""Keys of a request by which the missing statement can be limited to this very use."""

RESUMES = "then run the same command again: it resumes"

EXPLICITLY = (
    "no statement helps against an explicit deny: ask whoever looks after that policy for an "
    f"exception, {RESUMES}"
)

HINTS: Mapping[str, str] = {
    "permissions boundary": "the boundary of your user or role must allow it, too: ask for that "
    f"statement there, {RESUMES}",
    "service control policy": "your organisation must allow it for this account: ask whoever looks "
    f"after its service control policies, {RESUMES}",
    "session policy": "the session was given less than the role has: have that statement in the "
    f"session's policy, or begin a session without one, {RESUMES}",
    "VPC endpoint policy": "the endpoint through which the call went must allow it: ask whoever "
    f"looks after the endpoint, {RESUMES}",
    "resource-based policy": "the resource's own policy must allow it: ask its owner for that "
    f"statement there, {RESUMES}",
}
"""By the type of policy that allows too little."""

ASK = f"ask for that statement, or for all of `umetrics policy`, {RESUMES}"


def denial(text: str, operation: str) -> Denial:
    """What a refusal says; `operation` is the action where it names none."""
    action, denying = _ACTION.search(text), _DENYING.search(text)
    implicit = _IMPLICIT.search(text)
    named = (denying or implicit or {"type": ""})["type"].lower()
    return Denial(
        action["action"] if action else operation,
        tuple(_resources(text)),
        TYPES.get(named, named),
        explicit=bool(_EXPLICIT.search(text)),
        policy_arn=(denying["arn"] or "").rstrip(".") if denying else "",
    )


def _resources(text: str) -> Iterator[str]:
    """IAM names what is there without its path: it is searched for in any."""
    resource, caller = _RESOURCE.search(text), _CALLER.search(text)
    if resource is None:
        return
    kind, name = (resource["kind"] or "").replace(" ", "-"), resource["name"].rstrip(".")
    if name == "*" or name.startswith("arn:"):
        yield name
    elif kind and caller:
        owner = f"arn:{caller['partition']}:iam::{caller['account']}:{kind}"
        yield f"{owner}/{name}"
        yield f"{owner}/*/{name}"


def decoded(told: Denial, message: str) -> Denial:
    """The same with what the decoded message says besides; as it was, where that is unreadable.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
    """
    try:
        content = json.loads(message)
        context = content["context"]
        resource, action = str(context.get("resource", "")), str(context["action"])
        explicit = told.explicit or bool(content.get("explicitDeny"))
        sids = [each.get("statementId", "") for each in content["matchedStatements"]["items"]]
        condition = dict(_pinned(context))
    except (ValueError, KeyError, TypeError, AttributeError):
        return replace(told, note="AWS decoded its message to something that cannot be read")
    return replace(
        told,
        action=action,
        resources=(resource,) if resource else told.resources,
        explicit=explicit,
        statement_ids=tuple(filter(None, sids)) if explicit else (),
        condition=condition,
    )


def _pinned(context: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in context.get("conditions", {}).get("items", ()):
        if each["key"] in PINNED:
            yield each["key"], tuple(str(value["value"]) for value in each["values"]["items"])


def explain(error: AccessDenied, told: Denial) -> None:
    """Say in the error what was denied, the statement that would allow it, and whom to ask."""
    error.denial = told
    error.statement = "" if told.explicit else json.dumps(_statement(told), indent=2)
    error.hint = EXPLICITLY if told.explicit else HINTS.get(told.policy_type, ASK)


def _statement(told: Denial) -> dict[str, object]:
    values = told.resources or ("*",)
    said: dict[str, object] = {
        "Effect": "Allow",
        "Action": told.action,
        "Resource": values[0] if len(values) == 1 else list(values),
    }
    equals = {
        key: each[0] if len(each) == 1 else list(each) for key, each in told.condition.items()
    }
    return {**said, "Condition": {"StringEquals": equals}} if equals else said
