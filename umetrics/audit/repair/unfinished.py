"""What a run that was broken off between two calls has left half made, by its undo file. Pure.

The audit cannot see it: a value that was taken away to come back under another key is in the undo
file alone, and of two keys side by side nobody knows that the one was to replace the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from umetrics.audit.repair.change import Change, narrowed
from umetrics.audit.repair.plan import LeftOut, RepairPlan
from umetrics.audit.values import Subject
from umetrics.tags import Tags

_Name = tuple[str, str, str]


def rest_of(change: Change, tags: Tags | None, *, takes_first: bool) -> Change | None:
    """What is left of a change of two calls, of which the first one was made.

    `tags` are those of now (None: the resource is gone). None where nothing was begun, nothing is
    left, or somebody has changed such a tag since: what is left must be the whole second call.
    """
    if not (change.put and change.taken):
        return None
    rest = narrowed(change, tags)
    second = change.put if takes_first else dict.fromkeys(change.taken)
    if not isinstance(rest, Change) or rest.after != second:
        return None
    return replace(rest, was=change.before)


def resumed(plan: RepairPlan, rests: Iterable[Change], asked_for: Collection[str]) -> RepairPlan:
    """The plan, and what was left half made. Where both know a tag, the undo file knows better.

    Ours is of that what was ours then, and is of one of the deployments that are asked for now.
    """
    changes = {_name(each): each for each in plan.changes}
    put: dict[_Name, dict[str, str]] = {}
    for rest in rests:
        is_ours = rest.is_ours and rest.deployment in asked_for
        planned = changes.get(_name(rest), replace(rest, is_ours=is_ours))
        after = {**planned.after, **rest.after}
        changes[_name(rest)] = replace(planned, after=after, was=rest.was)
        put[_name(rest)] = rest.put

    def is_open(each: LeftOut) -> bool:
        return each.finding.tag not in put.get(_name(each.finding.subject), {})

    return RepairPlan(tuple(changes.values()), tuple(filter(is_open, plan.left_out)))


def _name(of: Change | Subject) -> _Name:
    """Not the ARN, which only some audits know."""
    return of.place.account, of.kind, of.id
