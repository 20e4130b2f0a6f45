"""What IAM's actions touch: one role, policy, user, group or instance profile, by ARN with path.

From the Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity
and Access Management": each action has at most one type of resource, so the parameters tell it.
Actions on other things (certificates, identity providers, MFA devices) are judged on `*`, which is
coarser than AWS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

from umetrics.sandbox.strict.authorization import context
from umetrics.sandbox.strict.authorization.context import NOTHING, Context
from umetrics.sandbox.strict.authorization.demand import EVERYTHING, Demand
from umetrics.sandbox.strict.authorization.principal import Principal

if TYPE_CHECKING:
    from umetrics.sandbox.strict.rule import Call


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource: its name in ARNs, the parameter that names it, where moto keeps it."""

    name: str
    parameter: str
    collection: str
    own_key: bool = False
    """Whether its tags have the key `iam:ResourceTag` as well."""


KINDS = (
    Kind("instance-profile", "InstanceProfileName", "instance_profiles"),
    Kind("role", "RoleName", "roles", own_key=True),
    Kind("group", "GroupName", "groups"),
    Kind("user", "UserName", "users", own_key=True),
)
"""The first that a request names is what it acts upon."""

BOUNDED = frozenset(
    f"{verb}{kind}{what}"
    for kind in ("Role", "User")
    for verb, what in (
        ("Attach", "Policy"),
        ("Create", ""),
        ("Delete", "PermissionsBoundary"),
        ("Delete", "Policy"),
        ("Detach", "Policy"),
        ("Put", "PermissionsBoundary"),
        ("Put", "Policy"),
    )
) | {"DeleteRole", "GetRole", "UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription"}
"""Actions that have the key `iam:PermissionsBoundary`."""

SIMULATIONS = frozenset({"SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"})
"""Reads that name the principal they are about by its ARN."""


def iam_demands(call: Call, operation: str, principal: Principal) -> Iterator[Demand]:
    """The permissions that a call of IAM needs.

    Tags in a create need the permission to tag besides (iann0036/iamlive#97).
    """
    action = f"iam:{operation}"
    touched = _touched(call, operation, principal)
    keys = touched.keys | _request_keys(call, operation)
    yield Demand(action, touched.resource, keys, touched.called)
    if operation.startswith("Create") and call.parameter("Tags"):
        tagging = f"iam:Tag{operation.removeprefix('Create')}"
        yield Demand(tagging, touched.resource, _request_keys(call, operation))


@dataclass(frozen=True, slots=True)
class _Touched:
    resource: str = EVERYTHING
    keys: Context = NOTHING
    called: str = ""


def _touched(call: Call, operation: str, principal: Principal) -> _Touched:
    """What a request is about; a user when it may name one and does not is the caller."""
    if operation in SIMULATIONS:
        return _Touched(call.parameter("PolicySourceArn"))
    for kind in KINDS:
        if name := call.parameter(kind.parameter):
            return _entity(call, operation, kind, name)
    if name := call.parameter("PolicyName"):
        return _Touched(_arn(call, "policy", name))
    if arn := call.parameter("PolicyArn"):
        return _policy(call, operation, arn)
    if principal.name and _may_name_a_user(operation):
        return _Touched(principal.arn)
    return _Touched()


def _entity(call: Call, operation: str, kind: Kind, name: str) -> _Touched:
    things = list(getattr(call.backend, kind.collection).values())
    found: Any = next((each for each in things if each.name == name), None)
    if found is None or operation.startswith("Create"):
        return _Touched(_arn(call, kind.name, name), called=_called(operation, kind.name, name))
    tags = {tag["Key"]: tag["Value"] for tag in getattr(found, "tags", None) or ()}
    keys = context.resource_tags(tags, service="iam" if kind.own_key else "aws")
    if operation in BOUNDED:
        boundary = getattr(found, "permissions_boundary_arn", None)
        keys |= context.of({"iam:PermissionsBoundary": boundary})
    return _Touched(found.arn, keys, _called(operation, kind.name, name))


def _policy(call: Call, operation: str, arn: str) -> _Touched:
    found = call.backend.managed_policies.get(arn)
    tags = {key: tag["Value"] for key, tag in found.tags.items()} if found else {}
    keys = context.resource_tags(tags, service="aws")
    return _Touched(arn, keys, _called(operation, "policy", arn))


def _called(operation: str, kind: str, name: str) -> str:
    """AWS names what is made by its ARN, and what is there by type and name: aws/aws-cdk#27067."""
    return "" if operation.startswith("Create") else f"{kind} {name}"


def _request_keys(call: Call, operation: str) -> Context:
    """What the request itself brings: tags, the policy to attach, the boundary to set."""
    tags = {tag["Key"]: tag.get("Value", "") for tag in call.parameter("Tags") or ()}
    keys = context.requested_tags(tags) | context.tag_keys(call.parameter("TagKeys") or ())
    if operation.startswith(("Attach", "Detach")):
        keys |= context.of({"iam:PolicyARN": call.parameter("PolicyArn")})
    if operation in BOUNDED:
        keys |= context.of({"iam:PermissionsBoundary": call.parameter("PermissionsBoundary")})
    if operation == "CreateServiceLinkedRole":
        keys |= context.of({"iam:AWSServiceName": call.parameter("AWSServiceName")})
    return keys


def _arn(call: Call, kind: str, name: str) -> str:
    path = call.parameter("Path") or "/"
    return f"arn:{call.response.partition}:iam::{call.response.current_account}:{kind}{path}{name}"


def _may_name_a_user(operation: str) -> bool:
    shape = get_service_model("iam").operation_model(operation).input_shape
    return shape is not None and "UserName" in shape.members
