"""Tag compliance of one deployment: every id that can carry tags, judged against the scheme. Pure.

It judges what the sweep found; it does not look for resources that the sweep does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from umetrics.provision.diff import compare
from umetrics.provision.model import Blueprint, Found, Kinds, Resource, Snapshot
from umetrics.provision.references import mentions, resolve
from umetrics.tags import Tags

Problem = Literal["missing", "empty", "wrong value"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing with an id of its own.

    `implicit` is what AWS made beside a resource of ours; what is not `judged` belongs to AWS and
    is only listed.
    """

    key: str
    kind: str
    id: str
    tags: Tags
    implicit: bool = False
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One tag that is not as it should be; `actual` is empty where it is missing."""

    subject: Subject
    tag: str
    problem: Problem
    expected: str
    actual: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """The verdict on a deployment; `missing_resources` are keys that are wanted but not there."""

    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...]
    missing_resources: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether all that is wanted is there and carries what it should."""
        return not self.findings and not self.missing_resources


def audit_tags(blueprint: Blueprint, snapshot: Snapshot, kinds: Kinds) -> Audit:
    """Judge everything that was found; what nobody wants any more still needs the required tags."""
    wanted = {resource.key: resource for resource in blueprint.resources}
    subjects: list[Subject] = []
    findings: list[Finding] = []
    for key in sorted(snapshot.found):
        for found in snapshot.found[key]:
            expected = wanted.get(key, Resource(key, found.spec, blueprint.required))
            for subject, tags in _subjects(found, expected, snapshot, kinds):
                subjects.append(subject)
                findings.extend(_findings(subject, tags))
    missing = tuple(key for key in wanted if not snapshot.living(key))
    return Audit(tuple(subjects), tuple(findings), missing)


def _subjects(
    found: Found[Any], expected: Resource[Any], snapshot: Snapshot, kinds: Kinds
) -> Iterator[tuple[Subject, Tags]]:
    """What has an id of its own in or beneath a resource, each with the tags it should carry."""
    key = expected.key
    if not found.virtual:
        label = kinds[type(found.spec)].label
        yield Subject(key, label, found.id, found.tags), expected.tags
    foreign = _foreign_ids(found, expected, snapshot)
    for part in found.parts:
        if part.id not in foreign:
            implicit = not found.virtual
            subject = Subject(key, part.kind, part.id, part.tags, implicit, part.judged)
            yield subject, expected.part_tags if part.judged else {}


def _foreign_ids(found: Found[Any], expected: Resource[Any], snapshot: Snapshot) -> frozenset[str]:
    """Ids of elements that others put on a resource of ours: not ours to judge."""
    if type(expected.spec) is not type(found.spec):
        return frozenset()
    ids = {key: living[0].id for key in snapshot.found if (living := snapshot.living(key))}
    desired = replace(expected, spec=resolve(expected.spec, ids))
    return mentions(frozenset(compare(desired, found).foreign))


def _findings(subject: Subject, wanted: Tags) -> Iterator[Finding]:
    for tag, expected in wanted.items():
        actual = subject.tags.get(tag)
        if actual is None:
            yield Finding(subject, tag, "missing", expected)
        elif not actual.strip():
            yield Finding(subject, tag, "empty", expected, actual)
        elif actual != expected:
            yield Finding(subject, tag, "wrong value", expected, actual)
