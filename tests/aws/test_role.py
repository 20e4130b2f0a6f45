"""Roles against an IAM in memory: found by path and tag, repaired in place, taken away whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ConnectionClosedError

from umetrics.aws import Aws
from umetrics.errors import AlreadyExists, AnswerLost, NotOurs, TimedOut
from umetrics.patience import Patience
from umetrics.provision.model import Found, Resource, Where
from umetrics.provision.permissions import ecs_task_trust, grafana_trust, umami_permissions
from umetrics.provision.policy_document import EMPTY, PolicyDocument
from umetrics.provision.resources.iam import iam_path
from umetrics.provision.resources.role import Role, RoleHandler
from umetrics.provision.scope import Scope
from umetrics.tags import observability_tags, required_tags

if TYPE_CHECKING:
    import boto3

DEPLOYMENT = "UserMetrics/dev"
HERE = Where(DEPLOYMENT)
SCOPE = Scope("aws", "us-east-1", "123456789012")
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
HANDLER = RoleHandler()

pytestmark = pytest.mark.usefixtures("empty_account")


def wanted(
    key: str = "role/umami-task",
    *,
    permissions: PolicyDocument | None = None,
    permissions_boundary: str = "",
) -> Resource[Role]:
    name = f"UserMetrics-dev-{key.removeprefix('role/')}"
    spec = Role(
        name=name,
        path=iam_path(DEPLOYMENT),
        trust=ecs_task_trust(SCOPE),
        permissions=permissions or umami_permissions(SCOPE, user="umami"),
        permissions_boundary=permissions_boundary,
    )
    tags = observability_tags(DEPLOYMENT, key, required_tags("dev", "team@example.com"))
    return Resource(key, spec, tags)


def built(aws: Aws, desired: Resource[Role]) -> Found[Role]:
    """The role as the engine makes it: created, then updated to what is wanted."""
    HANDLER.update(aws, HANDLER.create(aws, desired, "token"), desired)
    return found_in(aws, desired.key)


def found_in(aws: Aws, key: str = "role/umami-task") -> Found[Role]:
    (found,) = [found for found in HANDLER.find(aws, HERE) if found.key == key]
    return found


def calls_of(aws: Aws, act: Callable[[], object]) -> list[str]:
    before = len(aws.log.operations)
    act()
    return [operation.partition(":")[2] for operation in aws.log.operations[before:]]


def test_what_was_built_is_found_equal_to_what_was_wanted(aws: Aws) -> None:
    desired = wanted(permissions_boundary=BOUNDARY)

    found = built(aws, desired)

    assert found.spec == desired.spec
    assert found.tags == desired.tags
    assert found.id.startswith("AROA")
    assert found.arn == f"arn:aws:iam::123456789012:role{desired.spec.path}{desired.spec.name}"


def test_a_role_is_made_by_one_call_and_says_what_it_still_lacks(aws: Aws) -> None:
    desired = wanted(permissions_boundary=BOUNDARY)
    made: list[Found[Role]] = []

    calls = calls_of(aws, lambda: made.append(HANDLER.create(aws, desired, "token")))

    assert calls == ["CreateRole"]
    assert made[0].spec == dataclasses.replace(desired.spec, permissions=EMPTY)
    assert made == [found_in(aws)]


def test_looking_costs_one_list_and_four_calls_a_role(aws: Aws) -> None:
    built(aws, wanted("role/umami-task"))
    built(aws, wanted("role/openreplay-task"))

    calls = calls_of(aws, lambda: list(HANDLER.find(aws, HERE)))

    assert calls[0] == "ListRoles"
    assert sorted(calls[1:]) == sorted(
        2 * ["GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"]
    )


def test_nothing_costs_one_list(aws: Aws) -> None:
    assert calls_of(aws, lambda: list(HANDLER.find(aws, HERE))) == ["ListRoles"]


def test_an_untagged_role_in_our_path_is_found_by_its_receipt_only(aws: Aws) -> None:
    found = built(aws, wanted())
    aws.iam.untag_role(RoleName=found.spec.name, TagKeys=sorted(found.tags))

    assert list(HANDLER.find(aws, HERE)) == []
    (by_id,) = HANDLER.find(aws, Where(DEPLOYMENT, frozenset({found.id})))
    assert (by_id.id, by_id.spec, by_id.tags) == (found.id, found.spec, {})


def test_another_id_is_another_role(aws: Aws) -> None:
    built(aws, wanted())

    assert list(HANDLER.find(aws, Where(DEPLOYMENT, frozenset({"AROAOTHER"})))) == []


def test_roles_of_another_deployment_are_not_ours(aws: Aws) -> None:
    built(aws, wanted())

    assert list(HANDLER.find(aws, Where("UserMetrics/prod"))) == []


def test_pages_are_followed_over_an_empty_one(session: boto3.Session) -> None:
    built(Aws(session, "us-east-1"), wanted())
    pages: list[dict[str, Any]] = []

    def first_page_is_empty(parsed: dict[str, Any], **_others: object) -> None:
        pages.append(dict(parsed))
        if len(pages) == 1:
            parsed.update({"Roles": [], "IsTruncated": True, "Marker": "0"})

    session.events.register("after-call.iam.ListRoles", first_page_is_empty)

    assert [found.key for found in HANDLER.find(Aws(session, "us-east-1"), HERE)] == [
        "role/umami-task"
    ]


def test_a_role_that_goes_while_it_is_looked_at_is_left_out(session: boto3.Session) -> None:
    other = Aws(session, "us-east-1")
    found = built(other, wanted())

    def delete_it(**_others: object) -> None:
        HANDLER.delete(other, found)

    session.events.register("after-call.iam.ListRoles", delete_it)

    assert list(HANDLER.find(Aws(session, "us-east-1"), HERE)) == []


def test_what_others_hang_on_a_role_is_shown_and_kept(aws: Aws) -> None:
    desired = wanted()
    name = desired.spec.name
    built(aws, desired)
    arn = _foreign_policy(aws)
    aws.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    aws.iam.put_role_policy(
        RoleName=name, PolicyName="theirs", PolicyDocument=desired.spec.permissions.text
    )

    found = found_in(aws)
    HANDLER.update(aws, found, desired)

    assert found.spec.foreign_policies == {"theirs", arn}
    assert found_in(aws) == found


def test_drift_is_repaired_in_place(aws: Aws) -> None:
    desired = wanted(permissions_boundary=BOUNDARY)
    before = built(aws, desired)
    name = desired.spec.name
    aws.iam.delete_role_policy(RoleName=name, PolicyName=name)
    aws.iam.delete_role_permissions_boundary(RoleName=name)
    aws.iam.update_assume_role_policy(RoleName=name, PolicyDocument=grafana_trust(SCOPE).text)

    drifted = found_in(aws)
    assert drifted.spec.permissions == EMPTY
    calls = calls_of(aws, lambda: HANDLER.update(aws, drifted, desired))

    assert calls == ["PutRolePermissionsBoundary", "UpdateAssumeRolePolicy", "PutRolePolicy"]
    assert found_in(aws) == before


def test_what_is_no_longer_wanted_is_taken_off(aws: Aws) -> None:
    found = built(aws, wanted(permissions_boundary=BOUNDARY))
    less = wanted(permissions=EMPTY)

    HANDLER.update(aws, found, less)
    HANDLER.update(aws, found, less)

    assert found_in(aws).spec == less.spec


def test_what_is_right_is_not_written(aws: Aws) -> None:
    found = built(aws, wanted())

    assert calls_of(aws, lambda: HANDLER.update(aws, found, wanted())) == []


def test_a_name_in_another_path_is_taken(aws: Aws) -> None:
    desired = wanted()
    role = aws.iam.create_role(
        RoleName=desired.spec.name,
        Path="/theirs/",
        AssumeRolePolicyDocument=desired.spec.trust.text,
        Tags=[{"Key": "Owner", "Value": "shop@example.com"}],
    )["Role"]

    assert HANDLER.occupant(aws, desired) == (
        f"role {desired.spec.name}, path /theirs/, id {role['RoleId']}, owner shop@example.com"
    )
    with pytest.raises(AlreadyExists):
        HANDLER.create(aws, desired, "token")


def test_a_free_name_has_no_occupant_and_neither_has_our_own(aws: Aws) -> None:
    assert HANDLER.occupant(aws, wanted()) == ""
    built(aws, wanted())
    assert HANDLER.occupant(aws, wanted()) == ""


def test_settling_asks_nothing_once_there_is_an_arn(aws: Aws) -> None:
    made = HANDLER.create(aws, wanted(), "token")

    assert calls_of(aws, lambda: HANDLER.settle(aws, made)) == []


def test_settling_waits_while_a_unique_id_stands_for_the_arn(session: boto3.Session) -> None:
    seen: list[str] = []

    def late(parsed: dict[str, Any], **_others: object) -> None:
        seen.append(parsed["Role"]["Arn"])
        if len(seen) < 3:
            parsed["Role"]["Arn"] = parsed["Role"]["RoleId"]

    session.events.register("after-call.iam.GetRole", late)
    aws = Aws(session, "us-east-1", patience=Patience(sleep=lambda _seconds: None))
    made = HANDLER.create(aws, wanted(), "token")

    settled = HANDLER.settle(aws, dataclasses.replace(made, arn=made.id))

    assert settled == made
    assert len(seen) == 3


def test_settling_gives_up_after_two_minutes(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    time = [0.0]

    def pass_time(seconds: float) -> None:
        time[0] += seconds

    patience = Patience(clock=lambda: time[0], sleep=pass_time)
    monkeypatch.setattr(aws, "patience", patience)
    nowhere = Found("AROA1", wanted().spec, {}, "AROA1")

    with pytest.raises(TimedOut, match="UserMetrics-dev-umami-task"):
        HANDLER.settle(aws, nowhere)
    assert 120 <= time[0] < 130


def test_missing_tags_are_written_and_foreign_ones_stay(aws: Aws) -> None:
    desired = wanted()
    found = built(aws, desired)
    name = found.spec.name
    aws.iam.untag_role(RoleName=name, TagKeys=["Owner"])
    aws.iam.tag_role(RoleName=name, Tags=[{"Key": "team", "Value": "shop"}])

    HANDLER.retag(aws, found_in(aws), {"Owner": "team@example.com"})

    assert HANDLER.tags_now(aws, found) == {**desired.tags, "team": "shop"}


def test_our_key_in_another_case_makes_way(aws: Aws) -> None:
    desired = wanted()
    found = built(aws, desired)
    name = found.spec.name
    aws.iam.untag_role(RoleName=name, TagKeys=["Project"])
    aws.iam.tag_role(
        RoleName=name,
        Tags=[{"Key": "project", "Value": "UserMetrics"}, {"Key": "team", "Value": "shop"}],
    )

    HANDLER.retag(aws, found_in(aws), {"Project": "UserMetrics"})

    assert HANDLER.tags_now(aws, found) == {**desired.tags, "team": "shop"}


def test_a_role_that_is_gone_has_no_tags(aws: Aws) -> None:
    found = built(aws, wanted())
    HANDLER.delete(aws, found)

    assert HANDLER.tags_now(aws, found) is None


def test_a_role_made_again_under_the_name_is_not_ours(aws: Aws) -> None:
    found = built(aws, wanted())
    HANDLER.delete(aws, found)
    built(aws, wanted())

    with pytest.raises(NotOurs, match=f"{found.spec.name} is not what it was.*{found.id}"):
        HANDLER.tags_now(aws, found)


def test_a_role_goes_in_two_calls_and_twice_is_harmless(aws: Aws) -> None:
    found = built(aws, wanted())

    assert calls_of(aws, lambda: HANDLER.delete(aws, found)) == ["DeleteRolePolicy", "DeleteRole"]
    HANDLER.delete(aws, found)
    assert list(HANDLER.find(aws, HERE)) == []


def test_a_role_goes_with_what_others_hung_on_it_and_their_policies_stay(aws: Aws) -> None:
    desired = wanted()
    name = desired.spec.name
    before = built(aws, desired)
    arn = _foreign_policy(aws)
    aws.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    known = found_in(aws)
    aws.iam.put_role_policy(
        RoleName=name, PolicyName="later", PolicyDocument=desired.spec.permissions.text
    )
    aws.iam.create_instance_profile(InstanceProfileName="theirs")
    aws.iam.add_role_to_instance_profile(InstanceProfileName="theirs", RoleName=name)

    HANDLER.delete(aws, known)

    assert HANDLER.tags_now(aws, before) is None
    assert aws.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0
    assert aws.iam.get_instance_profile(InstanceProfileName="theirs")["InstanceProfile"]


def test_a_role_whose_profile_somebody_else_deletes_meanwhile_goes_all_the_same(
    aws: Aws, session: boto3.Session
) -> None:
    found = built(aws, wanted())
    name = found.spec.name
    aws.iam.create_instance_profile(InstanceProfileName="theirs")
    aws.iam.add_role_to_instance_profile(InstanceProfileName="theirs", RoleName=name)

    def be_quicker(**_others: object) -> None:
        aws.iam.remove_role_from_instance_profile(InstanceProfileName="theirs", RoleName=name)
        aws.iam.delete_instance_profile(InstanceProfileName="theirs")

    session.events.register("before-call.iam.RemoveRoleFromInstanceProfile", be_quicker)
    HANDLER.delete(Aws(session, "us-east-1"), found)

    assert HANDLER.tags_now(aws, found) is None


def test_creating_is_sent_once_even_if_the_answer_is_lost(session: boto3.Session) -> None:
    sent: list[str] = []

    def lose(**_others: object) -> None:
        sent.append("CreateRole")
        raise ConnectionClosedError(endpoint_url="https://iam.amazonaws.com")

    session.events.register("before-send.iam.CreateRole", lose)

    with pytest.raises(AnswerLost):
        HANDLER.create(Aws(session, "us-east-1"), wanted(), "token")
    assert sent == ["CreateRole"]


def _foreign_policy(aws: Aws) -> str:
    return aws.iam.create_policy(
        PolicyName="theirs", PolicyDocument=umami_permissions(SCOPE, user="them").text
    )["Policy"]["Arn"]
