"""Creating exactly one: what to do when the answer to a create is lost, refused, ambiguous or late.

A create is sent once, with its intent in the journal. After a lost answer the resource is looked
for by its identity before anything is sent again; AWS's own idempotency tokens, where there are
any, are used again only for that very intent. Where AWS would make a second one without a word,
a look afterwards tells whether somebody else made one at the same time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.errors import (
    AlreadyExists,
    AnswerLost,
    AwsError,
    Conflict,
    InUse,
    LockHeld,
    NotFound,
    TimedOut,
)
from umetrics.provision.absence import BELIEVED_ABSENT_AFTER
from umetrics.provision.model import LIVING, Found, Resource, Where
from umetrics.provision.plan import twins
from umetrics.tags import identity_tags

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.provision.attempts import Attempts
    from umetrics.provision.journal import Journal
    from umetrics.provision.resources import Handlers
    from umetrics.provision.resources.handler import Handler

CREATE_TRIES = 3

TOKEN_REFUSED = "IdempotentParameterMismatch"  # noqa: S105  # AWS's code, not a secret
"""The token was used before with other parameters: by an intent from before a setting changed."""

Record = Callable[[Found[Any]], None]


@dataclass
class Creator:
    """Creates resources of one deployment; `present` gives what exists by now, by key."""

    handlers: Handlers
    aws: Aws
    journal: Journal
    deployment: str
    attempts: Attempts
    present: Callable[[], Mapping[str, Found[Any]]]

    def standing(self, desired: Resource[Any], record: Record) -> Found[Any] | None:
        """What somebody else has made of it by now, if so; `record` is told at once."""
        found = self._living(self.handlers[type(desired.spec)], desired.key)
        if len(found) > 1:
            raise twins({desired.key: found})
        for each in found:
            record(each)
        return found[0] if found else None

    def create(self, desired: Resource[Any], record: Record) -> Found[Any]:
        """Make it, or find that it was made; `record` is told at once.

        Raises `Conflict` when others hold its place, `Twins` when there are several already, and
        `LockHeld` when a rival made another one meanwhile.
        """
        handler = self.handlers[type(desired.spec)]
        kind = type(desired.spec).__name__
        fresh = str(uuid.uuid4())
        token = self.journal.intend(desired.key, kind, fresh)
        for _ in range(CREATE_TRIES):
            try:
                found = self._once(handler, desired, token, record)
            except AwsError as error:
                if error.aws_code != TOKEN_REFUSED:
                    raise
            else:
                if found is None:
                    continue
                # A token of an earlier run may stand for something that is gone since.
                if token == fresh or not self._is_dead(handler, found):
                    return found
            token = fresh = str(uuid.uuid4())
            self.journal.renew(desired.key, kind, token)
        raise TimedOut(
            f"AWS never answered when asked to create {desired.key}",
            hint="run the same command again: it looks for what was made and goes on from there",
        )

    def _once(
        self, handler: Handler[Any], desired: Resource[Any], token: str, record: Record
    ) -> Found[Any] | None:
        """Send the create; None when its answer was lost and nothing can be found."""
        try:
            made = self.attempts.patiently(partial(handler.create, self.aws, desired, token))
        except AnswerLost:
            found = self._look_up(handler, desired)
        except AlreadyExists as error:
            # Ours after all, made by an answer that got lost; or somebody else's.
            found = self._look_up(handler, desired)
            if found is None:
                raise Conflict(
                    f"{desired.key} cannot be created: {error.message}",
                    hint="rename or remove what is in the way, or choose other settings, then "
                    "run the same command again",
                ) from error
        else:
            self._keep(made, record)
            if handler.may_be_doubled:
                self._insist_alone(handler, desired.key, made)
            return made
        if found is not None:
            self._keep(found, record)
        return found

    def _keep(self, found: Found[Any], record: Record) -> None:
        self.attempts.made(found)
        record(found)

    def _look_up(self, handler: Handler[Any], desired: Resource[Any]) -> Found[Any] | None:
        """Search by identity until it shows or its absence is believed."""
        seen = self._await(lambda: self._living(handler, desired.key), desired.key)
        if len(seen) > 1:
            raise twins({desired.key: seen})
        return seen[0] if seen else None

    def _is_dead(self, handler: Handler[Any], made: Found[Any]) -> bool:
        """Whether it is on its way out, or does not show for as long as that is believed."""
        where = Where(self.deployment, ids=frozenset({made.id}))
        seen = self._await(lambda: list(handler.glance(self.aws, where)), made.id)
        return not seen or seen[0].phase not in LIVING

    def _await(self, look: Callable[[], list[Found[Any]]], what: str) -> list[Found[Any]]:
        """What `look` shows, as soon as that is anything; nothing once its absence is believed."""
        seen: list[Found[Any]] = []

        def shown() -> bool:
            seen[:] = look()
            return bool(seen)

        with suppress(TimedOut):
            self.aws.patience.until(
                shown, at_most=BELIEVED_ABSENT_AFTER, waiting_for=f"a sign of {what}"
            )
        return seen

    def _living(self, handler: Handler[Any], key: str) -> list[Found[Any]]:
        where = Where(self.deployment, within=self._parents(handler))
        found = handler.find(self.aws, where)
        return [each for each in found if each.key == key and each.phase in LIVING]

    def _insist_alone(self, handler: Handler[Any], key: str, made: Found[Any]) -> None:
        """Take away what was made a moment ago when there is another one; nothing uses it yet.

        Of two runs that make one each, the one that looks last sees both: so at most one is left,
        and no run ever removes what another has made.
        """
        others = [
            each
            for each in handler.glance(self.aws, Where(self.deployment))
            if each.key == key and each.id != made.id and each.phase in LIVING
        ]
        if not others:
            return
        try:
            # Not found: what was made a second ago may be unknown to a delete for a while.
            self.attempts.patiently(partial(handler.delete, self.aws, made))
        except (InUse, NotFound) as error:
            raise twins({key: [*others, made]}) from error
        self.journal.forget(key)
        raise LockHeld(
            f"another {key} appeared while this run made one: {others[0].id}. "
            f"{made.id}, made here and not yet used, was taken away again",
            hint="another umetrics seems to work on this deployment from another folder or "
            "machine: wait until it has ended, then run the same command again",
        )

    def _parents(self, handler: Handler[Any]) -> tuple[Found[Any], ...]:
        """What a kind that lives within another one must know, each under its own key."""
        if handler.within is None:
            return ()
        return tuple(
            replace(found, tags={**found.tags, **identity_tags(self.deployment, key)})
            for key, found in self.present().items()
            if isinstance(found.spec, handler.within)
        )
