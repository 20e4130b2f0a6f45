"""Tag compliance of one deployment: what the sweep found, and what its blueprint wants on it. Pure.

It does not look for resources that the sweep does not know: that is `scan.py`. Judging is
`findings.py`, in every scope.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from umetrics.audit.findings import judge
from umetrics.audit.tag_policy import TagPolicy
from umetrics.audit.values import GLOBAL, Finding, Place, Standing, Subject
from umetrics.provision.diff import compare
from umetrics.provision.model import Blueprint, Found, Kinds, Part, Resource, Snapshot
from umetrics.provision.references import mentions, resolve
from umetrics.tags import REGION, Tags

SCHEME_ALONE = TagPolicy()

CATALOGUE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "role": "iam-role",
        "managed policy": "iam-policy",
        "gateway endpoint": "vpc-endpoint",
        "default security group": "security-group",
        "main route table": "route-table",
        "default network ACL": "network-acl",
    }
)
"""Kinds that the engine calls otherwise than the catalogue does, which is as people write them."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The verdict on a deployment: everything that was found, each with what is wrong with it.

    `missing_resources` are keys that are wanted but not there.
    """

    judged: tuple[tuple[Subject, tuple[Finding, ...]], ...]
    missing_resources: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Everything that can carry tags."""
        return tuple(subject for subject, _ in self.judged)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong with tags."""
        return tuple(finding for _, findings in self.judged for finding in findings)

    @property
    def is_clean(self) -> bool:
        """Whether all that is wanted is there and carries what it should."""
        return not self.findings and not self.missing_resources


def audit_tags(
    blueprint: Blueprint,
    snapshot: Snapshot,
    kinds: Kinds,
    place: Place,
    policy: TagPolicy = SCHEME_ALONE,
) -> Audit:
    """Judge everything that was found; what nobody wants any more still needs the required tags."""
    wanted = {resource.key: resource for resource in blueprint.resources}
    judged = []
    for key in sorted(snapshot.found):
        for found in snapshot.found[key]:
            expected = wanted.get(key, Resource(key, found.spec, blueprint.required))
            is_global = REGION in expected.tags or _is_regionless(found.arn)
            where = replace(place, region=GLOBAL) if is_global else place
            region, deployment = place.region if is_global else "", snapshot.deployment
            ours = Subject("", "", "", {}, where, Standing.OURS, key, "", deployment, region)
            for subject, tags in _subjects(found, expected, snapshot, kinds, ours):
                judged.append((subject, judge(subject, policy, tags)))
    missing = tuple(key for key in wanted if not snapshot.living(key))
    return Audit(tuple(judged), missing)


def _subjects(
    found: Found[Any], expected: Resource[Any], snapshot: Snapshot, kinds: Kinds, ours: Subject
) -> Iterator[tuple[Subject, Tags]]:
    """What has an id of its own in or beneath a resource, each with the tags it should carry.

    `ours` is what all of them have in common.
    """
    if not found.virtual:
        kind = _catalogue_name(kinds[type(found.spec)].label)
        itself = replace(ours, kind=kind, id=_id(found), arn=found.arn, tags=found.tags)
        yield itself, expected.tags
    foreign = _foreign_ids(found, expected, snapshot)
    for part in found.parts:
        if part.id not in foreign:
            kind = _catalogue_name(part.kind)
            subject = replace(ours, kind=kind, id=part.id, tags=part.tags)
            yield _standing(subject, part, found), expected.part_tags


def _standing(subject: Subject, part: Part, found: Found[Any]) -> Subject:
    """The parts of a virtual resource are ours; of any other, AWS made them beside it."""
    if not part.judged:
        return replace(subject, standing=Standing.AWS, parent=found.id)
    if not found.virtual:
        return replace(subject, standing=Standing.IMPLICIT, parent=found.id)
    return subject


def _is_regionless(arn: str) -> bool:
    """By the ARN: what nobody wants any more has no blueprint that would give it a region tag."""
    return bool(arn) and not arn.split(":")[3]


def _catalogue_name(label: str) -> str:
    return CATALOGUE_NAMES.get(label) or label.lower().replace(" ", "-")


def _id(found: Found[Any]) -> str:
    """What an owner calls it: IAM's unique ids are known to nobody."""
    return found.arn.rpartition("/")[2] if ":iam:" in found.arn else found.id


def _foreign_ids(found: Found[Any], expected: Resource[Any], snapshot: Snapshot) -> frozenset[str]:
    """Ids of elements that others put on a resource of ours: not ours to judge."""
    if type(expected.spec) is not type(found.spec):
        return frozenset()
    ids = {key: living[0].id for key in snapshot.found if (living := snapshot.living(key))}
    desired = replace(expected, spec=resolve(expected.spec, ids))
    return mentions(frozenset(compare(desired, found).foreign))
