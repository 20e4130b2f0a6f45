"""What IAM's actions are judged on: the ARN with its path, and the keys that AWS knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.plain import Client
from tests.support.principals import (
    ACCOUNT,
    Administered,
    Statement,
    administered,
    allow,
    client,
    document,
)
from tests.support.strict_account import refused

TRUST = document(
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/r"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/team/p"
MANY = {"RoleName": "r", "Path": "/team/", "AssumeRolePolicyDocument": TRUST}
OURS = [{"Key": "owner", "Value": "joe"}]


@dataclass(frozen=True, slots=True)
class Scene:
    """The administrator, and joe."""

    administrator: Administered
    joe: Client

    @property
    def owner(self) -> Client:
        return self.administrator.iam

    def permit(self, *statements: Statement) -> None:
        self.administrator.permit("joe", *statements)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with administered() as administrator:
        yield Scene(administrator, client("iam", administrator.user("joe")))


def test_a_new_role_is_judged_by_its_path(scene: Scene) -> None:
    scene.permit(allow("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/team/*"))
    scene.joe.create_role(**MANY)
    elsewhere = {**MANY, "RoleName": "q", "Path": "/other/"}
    with refused("AccessDenied", f"on resource: arn:aws:iam::{ACCOUNT}:role/other/q because"):
        scene.joe.create_role(**elsewhere)


def test_a_role_that_is_there_is_judged_by_its_path_too_and_called_by_its_name(
    scene: Scene,
) -> None:
    scene.owner.create_role(**MANY)
    scene.permit(allow("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/r"))
    with refused("AccessDenied", "iam:GetRole on resource: role r because"):
        scene.joe.get_role(RoleName="r")
    scene.permit(allow("iam:GetRole", ROLE))
    scene.joe.get_role(RoleName="r")


def test_tags_in_a_create_need_the_permission_to_tag(scene: Scene) -> None:
    scene.permit(allow(["iam:CreateRole", "iam:CreatePolicy"]))
    with refused("AccessDenied", f"iam:TagRole on resource: {ROLE} because"):
        scene.joe.create_role(**MANY, Tags=OURS)
    policy = {"PolicyName": "p", "Path": "/team/", "PolicyDocument": document(allow("ec2:*"))}
    with refused("AccessDenied", f"iam:TagPolicy on resource: {POLICY} because"):
        scene.joe.create_policy(**policy, Tags=OURS)
    born = {"aws:RequestTag/owner": "joe"}
    actions = ["iam:CreateRole", "iam:TagRole", "iam:CreatePolicy", "iam:TagPolicy"]
    scene.permit(allow(actions, StringEquals=born))
    scene.joe.create_role(**MANY, Tags=OURS)
    scene.joe.create_policy(**policy, Tags=OURS)
    with refused("AccessDenied", "iam:CreateRole"):
        scene.joe.create_role(**{**MANY, "RoleName": "q"})


@pytest.mark.parametrize("key", ["aws:ResourceTag/owner", "iam:ResourceTag/owner"])
def test_the_tags_of_a_role_are_known(scene: Scene, key: str) -> None:
    scene.owner.create_role(**MANY)
    scene.permit(allow("iam:DeleteRole", StringEquals={key: "joe"}))
    with refused("AccessDenied", "iam:DeleteRole"):
        scene.joe.delete_role(RoleName="r")
    scene.owner.tag_role(RoleName="r", Tags=OURS)
    scene.joe.delete_role(RoleName="r")


def test_the_tags_of_a_policy_are_known(scene: Scene) -> None:
    text = document(allow("ec2:*"))
    scene.owner.create_policy(PolicyName="p", Path="/team/", PolicyDocument=text)
    scene.permit(allow("iam:DeletePolicy", POLICY, StringEquals={"aws:ResourceTag/owner": "joe"}))
    with refused("AccessDenied", f"iam:DeletePolicy on resource: policy {POLICY} because"):
        scene.joe.delete_policy(PolicyArn=POLICY)
    scene.owner.tag_policy(PolicyArn=POLICY, Tags=OURS)
    scene.joe.delete_policy(PolicyArn=POLICY)


def test_attaching_is_judged_on_the_role_and_knows_the_policy(scene: Scene) -> None:
    scene.owner.create_role(**MANY)
    text = document(allow("ec2:*"))
    for name in ("p", "q"):
        scene.owner.create_policy(PolicyName=name, Path="/team/", PolicyDocument=text)
    scene.permit(
        allow(
            ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            ROLE,
            ArnEquals={"iam:PolicyARN": POLICY},
        )
    )
    scene.joe.attach_role_policy(RoleName="r", PolicyArn=POLICY)
    scene.joe.detach_role_policy(RoleName="r", PolicyArn=POLICY)
    with refused("AccessDenied", "iam:AttachRolePolicy on resource: role r"):
        scene.joe.attach_role_policy(RoleName="r", PolicyArn=f"{POLICY[:-1]}q")


def test_a_boundary_can_be_demanded_of_new_roles_and_of_old_ones(scene: Scene) -> None:
    scene.owner.create_policy(
        PolicyName="p", Path="/team/", PolicyDocument=document(allow("ec2:*"))
    )
    bounded = {"iam:PermissionsBoundary": POLICY}
    scene.permit(allow(["iam:CreateRole", "iam:DeleteRole"], StringEquals=bounded))
    with refused("AccessDenied", "iam:CreateRole"):
        scene.joe.create_role(**MANY)
    scene.joe.create_role(**MANY, PermissionsBoundary=POLICY)
    scene.joe.delete_role(RoleName="r")
    scene.owner.create_role(**MANY)
    with refused("AccessDenied", "iam:DeleteRole"):
        scene.joe.delete_role(RoleName="r")


def test_putting_a_role_into_an_instance_profile_passes_it_to_ec2(scene: Scene) -> None:
    scene.owner.create_role(**MANY)
    scene.owner.create_instance_profile(InstanceProfileName="i", Path="/team/")
    adding = allow(
        "iam:AddRoleToInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/team/i"
    )
    passing = {"iam:PassedToService": "ec2.amazonaws.com"}
    add = {"InstanceProfileName": "i", "RoleName": "r"}
    scene.permit(adding)
    with refused("AccessDenied", f"iam:PassRole on resource: {ROLE} because"):
        scene.joe.add_role_to_instance_profile(**add)
    scene.permit(adding, allow("iam:PassRole", ROLE, StringEquals=passing))
    scene.joe.add_role_to_instance_profile(**add)
