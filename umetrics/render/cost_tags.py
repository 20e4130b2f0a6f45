"""Cost allocation keys in words and as JSON: the result first, then each key, then what is next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from umetrics.audit.cost_tags.state import KeyState, Status
from umetrics.render.document import JsonObject, moment
from umetrics.render.error import error_lines
from umetrics.render.line import Line
from umetrics.render.phrase import counted
from umetrics.render.table import table_lines

if TYPE_CHECKING:
    from umetrics.audit.cost_tags.activation import Report

EXPLANATIONS: Mapping[Status, str] = MappingProxyType(
    {
        Status.UNUSED: "nothing of ours carries it",
        Status.NOT_SEEN: "shows within 24 h of its first use",
        Status.INACTIVE: "can be activated",
        Status.ACTIVATING: "AWS goes by it within 24 h of its activation",
        Status.ACTIVE: "",
        Status.NOT_THE_PAYER: "only the payer's account may look and activate",
        Status.DENIED: "a permission is missing",
    }
)

EXPECTATIONS: Mapping[Status, str] = MappingProxyType(
    {
        Status.NOT_SEEN: "shows by {due}",
        Status.ACTIVATING: "AWS goes by it from {due} on",
    }
)
"""The same, where it is known when it was used or activated."""


def cost_tags_lines(report: Report, *, options: str) -> Iterator[Line]:
    """All of it; `options` are those that the next command needs, too."""
    yield Line(summary(report), "good" if report.is_complete else "error")
    rows = [(each.key, each.status, explanation(each)) for each in report.keys]
    yield from table_lines(("key", "state", ""), rows)
    if report.refusal is not None and report.is_denied:
        yield from error_lines(report.refusal)
    if report.backfill_from:
        yield Line(f"Backfill: begun, from {report.backfill_from[:7]}.", "good")
    if report.backfill_refusal:
        yield Line(f"Backfill: not begun: {report.backfill_refusal}.", "warning")
    if report.backfill_error is not None:
        yield from error_lines(report.backfill_error)
    yield from _next_lines(report, options)


def summary(report: Report) -> str:
    """`Cost allocation tags: 6 of 6 needed keys active.`, or how many are in which state."""
    needed = [each for each in report.keys if each.status is not Status.UNUSED]
    if not needed:
        return "Cost allocation tags: no key is known yet, since nothing of ours carries any."
    counts = Counter(each.status for each in report.pending)
    pending = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    active = f"{len(needed) - len(report.pending)} of {counted(len(needed), 'needed key')} active"
    return f"Cost allocation tags: {active}{f'; {pending}' if pending else ''}."


def explanation(state: KeyState) -> str:
    """What the state means, until when it should last, and what AWS has against the key."""
    words = EXPLANATIONS[state.status]
    if state.due:
        words = EXPECTATIONS[state.status].format(due=moment(state.due))
    return f"{words}; {state.note}" if state.note else words


def _next_lines(report: Report, options: str) -> Iterator[Line]:
    if report.hand_over:
        yield Line("The owner of the payer's account, or whoever may, runs:")
        yield Line(report.hand_over, verbatim=True)
    elif report.activatable:
        yield Line(f"umetrics cost-tags activate {options}", "good", mark="next:", verbatim=True)
    elif not report.is_needed:
        yield Line(f"umetrics up {options}", "good", mark="next:", verbatim=True)
    elif report.pending:
        text = f"AWS works on it. Later: umetrics cost-tags activate {options}"
        yield Line(text, "good", mark="next:", verbatim=True)


def cost_tags_json(report: Report) -> JsonObject:
    """Each key with its state, and what is left to others."""
    return {
        "complete": report.is_complete,
        "keys": [
            {
                "key": each.key,
                "state": each.status.value,
                "pending": each.is_pending,
                "due": moment(each.due) if each.due else None,
                "note": each.note,
            }
            for each in report.keys
        ],
        "hand_over": report.hand_over,
        "refusal": report.refusal.message if report.refusal else "",
        "backfill_from": report.backfill_from,
        "backfill_refusal": report.backfill_refusal,
    }
