"""Managed policies of ours, and to which roles of the application they are attached.

On those roles nothing but the attachment of our own policy is ever touched. An attachment carries
no mark of who made it: receipts say which were ours, and the planner leaves the others in the
wanted set. IAM keeps five versions of a document; the oldest makes way when a sixth is needed.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from umetrics.errors import InUse, NotFound
from umetrics.pool import together
from umetrics.provision.model import Found, Resource, Where, fixed, informational, receipted
from umetrics.provision.policy_document import PolicyDocument
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
    from mypy_boto3_iam.type_defs import PolicyTypeDef, PolicyVersionTypeDef

    from umetrics.aws import Aws

MAXIMUM_VERSIONS = 5


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy. `attached_roles` are names of roles.

    `other_attachments` are what else uses it: `user/NAME`, `group/NAME`, `boundary of role/NAME`.
    """

    name: str = field(metadata=fixed())
    path: str = field(metadata=fixed())
    document: PolicyDocument
    attached_roles: frozenset[str] = field(default=frozenset(), metadata=receipted())
    other_attachments: frozenset[str] = field(default=frozenset(), metadata=informational())


@dataclass(frozen=True, slots=True)
class _Entities:
    """Who uses a policy, in one of the two ways of using it."""

    roles: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


class ManagedPolicyHandler(Kind[ManagedPolicy]):
    """Customer-managed policies, through IAM's calls by ARN."""

    label = "managed policy"
    free_within: float = PROPAGATED_WITHIN

    def find(self, aws: Aws, where: Where) -> Iterator[Found[ManagedPolicy]]:
        """By path, then tags, document and (where it is used at all) users, all at once."""
        listed = [
            policy
            for policy in _local_policies(aws, iam_path(where.deployment))
            if not where.ids or policy["PolicyId"] in where.ids
        ]
        for found in together(*(partial(_look_at, aws, policy) for policy in listed)):
            if found is not None and where.matches(found):
                yield found

    def occupant(self, aws: Aws, desired: Resource[ManagedPolicy]) -> str:
        """Whoever has the name, in any path and any case: IAM takes both for the same name."""
        wanted = desired.spec.name.casefold()
        for policy in _local_policies(aws, "/"):
            if policy["PolicyName"].casefold() != wanted:
                continue
            with suppress(NotFound):
                tags = tags_of(aws.iam.get_policy(PolicyArn=policy["Arn"])["Policy"])
                if policy["Path"] == desired.spec.path and is_the_same(tags, desired):
                    return ""
                return holder(
                    "managed policy",
                    name=policy["PolicyName"],
                    path=policy["Path"],
                    unique_id=policy["PolicyId"],
                    tags=tags,
                )
        return ""

    def unmet(
        self, aws: Aws, desired: Resource[ManagedPolicy], found: Found[ManagedPolicy] | None
    ) -> str:
        """Roles of the configuration that are not there: better said before anything is made."""
        attached = found.spec.attached_roles if found else frozenset[str]()
        pending = sorted(desired.spec.attached_roles - attached)
        names = {role: _name_of(aws, role) for role in pending}
        wrong = [
            f"{role} (its name is {name})" if name else role
            for role, name in names.items()
            if name != role
        ]
        return f"`[lambda] roles` names what does not exist: {', '.join(wrong)}" if wrong else ""

    def create(
        self, aws: Aws, desired: Resource[ManagedPolicy], token: str
    ) -> Found[ManagedPolicy]:
        """The policy, attached to nothing; `update` attaches it."""
        del token
        spec = desired.spec
        policy = aws.once.iam.create_policy(
            PolicyName=spec.name,
            Path=spec.path,
            PolicyDocument=spec.document.text,
            Description=description_of(desired),
            Tags=tag_list(desired.tags),
        )["Policy"]
        made = ManagedPolicy(spec.name, spec.path, spec.document)
        return Found(policy["PolicyId"], made, dict(desired.tags), policy["Arn"])

    def update(
        self, aws: Aws, found: Found[ManagedPolicy], desired: Resource[ManagedPolicy]
    ) -> None:
        """A new default version where the document differs; then attach, then detach."""
        if found.spec.document != desired.spec.document:
            _publish(aws, found.arn, desired.spec.document)
        for role in sorted(desired.spec.attached_roles - found.spec.attached_roles):
            _attach(aws, found.arn, role)
        for role in sorted(found.spec.attached_roles - desired.spec.attached_roles):
            _detach(aws, found.arn, role)

    def retag(self, aws: Aws, found: Found[ManagedPolicy], tags: Tags) -> None:
        """One TagPolicy; unlike a role's, a policy's tag keys know upper and lower case."""
        aws.iam.tag_policy(PolicyArn=found.arn, Tags=tag_list(tags))

    def tags_now(self, aws: Aws, found: Found[ManagedPolicy]) -> Tags | None:
        """From GetPolicy; `NotOurs` when the name now belongs to another policy."""
        try:
            policy = aws.iam.get_policy(PolicyArn=found.arn)["Policy"]
        except NotFound:
            return None
        insist_on_identity(found, f"managed policy {found.spec.name}", policy["PolicyId"])
        return tags_of(policy)

    def delete(self, aws: Aws, found: Found[ManagedPolicy]) -> None:
        """Detach it from its roles; drop old versions only if IAM insists."""
        for role in sorted(found.spec.attached_roles):
            _detach(aws, found.arn, role)
        with suppress(NotFound):
            try:
                aws.iam.delete_policy(PolicyArn=found.arn)
            except InUse:
                for version in _old_versions(_versions(aws, found.arn)):
                    aws.iam.delete_policy_version(PolicyArn=found.arn, VersionId=version)
                aws.iam.delete_policy(PolicyArn=found.arn)


def _local_policies(aws: Aws, path: str) -> Iterator[PolicyTypeDef]:
    pages = aws.iam.get_paginator("list_policies").paginate(
        Scope="Local", PathPrefix=path, PaginationConfig=LARGEST_PAGE
    )
    for page in pages:
        yield from page["Policies"]


def _look_at(aws: Aws, listed: PolicyTypeDef) -> Found[ManagedPolicy] | None:
    """One policy with who uses it; None when it went away meanwhile. Lists have no tags."""
    arn = listed["Arn"]
    reads: tuple[Callable[[], Any], ...] = (
        lambda: aws.iam.get_policy(PolicyArn=arn)["Policy"],
        lambda: _document(aws, arn, listed["DefaultVersionId"]),
        lambda: (
            _entities(aws, arn, "PermissionsPolicy")
            if listed.get("AttachmentCount")
            else _Entities()
        ),
        lambda: (
            _entities(aws, arn, "PermissionsBoundary")
            if listed.get("PermissionsBoundaryUsageCount")
            else _Entities()
        ),
    )
    attached: _Entities
    bounded: _Entities
    try:
        policy, document, attached, bounded = together(*reads)
    except NotFound:
        return None
    boundaries = {f"role/{name}" for name in bounded.roles} | bounded.others
    spec = ManagedPolicy(
        name=listed["PolicyName"],
        path=listed["Path"],
        document=document,
        attached_roles=attached.roles,
        other_attachments=attached.others | {f"boundary of {name}" for name in boundaries},
    )
    return Found(listed["PolicyId"], spec, tags_of(policy), arn)


def _document(aws: Aws, arn: str, version: str) -> PolicyDocument:
    answer = aws.iam.get_policy_version(PolicyArn=arn, VersionId=version)
    return PolicyDocument.from_text(answer["PolicyVersion"]["Document"])


def _entities(
    aws: Aws, arn: str, usage: Literal["PermissionsPolicy", "PermissionsBoundary"]
) -> _Entities:
    pages = list(
        aws.iam.get_paginator("list_entities_for_policy").paginate(
            PolicyArn=arn, PolicyUsageFilter=usage, PaginationConfig=LARGEST_PAGE
        )
    )
    users = {f"user/{user['UserName']}" for page in pages for user in page["PolicyUsers"]}
    groups = {f"group/{group['GroupName']}" for page in pages for group in page["PolicyGroups"]}
    roles = frozenset(role["RoleName"] for page in pages for role in page["PolicyRoles"])
    return _Entities(roles, frozenset(users | groups))


def _versions(aws: Aws, arn: str) -> list[PolicyVersionTypeDef]:
    pages = aws.iam.get_paginator("list_policy_versions").paginate(PolicyArn=arn)
    return [version for page in pages for version in page["Versions"]]


def _old_versions(versions: list[PolicyVersionTypeDef]) -> list[str]:
    """Ids of the versions that are not in force, oldest first (`v2` before `v10`)."""
    ids = [version["VersionId"] for version in versions if not version["IsDefaultVersion"]]
    return sorted(ids, key=lambda version: int(version.removeprefix("v").partition(".")[0]))


def _publish(aws: Aws, arn: str, document: PolicyDocument) -> None:
    """Put a document in force; nothing when it already is, so that a retry makes no versions."""
    versions = _versions(aws, arn)
    current = next(version for version in versions if version["IsDefaultVersion"])
    if _document(aws, arn, current["VersionId"]) == document:
        return
    if len(versions) >= MAXIMUM_VERSIONS:
        aws.iam.delete_policy_version(PolicyArn=arn, VersionId=_old_versions(versions)[0])
    aws.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document.text, SetAsDefault=True)


def _attach(aws: Aws, arn: str, role: str) -> None:
    """Attach to an existing role; `NotFound` naming the setting when there is no such role."""
    try:
        aws.iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    except NotFound as error:
        if _name_of(aws, role):
            raise
        raise NotFound(
            # Without our policy's name: what this run itself has made is waited for.
            f"no role {role} to attach our policy to",
            aws_code=error.aws_code,
            operation=error.operation,
            request_id=error.request_id,
            hint="correct `[lambda] roles` in umetrics.toml: it names existing roles, without path",
        ) from error


def _name_of(aws: Aws, role: str) -> str:
    """A role's name as IAM writes it, which finds it in any case; empty when there is none."""
    try:
        return aws.iam.get_role(RoleName=role)["Role"]["RoleName"]
    except NotFound:
        return ""


def _detach(aws: Aws, arn: str, role: str) -> None:
    with suppress(NotFound):
        aws.iam.detach_role_policy(RoleName=role, PolicyArn=arn)
