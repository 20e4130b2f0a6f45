"""What the check before `up` asks for is what each step of the plan calls, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from umetrics.config import Config, load
from umetrics.deployer.kind_needs import NEEDS
from umetrics.deployer.need import Guard, Task
from umetrics.doctor.mending import AFTERWARDS, CLEANING_UP, HANGING, MENDING, TAGGING, UNTAGGING
from umetrics.doctor.step_needs import contingent_of, lambda_roles_of, needs_of
from umetrics.provision.diff import compare
from umetrics.provision.model import (
    Comparison,
    Found,
    Part,
    Phase,
    Ref,
    Resource,
    SpecField,
    spec_fields,
)
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.policy_document import EMPTY
from umetrics.provision.resources import KINDS
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import Association, RouteTable
from umetrics.provision.resources.rule import Rule
from umetrics.provision.resources.security_group_rules import NEW_GROUP_EGRESS, SecurityGroupRules
from umetrics.provision.resources.vpc import Vpc
from umetrics.tags import DEPLOYMENT

WEB = Rule("ingress", "tcp", 443, 443, "0.0.0.0/0")
OUT = Rule("egress", "tcp", 443, 443, "0.0.0.0/0")
MARKS = {DEPLOYMENT: "UserMetrics/dev", "Owner": "Jane", "ManagedBy": "umetrics"}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "umetrics.toml"
    path.write_text("")
    return load("dev", path=path, environment={})


def fields_of(kind: Any) -> Iterable[SpecField]:  # noqa: ANN401  # a class of specs
    return spec_fields(kind)


def step(
    wanted: Any = None,  # noqa: ANN401  # a spec of any kind
    found: Any = None,  # noqa: ANN401
    *,
    tags: dict[str, str] | None = None,
    parts: tuple[Part, ...] = (),
    **more: Any,  # noqa: ANN401  # a step's fields
) -> Step:
    """A change of one resource: made, brought from one spec to another, or removed."""
    desired = None if wanted is None else Resource("it", wanted, MARKS, MARKS)
    there = None if found is None else Found("id-1", found, MARKS if tags is None else tags)
    if there is None:
        action = Action.CREATE
    else:
        there = Found(there.id, there.spec, there.tags, parts=parts)
        action = Action.UPDATE if desired else Action.DELETE
    difference = compare(desired, there) if desired and there else None
    kind = KINDS[type(found if wanted is None else wanted)]
    return Step("it", kind, action, desired, there, difference, **more)


def surely(config: Config, *steps: Step) -> set[str]:
    plan = Plan("UserMetrics/dev", steps)
    return {action for need in needs_of(plan, config) for action in need.actions}


def perhaps(config: Config, *steps: Step) -> set[str]:
    plan = Plan("UserMetrics/dev", steps)
    return {action for need in contingent_of(plan, config) for action in need.actions}


def test_each_field_that_may_differ_has_its_calls_and_they_are_needs_of_its_kind() -> None:
    differing = {
        (kind, field.name)
        for kind in KINDS
        for field in fields_of(kind)
        if field.comparison is Comparison.PLAIN
    }
    assert MENDING.keys() == differing | {(InternetGateway, "vpc")}  # one that is not attached
    for (kind, _), mending in MENDING.items():
        built = {a for need in NEEDS[kind] if need.task is Task.BUILD for a in need.actions}
        named = mending.adding | mending.changing | mending.removing | mending.perhaps
        for direction in ("Ingress", "Egress"):
            assert {each.format(direction=direction) for each in named} <= built


def test_every_action_in_a_table_is_one_that_some_kind_needs() -> None:
    needed = {action for needs in NEEDS.values() for need in needs for action in need.actions}
    assert needed >= CLEANING_UP | AFTERWARDS | TAGGING | {UNTAGGING}
    for kind, action in HANGING:
        removed = {a for need in NEEDS[kind] if need.task is Task.REMOVE for a in need.actions}
        assert action in removed


def test_a_missing_tag_asks_for_a_tag_alone_under_the_guard_of_what_lacks_it(
    config: Config,
) -> None:
    vpc = Vpc("10.0.0.0/24")
    lacks = {key: value for key, value in MARKS.items() if key != "Owner"}
    for parts, own, guard in (
        ((), lacks, Guard.OURS),
        ((Part("default group", "sg-1", lacks),), MARKS, Guard.MARKED),
        ((Part("default group", "sg-1", {}),), MARKS, Guard.MARKED_FIRST),
    ):
        changed = step(vpc, vpc, tags=own, parts=parts)
        (need,) = needs_of(Plan("UserMetrics/dev", (changed,)), config)
        assert (need.actions, need.guard) == (("ec2:CreateTags",), guard)


def test_of_what_is_half_made_more_may_differ_once_it_is_ready(config: Config) -> None:
    vpc, dark = Vpc("10.0.0.0/24"), Vpc("10.0.0.0/24", dns_support=False)
    made = step(vpc, dark)
    assert made.found is not None
    assert perhaps(config, made) == set()
    pending = replace(made, found=replace(made.found, phase=Phase.PENDING))
    assert surely(config, pending) == {"ec2:ModifyVpcAttribute"}
    assert {"ec2:CreateTags", "ec2:RevokeSecurityGroupIngress"} <= perhaps(config, pending)


def test_a_key_in_another_case_has_to_go_first(config: Config) -> None:
    role = Role("r", "/", EMPTY, EMPTY)
    others = {key: value for key, value in MARKS.items() if key != "Owner"}
    assert surely(config, step(role, role, tags=others)) == {"iam:TagRole"}
    misspelt = {**others, "owner": "Jane"}
    assert surely(config, step(role, role, tags=misspelt)) == {"iam:TagRole", UNTAGGING}


def test_the_first_rules_of_a_group_revoke_its_way_out_or_tag_it(config: Config) -> None:
    made = step(SecurityGroupRules("sg-1", frozenset({WEB})))
    ingress = {"ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags"}
    assert surely(config, made) == ingress | {"ec2:RevokeSecurityGroupEgress"}
    assert "ec2:RevokeSecurityGroupIngress" in perhaps(config, made)
    kept = step(SecurityGroupRules("sg-1", frozenset({WEB, NEW_GROUP_EGRESS})))
    assert surely(config, kept) == ingress
    guards = {need.guard for need in needs_of(Plan("x", (kept,)), config)}
    assert Guard.TAKEN_OVER in guards
    out = step(SecurityGroupRules("sg-1", frozenset({WEB, OUT})))
    assert "ec2:AuthorizeSecurityGroupEgress" in surely(config, out)


def test_a_rule_is_authorised_and_revoked_in_its_own_direction(config: Config) -> None:
    none = SecurityGroupRules("sg-1")
    for rule, way in ((WEB, "Ingress"), (OUT, "Egress")):
        one = SecurityGroupRules("sg-1", frozenset({rule}))
        authorised = {f"ec2:AuthorizeSecurityGroup{way}", "ec2:CreateTags"}
        assert surely(config, step(one, none)) == authorised
        assert surely(config, step(None, one)) == {f"ec2:RevokeSecurityGroup{way}"}


def test_a_table_made_anew_for_subnets_that_are_there_may_take_them_from_another(
    config: Config,
) -> None:
    moving = "ec2:ReplaceRouteTableAssociation"
    first = RouteTable(Ref("vpc"), frozenset(), frozenset({Association(Ref("subnet/a"))}))
    assert moving in perhaps(config, step(first)) - surely(config, step(first))
    anew = RouteTable("vpc-1", frozenset(), frozenset({Association("subnet-1")}))
    assert moving in surely(config, step(anew))


def test_what_failed_is_removed_first_and_what_is_leaving_only_waited_for(config: Config) -> None:
    spec = NatGateway("subnet-1", "eipalloc-1")
    for phase, is_removed in ((Phase.FAILED, True), (Phase.LEAVING, False)):
        gone = Found("nat-1", spec, MARKS, phase=phase)
        asked = surely(config, step(spec, dying=(gone,)))
        assert ("ec2:DeleteNatGateway" in asked) is is_removed


def test_a_removal_takes_off_only_what_hangs_there(config: Config) -> None:
    def role(*policies: str) -> Step:
        return step(None, Role("r", "/", EMPTY, EMPTY, foreign_policies=frozenset(policies)))

    assert surely(config, role()) == {"iam:DeleteRole"}
    assert surely(config, role("arn:theirs")) == {"iam:DeleteRole", "iam:DetachRolePolicy"}
    assert surely(config, role("inline")) == {"iam:DeleteRole", "iam:DeleteRolePolicy"}
    assert "iam:RemoveRoleFromInstanceProfile" in perhaps(config, role())
    policy = step(None, ManagedPolicy("p", "/", EMPTY))
    assert surely(config, policy) == {"iam:DeletePolicy"}
    assert surely(config, step(None, InternetGateway())) == {"ec2:DeleteInternetGateway"}


def test_of_roles_of_others_only_those_are_asked_about_that_the_plan_changes(
    config: Config,
) -> None:
    def policy(*roles: str) -> ManagedPolicy:
        return ManagedPolicy("p", "/", EMPTY, frozenset(roles))

    attaching, detaching = "iam:AttachRolePolicy", "iam:DetachRolePolicy"
    added = step(policy("a", "b"), policy("a"))
    assert lambda_roles_of(Plan("x", (added,))) == {"b"}
    assert surely(config, added) == {attaching}
    desired = Resource("it", policy(), MARKS, MARKS)
    there = Found("id-1", policy("a"), MARKS)
    difference = compare(desired, there, frozenset({"a"}))
    kind = KINDS[ManagedPolicy]
    taken = Step("it", kind, Action.UPDATE, desired, there, difference)
    assert lambda_roles_of(Plan("x", (taken,))) == {"a"}
    assert surely(config, taken) == {detaching}
    assert lambda_roles_of(Plan("x", (step(policy("a", "b")),))) == {"a", "b"}
    assert lambda_roles_of(Plan("x", (step(None, policy("c")),))) == {"c"}
    assert detaching not in surely(config, step(None, policy()))
