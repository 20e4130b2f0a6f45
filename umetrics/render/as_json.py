"""Values as JSON: plans, events, outcomes, errors, prices, receipts. The envelope is elsewhere."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from umetrics.errors import (
    AccessDenied,
    AwsError,
    ConfigurationError,
    NotPermitted,
    UmetricsError,
)
from umetrics.prices import Price
from umetrics.provision.diff import Change, Missing
from umetrics.provision.events import (
    Done,
    Event,
    Failed,
    Heartbeat,
    Noticed,
    Outcome,
    Skipped,
    Started,
)
from umetrics.provision.model import Found, Ref
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.policy_document import PolicyDocument
from umetrics.render.document import Json, JsonObject

if TYPE_CHECKING:
    from umetrics.state import Receipt


def plan_json(
    plan: Plan, *, price: Price | None = None, warnings: Iterable[str] = ()
) -> JsonObject:
    """All of a plan: every step, those that have nothing to do included."""
    return {
        "deployment": plan.deployment,
        "clean": plan.is_empty,
        "summary": {action.value: plan.counts[action] for action in Action},
        "price": price_json(price) if price else None,
        "warnings": list(warnings),
        "steps": [step_json(step) for step in plan.steps],
        "orphans": [
            {"key": orphan.key, "id": orphan.id, "arn": orphan.arn} for orphan in plan.orphans
        ],
        "shared": [
            {"key": each.key, "kind": each.kind, "id": each.id, "remarks": list(each.remarks)}
            for each in plan.shared
        ],
    }


def step_json(step: Step) -> JsonObject:
    """One step of a plan, with all that it says."""
    difference = step.difference
    return {
        "key": step.key,
        "kind": step.kind.name,
        "label": step.kind.label,
        "action": step.action.value,
        "id": step.id,
        "reason": step.reason,
        "requires": sorted(step.requires),
        "desired": value_json(step.desired.spec) if step.desired else None,
        "changes": [_change_json(change) for change in difference.changes] if difference else [],
        "missing_tags": [_missing_json(each) for each in difference.missing] if difference else [],
        "foreign": [value_json(each) for each in difference.foreign] if difference else [],
        "dying": [_dying_json(each) for each in step.dying],
    }


def _change_json(change: Change) -> JsonObject:
    return {
        "field": change.field,
        "before": value_json(change.before),
        "after": value_json(change.after),
        "fixed": change.fixed,
    }


def _missing_json(missing: Missing) -> JsonObject:
    part = missing.part
    return {
        "part": {"kind": part.kind, "id": part.id} if part else None,
        "tags": dict(missing.tags),
    }


def _dying_json(found: Found[Any]) -> JsonObject:
    return {"id": found.id, "phase": found.phase.value, "note": found.note}


def value_json(value: object) -> Json:
    """A spec or any value in one; what does not exist yet is `{"ref": key}`."""
    if isinstance(value, Ref):
        return {"ref": str(value)}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, PolicyDocument):
        content: Json = json.loads(value.text)
        return content
    if isinstance(value, frozenset | tuple):
        parts = [value_json(part) for part in value]
        return sorted(parts, key=json.dumps) if isinstance(value, frozenset) else parts
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: value_json(getattr(value, field.name)) for field in fields}
    return str(value)


def event_json(event: Event) -> JsonObject:
    """One event; `event` names it, the other fields depend on that."""
    if isinstance(event, Heartbeat):
        running = [
            {"key": started.key, "action": started.action.value, "seconds": _rounded(seconds)}
            for started, seconds in event.running
        ]
        return {"event": "heartbeat", "running": running}
    common: JsonObject = {
        "event": type(event).__name__.lower(),
        "key": event.key,
        "label": event.label,
        "action": event.action.value,
    }
    match event:
        case Started():
            return common
        case Noticed():
            return {**common, "text": event.text}
        case Done():
            return {**common, "id": event.id, "seconds": _rounded(event.seconds)}
        case Failed():
            error = error_json(event.error)
            return {**common, "error": error, "seconds": _rounded(event.seconds)}
        case Skipped():
            return {**common, "because": event.because}


def outcomes_json(outcomes: Sequence[Outcome], *, seconds: float) -> JsonObject:
    """How a run ended: counts, seconds, and each step's end."""
    done = Counter(outcome.action for outcome in outcomes if isinstance(outcome, Done))
    failed = sum(isinstance(outcome, Failed) for outcome in outcomes)
    skipped = sum(isinstance(outcome, Skipped) for outcome in outcomes)
    return {
        "succeeded": not failed and not skipped,
        "seconds": _rounded(seconds),
        "summary": {
            "created": done[Action.CREATE],
            "changed": done[Action.UPDATE],
            "destroyed": done[Action.DELETE],
            "failed": failed,
            "skipped": skipped,
        },
        "outcomes": [event_json(outcome) for outcome in outcomes],
    }


def error_json(error: UmetricsError) -> JsonObject:
    """An error with everything it knows; fields that do not apply are absent."""
    content: JsonObject = {
        "code": error.code,
        "name": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "exit_code": error.exit_code,
    }
    if isinstance(error, AwsError):
        content["aws_code"] = error.aws_code
        content["operation"] = error.operation
        content["request_id"] = error.request_id
    if isinstance(error, AccessDenied) and error.statement:
        content["statement"] = error.statement
    if isinstance(error, AccessDenied) and error.denial:
        content["denial"] = dataclasses.asdict(error.denial)
    if isinstance(error, NotPermitted) and error.policy:
        content["policy"] = json.loads(error.policy)
    if isinstance(error, ConfigurationError):
        content["source"] = error.source
        content["problems"] = [dataclasses.asdict(problem) for problem in error.problems]
    return content


def price_json(price: Price) -> JsonObject:
    """Amounts are decimal texts, null where unknown, with their currency and date."""
    return {
        "region": price.region,
        "currency": price.currency,
        "as_of": price.as_of.isoformat(),
        "per_month": _amount(price.per_month),
        "per_gigabyte": _amount(price.per_gigabyte),
        "lines": [
            {
                "what": line.what,
                "count": line.count,
                "rate": str(line.rate),
                "unit": line.unit,
                "per_month": _amount(line.per_month),
            }
            for line in price.lines
        ],
    }


def receipts_json(
    deployment: str, receipts: Iterable[Receipt], shared: Iterable[Receipt] = ()
) -> JsonObject:
    """What the state file remembers, by key; and what others own of that."""
    return {
        "deployment": deployment,
        "resources": [
            {"key": each.key, "kind": each.kind, "id": each.id, "arn": each.arn}
            for each in sorted(receipts, key=lambda each: each.key)
        ],
        "shared": [
            {"key": each.key, "kind": each.kind, "id": each.id}
            for each in sorted(shared, key=lambda each: each.key)
        ],
    }


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"


def _rounded(seconds: float) -> float:
    """To the millisecond: more is noise."""
    return round(seconds, 3)
