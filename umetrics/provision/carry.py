"""Carrying out one step: the sequence that every kind goes through.

    resolve references -> journal the intent -> create -> record the id at once
    -> settle -> update if the spec differs -> retag what is missing

The engine tags and records, so no handler can forget to. `create.py` makes exactly one, and
`attempts.py` says what is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.errors import AwsError, Conflict, InUse, NotFound, NotOurs, UmetricsError
from umetrics.provision.attempts import Attempts
from umetrics.provision.create import Creator
from umetrics.provision.diff import Missing, compare
from umetrics.provision.events import Noticed
from umetrics.provision.holders import holders
from umetrics.provision.journal import Journal
from umetrics.provision.model import Found, Phase, Resource, spec_fields
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.references import resolve
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
    tell: Callable[[Noticed], None]
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
        ids.update((shared.key, shared.id) for shared in self.plan.shared)
        desired = replace(step.desired, spec=resolve(step.desired.spec, ids))
        for dying in step.dying:
            if step.found is None or dying.phase is Phase.FAILED:
                self._remove(dying, step)
        found = self._working(step, desired)
        self._finish(desired, found, step.owned)
        if step.owned:
            # What was taken away is no longer ours: if others put it back, it stays.
            self._record(desired, found, owned=frozenset())
        return found.id

    def _working(self, step: Step, desired: Resource[Any]) -> Found[Any]:
        """What there is, or is made, once it can be used; one that comes out broken is replaced.

        Only once: what broke it may pass (a gateway that was just attached), or may not.
        """
        record = partial(self._record, desired, owned=step.owned)
        if step.found is None:
            found = self._creator.create(desired, record)
        else:
            found = step.found
            record(found)
        settled = self._settled(found)
        if settled.phase is Phase.FAILED:
            reason = f"{settled.id} failed: {settled.note or 'no reason given'}"
            self.tell(self._notice(step, f"{reason}; taking it away and trying once more"))
            self._remove(settled, step)
            # A rival's may be what broke it: one address serves one gateway.
            standing = self._creator.standing(desired, record)
            settled = self._settled(standing or self._creator.create(desired, record))
        if settled.phase is not Phase.READY:
            reason = settled.note or "no reason given"
            raise AwsError(
                f"{step.kind.label} {settled.id} is {settled.phase.value}: {reason}",
                hint="mend the cause, then run `umetrics up` again: it replaces what is broken",
            )
        return settled

    def _settled(self, found: Found[Any]) -> Found[Any]:
        if found.phase is not Phase.PENDING:
            return found
        handler = self.handlers[type(found.spec)]
        return self._attempts.patiently(lambda: handler.settle(self.aws, found))

    def _record(self, desired: Resource[Any], found: Found[Any], *, owned: frozenset[str]) -> None:
        """The id, and the names we are about to put on it, before they are there."""
        self._present[desired.key] = found
        wished = {
            str(element)
            for each in spec_fields(desired.spec)
            if each.receipted
            for element in getattr(desired.spec, each.name)
        }
        self.journal.record(desired.key, type(desired.spec).__name__, found, owned | wished)

    def _finish(self, desired: Resource[Any], found: Found[Any], owned: frozenset[str]) -> None:
        """Bring what is there to what is wanted."""
        handler = self.handlers[type(desired.spec)]
        difference = compare(desired, found, owned)
        if difference.conflicts:
            listed = ", ".join(f"{each.field} is {each.before}" for each in difference.conflicts)
            raise Conflict(f"{desired.key} {found.id} is not what was asked for: {listed}")
        if difference.changes:
            wanted = replace(desired, spec=difference.spec)
            self._attempts.patiently(lambda: handler.update(self.aws, found, wanted))
        self._retag(handler, desired, found, difference.missing)

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
                self._remove(found, step)
        self.journal.forget(step.key)
        return step.id

    def _remove(self, found: Found[Any], step: Step) -> None:
        """Take one resource away, if at this very moment it is still ours."""
        key = step.key
        handler = self.handlers[type(found.spec)]
        now = handler.tags_now(self.aws, found)
        if now is None:
            return
        if missing(identity_tags(self.plan.deployment, key), now):
            raise NotOurs(
                f"{key} {found.id} no longer carries our identity tags, so it is left alone",
                hint="if it is ours, `umetrics up` puts the tags back; if not, it stays",
            )

        def waiting(error: InUse) -> None:
            self.tell(self._notice(step, f"waiting: {self._held(found, error)}"))

        try:
            with suppress(NotFound):
                self._attempts.until_free(
                    lambda: handler.delete(self.aws, found),
                    at_most=handler.free_within,
                    told=waiting,
                )
        except InUse as error:
            raise InUse(
                self._held(found, error),
                aws_code=error.aws_code,
                operation=error.operation,
                request_id=error.request_id,
                hint="remove what holds it, or wait until it is gone, then run the same command "
                "again: it goes on from there",
            ) from error

    def _held(self, found: Found[Any], error: InUse) -> str:
        held = holders(self.aws, found)
        return f"{error.message}; held by {held}" if held else error.message

    @staticmethod
    def _notice(step: Step, text: str) -> Noticed:
        return Noticed(step.key, step.kind.label, step.action, text)
