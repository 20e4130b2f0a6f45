"""IAM roles: trust, one inline policy of the role's own name, and a permissions boundary.

Found by path, then looked at in one round of calls for all roles. Other inline policies and
attached managed ones are other people's: shown, never changed, but taken along when the role goes.
A role is never deleted and made again to repair it: policies elsewhere name its unique id.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.errors import InUse, NotFound
from umetrics.pool import together
from umetrics.provision.model import Found, Phase, Resource, Where, fixed, informational
from umetrics.provision.policy_document import EMPTY, PolicyDocument
from umetrics.provision.resources.handler import Kind
from umetrics.provision.resources.iam import (
    LARGEST_PAGE,
    PROPAGATED_WITHIN,
    description_of,
    holder,
    iam_path,
    insist_on_identity,
    is_the_same,
    tag_list,
    tags_of,
)
from umetrics.tags import Tags

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import CreateRoleRequestTypeDef, RoleTypeDef

    from umetrics.aws import Aws

PROPAGATION = 120
"""Seconds: IAM tells all its servers of a new role within two minutes, as others measured."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role. `permissions` is the inline policy that bears the role's own name.

    `permissions_boundary` is the ARN of a managed policy, or empty. `foreign_policies` holds
    names of other inline policies and ARNs of attached managed ones.
    """

    name: str = field(metadata=fixed())
    path: str = field(metadata=fixed())
    trust: PolicyDocument
    permissions: PolicyDocument
    permissions_boundary: str = ""
    foreign_policies: frozenset[str] = field(default=frozenset(), metadata=informational())


class RoleHandler(Kind[Role]):
    """Roles, through IAM's calls by name."""

    label = "role"
    free_within: float = PROPAGATED_WITHIN

    def find(self, aws: Aws, where: Where) -> Iterator[Found[Role]]:
        """By path, then four calls for each role, all at once."""
        pages = aws.iam.get_paginator("list_roles").paginate(
            PathPrefix=iam_path(where.deployment), PaginationConfig=LARGEST_PAGE
        )
        names = [
            role["RoleName"]
            for page in pages
            for role in page["Roles"]
            if not where.ids or role["RoleId"] in where.ids
        ]
        for found in together(*(partial(_look_at, aws, name) for name in names)):
            if found is not None and where.matches(found):
                yield found

    def occupant(self, aws: Aws, desired: Resource[Role]) -> str:
        """Whoever has the name, in whatever path: IAM's names are unique in the account."""
        try:
            role = aws.iam.get_role(RoleName=desired.spec.name)["Role"]
        except NotFound:
            return ""
        tags = tags_of(role)
        if role["Path"] == desired.spec.path and is_the_same(tags, desired):
            return ""
        return holder(
            "role",
            name=role["RoleName"],
            path=role["Path"],
            unique_id=role["RoleId"],
            tags=tags,
        )

    def create(self, aws: Aws, desired: Resource[Role], token: str) -> Found[Role]:
        """The role with its trust and boundary; `update` writes the inline policy."""
        del token
        spec = desired.spec
        request: CreateRoleRequestTypeDef = {
            "Path": spec.path,
            "RoleName": spec.name,
            "AssumeRolePolicyDocument": spec.trust.text,
            "Description": description_of(desired),
            "Tags": tag_list(desired.tags),
        }
        if spec.permissions_boundary:
            request["PermissionsBoundary"] = spec.permissions_boundary
        role = aws.once.iam.create_role(**request)["Role"]
        made = dataclasses.replace(spec, permissions=EMPTY, foreign_policies=frozenset())
        phase = Phase.READY if _is_arn(role["Arn"]) else Phase.PENDING
        return Found(role["RoleId"], made, dict(desired.tags), role["Arn"], phase=phase)

    def settle(self, aws: Aws, found: Found[Role]) -> Found[Role]:
        """Wait for the ARN: a fresh role may show its unique id in that place."""
        seen = [found.arn]

        def has_arn() -> bool:
            with suppress(NotFound):
                seen.append(aws.iam.get_role(RoleName=found.spec.name)["Role"]["Arn"])
            return _is_arn(seen[-1])

        if not _is_arn(found.arn):
            aws.patience.until(
                has_arn, at_most=PROPAGATION, waiting_for=f"the ARN of role {found.spec.name}"
            )
        return dataclasses.replace(found, arn=seen[-1], phase=Phase.READY)

    def update(self, aws: Aws, found: Found[Role], desired: Resource[Role]) -> None:
        """Boundary first, so that no permission is ever written outside it."""
        before, after = found.spec, desired.spec
        name = after.name
        if after.permissions_boundary and before.permissions_boundary != after.permissions_boundary:
            aws.iam.put_role_permissions_boundary(
                RoleName=name, PermissionsBoundary=after.permissions_boundary
            )
        if before.trust != after.trust:
            aws.iam.update_assume_role_policy(RoleName=name, PolicyDocument=after.trust.text)
        if before.permissions != after.permissions:
            if after.permissions.statements:
                aws.iam.put_role_policy(
                    RoleName=name, PolicyName=name, PolicyDocument=after.permissions.text
                )
            else:
                _remove_policies(aws, name, [name])
        if before.permissions_boundary and not after.permissions_boundary:
            aws.iam.delete_role_permissions_boundary(RoleName=name)

    def retag(self, aws: Aws, found: Found[Role], tags: Tags) -> None:
        """Write `tags`; one of our keys that stands there in another case makes way.

        A role's tag keys know no case: tagging `Project` where `project` stands would keep the
        old spelling, https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html.
        """
        wanted = {key.casefold() for key in tags}
        misspelt = [key for key in found.tags if key not in tags and key.casefold() in wanted]
        if misspelt:
            aws.iam.untag_role(RoleName=found.spec.name, TagKeys=misspelt)
        aws.iam.tag_role(RoleName=found.spec.name, Tags=tag_list(tags))

    def tags_now(self, aws: Aws, found: Found[Role]) -> Tags | None:
        """From GetRole; `NotOurs` when the name now belongs to another role."""
        try:
            role = aws.iam.get_role(RoleName=found.spec.name)["Role"]
        except NotFound:
            return None
        insist_on_identity(found, f"role {found.spec.name}", role["RoleId"])
        return tags_of(role)

    def delete(self, aws: Aws, found: Found[Role]) -> None:
        """Strip it of what is known to hang on it; only if that is not all, ask for the rest."""
        name = found.spec.name
        own = {name} if found.spec.permissions.statements else frozenset[str]()
        with suppress(NotFound):
            _remove_policies(aws, name, own | found.spec.foreign_policies)
            try:
                aws.iam.delete_role(RoleName=name)
            except InUse:
                _strip(aws, name)
                aws.iam.delete_role(RoleName=name)


def _look_at(aws: Aws, name: str) -> Found[Role] | None:
    """One role with all that hangs on it; None when it went away meanwhile."""
    reads: tuple[Callable[[], Any], ...] = (
        lambda: aws.iam.get_role(RoleName=name)["Role"],
        lambda: _own_policy(aws, name),
        lambda: _inline_policies(aws, name),
        lambda: _attached_policies(aws, name),
    )
    role: RoleTypeDef
    try:
        role, permissions, inline, attached = together(*reads)
    except NotFound:
        return None
    boundary = role.get("PermissionsBoundary", {})
    spec = Role(
        name=role["RoleName"],
        path=role["Path"],
        trust=PolicyDocument.from_text(role["AssumeRolePolicyDocument"]),
        permissions=permissions,
        permissions_boundary=boundary.get("PermissionsBoundaryArn", ""),
        foreign_policies=(inline - {name}) | attached,
    )
    return Found(role["RoleId"], spec, tags_of(role), role["Arn"])


def _own_policy(aws: Aws, name: str) -> PolicyDocument:
    try:
        answer = aws.iam.get_role_policy(RoleName=name, PolicyName=name)
    except NotFound:
        return EMPTY
    return PolicyDocument.from_text(answer["PolicyDocument"])


def _inline_policies(aws: Aws, name: str) -> frozenset[str]:
    pages = aws.iam.get_paginator("list_role_policies").paginate(RoleName=name)
    return frozenset(policy for page in pages for policy in page["PolicyNames"])


def _attached_policies(aws: Aws, name: str) -> frozenset[str]:
    pages = aws.iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
    return frozenset(policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"])


def _remove_policies(aws: Aws, role: str, policies: Iterable[str]) -> None:
    """Delete inline policies (names) and detach managed ones (ARNs, which stay what they are)."""
    for policy in sorted(policies):
        with suppress(NotFound):
            if _is_arn(policy):
                aws.iam.detach_role_policy(RoleName=role, PolicyArn=policy)
            else:
                aws.iam.delete_role_policy(RoleName=role, PolicyName=policy)


def _strip(aws: Aws, name: str) -> None:
    """Free a role of everything that keeps IAM from deleting it."""
    pages = aws.iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName=name)
    for profile in [profile for page in pages for profile in page["InstanceProfiles"]]:
        with suppress(NotFound):
            aws.iam.remove_role_from_instance_profile(
                InstanceProfileName=profile["InstanceProfileName"], RoleName=name
            )
    _remove_policies(aws, name, _inline_policies(aws, name) | _attached_policies(aws, name))


def _is_arn(text: str) -> bool:
    return text.startswith("arn:")
