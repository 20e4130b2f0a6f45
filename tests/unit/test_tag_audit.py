"""What an audit says of tags: everything with an id is listed, and judged where it is ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.toy import (
    DEPLOYMENT,
    KINDS,
    Door,
    Ground,
    House,
    World,
    blueprint,
    full_tags,
    wanted,
)
from umetrics.audit.tag_audit import Audit, audit_tags
from umetrics.audit.values import Finding, Home, Place, Problem, Standing
from umetrics.provision.model import Blueprint, Found, Part, Phase, Ref
from umetrics.provision.resources import KINDS as REAL_KINDS
from umetrics.provision.resources.rule import Rule
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.tags import identity_tags

GROUND = wanted("ground", Ground(), part_tags={"Owner": "me"})
WANTED = blueprint(GROUND)
PLACE = Place("111122223333", "us-east-1")


@pytest.fixture
def world() -> World:
    return World()


def audit(world: World, desired: Blueprint = WANTED) -> Audit:
    return audit_tags(desired, world.snapshot(), KINDS, PLACE)


def told(verdict: Audit) -> list[tuple[str, str, str, str, str]]:
    return [
        (each.subject.id, each.tag, each.problem, each.expected, each.actual)
        for each in verdict.findings
    ]


def test_what_carries_everything_is_clean(world: World) -> None:
    ground = world.put("ground", Ground())
    verdict = audit(world)
    assert verdict.is_clean
    (subject,) = verdict.subjects
    assert (subject.key, subject.kind, subject.id) == ("ground", "ground", ground.id)
    assert subject.standing is Standing.OURS


@pytest.mark.parametrize(
    ("owner", "problem"),
    [(None, "missing"), ("", "empty"), ("  ", "empty"), ("you", "wrong value")],
)
def test_a_tag_that_is_not_as_it_should_be_is_a_finding(
    world: World, owner: str | None, problem: str
) -> None:
    tags = full_tags("ground")
    del tags["Owner"]
    ground = world.put("ground", Ground(), tags=tags if owner is None else tags | {"Owner": owner})
    verdict = audit(world)
    assert told(verdict) == [(ground.id, "Owner", problem, "me", owner or "")]
    assert not verdict.is_clean


def test_a_foreign_tag_is_nobodys_business(world: World) -> None:
    world.put("ground", Ground(), tags=full_tags("ground") | {"Theirs": ""})
    assert audit(world).is_clean


def test_what_aws_made_beside_it_is_judged_as_implicit(world: World) -> None:
    parts = (Part("stone", "s1"), Part("stone", "s2", {"Owner": "me"}))
    world.put("ground", Ground(), parts=parts)
    verdict = audit(world)
    assert told(verdict) == [("s1", "Owner", "missing", "me", "")]
    standings = [subject.standing for subject in verdict.subjects]
    assert standings == [Standing.OURS, Standing.IMPLICIT, Standing.IMPLICIT]


def test_what_is_awss_own_is_listed_and_not_judged(world: World) -> None:
    world.put("ground", Ground(), parts=(Part("interface", "eni-1", judged=False),))
    verdict = audit(world)
    assert verdict.is_clean
    assert [(each.id, each.standing) for each in verdict.subjects][1:] == [("eni-1", Standing.AWS)]


def test_what_is_wanted_and_not_there_is_told_and_is_not_clean(world: World) -> None:
    world.put("ground", Ground(), phase=Phase.LEAVING)
    verdict = audit(world, blueprint(GROUND, wanted("lamp", Ground())))
    assert verdict.missing_resources == ("ground", "lamp")
    assert verdict.findings == ()
    assert not verdict.is_clean


def test_an_orphan_is_listed_with_its_parts(world: World) -> None:
    world.put("ground/old", Ground(), parts=(Part("stone", "s1"),))
    verdict = audit(world, blueprint())
    assert {subject.id for subject in verdict.subjects} == {"ground-0001", "s1"}
    assert verdict.is_clean


def test_an_orphan_still_needs_the_required_tags(world: World) -> None:
    tags = {**identity_tags(DEPLOYMENT, "ground/old"), "Owner": "you"}
    orphan = world.put("ground/old", Ground(), tags=tags)
    wanted_by_nobody = Blueprint(DEPLOYMENT, (), {"Owner": "ops@example.com", "Project": "Toy"})
    assert told(audit(world, wanted_by_nobody)) == [
        (orphan.id, "Owner", "wrong value", "ops@example.com", "you"),
        (orphan.id, "Project", "missing", "Toy", ""),
    ]


def test_what_lives_in_no_region_lies_where_a_scan_would_find_it_wanted_or_not(
    world: World,
) -> None:
    for key in ("ground", "ground/old"):
        arn = f"arn:aws:iam::111122223333:role/a/path/{key.replace('/', '-')}"
        world.change(world.put(key, Ground()), arn=arn)
    subjects = audit(world).subjects
    assert [each.id for each in subjects] == ["ground", "ground-old"]
    assert {each.place for each in subjects} == {replace(PLACE, region="global")}
    assert {each.home for each in subjects} == {Home(DEPLOYMENT, PLACE)}


def test_all_twins_are_judged(world: World) -> None:
    for _ in range(2):
        world.put(
            "ground", Ground(), tags={k: v for k, v in full_tags("ground").items() if k != "Owner"}
        )
    assert len(told(audit(world))) == 2


def test_a_part_that_stands_for_a_foreign_element_is_not_ours_to_judge(world: World) -> None:
    ground = world.put("ground", Ground())
    doors = (
        Door("north", ground.id, id="d1", ours=True),
        Door("east", "forest", id="d2"),
    )
    world.put(
        "house",
        House(ground.id, doors=frozenset(doors)),
        parts=(Part("door", "d1"), Part("door", "d2")),
    )
    desired = blueprint(
        GROUND,
        wanted(
            "house",
            House(Ref("ground"), doors=frozenset({Door("north", Ref("ground"))})),
            part_tags={"Owner": "me"},
        ),
    )
    verdict = audit(world, desired)
    assert told(verdict) == [("d1", "Owner", "missing", "me", "")]
    assert "d2" not in {subject.id for subject in verdict.subjects}


def rules_found(*rules: Rule, **tags: str) -> Found[Any]:
    spec = SecurityGroupRules("sg-1", frozenset(rules))
    parts = tuple(Part("security group rule", rule.id, dict(tags)) for rule in rules)
    return Found("sg-1/rules", spec, full_tags("rules/alb"), parts=parts, virtual=True)


def test_rules_are_judged_one_by_one_and_their_group_of_rules_is_no_subject(
    world: World,
) -> None:
    rule = Rule("ingress", "tcp", 443, 443, "0.0.0.0/0", id="sgr-1", ours=True)
    found = rules_found(rule, Owner="you")
    world.things[found.id] = found
    spec = SecurityGroupRules("sg-1", frozenset({replace(rule, id="")}))
    desired = blueprint(wanted("rules/alb", spec, part_tags={"Owner": "me"}))
    verdict = audit_tags(desired, world.snapshot(), REAL_KINDS, PLACE)
    (subject,) = verdict.subjects
    assert (subject.id, subject.standing) == ("sgr-1", Standing.OURS)
    assert verdict.findings == (Finding(subject, "Owner", Problem.WRONG_VALUE, "me", "you"),)


def test_an_empty_account_has_nothing_to_find(world: World) -> None:
    verdict = audit(world, Blueprint(DEPLOYMENT, ()))
    assert verdict == Audit((), ())
    assert verdict.is_clean
