"""What existed before a run that writes, looked at before and after; and at any other time.

`up` looks before its first write and after its last. What `up` and `destroy` call is recorded, so
that a later comparison knows, too, what was ours to answer for.
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
from umetrics.verify.call_record import open_record, record_path, record_run, recorded_since
from umetrics.verify.compare import compare
from umetrics.verify.normal import new_salt
from umetrics.verify.ownership import ours_of
from umetrics.verify.reading import Listed, read, snapshot
from umetrics.verify.snapshot_file import last_snapshot_path, read_snapshot, write_snapshot
from umetrics.verify.values import NamingCall, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from umetrics.aws import Aws
    from umetrics.config import Config
    from umetrics.reconciler import Reconciler
    from umetrics.state import StateStore


def snapshot_of(
    aws: Aws,
    config: Config,
    store: StateStore,
    listed: Mapping[str, Listed] | None = None,
    *,
    salt: str = "",
) -> Snapshot:
    """Everything in the region, as `listed`, else as it is now, and what is proven to be ours.

    Two that are compared have one salt.
    """
    taken_at, state = utc_now(), store.read()
    recorded = state.receipts.items() if state else ()
    # A receipt proves something only where nobody else can have its id.
    receipts = (each.id for key, each in recorded if key.partition("/")[0] in RECORDED_KINDS)
    seen = read(aws) if listed is None else listed
    taken = snapshot(aws, seen, config.deployment, taken_at, salt or new_salt())
    return replace(taken, receipts=frozenset(receipts), lambda_roles=frozenset(config.lambda_roles))


def witnessed(reconciler: Reconciler, run: Callable[[], Result]) -> Result:
    """Carry out `run` between two looks, and add the verdict to its result.

    Raises `StateError` before anything is written to AWS where the first look cannot be kept. A
    run that was stopped is not kept waiting for the second one. The first look of a run that came
    to no verdict stands until one does: what that run did is told by the next.
    """
    config, aws, store = reconciler.config, reconciler.aws, reconciler.store
    if not config.verify.snapshot:
        return recorded(reconciler, "up", run)
    path, record = last_snapshot_path(store.path.parent, config.stage), _record(reconciler)
    mark = open_record(record)
    before = _unanswered(reconciler, path) or replace(snapshot_of(aws, config, store), record=mark)
    write_snapshot(path, before)
    called = len(aws.log.writes)
    result = recorded(reconciler, "up", run)
    if aws.patience.stopping.is_set():
        return result
    try:
        after = snapshot_of(aws, config, store, salt=before.salt)
        since = recorded_since(record, before.record)
    except UmetricsError as error:
        return replace(result, unwitnessed=error)
    # What this run called is known whatever has become of the file, or of the clock.
    mine = (NamingCall(each.operation, each.named) for each in aws.log.writes[called:])
    since = replace(since, calls=tuple(dict.fromkeys((*since.calls, *mine))))
    comparison = compare(before, after, ours_of(before, after))
    result = replace(result, verdict=attribute(comparison, before, since))
    try:
        write_snapshot(path, replace(before, concluded=True))
    except StateError as error:
        return replace(result, unwitnessed=error)
    return result


def recorded(reconciler: Reconciler, name: str, run: Callable[[], Result]) -> Result:
    """Carry out `run`, each of its calls that could change something recorded before it is sent.

    Raises `StateError` before anything is written to AWS where they cannot be.
    """
    log = reconciler.aws.log
    log.recorder = record_run(_record(reconciler), name)
    try:
        return run()
    finally:
        log.recorder = None


def _record(reconciler: Reconciler) -> Path:
    return record_path(reconciler.store.path.parent, reconciler.config.stage)


def _unanswered(reconciler: Reconciler, path: Path) -> Snapshot | None:
    """What an earlier run saw that was killed, stopped or could not look again."""
    config, aws = reconciler.config, reconciler.aws
    here = (config.deployment, aws.identity.account, aws.region)
    # What cannot be read is replaced by what is seen now.
    with suppress(StateError, StateTooNew):
        last = read_snapshot(path)
        if last and not last.concluded and (last.deployment, last.account, last.region) == here:
            return replace(last, lambda_roles=last.lambda_roles | set(config.lambda_roles))
    return None
