"""Repairs of tags in words and as JSON: what would be changed, what is left out, how it ended.

Changes that are alike are one line with their number: thousands of resources lack the same tag.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from umetrics.audit.repair.change import Change, Ending, Outcome
from umetrics.render.document import JsonObject
from umetrics.render.error import errors_lines
from umetrics.render.glyph import STYLES, Glyph
from umetrics.render.line import Line
from umetrics.render.phrase import counted, duration, some_of
from umetrics.render.table import MOST_ROWS

if TYPE_CHECKING:
    from umetrics.audit.repair.plan import LeftOut, RepairPlan

INDENT = 2


def repair_lines(plan: RepairPlan, *, at_most: int | None = MOST_ROWS) -> Iterator[Line]:
    """Changes by what they do, then why the rest is left out; `at_most` kinds of change."""
    alike: defaultdict[str, list[Change]] = defaultdict(list)
    for change in plan.changes:
        alike[change_text(change)].append(change)
    for text, changes in list(alike.items())[:at_most]:
        number = counted(len(changes), "resource")
        yield Line(f"{text}: {number}", STYLES[Glyph.CHANGE], mark=Glyph.CHANGE)
        yield Line(some_of([_named(each) for each in changes]), "quiet", indent=INDENT)
    if at_most is not None and len(alike) > at_most:
        yield Line(f"and {len(alike) - at_most} more kinds of change", "quiet")
    yield from _left_out_lines(plan.left_out)
    yield Line(repair_summary(plan), "strong")


def _named(change: Change) -> str:
    """`vpc vpc-1`, `vpc vpc-1 (of UserMetrics/prod)`, `vpc vpc-1 (not ours)`."""
    name = f"{change.kind} {change.id}"
    if change.is_ours:
        return name
    place = f" in {change.elsewhere}" if change.elsewhere else ""
    return f"{name} ({f'of {change.deployment}{place}' if change.deployment else 'not ours'})"


def change_text(change: Change) -> str:
    """`set Owner to a@b.example, remove Onwer`."""
    put = [f"set {key} to {value}" for key, value in sorted(change.put.items())]
    return ", ".join([*put, *(f"remove {key}" for key in change.taken)])


def _left_out_lines(left_out: Sequence[LeftOut]) -> Iterator[Line]:
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for each in left_out:
        subject = each.finding.subject
        by_reason[each.reason].append(f"{each.finding.tag} of {subject.kind} {subject.id}")
    for reason, findings in sorted(by_reason.items()):
        text = f"left out, {reason}: {counted(len(findings), 'finding')}: {some_of(findings)}"
        yield Line(text, "quiet", mark=Glyph.UNCHANGED)


def repair_summary(plan: RepairPlan) -> str:
    """How many of each: `12 resources to change, 3 of them not ours; 4 findings left out.`."""
    text = f"{counted(len(plan.changes), 'resource')} to change"
    if plan.foreign:
        text = f"{text}, {len(plan.foreign)} of them {foreignness(plan)}"
    if plan.left_out:
        text = f"{text}; {counted(len(plan.left_out), 'finding')} left out"
    return f"{text}."


def foreignness(plan: RepairPlan) -> str:
    """What those are that have to be counted: of another stage of ours, or of nobody we know.

    One of the very name that was asked for is no other stage, but it lives in another place.
    """
    of_others = {bool(change.deployment) for change in plan.foreign}
    namesakes = any(change.elsewhere for change in plan.foreign)
    whose = "another deployment's" if namesakes else "another stage's"
    if of_others == {True}:
        return whose
    return f"not ours or {whose}" if True in of_others else "not ours"


def ending_lines(outcomes: Sequence[Outcome], *, seconds: float) -> Iterator[Line]:
    """How it ended: counts, then the first failure in full."""
    counts = Counter(each.ending for each in outcomes)
    is_whole = not any(counts[each] for each in (Ending.FAILED, Ending.HALF, Ending.SKIPPED))
    is_broken = any(each.ending in {Ending.HALF, Ending.SKIPPED} for each in outcomes)
    told = ", ".join(f"{counts[ending]} {ending}" for ending in Ending if counts[ending])
    word = "Done" if is_whole else "Interrupted" if is_broken else "Failed"
    yield Line(
        f"{word}: {told or 'nothing to change'} in {duration(seconds)}.",
        "good" if is_whole else "error",
    )
    for ending in (Ending.HALF, Ending.VANISHED, Ending.ELSEWISE):
        named = [
            f"{each.change.kind} {each.change.id}" for each in outcomes if each.ending is ending
        ]
        if named:
            yield Line(f"{ending}: {some_of(named)}", "quiet", mark=Glyph.UNCHANGED)
    if not is_whole:
        yield Line("Run the same command again: it does what is left.")
    yield from errors_lines([each.error for each in outcomes if each.error])


def repair_json(plan: RepairPlan) -> JsonObject:
    """All that would be changed, and what would not."""
    return {
        "changes": [change_json(change) for change in plan.changes],
        "left_out": [
            {
                "kind": each.finding.subject.kind,
                "id": each.finding.subject.id,
                "tag": each.finding.tag,
                "problem": each.finding.problem.value,
                "reason": each.reason.value,
            }
            for each in plan.left_out
        ],
    }


def change_json(change: Change) -> JsonObject:
    """One resource, with the keys that change as they are and as they are to be.

    What is `ours` may be of another `deployment` than was asked for, and has to be counted then.
    """
    return {
        "account": change.place.account,
        "region": change.place.region,
        "kind": change.kind,
        "id": change.id,
        "ours": change.is_ours or change.deployment != "",
        "deployment": change.deployment,
        "to_be_counted": not change.is_ours,
        "before": dict(change.before),
        "after": dict(change.after),
    }


def endings_json(
    outcomes: Iterable[Outcome], *, seconds: float, undo_files: Mapping[str, str]
) -> JsonObject:
    """How each change ended; `undo_files` are by account."""
    return {
        "outcomes": [
            {
                **change_json(each.change),
                "ending": each.ending.value,
                "error": each.error.message if each.error else "",
            }
            for each in outcomes
        ],
        "seconds": round(seconds, 3),
        "undo_files": dict(undo_files),
    }
