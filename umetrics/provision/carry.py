"""Carrying out one step: the sequence that every kind goes through.

    resolve references -> journal the intent -> create -> record the id at once
    -> settle -> update if the spec differs -> retag what is missing

The engine tags and records, so no handler can forget to. `create.py` makes exactly one, and
`attempts.py` says what is tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from umetrics.errors import Conflict, NotFound, NotOurs, UmetricsError
from umetrics.provision.attempts import Attempts
from umetrics.provision.create import Creator
from umetrics.provision.diff import Missing, compare
from umetrics.provision.journal import Journal
from umetrics.provision.model import Found, Phase, Resource, resolve, spec_fields
from umetrics.provision.plan import Action, Plan, Step
from umetrics.tags import identity_tags, missing

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.provision.resources import Handlers
    from umetrics.provision.resources.handler import Handler


@dataclass
class Carrier:
    """Carries out the steps of a plan; shared by all workers."""

    handlers: Handlers
    aws: Aws
    journal: Journal
    plan: Plan
    _present: dict[str, Found[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._attempts = Attempts(self.aws.patience)
        self._creator = Creator(
            self.handlers,
            self.aws,
            self.journal,
            self.plan.deployment,
            self._attempts,
            self.present,
        )
        for step in self.plan.steps:
            if step.found is not None and step.action is not Action.DELETE:
                self._present[step.key] = step.found

    def present(self) -> Mapping[str, Found[Any]]:
        """What exists by now, by key: a copy, since other workers go on adding."""
        return self._present.copy()

    def carry(self, step: Step) -> str:
        """Do what the step says; the id of what it concerned."""
        if step.action is Action.DELETE:
            return self._delete(step)
        if step.desired is None:
            raise UmetricsError(f"a step without a wish: {step.key}")
        ids = {key: found.id for key, found in self.present().items()}
        desired = replace(step.desired, spec=resolve(step.desired.spec, ids))
        for dying in step.dying:
            self._remove(dying, step.key)
        found = step.found or self._creator.create(desired)
        self._record(desired, found, step.owned)
        found = self._finish(desired, found, step.owned)
        if step.owned:
            # What was taken away is no longer ours: if others put it back, it stays.
            self._record(desired, found, frozenset())
        return found.id

    def _record(self, desired: Resource[Any], found: Found[Any], owned: frozenset[str]) -> None:
        """The id, and the names we are about to put on it, before they are there."""
        self._present[desired.key] = found
        wished = {
            str(element)
            for each in spec_fields(desired.spec)
            if each.receipted
            for element in getattr(desired.spec, each.name)
        }
        self.journal.record(desired.key, type(desired.spec).__name__, found, owned | wished)

    def _finish(
        self, desired: Resource[Any], found: Found[Any], owned: frozenset[str]
    ) -> Found[Any]:
        """Bring what is there to what is wanted; what it was before the last touches."""
        handler = self.handlers[type(desired.spec)]
        if found.phase is Phase.PENDING:
            pending = found
            found = self._attempts.patiently(lambda: handler.settle(self.aws, pending))
        difference = compare(desired, found, owned)
        if difference.conflicts:
            listed = ", ".join(f"{each.field} is {each.before}" for each in difference.conflicts)
            raise Conflict(f"{desired.key} {found.id} is not what was asked for: {listed}")
        if difference.changes:
            wanted = replace(desired, spec=difference.spec)
            self._attempts.patiently(lambda: handler.update(self.aws, found, wanted))
        self._retag(handler, desired, found, difference.missing)
        return found

    def _retag(
        self,
        handler: Handler[Any],
        desired: Resource[Any],
        found: Found[Any],
        lacking: tuple[Missing, ...],
    ) -> None:
        """What is missing on the resource; parts that lack anything get all of theirs at once."""
        own = {key: tag for each in lacking if each.part is None for key, tag in each.tags.items()}
        if own:
            self._attempts.patiently(lambda: handler.retag(self.aws, found, own))
        parts = [each.part for each in lacking if each.part is not None]
        if parts:
            self._attempts.patiently(
                lambda: handler.retag_parts(self.aws, parts, desired.part_tags)
            )

    def _delete(self, step: Step) -> str:
        for found in (step.found, *step.dying):
            if found is not None:
                self._remove(found, step.key)
        self.journal.forget(step.key)
        return step.id

    def _remove(self, found: Found[Any], key: str) -> None:
        """Take one resource away, if at this very moment it is still ours."""
        handler = self.handlers[type(found.spec)]
        now = handler.tags_now(self.aws, found)
        if now is None:
            return
        if missing(identity_tags(self.plan.deployment, key), now):
            raise NotOurs(
                f"{key} {found.id} no longer carries our identity tags, so it is left alone",
                hint="if it is ours, `umetrics up` puts the tags back; if not, it stays",
            )
        with suppress(NotFound):
            self._attempts.until_free(lambda: handler.delete(self.aws, found))
