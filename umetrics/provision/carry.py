"""Carrying out one step: the sequence that every kind goes through, and what is tried again.

    resolve references -> journal the intent -> create -> record the id at once
    -> settle -> update if the spec differs -> retag what is missing

The engine tags and records, so no handler can forget to. A create is sent once; when its answer is
lost, the resource is looked for by its identity before anything is sent again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from umetrics.errors import (
    AlreadyExists,
    AnswerLost,
    AwsError,
    Conflict,
    InUse,
    NotFound,
    NotOurs,
    NotYetPropagated,
    Throttled,
    TimedOut,
    UmetricsError,
)
from umetrics.provision.diff import Missing, compare
from umetrics.provision.model import Found, Phase, Resource, Where, resolve, spec_fields
from umetrics.provision.plan import Action, Plan, Step
from umetrics.tags import identity_tags, missing

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.provision.resources import Handlers
    from umetrics.provision.resources.handler import Handler

CONSISTENT_WITHIN = 300
"""Seconds in which AWS may deny what this run itself has just made (Terraform's limit for EC2)."""

PROPAGATED_WITHIN = 120
"""Seconds in which a new IAM principal may be unknown to policies (Terraform's limit for IAM)."""

FREE_WITHIN = 900
"""Seconds for dependents to let go; a network interface of a stopped task can take minutes."""

BELIEVED_ABSENT_AFTER = 30
"""Seconds of looking before a create whose answer was lost counts as not having happened."""

CREATE_TRIES = 3

T = TypeVar("T")


class Journal(Protocol):
    """Where intents and receipts are kept; every method is safe to call from any worker."""

    def intend(self, key: str, kind: str, token: str) -> str:
        """Journal a create before it is sent; the token to use: that of an unfinished intent."""
        ...

    def renew(self, key: str, kind: str, token: str) -> None:
        """Replace the token of an intent that AWS refuses to resume."""
        ...

    def record(self, key: str, kind: str, found: Found[Any], members: Iterable[str]) -> None:
        """Keep the id at once; this closes the intent."""
        ...

    def forget(self, key: str) -> None:
        """It is gone."""
        ...


@dataclass
class Carrier:
    """Carries out steps; shared by all workers. Dicts are only ever added to, each key once."""

    handlers: Handlers
    aws: Aws
    journal: Journal
    plan: Plan
    present: dict[str, Found[Any]] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for step in self.plan.steps:
            if step.found is not None and step.action is not Action.DELETE:
                self.present[step.key] = step.found

    def carry(self, step: Step) -> str:
        """Do what the step says; the id of what it concerned."""
        if step.action is Action.DELETE:
            return self._delete(step)
        if step.desired is None:
            raise UmetricsError(f"a step without a wish: {step.key}")
        ids = {key: found.id for key, found in self.present.copy().items()}
        desired = replace(step.desired, spec=resolve(step.desired.spec, ids))
        handler = self.handlers[type(desired.spec)]
        for dying in step.dying:
            self._remove(dying, step.key)
        found = step.found or self._create(handler, desired)
        self._record(desired, found, step.owned)
        found = self._finish(handler, desired, found, step.owned)
        if step.owned:
            # What was taken away is no longer ours: if others put it back, it stays.
            self._record(desired, found, frozenset())
        return found.id

    def _create(self, handler: Handler[Any], desired: Resource[Any]) -> Found[Any]:
        kind = type(desired.spec).__name__
        token = self.journal.intend(desired.key, kind, str(uuid.uuid4()))
        for _ in range(CREATE_TRIES):
            try:
                found = self._patiently(partial(handler.create, self.aws, desired, token))
            except AnswerLost:
                if (lost := self._look_up(handler, desired)) is not None:
                    found = lost
                else:
                    continue
            except AlreadyExists as error:
                found = self._taken(handler, desired, error)
            except AwsError as error:
                if error.aws_code != "IdempotentParameterMismatch":
                    raise
                token = str(uuid.uuid4())
                self.journal.renew(desired.key, kind, token)
                continue
            self.fresh.update({found.id, getattr(found.spec, "name", found.id)})
            return found
        raise TimedOut(
            f"AWS never answered when asked to create {desired.key}",
            hint="run the same command again: it looks for what was made and goes on from there",
        )

    def _taken(
        self, handler: Handler[Any], desired: Resource[Any], error: AlreadyExists
    ) -> Found[Any]:
        """A duplicate: ours after all, made by an answer that got lost, or somebody else's."""
        found = self._look_up(handler, desired)
        if found is None:
            raise Conflict(
                f"{desired.key} cannot be created: {error.message}",
                hint="rename or remove what is in the way, or choose other settings, then run "
                "the same command again",
            ) from error
        return found

    def _look_up(self, handler: Handler[Any], desired: Resource[Any]) -> Found[Any] | None:
        """Search by identity until it shows or its absence is believed."""
        seen: list[Found[Any]] = []
        parent = handler.within
        within = tuple(
            replace(found, tags={**found.tags, **identity_tags(self.plan.deployment, key)})
            for key, found in self.present.copy().items()
            if parent and isinstance(found.spec, parent)
        )
        where = Where(self.plan.deployment, within=within)

        def shown() -> bool:
            found = [each for each in handler.find(self.aws, where) if each.key == desired.key]
            seen[:] = [each for each in found if each.phase in {Phase.READY, Phase.PENDING}]
            return bool(seen)

        try:
            self.aws.patience.until(
                shown, at_most=BELIEVED_ABSENT_AFTER, waiting_for=f"a sign of {desired.key}"
            )
        except TimedOut:
            return None
        return seen[0]

    def _record(self, desired: Resource[Any], found: Found[Any], owned: frozenset[str]) -> None:
        """The id, and the names we are about to put on it, before they are there."""
        self.present[desired.key] = found
        wished = {
            str(element)
            for each in spec_fields(desired.spec)
            if each.receipted
            for element in getattr(desired.spec, each.name)
        }
        self.journal.record(desired.key, type(desired.spec).__name__, found, owned | wished)

    def _finish(
        self,
        handler: Handler[Any],
        desired: Resource[Any],
        found: Found[Any],
        owned: frozenset[str],
    ) -> Found[Any]:
        if found.phase is Phase.PENDING:
            pending = found
            found = self._patiently(lambda: handler.settle(self.aws, pending))
        difference = compare(desired, found, owned)
        if difference.conflicts:
            listed = ", ".join(f"{each.field} is {each.before}" for each in difference.conflicts)
            raise Conflict(f"{desired.key} {found.id} is not what was asked for: {listed}")
        if difference.changes:
            wanted = replace(desired, spec=difference.spec)
            self._patiently(lambda: handler.update(self.aws, found, wanted))
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
            self._patiently(lambda: handler.retag(self.aws, found, own))
        parts = [each.part for each in lacking if each.part is not None]
        if parts:
            self._patiently(lambda: handler.retag_parts(self.aws, parts, desired.part_tags))

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
            self.aws.patience.retry(
                lambda: handler.delete(self.aws, found),
                when=lambda error: isinstance(error, InUse),
                at_most=FREE_WITHIN,
            )

    def _patiently(self, call: Callable[[], T]) -> T:
        """Call again while AWS has not spread what we just made, or asks us to slow down."""

        def spreading() -> T:
            return self.aws.patience.retry(
                call,
                when=lambda error: isinstance(error, NotYetPropagated),
                at_most=PROPAGATED_WITHIN,
            )

        return self.aws.patience.retry(
            spreading, when=self._is_worth_repeating, at_most=CONSISTENT_WITHIN
        )

    def _is_worth_repeating(self, error: UmetricsError) -> bool:
        """Throttled calls were not executed; NotFound is doubtful only for what this run made."""
        if isinstance(error, NotFound):
            return any(name in error.message for name in self.fresh.copy())
        return isinstance(error, Throttled)
