"""`--prune-rules`: what others put on our groups goes when that is asked for, and only there."""

from __future__ import annotations

from tests.support.built import Built
from tests.support.deployments import Deployment, changes_of
from tests.support.worlds import ec2, look_around
from umetrics.provision.plan import Plan


def let_in(group: str) -> str:
    """Somebody opens SSH; the id of the rule."""
    answer = ec2().authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="192.0.2.0/24"
    )
    return answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]


def rules() -> set[str]:
    """The ids of every rule in the account."""
    pages = ec2().get_paginator("describe_security_group_rules").paginate()
    return {each["SecurityGroupRuleId"] for page in pages for each in page["SecurityGroupRules"]}


def plan(deployment: Deployment, *, prune_rules: bool) -> Plan:
    foundation = deployment.begin()
    return foundation.plan(foundation.look(), prune_rules=prune_rules)


def test_a_rule_of_others_stays_unless_it_is_asked_to_go(
    deployment: Deployment, built: Built
) -> None:
    let_in(deployment.id("security-group/alb"))
    kept = plan(deployment, prune_rules=False)
    assert (kept.is_empty, kept.evictions) == (True, ())

    going = plan(deployment, prune_rules=True)
    assert changes_of(going) == {"rules/alb": "update"}
    (change,) = going.evictions
    assert str(change.before) == "ingress tcp 22 from 192.0.2.0/24"
    assert change.after is None


def test_the_rule_is_gone_afterwards_and_nothing_else_has_changed(
    deployment: Deployment, built: Built
) -> None:
    let_in(deployment.id("security-group/alb"))
    let_in(deployment.id("security-group/umami"))
    deployment.up(prune_rules=True).insist()
    assert look_around() == built.world
    assert deployment.up(prune_rules=True).plan.is_empty


def test_rules_of_groups_that_are_not_ours_are_never_looked_at(
    deployment: Deployment, built: Built
) -> None:
    vpc = deployment.id("vpc")
    theirs = ec2().create_security_group(GroupName="theirs", Description="-", VpcId=vpc)["GroupId"]
    rule = let_in(theirs)
    assert plan(deployment, prune_rules=True).is_empty
    assert rule in rules()


def test_a_group_that_lost_its_tags_is_healed_first_and_pruned_by_the_next_run(
    deployment: Deployment, built: Built
) -> None:
    group = deployment.id("security-group/alb")
    let_in(group)
    ec2().delete_tags(
        Resources=[group], Tags=[{"Key": "umetrics:deployment"}, {"Key": "umetrics:resource"}]
    )
    first = plan(deployment, prune_rules=True)
    assert (changes_of(first), first.evictions) == ({"security-group/alb": "update"}, ())
    deployment.up(prune_rules=True, verify=False)
    deployment.up(prune_rules=True).insist()
    assert look_around() == built.world
