"""All rules of one group, as one resource: its id is `<group id>/rules`, its tags are on the rules.

Ours are the rules with our deployment tag, and the all-out rule that AWS puts on a new group. An
untagged rule equal to a wanted one is taken over; any other is somebody's and stays, unless they
are asked to go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from umetrics.errors import AlreadyExists, NotFound
from umetrics.provision.model import Found, Part, Phase, Resource, Snapshot, Where, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    filters,
    tag_list,
    tag_specifications,
    tags_of,
)
from umetrics.provision.resources.handler import Kind
from umetrics.provision.resources.rule import (
    DEFAULT_EGRESS,
    Direction,
    Rule,
    permissions,
    rule_of_description,
)
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.tags import DEPLOYMENT, Tags, identity_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from umetrics.aws import Aws

PREFIX = "rules/"
GROUP_PREFIX = "security-group/"
ID_SUFFIX = "/rules"
NEW_GROUP_EGRESS = Rule("egress", "-1", -1, -1, "0.0.0.0/0", ours=True)


@dataclass(frozen=True, slots=True)
class SecurityGroupRules:
    """What a group lets in and out."""

    group: str = field(metadata=fixed())
    rules: frozenset[Rule] = frozenset()

    def letting_go(
        self, ids: frozenset[str]
    ) -> tuple[SecurityGroupRules, SecurityGroupRules] | None:
        """While its group stays, rules that refer to one that goes can go alone, whose they are."""
        if self.group in ids:
            return None
        going = frozenset(rule for rule in self.rules if rule.peer in ids)
        claimed = frozenset(
            replace(rule, ours=True, foreign=rule.foreign or not rule.ours) for rule in going
        )
        staying = replace(self, rules=self.rules - going)
        return replace(self, rules=staying.rules | claimed), staying


class SecurityGroupRulesHandler(Kind[SecurityGroupRules]):
    """Wanted rules are authorised before surplus ones are revoked: no moment without a way."""

    label = "security group rules"
    within: type | None = SecurityGroup

    def find(self, aws: Aws, where: Where) -> Iterator[Found[SecurityGroupRules]]:
        """The rules of each group in `where.within`: one call for all groups."""
        if not where.within:
            return
        described = list(self._describe(aws, [group.id for group in where.within]))
        for group in where.within:
            own = [each for each in described if each["GroupId"] == group.id]
            name = group.key.removeprefix(GROUP_PREFIX)
            yield _found(group.id, identity_tags(where.deployment, f"{PREFIX}{name}"), own)

    def _describe(self, aws: Aws, groups: list[str]) -> Iterator[Description]:
        selected = filters(group_id=groups)
        paginator = aws.ec2.get_paginator("describe_security_group_rules")
        for page in paginator.paginate(Filters=selected):
            yield from (rule for rule in page["SecurityGroupRules"] if rule["GroupId"] in groups)

    def create(
        self, aws: Aws, desired: Resource[SecurityGroupRules], token: str
    ) -> Found[SecurityGroupRules]:
        """The first Authorize: what comes in. `update` does the rest."""
        del token
        group = desired.spec.group
        incoming = frozenset(rule for rule in desired.spec.rules if rule.direction == "ingress")
        aws.once.ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=permissions(incoming),
            TagSpecifications=tag_specifications("security-group-rule", desired.part_tags),
        )
        present = SecurityGroupRules(group, incoming | {NEW_GROUP_EGRESS})
        # AWS's own rule is revoked by what it says, but kept and tagged only by its id.
        phase = Phase.PENDING if NEW_GROUP_EGRESS in desired.spec.rules else Phase.READY
        return Found(f"{group}{ID_SUFFIX}", present, desired.tags, phase=phase, virtual=True)

    def settle(self, aws: Aws, found: Found[SecurityGroupRules]) -> Found[SecurityGroupRules]:
        """Look at what is there now, ids and all."""
        group = found.spec.group
        return _found(group, found.tags, list(self._describe(aws, [group])))

    def update(
        self, aws: Aws, found: Found[SecurityGroupRules], desired: Resource[SecurityGroupRules]
    ) -> None:
        new = desired.spec.rules - found.spec.rules
        _authorize(aws, desired.spec.group, new, desired.part_tags)
        _revoke(aws, desired.spec.group, found.spec.rules - desired.spec.rules)

    def retag(self, aws: Aws, found: Found[SecurityGroupRules], tags: Tags) -> None:
        """The set of rules has no tags but those of its parts."""
        self.retag_parts(aws, found.parts, tags)

    def retag_parts(self, aws: Aws, parts: Iterable[Part], tags: Tags) -> None:
        """One CreateTags for all rules."""
        aws.ec2.create_tags(Resources=[part.id for part in parts], Tags=tag_list(tags))

    def tags_now(self, aws: Aws, found: Found[SecurityGroupRules]) -> Tags | None:
        """Our identity while each of our rules that is still there carries it."""
        ours = {rule.id for rule in found.spec.rules if rule.ours and rule not in DEFAULT_EGRESS}
        still = [
            tags_of(each)
            for each in self._describe(aws, [found.spec.group])
            if each["SecurityGroupRuleId"] in ours
        ]
        if any(tags.get(DEPLOYMENT) != found.deployment for tags in still):
            return {}
        return found.tags

    def delete(self, aws: Aws, found: Found[SecurityGroupRules]) -> None:
        """Revoke every rule of the group, which goes next: then no group is referred to."""
        described = self._describe(aws, [found.spec.group])
        rules = frozenset(rule_of_description(each, ours=True) for each in described)
        _revoke(aws, found.spec.group, rules)


def with_foreign_rules_claimed(snapshot: Snapshot) -> Snapshot:
    """The same, with what others put on our groups marked as ours to remove. Pure.

    Not on a group that has lost its tags: first it must be known to all as ours again.
    """
    found = {
        key: tuple(_claimed(each) for each in all_of_it)
        if key.startswith(PREFIX) and _group_key(key) not in snapshot.stripped
        else all_of_it
        for key, all_of_it in snapshot.found.items()
    }
    return replace(snapshot, found=found)


def _claimed(found: Found[SecurityGroupRules]) -> Found[SecurityGroupRules]:
    rules = frozenset(
        rule if rule.ours else replace(rule, ours=True, foreign=True) for rule in found.spec.rules
    )
    return replace(found, spec=replace(found.spec, rules=rules))


def _group_key(key: str) -> str:
    return f"{GROUP_PREFIX}{key.removeprefix(PREFIX)}"


def _found(group: str, identity: Tags, described: list[Description]) -> Found[SecurityGroupRules]:
    rules = frozenset(_rules(described, identity[DEPLOYMENT]))
    return Found(
        f"{group}{ID_SUFFIX}",
        SecurityGroupRules(group, rules),
        identity,
        parts=tuple(_parts(described)),
        virtual=True,
    )


def _rules(described: list[Description], deployment: str) -> Iterator[Rule]:
    for each in described:
        rule = rule_of_description(each, ours=tags_of(each).get(DEPLOYMENT) == deployment)
        if rule in DEFAULT_EGRESS and not tags_of(each):
            rule = rule_of_description(each, ours=True)
        yield rule


def _parts(described: list[Description]) -> Iterator[Part]:
    for each in described:
        yield Part("security group rule", each["SecurityGroupRuleId"], tags_of(each))


def _authorize(aws: Aws, group: str, rules: Iterable[Rule], tags: Tags) -> None:
    calls: tuple[tuple[Direction, Callable[..., Any]], ...] = (
        ("ingress", aws.ec2.authorize_security_group_ingress),
        ("egress", aws.ec2.authorize_security_group_egress),
    )
    specifications = tag_specifications("security-group-rule", tags)
    for direction, authorize in calls:
        batch = [rule for rule in rules if rule.direction == direction]
        if not batch:
            continue
        try:
            authorize(
                GroupId=group, IpPermissions=permissions(batch), TagSpecifications=specifications
            )
        except AlreadyExists:
            _authorize_singly(authorize, group, batch, specifications)


def _authorize_singly(
    authorize: Callable[..., Any], group: str, rules: list[Rule], specifications: object
) -> None:
    """A batch with one duplicate is refused whole, so add what is missing rule by rule."""
    for rule in rules:
        try:
            authorize(
                GroupId=group, IpPermissions=permissions([rule]), TagSpecifications=specifications
            )
        except AlreadyExists:
            continue


def _revoke(aws: Aws, group: str, rules: Iterable[Rule]) -> None:
    """Revoke by rule id where it is known, else by what the rule says; gone already is as good."""
    calls: tuple[tuple[Direction, Callable[..., Any]], ...] = (
        ("ingress", aws.ec2.revoke_security_group_ingress),
        ("egress", aws.ec2.revoke_security_group_egress),
    )
    for direction, revoke in calls:
        batch = [rule for rule in rules if rule.direction == direction]
        if ids := sorted(rule.id for rule in batch if rule.id):
            _revoke_batch(revoke, group, "SecurityGroupRuleIds", ids)
        if unknown := permissions(rule for rule in batch if not rule.id):
            _revoke_batch(revoke, group, "IpPermissions", unknown)


def _revoke_batch(
    revoke: Callable[..., Any], group: str, parameter: str, batch: Sequence[object]
) -> None:
    """A batch in which one rule is gone is refused whole, so revoke the others one by one."""
    try:
        revoke(GroupId=group, **{parameter: batch})
    except NotFound:
        for each in batch:
            with suppress(NotFound):
                revoke(GroupId=group, **{parameter: [each]})
