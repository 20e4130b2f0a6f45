"""Carrying changes out: read again, remember, write; each batch by itself, each resource counted.

A run that is broken off leaves nothing half known: what a call was about to change is on the disk
before it is sent, and the next run reads anew what is still to be done. It asks nobody.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from umetrics.audit.repair.batch import Batch, batches
from umetrics.audit.repair.change import Change, Ending, Outcome, narrowed
from umetrics.audit.repair.tagging import TAGGERS, Failures, Tagger
from umetrics.audit.tag_lookup import Told
from umetrics.audit.values import Place
from umetrics.errors import AccessDenied, AnswerLost, AwsError, NotFound, Throttled, UmetricsError

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.patience import Patience

PATIENT_FOR = 300
"""Seconds in which a call that AWS would not take yet is sent again."""

INTERNAL = "InternalServiceException"
"""The tagging API had no answer of the service itself, or does not know the type of resource."""

UNANSWERED_FOR = 15
"""Seconds in which the first of these is believed: AWS tells no difference."""

WHOLESALE = (AccessDenied, AnswerLost, Throttled)
"""Failures that are no single resource's fault: with fewer of them it would be the same."""


class Journal(Protocol):
    """Where what is about to change is remembered."""

    def record(self, changes: Sequence[Change]) -> None:
        """Have it on the disk when this returns; raises `StateError`, and then nothing is sent."""
        ...


def carry_out(
    changes: Iterable[Change],
    connect: Callable[[Place], Aws],
    patience: Patience,
    journal: Journal | None = None,
) -> Iterator[Outcome]:
    """Carry out all changes, in as few calls as AWS allows; how each ended, as it ends.

    When `patience` is told to stop, what was not begun is skipped. Raises `CredentialsError` and
    `StateError`; what was done by then is done, and remembered.
    """
    waiting = deque(batches(changes))
    while waiting:
        batch = waiting.popleft()
        if patience.stopping.is_set():
            yield from (Outcome(change, Ending.SKIPPED) for change in batch.changes)
            continue
        try:
            tagger = TAGGERS[batch.way](connect(batch.place))
            read = _read_again(tagger, batch, patience)
        except AwsError as error:
            yield from (Outcome(change, Ending.FAILED, error) for change in batch.changes)
            continue
        yield from (Outcome(change, now) for change, now in read if isinstance(now, Ending))
        yield from (
            Outcome(change, Ending.FAILED, now) for change, now in read if isinstance(now, AwsError)
        )
        left = [now for _, now in read if isinstance(now, Change)]
        fitting = [change for change in left if batch.suits(change)]
        waiting.extend(batches(change for change in left if not batch.suits(change)))
        if fitting:
            if journal is not None:
                journal.record([batch.whole(change) for change in fitting])
            sending = _Sending(tagger, batch, patience, fitting)
            yield from sending.outcomes()
            waiting.extend(batches(sending.strayed.values()))


def _read_again(
    tagger: Tagger, batch: Batch, patience: Patience
) -> list[tuple[Change, Change | Ending | AwsError]]:
    tags = patience.retry(
        lambda: tagger.tags(batch.changes), when=_is_throttled, at_most=PATIENT_FOR
    )
    return [(change, _left_of(change, tags[tagger.name(change)])) for change in batch.changes]


def _left_of(change: Change, told: Told) -> Change | Ending | AwsError:
    return told if isinstance(told, AwsError) else narrowed(change, told)


@dataclass(slots=True)
class _Sending:
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
    _bare: set[str] = field(default_factory=set)
    _is_repeating: bool = False

    def outcomes(self) -> Iterator[Outcome]:
        """Send it; how each change ended that has not strayed."""
        self.send([self.tagger.name(change) for change in self.changes])
        for change in self.changes:
            name = self.tagger.name(change)
            error = self.failures.get(name)
            if name in self.strayed:
                continue
            if error is None:
                yield Outcome(change, self.endings.get(name, Ending.DONE))
            elif isinstance(error, NotFound):
                yield Outcome(change, Ending.VANISHED)
            else:
                yield Outcome(change, Ending.FAILED, error)

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
            self.patience.retry(answered, when=_is_throttled, at_most=PATIENT_FOR)
        except UmetricsError as error:
            for change in self._of(self._bare.intersection(left)):
                self._put_back(change, error)
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
            now = _left_of(change, tags[name])
            if isinstance(now, AwsError):
                self.failures[name] = now
            elif isinstance(now, Ending):
                self.endings[name] = Ending.DONE if now is Ending.ALREADY else now
            elif self.batch.suits(now):
                fitting.append(name)
            else:
                self.strayed[name] = now
        return fitting

    def _write(self, names: Sequence[str]) -> None:
        """Put and take in the batch's order; what fails in the first goes without the second."""
        if self.batch.takes_first:
            self._write_taking_first(names)
            return
        for call in (self._put, self._take):
            if some := [name for name in names if name not in self.failures]:
                self.failures |= call(some)

    def _write_taking_first(self, names: Sequence[str]) -> None:
        """One by one; who may not put finds out while nothing is taken yet."""
        for change in self._of(names):
            name = self.tagger.name(change)
            taken = self._taken_from(change)
            if taken and name not in self._bare:
                self.tagger.put([name], taken)
            self._take([name])
            self._bare.add(name)
            self._put([name])
            self._bare.discard(name)

    def _put_back(self, change: Change, reason: UmetricsError) -> None:
        """What was taken for something that could not be put then; if it can be."""
        name, taken = self.tagger.name(change), self._taken_from(change)
        if not taken:
            return
        try:
            self.patience.retry(
                lambda: self.tagger.put([name], taken), when=_is_throttled, at_most=PATIENT_FOR
            )
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


def _may_pass(error: AwsError | None) -> bool:
    """Whether the same call may succeed a moment later."""
    return error is not None and (_is_throttled(error) or _is_unanswered(error))


def _is_throttled(error: UmetricsError) -> bool:
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
