"""Drift in words and as JSON: the result first, then what has drifted, who did it, what is beside.

It says what is and what should be, never what to do: that is `plan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from umetrics.audit.drift import Deviation, Drift, Problem
from umetrics.provision.diff import Change, Missing
from umetrics.provision.model import Ids
from umetrics.provision.policy_document import PolicyDocument
from umetrics.render.as_json import step_json
from umetrics.render.change import INDENT, kept_texts
from umetrics.render.document import JsonObject, moment
from umetrics.render.glyph import STYLES, Glyph
from umetrics.render.line import Line
from umetrics.render.phrase import counted, worded
from umetrics.render.table import aligned

if TYPE_CHECKING:
    from umetrics.audit.history import History, LastChange

GLYPHS: Mapping[Problem, Glyph] = MappingProxyType(
    {
        Problem.MISSING: Glyph.DESTROY,
        Problem.ESTRANGED: Glyph.CONFLICT,
        Problem.CHANGED: Glyph.CHANGE,
        Problem.RETAGGED: Glyph.CHANGE,
    }
)


def drift_lines(drift: Drift, history: History) -> Iterator[Line]:
    """All of it; one line where nothing has drifted and nothing lies beside."""
    yield Line(drift_summary(drift), "good" if drift.is_clean else "error")
    rows = [(each.key, each.step.kind.label, each.id, each.problem) for each in drift.deviations]
    ids = {step.key: step.id for step in drift.judged if step.id}
    for deviation, text in zip(drift.deviations, aligned(rows), strict=True):
        glyph = GLYPHS[deviation.problem]
        yield Line(text, STYLES[glyph], mark=glyph)
        yield from (Line(each, indent=INDENT) for each in _details(deviation, ids))
        if change := history.changes.get(deviation.key):
            yield Line(_author(change), "quiet", indent=INDENT)
    if history.note:
        yield Line(history.note, "quiet")
    for step in drift.judged:
        for text in kept_texts(step):
            yield Line(f"{step.key} {step.id}: {text}", "quiet", mark=Glyph.UNCHANGED)
    for orphan in drift.orphans:
        text = f"orphan: {orphan.key} {orphan.id} is ours but no longer wanted"
        yield Line(text, "quiet", mark=Glyph.UNCHANGED)


def drift_summary(drift: Drift) -> str:
    """`No drift: 22 resources as wanted.`, or how many are not, and in which way."""
    built = counted(len(drift.judged), "resource")
    if not drift.judged:
        return f"No drift: nothing of {drift.deployment} is built."
    if drift.is_clean:
        return f"No drift: {built} as wanted."
    counts = Counter(each.problem for each in drift.deviations)
    ways = ", ".join(f"{counts[problem]} {problem}" for problem in Problem if counts[problem])
    return f"Drift: {len(drift.deviations)} of {built} not as wanted: {ways}."


def _details(deviation: Deviation, ids: Ids) -> Iterator[str]:
    step = deviation.step
    if step.reason:
        yield step.reason
    if deviation.problem is Problem.MISSING:
        for each in step.dying:
            yield f"{each.id} is {each.phase.value}" + (f": {each.note}" if each.note else "")
    elif step.difference is not None:
        for change in step.difference.changes:
            yield from change_texts(change, ids)
        for missing in step.difference.missing:
            yield from _tag_texts(missing, step.found.tags if step.found else {})


def change_texts(change: Change, ids: Ids) -> Iterator[str]:
    """What a field is and should be; statement by statement in a policy."""
    field, is_, wanted = change.field.replace("_", " "), change.before, change.after
    if isinstance(is_, PolicyDocument) and isinstance(wanted, PolicyDocument):
        for text in is_.difference(wanted):
            verb = "lacks" if text.startswith(Glyph.CREATE) else "has, unwanted:"
            yield f"{field} {verb} {text[2:]}"
    elif is_ is None:
        yield f"{field} lacks {worded(wanted, ids)}"
    elif wanted is None:
        yield f"{field} has, unwanted: {worded(is_, ids)}"
    else:
        yield f"{field} is {worded(is_, ids)}, wanted {worded(wanted, ids)}"


def _tag_texts(missing: Missing, present: Mapping[str, str]) -> Iterator[str]:
    part = missing.part
    whose, there = (f"{part.kind} {part.id}: ", part.tags) if part else ("", present)
    for tag, wanted in missing.tags.items():
        is_ = f"is {there[tag] or '(empty)'}" if tag in there else "is missing"
        yield f"{whose}tag {tag} {is_}, wanted {wanted}"


def _author(change: LastChange) -> str:
    return f"last change: {change.event}, {moment(change.at)}, by {change.author}"


def drift_json(drift: Drift, history: History) -> JsonObject:
    """Everything that `drift_lines` says, and the steps in the fields of a plan document."""
    counts = Counter(each.problem for each in drift.deviations)
    return {
        "deployment": drift.deployment,
        "clean": drift.is_clean,
        "summary": {
            "judged": len(drift.judged),
            **{problem.name.lower(): counts[problem] for problem in Problem},
        },
        "deviations": [
            _deviation_json(each, history.changes.get(each.key)) for each in drift.deviations
        ],
        "history_note": history.note,
        "kept": [
            {"key": step.key, "id": step.id, "text": text}
            for step in drift.judged
            for text in kept_texts(step)
        ],
        "orphans": [{"key": each.key, "id": each.id, "arn": each.arn} for each in drift.orphans],
    }


def _deviation_json(deviation: Deviation, change: LastChange | None) -> JsonObject:
    step = step_json(deviation.step)
    told = ("key", "kind", "label", "reason", "changes", "missing_tags", "dying")
    return {
        "problem": deviation.problem.name.lower(),
        "id": deviation.id,
        **{name: step[name] for name in told},
        "last_change": {
            "event": change.event,
            "author": change.author,
            "at": moment(change.at),
        }
        if change
        else None,
    }
