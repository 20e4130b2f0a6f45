"""What is to become of the tags of one resource. Pure: it knows no calls.

A repair and its undoing are the same value, with before and after changed over.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from umetrics.audit.values import Place
from umetrics.errors import AwsError
from umetrics.tags import MAXIMUM_TAGS, Tags

AWS_PREFIX = "aws:"
"""Keys that AWS sets: they do not count against the limit, and nobody else may write them."""

Values = Mapping[str, str | None]
"""By key, a value; None where there is no such tag."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource, its `tags` as they were last seen, and what some of them are to be `after`.

    With `is_ours` it belongs to what was asked for; else to another `deployment` of our project, or
    without any to others. One that was asked for by name only lives `elsewhere`. `was` is what a
    run that was broken off has found, where this one goes on with it.
    """

    kind: str
    id: str
    arn: str
    place: Place
    tags: Tags
    after: Values
    is_ours: bool = True
    deployment: str = ""
    elsewhere: str = ""
    was: Values = field(default_factory=dict)

    @property
    def before(self) -> dict[str, str | None]:
        """What the keys that change were when they were last seen, or before all was begun."""
        return {key: self.was.get(key, self.tags.get(key)) for key in self.after}

    @property
    def put(self) -> dict[str, str]:
        """The tags to be set."""
        return {key: value for key, value in self.after.items() if value is not None}

    @property
    def taken(self) -> tuple[str, ...]:
        """The keys to be taken away."""
        return tuple(sorted(key for key, value in self.after.items() if value is None))

    @property
    def takes_first(self) -> bool:
        """Whether keys have to go before others can come.

        Where IAM takes both for one key, or where there is no room for both.
        """
        if not self.taken:
            return False
        folded = {key.casefold() for key in self.taken}
        if self.is_case_blind and any(key.casefold() in folded for key in self.put):
            return True
        return self._adds and counted_tags({*self.tags, *self.put}) > MAXIMUM_TAGS

    @property
    def is_case_blind(self) -> bool:
        """Whether AWS takes keys that differ in case for one: IAM does so on roles."""
        return ":role/" in self.arn

    def covers(self, tags: Tags) -> bool:
        """Whether it knows of all that it would write over: so many tags are as they were seen."""
        if any(tags.get(key) != self.tags.get(key) for key in self.after):
            return False
        folded = {key.casefold() for key in self.put} if self.is_case_blind else set[str]()
        return all(key in self.after for key in tags if key.casefold() in folded)

    @property
    def is_too_much(self) -> bool:
        """Whether AWS would refuse it for the number of tags, even once what goes is gone."""
        rest = {*self.tags, *self.put} - {*self.taken}
        return self._adds and counted_tags(rest) > MAXIMUM_TAGS

    @property
    def _adds(self) -> bool:
        return bool(self.put.keys() - self.tags.keys())


def counted_tags(keys: set[str]) -> int:
    """How many of these keys count against AWS's limit."""
    return sum(not key.startswith(AWS_PREFIX) for key in keys)


class Ending(enum.StrEnum):
    """What became of a change."""

    DONE = "changed"
    ALREADY = "already as wanted"
    VANISHED = "no longer there"
    ELSEWISE = "changed by somebody else since"
    FAILED = "failed"
    HALF = "half made"
    """The first of its two calls was made and the second was not; the undo file has what was."""

    SKIPPED = "not begun"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change ended; `error` says why it failed."""

    change: Change
    ending: Ending
    error: AwsError | None = None


def narrowed(change: Change, tags: Tags | None) -> Change | Ending:
    """What is left of a change by the tags as they are now (None: the resource is gone).

    A resource of which somebody else has changed a tag meanwhile is left alone altogether.
    """
    if tags is None:
        return Ending.VANISHED
    left = {key: value for key, value in change.after.items() if tags.get(key) != value}
    if not left:
        return Ending.ALREADY
    rest = replace(change, after=left)
    return replace(rest, tags=tags) if rest.covers(tags) else Ending.ELSEWISE


@dataclass(frozen=True, slots=True)
class Recorded:
    """One resource as an undo file has it: by key, what was before, and what was written.

    With `takes_first` what went had to go before the rest could come.
    """

    kind: str
    id: str
    arn: str
    place: Place
    before: Values
    after: Values
    is_ours: bool = True
    deployment: str = ""
    takes_first: bool = False

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells it from all others of its account."""
        return self.kind, self.id, self.arn

    @property
    def doing(self) -> Change:
        """The change that was recorded: without what a call only wrote once more."""
        return self._change(self.before, self.after)

    @property
    def undoing(self) -> Change:
        """The change that takes it back: of what a call only wrote once more, nothing."""
        return self._change(self.after, self.before)

    def _change(self, before: Values, after: Values) -> Change:
        tags = {key: value for key, value in before.items() if value is not None}
        changing = {key: value for key, value in after.items() if value != before.get(key)}
        return Change(
            self.kind,
            self.id,
            self.arn,
            self.place,
            tags,
            changing,
            is_ours=self.is_ours,
            deployment=self.deployment,
        )
