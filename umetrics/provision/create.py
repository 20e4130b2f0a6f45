"""Creating exactly one: what to do when the answer to a create is lost, refused or ambiguous.

A create is sent once, with its intent in the journal. After a lost answer the resource is looked
for by its identity before anything is sent again; AWS's own idempotency tokens, where there are
any, are used again only for that very intent.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.errors import AlreadyExists, AnswerLost, AwsError, Conflict, TimedOut
from umetrics.provision.model import LIVING, Found, Resource, Where
from umetrics.tags import identity_tags

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.provision.attempts import Attempts
    from umetrics.provision.journal import Journal
    from umetrics.provision.resources import Handlers
    from umetrics.provision.resources.handler import Handler

BELIEVED_ABSENT_AFTER = 30
"""Seconds of looking before a create whose answer was lost counts as not having happened."""

CREATE_TRIES = 3

TOKEN_REFUSED = "IdempotentParameterMismatch"  # noqa: S105  # AWS's code, not a secret
"""The token was used before with other parameters: by an intent from before a setting changed."""


@dataclass
class Creator:
    """Creates resources of one deployment; `present` gives what exists by now, by key."""

    handlers: Handlers
    aws: Aws
    journal: Journal
    deployment: str
    attempts: Attempts
    present: Callable[[], Mapping[str, Found[Any]]]

    def create(self, desired: Resource[Any]) -> Found[Any]:
        """Make it, or find that it was made; raises `Conflict` when others hold its place."""
        handler = self.handlers[type(desired.spec)]
        kind = type(desired.spec).__name__
        token = self.journal.intend(desired.key, kind, str(uuid.uuid4()))
        for _ in range(CREATE_TRIES):
            try:
                found = self._once(handler, desired, token)
            except AwsError as error:
                if error.aws_code != TOKEN_REFUSED:
                    raise
                token = str(uuid.uuid4())
                self.journal.renew(desired.key, kind, token)
                continue
            if found is not None:
                self.attempts.made(found)
                return found
        raise TimedOut(
            f"AWS never answered when asked to create {desired.key}",
            hint="run the same command again: it looks for what was made and goes on from there",
        )

    def _once(self, handler: Handler[Any], desired: Resource[Any], token: str) -> Found[Any] | None:
        """Send the create; None when its answer was lost and nothing can be found."""
        try:
            return self.attempts.patiently(partial(handler.create, self.aws, desired, token))
        except AnswerLost:
            return self._look_up(handler, desired)
        except AlreadyExists as error:
            # Ours after all, made by an answer that got lost; or somebody else's.
            found = self._look_up(handler, desired)
            if found is None:
                raise Conflict(
                    f"{desired.key} cannot be created: {error.message}",
                    hint="rename or remove what is in the way, or choose other settings, then "
                    "run the same command again",
                ) from error
            return found

    def _look_up(self, handler: Handler[Any], desired: Resource[Any]) -> Found[Any] | None:
        """Search by identity until it shows or its absence is believed."""
        seen: list[Found[Any]] = []
        where = Where(self.deployment, within=self._parents(handler))

        def shown() -> bool:
            found = [each for each in handler.find(self.aws, where) if each.key == desired.key]
            seen[:] = [each for each in found if each.phase in LIVING]
            return bool(seen)

        try:
            self.aws.patience.until(
                shown, at_most=BELIEVED_ABSENT_AFTER, waiting_for=f"a sign of {desired.key}"
            )
        except TimedOut:
            return None
        return seen[0]

    def _parents(self, handler: Handler[Any]) -> tuple[Found[Any], ...]:
        """What a kind that lives within another one must know, each under its own key."""
        if handler.within is None:
            return ()
        return tuple(
            replace(found, tags={**found.tags, **identity_tags(self.deployment, key)})
            for key, found in self.present().items()
            if isinstance(found.spec, handler.within)
        )
