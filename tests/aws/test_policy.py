"""Managed policies against an IAM in memory: versions, attachments, and other people's roles."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from umetrics.aws import Aws
from umetrics.errors import AlreadyExists, NotFound, NotOurs
from umetrics.provision.model import Found, Resource, Where
from umetrics.provision.permissions import ecs_task_trust, lambda_emf_permissions
from umetrics.provision.resources.iam import iam_path
from umetrics.provision.resources.policy import ManagedPolicy, ManagedPolicyHandler
from umetrics.provision.scope import Scope
from umetrics.tags import observability_tags, required_tags

if TYPE_CHECKING:
    import boto3

DEPLOYMENT = "UserMetrics/dev"
KEY = "policy/lambda-emf"
HERE = Where(DEPLOYMENT)
SCOPE = Scope("aws", "us-east-1", "123456789012")
HANDLER = ManagedPolicyHandler()

pytestmark = pytest.mark.usefixtures("empty_account")


def wanted(*roles: str, namespace: str = "UserMetrics/dev") -> Resource[ManagedPolicy]:
    spec = ManagedPolicy(
        name="UserMetrics-dev-ObservabilityLambdaEmf",
        path=iam_path(DEPLOYMENT),
        document=lambda_emf_permissions(SCOPE, namespace=namespace),
        attached_roles=frozenset(roles),
    )
    tags = observability_tags(DEPLOYMENT, KEY, required_tags("dev", "team@example.com"))
    return Resource(KEY, spec, tags)


def lambda_role(aws: Aws, name: str) -> str:
    """A role of the application, as it was before us."""
    aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=ecs_task_trust(SCOPE).text)
    aws.iam.put_role_policy(
        RoleName=name,
        PolicyName="own",
        PolicyDocument=lambda_emf_permissions(SCOPE, namespace="Shop").text,
    )
    return name


def built(aws: Aws, desired: Resource[ManagedPolicy]) -> Found[ManagedPolicy]:
    """The policy as the engine makes it: created, then updated to what is wanted."""
    HANDLER.update(aws, HANDLER.create(aws, desired, "token"), desired)
    return found_in(aws)


def found_in(aws: Aws) -> Found[ManagedPolicy]:
    (found,) = HANDLER.find(aws, HERE)
    return found


def calls_of(aws: Aws, act: Callable[[], object]) -> list[str]:
    before = len(aws.log.operations)
    act()
    return [operation.partition(":")[2] for operation in aws.log.operations[before:]]


def version_ids(aws: Aws, found: Found[ManagedPolicy]) -> list[str]:
    versions = aws.iam.list_policy_versions(PolicyArn=found.arn)["Versions"]
    return sorted(version["VersionId"] for version in versions)


def test_what_was_built_is_found_equal_to_what_was_wanted(aws: Aws) -> None:
    desired = wanted(lambda_role(aws, "shop-orders"), lambda_role(aws, "shop-mail"))

    found = built(aws, desired)

    assert found.spec == desired.spec
    assert found.tags == desired.tags
    assert found.id.startswith("A")
    assert found.arn == f"arn:aws:iam::123456789012:policy{desired.spec.path}{desired.spec.name}"


def test_a_policy_is_made_by_one_call_attached_to_nothing(aws: Aws) -> None:
    made: list[Found[ManagedPolicy]] = []
    desired = wanted("shop-orders")

    calls = calls_of(aws, lambda: made.append(HANDLER.create(aws, desired, "token")))

    assert calls == ["CreatePolicy"]
    assert made == [found_in(aws)]
    assert made[0].spec == dataclasses.replace(desired.spec, attached_roles=frozenset())


def test_an_unused_policy_is_not_asked_who_uses_it(aws: Aws) -> None:
    built(aws, wanted())

    calls = calls_of(aws, lambda: found_in(aws))

    assert calls[0] == "ListPolicies"
    assert sorted(calls[1:]) == ["GetPolicy", "GetPolicyVersion"]


def test_an_untagged_policy_in_our_path_is_found_by_its_receipt_only(aws: Aws) -> None:
    found = built(aws, wanted())
    aws.iam.untag_policy(PolicyArn=found.arn, TagKeys=sorted(found.tags))

    assert list(HANDLER.find(aws, HERE)) == []
    (by_id,) = HANDLER.find(aws, Where(DEPLOYMENT, frozenset({found.id})))
    assert (by_id.id, by_id.spec, by_id.tags) == (found.id, found.spec, {})


def test_who_else_uses_the_policy_is_told_by_name(aws: Aws) -> None:
    found = built(aws, wanted())
    aws.iam.create_user(UserName="ann")
    aws.iam.attach_user_policy(UserName="ann", PolicyArn=found.arn)
    aws.iam.create_group(GroupName="crew")
    aws.iam.attach_group_policy(GroupName="crew", PolicyArn=found.arn)

    assert found_in(aws).spec.other_attachments == {"user/ann", "group/crew"}


def test_a_boundary_made_of_the_policy_is_not_an_attachment(session: boto3.Session) -> None:
    built(Aws(session, "us-east-1"), wanted())
    usages: list[object] = []

    def used_as_boundary(parsed: dict[str, Any], **_others: object) -> None:
        parsed["Policies"][0]["PermissionsBoundaryUsageCount"] = 2

    def asked(params: dict[str, Any], **_others: object) -> None:
        usages.append(params.get("PolicyUsageFilter"))

    def by_a_role_and_a_user(parsed: dict[str, Any], **_others: object) -> None:
        parsed["PolicyRoles"] = [{"RoleName": "shop-orders", "RoleId": "AROA1"}]
        parsed["PolicyUsers"] = [{"UserName": "ann", "UserId": "AIDA1"}]

    session.events.register("after-call.iam.ListPolicies", used_as_boundary)
    session.events.register("before-parameter-build.iam.ListEntitiesForPolicy", asked)
    session.events.register("after-call.iam.ListEntitiesForPolicy", by_a_role_and_a_user)

    found = found_in(Aws(session, "us-east-1"))

    assert usages == ["PermissionsBoundary"]
    assert found.spec.attached_roles == frozenset()
    assert found.spec.other_attachments == {"boundary of role/shop-orders", "boundary of user/ann"}


def test_a_changed_document_becomes_the_version_in_force(aws: Aws) -> None:
    found = built(aws, wanted())

    HANDLER.update(aws, found, wanted(namespace="Other"))

    assert found_in(aws).spec == wanted(namespace="Other").spec
    assert version_ids(aws, found) == ["v1", "v2"]


def test_an_update_sent_again_makes_no_further_version(aws: Aws) -> None:
    found = built(aws, wanted())

    HANDLER.update(aws, found, wanted(namespace="Other"))
    HANDLER.update(aws, found, wanted(namespace="Other"))

    assert version_ids(aws, found) == ["v1", "v2"]


def test_only_the_oldest_version_not_in_force_makes_way_for_a_sixth(aws: Aws) -> None:
    found = built(aws, wanted())
    for number in range(2, 6):
        HANDLER.update(aws, found_in(aws), wanted(namespace=f"N{number}"))
    aws.iam.set_default_policy_version(PolicyArn=found.arn, VersionId="v1")

    HANDLER.update(aws, found_in(aws), wanted(namespace="Sixth"))

    assert version_ids(aws, found) == ["v1", "v3", "v4", "v5", "v6"]
    assert found_in(aws).spec == wanted(namespace="Sixth").spec


def test_the_second_version_is_older_than_the_tenth(aws: Aws) -> None:
    found = built(aws, wanted())

    for number in range(2, 13):
        HANDLER.update(aws, found_in(aws), wanted(namespace=f"N{number}"))

    assert set(version_ids(aws, found)) == {"v8", "v9", "v10", "v11", "v12"}


def test_what_is_right_is_not_written(aws: Aws) -> None:
    desired = wanted(lambda_role(aws, "shop-orders"))
    found = built(aws, desired)

    assert calls_of(aws, lambda: HANDLER.update(aws, found, desired)) == []


def test_roles_are_attached_and_detached_by_difference(aws: Aws) -> None:
    lambda_role(aws, "shop-orders")
    lambda_role(aws, "shop-mail")
    found = built(aws, wanted("shop-orders"))

    calls = calls_of(aws, lambda: HANDLER.update(aws, found, wanted("shop-mail")))
    HANDLER.update(aws, found, wanted("shop-mail"))

    assert calls == ["AttachRolePolicy", "DetachRolePolicy"]
    assert found_in(aws).spec.attached_roles == {"shop-mail"}


def test_attaching_leaves_everything_else_of_the_role_as_it_was(aws: Aws) -> None:
    lambda_role(aws, "shop-orders")

    def role_as_it_is() -> list[object]:
        role = aws.iam.get_role(RoleName="shop-orders")["Role"]
        policies = aws.iam.list_role_policies(RoleName="shop-orders")["PolicyNames"]
        own = aws.iam.get_role_policy(RoleName="shop-orders", PolicyName="own")["PolicyDocument"]
        return [role, policies, own]

    before = role_as_it_is()
    found = built(aws, wanted("shop-orders"))
    assert role_as_it_is() == before
    HANDLER.delete(aws, found)

    assert role_as_it_is() == before
    attached = aws.iam.list_attached_role_policies(RoleName="shop-orders")["AttachedPolicies"]
    assert attached == []


def test_a_role_that_does_not_exist_is_an_error_naming_the_setting(aws: Aws) -> None:
    found = built(aws, wanted())

    with pytest.raises(NotFound, match="no role shop-gone") as raised:
        HANDLER.update(aws, found, wanted("shop-gone"))
    assert "[lambda] roles" in raised.value.hint


def test_roles_that_do_not_exist_are_named_before_anything_is_made(aws: Aws) -> None:
    lambda_role(aws, "shop-orders")

    desired = wanted("shop-orders", "shop-gone", "shop-lost")

    assert HANDLER.unmet(aws, desired, None) == (
        "`[lambda] roles` names what does not exist: shop-gone, shop-lost"
    )
    assert HANDLER.unmet(aws, wanted("shop-orders"), None) == ""


def test_roles_that_are_attached_already_are_not_asked_for_again(aws: Aws) -> None:
    lambda_role(aws, "shop-orders")
    found = built(aws, wanted("shop-orders"))
    asked = len(aws.log.operations)

    assert HANDLER.unmet(aws, wanted("shop-orders"), found) == ""
    assert len(aws.log.operations) == asked


def test_a_policy_that_does_not_exist_is_not_blamed_on_the_setting(aws: Aws) -> None:
    lambda_role(aws, "shop-orders")
    found = built(aws, wanted())
    HANDLER.delete(aws, found)

    with pytest.raises(NotFound) as raised:
        HANDLER.update(aws, found, wanted("shop-orders"))
    assert "[lambda] roles" not in raised.value.hint


def test_a_role_gone_before_it_was_detached_is_detached(aws: Aws) -> None:
    found = built(aws, wanted())
    stale = dataclasses.replace(
        found, spec=dataclasses.replace(found.spec, attached_roles=frozenset({"shop-gone"}))
    )

    HANDLER.update(aws, stale, wanted())

    assert found_in(aws) == found


@pytest.mark.parametrize("path", ["/", "/theirs/", "/umetrics/UserMetrics/dev/"])
def test_a_name_is_taken_in_any_path_and_any_case(aws: Aws, path: str) -> None:
    desired = wanted()
    policy = aws.iam.create_policy(
        PolicyName=desired.spec.name.lower(),
        Path=path,
        PolicyDocument=desired.spec.document.text,
        Tags=[{"Key": "Owner", "Value": "shop@example.com"}],
    )["Policy"]

    assert HANDLER.occupant(aws, desired) == (
        f"managed policy {desired.spec.name.lower()}, path {path}, "
        f"id {policy['PolicyId']}, owner shop@example.com"
    )


def test_a_free_name_has_no_occupant_and_neither_has_our_own(aws: Aws) -> None:
    assert HANDLER.occupant(aws, wanted()) == ""
    built(aws, wanted())
    assert HANDLER.occupant(aws, wanted()) == ""
    with pytest.raises(AlreadyExists):
        HANDLER.create(aws, wanted(), "token")


def test_missing_tags_are_written_and_foreign_ones_stay(aws: Aws) -> None:
    desired = wanted()
    found = built(aws, desired)
    aws.iam.untag_policy(PolicyArn=found.arn, TagKeys=["Owner"])
    aws.iam.tag_policy(PolicyArn=found.arn, Tags=[{"Key": "team", "Value": "shop"}])

    HANDLER.retag(aws, found_in(aws), {"Owner": "team@example.com"})

    assert HANDLER.tags_now(aws, found) == {**desired.tags, "team": "shop"}


def test_a_policy_made_again_under_the_name_is_not_ours(aws: Aws) -> None:
    found = built(aws, wanted())
    HANDLER.delete(aws, found)
    assert HANDLER.tags_now(aws, found) is None
    built(aws, wanted())

    with pytest.raises(NotOurs, match=f"{found.spec.name} is not what it was.*{found.id}"):
        HANDLER.tags_now(aws, found)


def test_a_policy_goes_detached_first_and_twice_is_harmless(aws: Aws) -> None:
    found = built(aws, wanted(lambda_role(aws, "shop-orders")))

    assert calls_of(aws, lambda: HANDLER.delete(aws, found)) == [
        "DetachRolePolicy",
        "DeletePolicy",
    ]
    HANDLER.delete(aws, found)
    assert list(HANDLER.find(aws, HERE)) == []


def test_old_versions_go_first_where_iam_insists(session: boto3.Session) -> None:
    found = built(Aws(session, "us-east-1"), wanted())
    HANDLER.update(Aws(session, "us-east-1"), found, wanted(namespace="Other"))
    deleted: list[str] = []

    def note(params: dict[str, Any], **_others: object) -> None:
        deleted.append(params["VersionId"])

    def insist(**_others: object) -> None:
        if not deleted:
            raise ClientError({"Error": {"Code": "DeleteConflict"}}, "DeletePolicy")

    session.events.register("before-parameter-build.iam.DeletePolicyVersion", note)
    session.events.register("before-parameter-build.iam.DeletePolicy", insist)

    HANDLER.delete(Aws(session, "us-east-1"), found)

    assert deleted == ["v1"]
    assert list(HANDLER.find(Aws(session, "us-east-1"), HERE)) == []
