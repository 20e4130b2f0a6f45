"""Who calls: the IAM user, the session of a role or the sandbox's administrator behind a key.

Signatures are not checked. Whoever a key belongs to, policies are read as IAM holds them now.

The administrator is no entity of IAM: an empty account is to look empty, and nobody is to lock him
out. So his ARN is an IAM user's, as tools expect one of whoever calls them, but IAM does not list
it (as it does not list the root user, who likewise may do everything).
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from umetrics.sandbox.options import ADMINISTRATOR
from umetrics.sandbox.strict.authorization.evaluation import Policies
from umetrics.sandbox.strict.authorization.policy import Policy, parse

if TYPE_CHECKING:
    from moto.iam.models import AccessKey, IAMBackend, ManagedPolicy
    from moto.sts.models import AssumedRole

    from umetrics.sandbox.strict.rule import Call

ADMINISTRATOR_ID = "AIDASANDBOXADMINISTRA"
"""An IAM user's id is AIDA and 17 letters or digits."""

EVERYTHING = parse(
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
    "AdministratorAccess",
    "aws-managed",
)

PARTITION, REGION = "aws", "us-east-1"
"""Where a sandbox's own user is; IAM is one for all regions."""

ID_LETTERS = string.ascii_uppercase + string.digits
ID_LENGTH = 17

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)")


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: `arn` is that of the user or session, `entity` that of the user or role.

    `name` is an IAM user's, None of sessions. `id` is what GetCallerIdentity calls UserId.
    """

    arn: str
    entity: str
    id: str
    name: str | None
    policies: Policies
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_administrator(self) -> bool:
        """Whether there is nothing to judge."""
        return self.policies == Policies((EVERYTHING,))


def entity_id(prefix: str) -> str:
    """A new unique id, as IAM gives one to each user, group or role."""
    return prefix + "".join(secrets.choice(ID_LETTERS) for _ in range(ID_LENGTH))


def make_user(name: str) -> None:
    """An IAM user who may do nothing yet, in the account that the sandbox is."""
    made = iam_backends[DEFAULT_ACCOUNT_ID][PARTITION].create_user(REGION, name)
    made.id = entity_id("AIDA")


def access_key_id(call: Call) -> str:
    """The key that a request was signed with; empty when it was not."""
    signed = call.response.headers.get("Authorization", "")
    presigned: list[str] = call.response.querystring.get("X-Amz-Credential", [""])
    found = _CREDENTIAL.search(signed) or _CREDENTIAL.search(f"Credential={presigned[0]}")
    return found["key"] if found else ""


def caller(call: Call) -> Principal | None:
    """Whose key it is; None when its owner is not there, or the key is not active."""
    key_id = access_key_id(call)
    if key_id == ADMINISTRATOR:
        return administrator(call)
    iam = _iam(call)
    key = iam.access_keys.get(key_id)
    if key is not None:
        return _owner(call, iam, key)
    if call.world.settings.caller:
        return user(iam, call.world.settings.caller)
    return administrator(call)


def administrator(call: Call) -> Principal:
    """Who may do everything."""
    arn = f"arn:{call.response.partition}:iam::{call.response.current_account}:user/{ADMINISTRATOR}"
    return Principal(arn, arn, ADMINISTRATOR_ID, ADMINISTRATOR, Policies((EVERYTHING,)))


def user(iam: IAMBackend, name: str) -> Principal | None:
    """An IAM user with the policies of its own and of its groups; None when there is no such."""
    found = iam.users.get(name)
    if found is None:
        return None
    groups = [each for each in list(iam.groups.values()) if found in each.users]
    policies = (
        *_policies(found, "user"),
        *(p for each in groups for p in _policies(each, "group")),
    )
    tags = {tag["Key"]: tag["Value"] for tag in found.tags or ()}
    return Principal(found.arn, found.arn, found.id, name, Policies(policies), tags)


def group(iam: IAMBackend, arn: str) -> Policies | None:
    """The policies of a group, which never calls by itself; None when there is no such."""
    found = next((each for each in list(iam.groups.values()) if each.arn == arn), None)
    return None if found is None else Policies(tuple(_policies(found, "group")))


def role(iam: IAMBackend, arn: str, session: AssumedRole | None = None) -> Principal | None:
    """A role, or a session of it, which its session policy limits; None when there is no such."""
    found: Any = next((each for each in list(iam.roles.values()) if each.arn == arn), None)
    if found is None:
        return None
    policies = Policies(tuple(_policies(found, "role")), _boundary(iam, found), _session(session))
    tags = {tag["Key"]: tag["Value"] for tag in found.tags}
    if session is None:
        return Principal(arn, arn, found.id, None, policies, tags)
    return Principal(session.arn, arn, session.user_id, None, policies, tags)


def _owner(call: Call, iam: IAMBackend, key: AccessKey) -> Principal | None:
    if key.role_arn is None:
        return user(iam, key.user_name) if key.user_name and key.status == "Active" else None
    sts = sts_backends[call.response.current_account][call.response.partition]
    return role(iam, key.role_arn, sts.get_assumed_role_from_access_key(key.access_key_id))


def _iam(call: Call) -> IAMBackend:
    return iam_backends[call.response.current_account][call.response.partition]


def _boundary(iam: IAMBackend, entity: Any) -> Policy | None:  # noqa: ANN401  # moto's role
    """What bounds a role; a boundary whose policy is gone lets nothing through."""
    arn = entity.permissions_boundary_arn
    if not arn:
        return None
    policy = iam.managed_policies.get(arn)
    return Policy(arn, "user-managed", ()) if policy is None else _managed(policy)


def _session(session: AssumedRole | None) -> Policy | None:
    """The policy that was given to AssumeRole."""
    if session is None or not session.policy:
        return None
    return parse(session.policy, session.session_name, "none")


def _policies(entity: Any, kind: str) -> Iterator[Policy]:  # noqa: ANN401  # user, group or role
    for name, text in list(entity.policies.items()):
        yield parse(text, name, kind)
    for policy in list(entity.managed_policies.values()):
        yield _managed(policy)


def _managed(policy: ManagedPolicy) -> Policy:
    """The default version of a managed policy."""
    by_aws = ":iam::aws:policy/" in policy.arn
    version = next(each for each in policy.versions if each.is_default_version)
    return parse(version.document, policy.name, "aws-managed" if by_aws else "user-managed")
