"""What is kept of a plan, and how it differs from the plan of today. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from umetrics import __version__
from umetrics.config import Config
from umetrics.errors import StalePlan, listed
from umetrics.provision.diff import Missing
from umetrics.provision.plan import Plan, Step
from umetrics.provision.selection import Wish
from umetrics.render.as_json import value_json
from umetrics.render.document import Json, JsonObject

DRAW_AGAIN = "draw it again with `umetrics plan --out`, look at it, and apply that one"

COMPARED_BY_ITSELF = frozenset({"account", "region", "stage"})

OF_THIS_MACHINE = frozenset({"profile", "state_folder", "source", "origins"})
"""Of the configuration, what says nothing about what is built: a plan may be applied elsewhere."""


LONGEST_SHOWN = 60
"""Characters of a value: a whole policy would bury the other differences."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan was drawn for, from and by. `configuration` is a digest of all settings."""

    deployment: str
    stage: str
    account: str
    region: str
    sandbox: bool
    configuration: str
    umetrics: str = __version__

    @classmethod
    def of(cls, config: Config, account: str, region: str, *, sandbox: bool) -> Circumstances:
        """Those of a run that has asked AWS who it is."""
        settings = digest(_settings(config))
        return cls(config.deployment, config.stage, account, region, sandbox, settings)


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan that was kept: how it was asked for, what it was drawn for, its steps by key."""

    source: str
    drawn_for: Mapping[str, Json]
    wish: Wish
    steps: Mapping[str, JsonObject] = field(repr=False)

    def insist_on_circumstances(self, now: Circumstances) -> None:
        """Raise `StalePlan`, naming what is other than it was, where anything is."""
        if differences := list(_other_circumstances(self.drawn_for, now)):
            raise self.stale(differences)

    def insist_on_steps(self, plan: Plan) -> None:
        """Raise `StalePlan`, naming every difference, unless `plan` is the plan that was kept."""
        if differences := list(_other_steps(self.steps, steps_json(plan))):
            raise self.stale(differences)

    def stale(self, differences: Iterable[str]) -> StalePlan:
        """The error that names what has changed since the plan was kept."""
        return StalePlan(
            f"{self.source} is not the plan that is drawn now, nothing was touched:"
            f"{listed(differences)}",
            hint=DRAW_AGAIN,
        )


def digest(content: Mapping[str, Json]) -> str:
    """Of the values, however they are laid out."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def steps_json(plan: Plan) -> dict[str, JsonObject]:
    """All that says what each step does, and what is shared.

    Not what others put beside it, which is left alone.
    """
    shared: dict[str, JsonObject] = {
        each.key: {"key": each.key, "action": "shared", "id": each.id} for each in plan.shared
    }
    return {**shared, **{step.key: _step(step) for step in plan.steps}}


def _settings(config: Config) -> JsonObject:
    """Every setting of the stage, whatever file or flag it came from."""
    left_out = COMPARED_BY_ITSELF | OF_THIS_MACHINE
    names = {each.name for each in dataclasses.fields(config)} - left_out
    return {name: value_json(getattr(config, name)) for name in names}


def _step(step: Step) -> JsonObject:
    desired, difference = step.desired, step.difference
    return {
        "key": step.key,
        "action": step.action.value,
        "id": step.id,
        "requires": sorted(step.requires),
        "desired": value_json(desired.spec) if desired else None,
        "tags": dict(desired.tags) if desired else {},
        "tags_of_parts": dict(desired.part_tags) if desired else {},
        "changes": [value_json(change) for change in difference.changes] if difference else [],
        "missing_tags": [_missing(each, step) for each in difference.missing] if difference else [],
        "dying": [each.id for each in step.dying],
    }


def _missing(missing: Missing, step: Step) -> JsonObject:
    return {"id": missing.part.id if missing.part else step.id, "tags": dict(missing.tags)}


def _other_circumstances(then: Mapping[str, Json], now: Circumstances) -> Iterator[str]:
    for name, present in dataclasses.asdict(now).items():
        before = then.get(name)
        if before == present:
            continue
        if name == "configuration":
            yield "the configuration has changed since: `umetrics plan` shows what that means"
        else:
            yield f"{name} {_shown(before)} then, {_shown(present)} now"


def _other_steps(then: Mapping[str, JsonObject], now: Mapping[str, JsonObject]) -> Iterator[str]:
    for key in sorted(then.keys() | now.keys()):
        before, after = then.get(key), now.get(key)
        if before == after:
            continue
        if after is None:
            yield f"{key}: {_action(before)} in the file, and no part of the plan now"
        elif before is None:
            yield f"{key}: {_action(after)} now{_changes(after)}, and not in the file"
        elif _action(before) != _action(after):
            yield f"{key}: {_action(before)} in the file, {_action(after)} now{_changes(after)}"
        else:
            names = [
                name
                for name in sorted(before.keys() | after.keys())
                if before.get(name) != after.get(name)
            ]
            yield f"{key}: {_action(after)} as in the file, but with other {', '.join(names)}"


def _action(step: Mapping[str, Json] | None) -> str:
    return str(step.get("action", "?")) if step else "?"


def _changes(step: Mapping[str, Any]) -> str:
    """What a step of today's plan changes, briefly."""
    texts = [
        f"{each['field']} {_shown(each['before'])} becomes {_shown(each['after'])}"
        for each in step.get("changes", ())
    ]
    texts += [
        f"tag {tag} of {each['id']}"
        for each in step.get("missing_tags", ())
        for tag in each["tags"]
    ]
    return f" ({'; '.join(texts)})" if texts else ""


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
