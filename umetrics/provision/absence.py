"""When AWS is believed that there is nothing: not at once, where something may just have been made.

A new resource can be missing from AWS's answers for a while
(https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html). Who took that for the
truth would make a second one, or leave it behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from umetrics.errors import TimedOut
from umetrics.provision.model import Found, Snapshot, Where
from umetrics.tags import DEPLOYMENT

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.provision.resources import Handlers

BELIEVED_ABSENT_AFTER = 30
"""Seconds of looking before a create whose answer was lost counts as not having happened."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What may have been made a moment ago: key, its kind's name, how many seconds to look."""

    key: str
    kind: str
    seconds: int


def await_expected(
    aws: Aws, deployment: str, handlers: Handlers, expected: Iterable[Expected]
) -> None:
    """Look until all of it shows, or until nobody believes in it any more.

    Only what has a listing of its own is looked for; what lies within it goes with it.
    """
    by_name = {kind.__name__: each for kind, each in handlers.items() if each.within is None}
    missing = {each.key: each for each in expected if each.kind in by_name}

    def all_shown() -> bool:
        for kind in {each.kind for each in missing.values()}:
            for found in by_name[kind].glance(aws, Where(deployment)):
                missing.pop(found.key, None)
        return not missing

    at_most = max((each.seconds for each in missing.values()), default=0)
    if at_most:
        with suppress(TimedOut):
            aws.patience.until(
                all_shown, at_most=at_most, waiting_for="AWS to show what was made a moment ago"
            )


def left_under(keys: Collection[str], snapshot: Snapshot) -> Snapshot:
    """What is there of ours under these keys alone.

    Rules are listed as long as their group exists: without one of ours in it, nothing is left.
    """
    found = {
        key: left
        for key, all_of_it in snapshot.of(keys).found.items()
        if (left := tuple(each for each in all_of_it if _is_there(each)))
    }
    return replace(snapshot, found=found)


def _is_there(found: Found[Any]) -> bool:
    parts_of_ours = (part.tags.get(DEPLOYMENT) == found.deployment for part in found.parts)
    return not found.virtual or any(parts_of_ours)
