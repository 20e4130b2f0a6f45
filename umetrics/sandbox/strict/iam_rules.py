"""IAM: names, quotas, tag keys, and policies that are still in use.

Deleting a role that still has policies or instance profiles is refused by moto itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule
from umetrics.sandbox.strict.shape_rules import put_parameter

POLICIES_PER_ROLE = 10
TRUST_CHARACTERS = 2048
INLINE_CHARACTERS = 10240
MANAGED_CHARACTERS = 6144


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of IAM resource with names: its parameter, where moto keeps it, how IAM calls it."""

    parameter: str
    collection: str
    refusal: str


NAMED = {
    "create_role": Named("RoleName", "roles", "Role with name {} already exists."),
    "create_user": Named("UserName", "users", "User with name {} already exists."),
    "create_group": Named("GroupName", "groups", "Group with name {} already exists."),
    "create_policy": Named(
        "PolicyName",
        "managed_policies",
        "A policy called {} already exists. Duplicate names are not allowed.",
    ),
}


@rule(
    "iam-names",
    service="iam",
    actions=tuple(NAMED),
    source="IAM API reference, CreateRole.RoleName: unique in the account, whatever the case",
)
@alone
def names(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A name is taken whatever its case, and whatever path it was taken under."""
    kind = NAMED[call.action]
    name = call.parameter(kind.parameter)
    taken = list(getattr(call.backend, kind.collection).values())
    if any(
        each.name.casefold() == name.casefold()
        for each in taken
        if not getattr(each, "arn", "").startswith("arn:aws:iam::aws:")
    ):
        refuse("EntityAlreadyExists", kind.refusal.format(name))
    return proceed()


@rule(
    "policy-in-use",
    service="iam",
    actions="delete_policy",
    source="IAM API reference, DeletePolicy: first detach it and delete its other versions",
)
@alone
def policy_in_use(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A policy that is attached to somebody, or has more than its default version, stays."""
    policy = call.backend.managed_policies.get(call.parameter("PolicyArn"))
    if policy is not None:
        if any(policy.arn in each.managed_policies for each in _principals(call.backend)):
            refuse("DeleteConflict", "Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            refuse(
                "DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must "
                "delete the policy's versions. The default version is deleted with the policy.",
            )
    return proceed()


def _principals(backend: Any) -> Iterator[Any]:  # noqa: ANN401  # moto's model of IAM
    yield from list(backend.roles.values())
    yield from list(backend.users.values())
    yield from list(backend.groups.values())


@rule(
    "policies-per-role",
    service="iam",
    actions="attach_role_policy",
    source="IAM and STS quotas: 10 managed policies per role; aws-facts A10",
)
@alone
def policies_per_role(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A role takes ten managed policies."""
    attached = _role(call).managed_policies
    if call.parameter("PolicyArn") not in attached and len(attached) >= POLICIES_PER_ROLE:
        _exceeded(f"Cannot exceed quota for PoliciesPerRole: {POLICIES_PER_ROLE}")
    return proceed()


@rule(
    "policy-sizes",
    service="iam",
    actions=(
        "create_role",
        "update_assume_role_policy",
        "create_policy",
        "create_policy_version",
        "put_role_policy",
    ),
    source="IAM and STS quotas, characters without white space; words: kubeflow/kubeflow#6687, "
    "ministryofjustice/analytical-platform#6873, aws/copilot-cli#5917",
)
@alone
def policy_sizes(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Trust, managed and (all together) inline documents have a largest size.

    That white space does not count is said of managed and inline ones; trust documents get the
    benefit of the doubt.
    """
    document = call.parameter("AssumeRolePolicyDocument") or call.parameter("PolicyDocument") or ""
    if call.action == "put_role_policy":
        role, name = _role(call), call.parameter("PolicyName")
        others = (text for other, text in role.policies.items() if other != name)
        if _size([document, *others]) > INLINE_CHARACTERS:
            _exceeded(
                f"Maximum policy size of {INLINE_CHARACTERS} bytes exceeded for role {role.name}"
            )
    elif call.action in {"create_policy", "create_policy_version"}:
        if _size([document]) > MANAGED_CHARACTERS:
            _exceeded(f"Cannot exceed quota for PolicySize: {MANAGED_CHARACTERS}")
    elif _size([document]) > TRUST_CHARACTERS:
        _exceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_CHARACTERS}")
    return proceed()


def _size(documents: Iterable[str]) -> int:
    """Characters without white space, which IAM does not count."""
    return sum(len("".join(document.split())) for document in documents)


def _exceeded(message: str) -> NoReturn:
    refuse("LimitExceeded", message)


def _role(call: Call) -> Any:  # noqa: ANN401  # moto's role
    return call.backend.get_role(call.parameter("RoleName"))


@rule(
    "role-tag-keys",
    service="iam",
    actions=("tag_role", "untag_role"),
    source="IAM user guide, id_tags: not case-sensitive, but case is preserved; API reference, "
    "TagRole: the tag that is there is overwritten with the new value",
)
@alone
def role_tag_keys(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A key in another case is the key that the role has, and keeps that key's spelling."""
    tags: list[dict[str, str]] = _role(call).tags
    spelling = {tag["Key"].casefold(): tag["Key"] for tag in tags}

    def spelled(key: str) -> str:
        return spelling.get(key.casefold(), key)

    if call.action == "tag_role":
        given = call.parameter("Tags", [])
        put_parameter(call, "Tags", [{**tag, "Key": spelled(tag["Key"])} for tag in given])
    else:
        put_parameter(call, "TagKeys", [spelled(key) for key in call.parameter("TagKeys", [])])
    return proceed()


@rule(
    "policy-tag-keys",
    service="iam",
    actions=("create_policy", "tag_policy", "untag_policy"),
    source="IAM user guide, id_tags: keys of customer managed policies are case-sensitive "
    "(aws-facts B1)",
)
@alone
def policy_tag_keys(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """`Project` and `project` are two tags of a policy."""
    tags = call.parameter("Tags", [])
    creating = call.action == "create_policy"
    before = {} if creating else dict(call.backend.get_policy(call.parameter("PolicyArn")).tags)
    if len({tag["Key"] for tag in tags}) == len(tags):
        # moto checks them, but takes keys that differ in case for duplicates.
        put_parameter(call, "Tags", list({tag["Key"].lower(): tag for tag in tags}.values()))
    answer = proceed()
    policy = (
        answer.result["Policy"]
        if creating
        else call.backend.get_policy(call.parameter("PolicyArn"))
    )
    removed = call.parameter("TagKeys", [])
    kept = {key: tag for key, tag in before.items() if key not in removed}
    policy.tags = kept | {tag["Key"]: tag for tag in tags}
    return answer


@rule(
    "policy-usage",
    service="iam",
    actions="list_entities_for_policy",
    source="IAM API reference, ListEntitiesForPolicy.PolicyUsageFilter",
)
@alone
def policy_usage(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Roles that a policy bounds are listed, or roles that have it attached, as asked for."""
    answer = proceed()
    usage, arn = call.parameter("PolicyUsageFilter"), call.parameter("PolicyArn")
    if usage == "PermissionsBoundary":
        for kind in ("PolicyUsers", "PolicyGroups", "PolicyRoles"):
            answer.result[kind] = []
    bounding = usage != "PermissionsPolicy" and call.parameter("EntityFilter") in {None, "Role"}
    listed = cast("list[Any]", answer.result["PolicyRoles"])
    if bounding:
        listed.extend(
            role
            for role in list(call.backend.roles.values())
            if role.permissions_boundary_arn == arn
            and role.path.startswith(call.parameter("PathPrefix") or "/")
            and role not in listed
        )
    return answer


@rule(
    "boundary-count",
    service="iam",
    actions=("get_policy", "list_policies"),
    source="IAM API reference, Policy.PermissionsBoundaryUsageCount",
)
@alone
def boundary_count(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A policy shows how many roles it bounds."""
    bounds = [role.permissions_boundary_arn for role in list(call.backend.roles.values())]
    for policy in list(call.backend.managed_policies.values()):
        policy.permissions_boundary_usage_count = bounds.count(policy.arn)
    return proceed()


RULES: tuple[Rule, ...] = (
    names,
    policy_in_use,
    policies_per_role,
    policy_sizes,
    role_tag_keys,
    policy_tag_keys,
    policy_usage,
    boundary_count,
)
