"""One batch on its way: sent again where that helps, in parts where one resource spoils all.

Asks nobody, and remembers nothing: what is about to change is on the disk by then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.audit.repair.batch import Batch
from umetrics.audit.repair.change import Change, Ending, Outcome, narrowed
from umetrics.audit.repair.tagging import Failures, Tagger
from umetrics.audit.tag_lookup import Told
from umetrics.errors import AccessDenied, AnswerLost, AwsError, NotFound, Throttled, UmetricsError

if TYPE_CHECKING:
    from umetrics.patience import Patience

PATIENT_FOR = 300
"""Seconds in which a call that AWS would not take yet is sent again."""

INTERNAL = "InternalServiceException"
"""The tagging API had no answer of the service itself, or does not know the type of resource."""

UNANSWERED_FOR = 15
"""Seconds in which the first of these is believed: AWS tells no difference."""

WHOLESALE = (AccessDenied, AnswerLost, Throttled)
"""Failures that are no single resource's fault: with fewer of them it would be the same."""


def left_of(change: Change, told: Told) -> Change | Ending | AwsError:
    """What is still to be done, or why nothing is."""
    return told if isinstance(told, AwsError) else narrowed(change, told)


@dataclass(slots=True)
class Sending:
    """One batch on its way; all that it knows, by name, is final once `send` has returned.

    `strayed` are changes for which the batch is not the right one any more.
    """

    tagger: Tagger
    batch: Batch
    patience: Patience
    changes: Sequence[Change]
    failures: dict[str, AwsError] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)
    strayed: dict[str, Change] = field(default_factory=dict)
    _half: set[str] = field(default_factory=set)
    _done: set[str] = field(default_factory=set)
    _is_repeating: bool = False

    def outcomes(self) -> Iterator[Outcome]:
        """Send it; how each change ended that has not strayed.

        Raises what ends the whole run, once it is told what was done by then, or half of it.
        """
        broken: UmetricsError | None = None
        try:
            self.send([self.tagger.name(change) for change in self.changes])
        except UmetricsError as error:
            broken = error
        for change in self.changes:
            outcome = self._outcome(change, broken)
            if outcome is not None:
                yield outcome
        if broken is not None:
            raise broken

    def _outcome(self, change: Change, broken: UmetricsError | None) -> Outcome | None:
        """None where it is not over: it has strayed, or was not begun when all broke off."""
        name = self.tagger.name(change)
        error = self.failures.get(name)
        if name in self.strayed:
            return None
        if isinstance(error, NotFound):
            return Outcome(change, Ending.VANISHED)
        if name in self._half or (error is not None and change.was):
            return Outcome(change, Ending.HALF, error)
        if error is not None:
            return Outcome(change, Ending.FAILED, error)
        if broken is not None and name not in {*self._done, *self.endings}:
            return None
        return Outcome(change, self.endings.get(name, Ending.DONE))

    def send(self, names: list[str]) -> None:
        """Write the batch on these, again where that helps, and in parts where one spoils all."""
        left = list(names)
        try:
            self._insist(left)
        except WHOLESALE as error:
            self.failures |= dict.fromkeys(left, error)
        except AwsError as error:
            if len(left) == 1 or _is_unanswered(error):
                self.failures |= dict.fromkeys(left, error)
            else:
                for some in _without_the_blamed(left, error.message):
                    self.send(some)

    def _insist(self, left: list[str]) -> None:
        """Write while there is hope; in the end `left` are those that the error raised is about."""

        def attempt() -> None:
            for name in left:
                self.failures.pop(name, None)
            if self._is_repeating:
                left[:] = self._unspoilt(left)
            self._is_repeating = True
            self._write(left)
            left[:] = [name for name in left if _may_pass(self.failures.get(name))]
            if left:
                raise self.failures[left[0]]

        def answered() -> None:
            self.patience.retry(attempt, when=_is_unanswered, at_most=UNANSWERED_FOR)

        try:
            self.patience.retry(answered, when=is_throttled, at_most=PATIENT_FOR)
        except UmetricsError as error:
            self._put_all_back(left, error)
            raise

    def _of(self, names: Iterable[str]) -> list[Change]:
        wanted = set(names)
        return [change for change in self.changes if self.tagger.name(change) in wanted]

    def _unspoilt(self, names: list[str]) -> list[str]:
        """Those on which the batch, if it is sent again, still overwrites nobody's tags."""
        concerned = self._of(names)
        tags, fitting = self.tagger.tags(concerned), list[str]()
        for change in concerned:
            name = self.tagger.name(change)
            now = left_of(change, tags[name])
            if isinstance(now, AwsError):
                self.failures[name] = now
                continue
            if isinstance(now, Change) and self.batch.suits(now):
                fitting.append(name)
                continue
            if isinstance(now, Ending):
                self.endings[name] = Ending.DONE if now is Ending.ALREADY else now
            else:
                was = {**change.was, **(change.before if name in self._half else {})}
                self.strayed[name] = replace(now, was=was)
            self._half.discard(name)
        return fitting

    def _write(self, names: Sequence[str]) -> None:
        """Put and take in the batch's order; what fails in the first goes without the second."""
        if self.batch.takes_first:
            self._write_taking_first(names)
            return
        if some := [name for name in names if name not in self.failures]:
            self.failures |= self._put(some)
        if some := [name for name in names if name not in self.failures]:
            if self.batch.put and self.batch.taken:
                self._half.update(some)
            self.failures |= self._take(some)
            self._end(name for name in some if name not in self.failures)

    def _write_taking_first(self, names: Sequence[str]) -> None:
        """One by one; who may not put finds out while nothing is taken yet."""
        for change in self._of(names):
            name = self.tagger.name(change)
            taken = self._taken_from(change)
            if taken and name not in self._half:
                _insist_on(self.tagger.put([name], taken))
            _insist_on(self._take([name]))
            self._half.add(name)
            _insist_on(self._put([name]))
            self._end([name])

    def _end(self, names: Iterable[str]) -> None:
        self._done.update(names)
        self._half -= self._done

    def _put_all_back(self, names: Iterable[str], reason: UmetricsError) -> None:
        """Where the right key has come, and only the wrong one would not go, nothing is missing."""
        if self.batch.takes_first:
            for change in self._of(self._half.intersection(names)):
                self._put_back(change, reason)

    def _put_back(self, change: Change, reason: UmetricsError) -> None:
        """What was taken for something that could not be put then; if it can be."""
        name, taken = self.tagger.name(change), self._taken_from(change)
        if not taken:
            return

        def attempt() -> None:
            _insist_on(self.tagger.put([name], taken))

        try:
            self.patience.retry(attempt, when=is_throttled, at_most=PATIENT_FOR)
            self._half.discard(name)
        except UmetricsError:
            keys = ", ".join(taken)
            reason.hint = (
                f"{keys} of {change.kind} {change.id} was taken away and could not be put back: "
                "the undo file has it"
            )

    def _taken_from(self, change: Change) -> dict[str, str]:
        return {key: change.tags[key] for key in self.batch.taken if key in change.tags}

    def _put(self, names: Sequence[str]) -> Failures:
        return self.tagger.put(names, self.batch.put) if self.batch.put else {}

    def _take(self, names: Sequence[str]) -> Failures:
        return self.tagger.take(names, self.batch.taken) if self.batch.taken else {}


def _insist_on(failures: Failures) -> None:
    """Raise what an answer that is itself a success tells of one resource."""
    for error in failures.values():
        raise error


def _may_pass(error: AwsError | None) -> bool:
    """Whether the same call may succeed a moment later."""
    return error is not None and (is_throttled(error) or _is_unanswered(error))


def is_throttled(error: UmetricsError) -> bool:
    """Whether AWS would not take a call yet."""
    return isinstance(error, Throttled)


def _is_unanswered(error: UmetricsError) -> bool:
    return isinstance(error, AwsError) and error.aws_code == INTERNAL


def _without_the_blamed(names: list[str], message: str) -> list[list[str]]:
    """The names in smaller parts: each that AWS blames alone, or else in halves."""
    words = set(re.findall(r"[\w-]+", message))
    blamed = [name for name in names if name in words]
    others = [name for name in names if name not in words]
    if blamed and others:
        return [others, *([name] for name in blamed)]
    middle = len(names) // 2
    return [names[:middle], names[middle:]]
