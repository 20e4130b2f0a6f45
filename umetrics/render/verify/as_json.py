"""A verdict as JSON: everything that the text says, and every value whole."""

from __future__ import annotations

import json

from umetrics.audit.history import History
from umetrics.render.document import Json, JsonObject, moment
from umetrics.verify.attribution import Judged, Standing, Verdict
from umetrics.verify.catalogue import ROWS


def verdict_json(verdict: Verdict, history: History | None = None) -> JsonObject:
    """All of it; `ignored` is the list of fields that are not compared, with the reasons."""
    known = history or History()
    return {
        "since": verdict.since,
        "disturbed": bool(verdict.of(Standing.OURS)),
        "partial": bool(verdict.gaps),
        "summary": {
            "compared": verdict.compared,
            "untouched": verdict.untouched,
            **{standing.name.lower(): len(verdict.of(standing)) for standing in Standing},
        },
        "altered": [_judged_json(each, known) for each in verdict.judged],
        "not_seen": [
            {
                "kind": gap.kind,
                "part": gap.part or None,
                "reason": gap.reason,
                "denied": gap.denied,
            }
            for gap in verdict.gaps
        ],
        "ignored": [
            {"kind": row.name, "field": field, "reason": reason}
            for row in ROWS
            for field, reason in row.volatile.items()
        ],
        "history_note": known.note,
    }


def _judged_json(judged: Judged, history: History) -> JsonObject:
    alteration = judged.alteration
    change = history.changes.get(alteration.key)
    return {
        "kind": alteration.thing.kind,
        "id": alteration.id,
        "arn": alteration.arn,
        "manner": alteration.manner.value,
        "standing": judged.standing.name.lower(),
        "call": judged.call,
        "differences": [
            {"path": each.path, "before": _value(each.before), "after": _value(each.after)}
            for each in alteration.differences
        ],
        "last_change": {"event": change.event, "at": moment(change.at), "by": change.author}
        if change
        else None,
    }


def _value(text: str | None) -> Json:
    value: Json = None if text is None else json.loads(text)
    return value
