"""From findings to changes: what will be written on which resource, what is left out and why. Pure.

Nothing is guessed: a tag whose right value the scheme does not know is left to people.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from umetrics.audit.repair.batch import way_of
from umetrics.audit.repair.change import AWS_PREFIX, Change, Values
from umetrics.audit.values import Finding, Home, Place, Problem, Standing, Subject
from umetrics.tags import violations

RENAMED = frozenset({Problem.WRONG_CASE, Problem.MISSPELT})
OVERWRITING = frozenset({Problem.WRONG_VALUE, Problem.FORBIDDEN})
"""What is put right only by losing a value that somebody chose."""


class Reason(enum.StrEnum):
    """Why a finding is left as it is."""

    NO_VALUE = "no right value is known"
    OVERWRITES = "needs --overwrite"
    OF_AWS = "belongs to AWS"
    NO_WAY = "umetrics knows no way to tag it"
    FULL = "has no room for another tag"
    INVALID = "AWS would refuse the tag"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A finding that is not put right."""

    finding: Finding
    reason: Reason


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What would be done, one change for each resource, and what would not."""

    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def foreign(self) -> tuple[Change, ...]:
        """The changes to what belongs to others, or to another deployment than was asked for."""
        return tuple(change for change in self.changes if not change.is_ours)


def plan_repair(
    findings: Iterable[Finding],
    *,
    overwrite: bool = False,
    homes: Collection[Home] | None = None,
) -> RepairPlan:
    """Decide about each finding; the order of resources is that of their findings.

    Ours is what belongs to a deployment at one of `homes`; None means any of our project's.
    """
    changes: list[Change] = []
    left_out: list[LeftOut] = []
    for of_subject in _by_subject(findings):
        change = _change(of_subject[0].subject, {}, homes)
        # What is missing adds a tag: first comes what needs no room, or makes some.
        for finding in sorted(of_subject, key=lambda each: each.problem is Problem.MISSING):
            decided = _decided(finding, overwrite=overwrite)
            if isinstance(decided, Reason):
                left_out.append(LeftOut(finding, decided))
                continue
            further = replace(change, after={**change.after, **decided})
            if further.is_too_much:
                left_out.append(LeftOut(finding, Reason.FULL))
            else:
                change = further
        if change.after:
            changes.append(change)
    return RepairPlan(tuple(changes), tuple(left_out))


def _by_subject(findings: Iterable[Finding]) -> Iterable[list[Finding]]:
    gathered: dict[tuple[Place, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        subject = finding.subject
        gathered[subject.place, subject.kind, subject.id].append(finding)
    return gathered.values()


def _decided(finding: Finding, *, overwrite: bool) -> Values | Reason:
    """What the finding's keys are to be; or why they stay."""
    subject = finding.subject
    if subject.standing is Standing.AWS or finding.tag.startswith(AWS_PREFIX):
        return Reason.OF_AWS
    if way_of(subject.id, subject.arn) is None:
        return Reason.NO_WAY
    if _overwrites(finding) and not overwrite:
        return Reason.OVERWRITES
    return {finding.tag: None} if finding.problem is Problem.FORBIDDEN else _written(finding)


def _overwrites(finding: Finding) -> bool:
    """Whether a value that somebody chose is lost; a near miss may have a wrong value as well."""
    if finding.problem not in RENAMED:
        return finding.problem in OVERWRITING
    return bool(finding.expected and finding.actual.strip()) and finding.actual != finding.expected


def _written(finding: Finding) -> Values | Reason:
    """The right key with the right value, and no wrong key beside it."""
    if not finding.expected:
        return Reason.NO_VALUE
    if violations({finding.tag: finding.expected}):
        return Reason.INVALID
    renamed: Values = {finding.found: None} if finding.problem in RENAMED else {}
    return {**renamed, finding.tag: finding.expected}


def _change(subject: Subject, after: Values, homes: Collection[Home] | None) -> Change:
    home, is_asked_for = subject.home, homes is None or subject.home in homes
    is_namesake = not is_asked_for and home.deployment in {each.deployment for each in homes or ()}
    return Change(
        subject.kind,
        subject.id,
        subject.arn,
        subject.place,
        subject.tags,
        after,
        is_ours=is_asked_for and subject.standing in {Standing.OURS, Standing.IMPLICIT},
        deployment=subject.deployment,
        elsewhere=str(home.place) if is_namesake else "",
    )
