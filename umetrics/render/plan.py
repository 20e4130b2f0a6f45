"""A plan in words: the result first, then each step that does something, then what is left alone.

Nothing here decides; what is shown was decided by `provision.plan`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from umetrics.prices import Price
from umetrics.provision.model import Found, Ids
from umetrics.provision.plan import Action, Plan, Step
from umetrics.render.change import kept_texts, spec_lines, step_details, tag_lines
from umetrics.render.error import warning_lines
from umetrics.render.glyph import GLYPHS, STYLES, Glyph
from umetrics.render.layer import by_layer, usual
from umetrics.render.line import SEPARATOR, Line
from umetrics.render.phrase import counted
from umetrics.render.price import price_phrase
from umetrics.render.table import aligned


def plan_lines(
    plan: Plan,
    *,
    price: Price | None = None,
    warnings: Iterable[str] = (),
    details: bool = False,
) -> Iterator[Line]:
    """All of a plan.

    `price` is what stands afterwards, or for a destroy plan what it saves (`price.plan_price`).
    With `details`, what is created is shown field by field.
    """
    yield Line(plan_summary(plan, price), "strong")
    ids = {step.key: step.id for step in plan.steps if step.id}
    shown = [step for step in plan.steps if step.action is not Action.NONE]
    for name, steps in by_layer(shown):
        yield Line()
        yield Line(name, "strong")
        yield from _step_lines(steps, ids, details=details)
    if shown and (unchanged := plan.counts[Action.NONE]):
        yield Line()
        yield Line(f"{unchanged} unchanged", "quiet", mark=Glyph.UNCHANGED)
    if shown and plan.shared:
        yield Line()
        yield Line("Shared: used, and never changed", "strong")
        rows = aligned([(each.key, each.label, each.id) for each in plan.shared])
        yield from (Line(row, "quiet", mark=Glyph.UNCHANGED, indent=2) for row in rows)
    said = [f"{each.id}: {remark}" for each in plan.shared for remark in each.remarks]
    remarks = [
        *_kept_lines(plan),
        *map(_orphan_line, plan.orphans),
        *warning_lines((*warnings, *said)),
    ]
    if shown and remarks:
        yield Line()
    yield from remarks
    if plan.conflicts:
        yield Line()
        yield Line("A conflict forbids the whole plan: nothing will be done.", "conflict")


def plan_summary(plan: Plan, price: Price | None = None) -> str:
    """The one line that says it all: `24 to create, 1 to change, 0 to destroy · $36.50/month`."""
    if not plan.steps:
        return f"Nothing to destroy: nothing of {plan.deployment} was found."
    if plan.is_empty:
        result = f"No changes. {counted(len(plan.steps), 'resource')} as wanted"
    else:
        counts = plan.counts
        result = (
            f"{counts[Action.CREATE]} to create, {counts[Action.UPDATE]} to change, "
            f"{counts[Action.DELETE]} to destroy"
        )
        if plan.conflicts:
            result += f", {counted(len(plan.conflicts), 'conflict')}"
    if price is None:
        return result
    saves = "saves " if plan.is_destroy and price.is_known else ""
    return f"{result}{SEPARATOR}{saves}{price_phrase(price)}"


def _step_lines(steps: list[Step], ids: Ids, *, details: bool) -> Iterator[Line]:
    rows = [(step.key, step.kind.label, step.id or _how_long(step)) for step in steps]
    for step, text in zip(steps, aligned(rows), strict=True):
        glyph = GLYPHS[step.action]
        yield Line(text, STYLES[glyph], mark=glyph, indent=2)
        if details and step.action is Action.CREATE and step.desired is not None:
            yield from spec_lines(step.desired.spec, ids)
            # Rules carry the tags of parts: the set of them is nothing that AWS could tag.
            yield from tag_lines({**step.desired.part_tags, **step.desired.tags})
        yield from step_details(step, ids)


def _how_long(step: Step) -> str:
    how_long = usual(step.key, step.action)
    return f"usually {how_long}" if how_long else ""


def _kept_lines(plan: Plan) -> Iterator[Line]:
    """What others put on resources that nothing happens to."""
    for step in plan.steps:
        if step.action is Action.NONE:
            for text in kept_texts(step):
                yield Line(f"{step.key} {step.id}: {text}", "quiet", mark=Glyph.UNCHANGED)


def _orphan_line(orphan: Found[Any]) -> Line:
    text = (
        f"orphan: {orphan.key} {orphan.id} is ours but no longer wanted: kept; --prune removes it"
    )
    return Line(text, "quiet", mark=Glyph.UNCHANGED)
