"""Carrying changes out: read again, remember, write; each batch by itself, each resource counted.

A run that is broken off leaves nothing half known: what a call was about to change is on the disk
before it is sent, and the next run reads anew what is still to be done. It asks nobody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from umetrics.audit.repair.batch import Batch, batches
from umetrics.audit.repair.change import Change, Ending, Outcome
from umetrics.audit.repair.sending import PATIENT_FOR, Sending, is_throttled, left_of
from umetrics.audit.repair.tagging import TAGGERS, Tagger
from umetrics.audit.values import Place
from umetrics.errors import AwsError

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.patience import Patience


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
            sending = Sending(tagger, batch, patience, fitting)
            yield from sending.outcomes()
            waiting.extend(batches(sending.strayed.values()))


def _read_again(
    tagger: Tagger, batch: Batch, patience: Patience
) -> list[tuple[Change, Change | Ending | AwsError]]:
    tags = patience.retry(
        lambda: tagger.tags(batch.changes), when=is_throttled, at_most=PATIENT_FOR
    )
    return [(change, left_of(change, tags[tagger.name(change)])) for change in batch.changes]
