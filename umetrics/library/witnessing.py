"""What existed before a run that writes, looked at before and after; and at any other time.

`up` looks before its first write and after its last. What any run called is kept with that first
look, so that a later comparison knows, too, what was ours to answer for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from umetrics.audit.ground import RECORDED_KINDS
from umetrics.errors import StateError, StateTooNew, UmetricsError
from umetrics.library.values import Result
from umetrics.state import utc_now
from umetrics.verify.attribution import attribute
from umetrics.verify.compare import compare
from umetrics.verify.ownership import ours_of
from umetrics.verify.reading import Listed, read, snapshot
from umetrics.verify.snapshot_file import (
    last_snapshot_path,
    note_calls,
    read_snapshot,
    write_snapshot,
)
from umetrics.verify.values import NamingCall, Snapshot

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.config import Config
    from umetrics.reconciler import Reconciler
    from umetrics.state import StateStore


def snapshot_of(
    aws: Aws, config: Config, store: StateStore, listed: Mapping[str, Listed] | None = None
) -> Snapshot:
    """Everything in the region, as `listed`, else as it is now, and what is proven to be ours."""
    taken_at, state = utc_now(), store.read()
    recorded = state.receipts.items() if state else ()
    # A receipt proves something only where nobody else can have its id.
    receipts = (each.id for key, each in recorded if key.partition("/")[0] in RECORDED_KINDS)
    taken = snapshot(aws, read(aws) if listed is None else listed, config.deployment, taken_at)
    return replace(taken, receipts=frozenset(receipts), lambda_roles=frozenset(config.lambda_roles))


def witnessed(reconciler: Reconciler, run: Callable[[], Result]) -> Result:
    """Carry out `run` between two looks, and add the verdict to its result.

    Raises `StateError` before anything is written to AWS where the first look cannot be kept. A
    run that was stopped is not kept waiting for the second one.
    """
    config, aws, store = reconciler.config, reconciler.aws, reconciler.store
    if not config.verify.snapshot:
        return run()
    path = last_snapshot_path(store.path.parent, config.stage)
    before, called = snapshot_of(aws, config, store), len(aws.log.writes)
    write_snapshot(path, before)
    known = replace(before, calls=())
    try:
        result = run()
    except BaseException:
        with suppress(StateError):  # what ended the run is what is to be told
            note_calls(path, known, _calls(aws, called))
        raise
    try:
        noted = note_calls(path, known, _calls(aws, called))
        if aws.patience.stopping.is_set():
            return result
        after = snapshot_of(aws, config, store)
    except UmetricsError as error:
        return replace(result, unwitnessed=error)
    # Not `noted`: what appeared meanwhile may have been named, too.
    verdict = attribute(compare(noted, after, ours_of(noted, after)), noted, _calls(aws, called))
    return replace(result, verdict=verdict)


def recalled(reconciler: Reconciler, run: Callable[[], Result]) -> Result:
    """Carry out `run`, and keep what it called with the last look, if there is one."""
    aws, store = reconciler.aws, reconciler.store
    called = len(aws.log.writes)
    try:
        return run()
    finally:
        path = last_snapshot_path(store.path.parent, reconciler.config.stage)
        # `verify` says what is wrong with it, and a destroy need not.
        with suppress(StateError, StateTooNew):
            last = read_snapshot(path)
            if last is not None and last.calls is not None:
                note_calls(path, last, _calls(aws, called))


def _calls(aws: Aws, since: int) -> tuple[NamingCall, ...]:
    return tuple(NamingCall(each.operation, each.named) for each in aws.log.writes[since:])
