"""What others have, held against how it was: at any time, and around anybody's change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from umetrics.audit.history import History, last_changes
from umetrics.errors import WrongAccount
from umetrics.library.witnessing import snapshot_of
from umetrics.refusals import refuse_another_account
from umetrics.state import utc_now
from umetrics.verify.attribution import Standing, Verdict, attribute
from umetrics.verify.call_record import open_record, record_path, recorded_since
from umetrics.verify.compare import compare
from umetrics.verify.ownership import ours_of
from umetrics.verify.reading import Listed, read
from umetrics.verify.snapshot_file import last_snapshot_path, read_snapshot
from umetrics.verify.values import Snapshot

if TYPE_CHECKING:
    from umetrics.library.foundation import Foundation


def look_around(foundation: Foundation) -> Mapping[str, Listed]:
    """Everything in the region, by kind. Only reads; raises `WrongAccount`."""
    aws, store = foundation.connected(read_only=True), foundation.store
    state = store.read()
    refuse_another_account(foundation.config, aws.identity, aws.region, state, store.path)
    return read(aws)


def take_snapshot(foundation: Foundation) -> Snapshot:
    """Everything in the region as it is now, for a comparison by and by.

    Of AWS it only reads; from now on our calls are recorded. Raises `WrongAccount`, `StateError`.
    """
    mark = open_record(record_path(foundation.state_folder, foundation.config.stage))
    return replace(_seen(foundation, utc_now(), look_around(foundation), salt=""), record=mark)


def _seen(
    foundation: Foundation, taken_at: str, listed: Mapping[str, Listed], *, salt: str
) -> Snapshot:
    aws = foundation.connected(read_only=True)
    taken = snapshot_of(aws, foundation.config, foundation.store, listed, salt=salt)
    return replace(taken, taken_at=taken_at)


def last_snapshot(foundation: Foundation) -> Snapshot | None:
    """That of the last run that wrote; None without one. Raises `StateError`."""
    path = last_snapshot_path(foundation.state_folder, foundation.config.stage)
    return read_snapshot(path)


def verdict_since(
    foundation: Foundation, before: Snapshot, listed: Mapping[str, Listed] | None = None
) -> Verdict:
    """What became of all that was there then, by what is `listed`, else there now. Only reads.

    Raises `WrongAccount` for a snapshot of another account, region or deployment.
    """
    seen = look_around(foundation) if listed is None else listed
    after = _seen(foundation, utc_now(), seen, salt=before.salt)
    _refuse_another(before, after)
    comparison = compare(before, after, ours_of(before, after))
    path = record_path(foundation.state_folder, foundation.config.stage)
    record = recorded_since(path, before.record)
    return attribute(comparison, before, record)


def authors(foundation: Foundation, verdict: Verdict) -> History:
    """Who changed what others have, as far as CloudTrail tells of the time since the snapshot."""
    asked = [
        judged.alteration
        for judged in verdict.judged
        if judged.standing in {Standing.OTHERS, Standing.UNTOLD}
    ]
    history = last_changes(foundation.connected(read_only=True), asked)
    since = datetime.fromisoformat(verdict.since)
    recent = {key: each for key, each in history.changes.items() if each.at >= since}
    return replace(history, changes=recent)


def _refuse_another(before: Snapshot, after: Snapshot) -> None:
    compared = (
        ("account", before.account, after.account),
        ("region", before.region, after.region),
        ("deployment", before.deployment, after.deployment),
    )
    differences = [
        f"{name} {then}, and this is {name} {now}" for name, then, now in compared if then != now
    ]
    if differences:
        raise WrongAccount(
            f"the snapshot is of {'; of '.join(differences)}",
            hint="choose the matching --profile, --region or --stage",
        )
