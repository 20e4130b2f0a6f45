"""The local state file: each change is on the disk, whole, before the call that made it returns.

One store serves one run and is opened under the stage's lock (`lock.py`); workers may call it at
the same time. It never asks AWS and never decides what to record.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from umetrics import __version__
from umetrics.errors import WrongAccount
from umetrics.state import disk
from umetrics.state.document import REBUILD_HINT, from_json, to_json
from umetrics.state.receipts import Intent, Receipt, State


class StateStore:
    """The state of one stage in `<folder>/<stage>.json`; making one touches nothing.

    Every change raises `StateError` when it cannot be written; the state in memory is then still
    the one on the disk.
    """

    def __init__(self, folder: Path, stage: str) -> None:
        self.path = disk.stage_file(folder, stage, ".json")
        self.backup_path = disk.stage_file(folder, stage, ".json.bak")
        self.unreadable_path = disk.stage_file(folder, stage, ".json.unreadable")
        self._mutex = threading.Lock()
        self._state: State | None = None
        self._begun_writing = False

    @property
    def state(self) -> State:
        """What the disk holds; an empty state with serial 0 before the first write ever."""
        if self._state is None:
            raise RuntimeError("the store is read before it is opened")
        return self._state

    def read(self) -> State | None:
        """What the file holds, without opening it for writing; None where there is no file.

        Needs no lock: a file is replaced whole. Raises `StateError` or `StateTooNew`.
        """
        content = self._content()
        if content is None:
            return None
        hint = REBUILD_HINT
        if self.backup_path.is_file():
            hint += f". {self.backup_path} holds the state from before the last run"
        return from_json(content, source=str(self.path), hint=hint)

    def open(self, *, deployment: str, account: str, region: str) -> None:
        """Load the file, or begin a state that is not yet written. Call it under the lock.

        Raises `WrongAccount` for the file of another account, region or deployment, `StateError`
        or `StateTooNew` for one that cannot be read.
        """
        found = self.read()
        if found is None:
            found = State(deployment, account, region, _new_lineage(), 0, __version__)
        self._refuse_another(found, deployment=deployment, account=account, region=region)
        with self._mutex:
            self._state = found
            self._begun_writing = False

    def set_aside(self) -> None:
        """Move a file that nobody can read away; the backup stays. Call it under the lock."""
        try:
            self.path.replace(self.unreadable_path)
            disk.sync_folder(self.path.parent)
        except OSError as error:
            raise disk.failure("move", self.path, error) from error

    def intend(self, intent: Intent) -> None:
        """Journal a create before it is sent."""
        self._change(lambda state: state.intended(intent))

    def record(self, receipt: Receipt) -> None:
        """Keep the id of what was made, and strike out the intent of its key."""
        self._change(lambda state: state.recorded(receipt))

    def forget(self, key: str) -> None:
        """Drop receipt and intent of a resource that is gone."""
        self._change(lambda state: state.forgotten(key))

    def abandon(self, key: str) -> None:
        """Drop the intent of a create that is known not to have happened."""
        self._change(lambda state: state.abandoned(key))

    def replace_receipts(self, receipts: Mapping[str, Receipt]) -> None:
        """Put what AWS was found to hold in the place of all receipts."""
        self._change(lambda state: state.with_receipts(receipts))

    def note_shared(self, shared: Mapping[str, Receipt]) -> None:
        """Keep the ids of what others own and we use, for those who ask for outputs."""
        self._change(lambda state: state.sharing(shared))

    def _change(self, change: Callable[[State], State]) -> None:
        with self._mutex:
            before = self.state
            changed = change(before)
            if changed is before:
                return
            after = replace(changed, serial=before.serial + 1, written_by=__version__)
            try:
                self._begin_writing()
                disk.replace_file(self.path, to_json(after).encode())
                # From here on the file is the new one, even if the folder cannot be synced.
                self._state = after
                disk.sync_folder(self.path.parent)
            except OSError as error:
                raise disk.failure("write", self.path, error) from error

    def _begin_writing(self) -> None:
        """Once a run: the folder, and a copy of the file as it was before this run."""
        if self._begun_writing:
            return
        disk.make_folder(self.path.parent)
        disk.remove_leftovers(self.path)
        disk.remove_leftovers(self.backup_path)
        content = self._content()
        if content is not None:
            disk.replace_file(self.backup_path, content)
            disk.sync_folder(self.path.parent)
        self._begun_writing = True

    def _content(self) -> bytes | None:
        try:
            return disk.read_file(self.path)
        except OSError as error:
            raise disk.failure("read", self.path, error) from error

    def _refuse_another(self, found: State, *, deployment: str, account: str, region: str) -> None:
        compared = (
            ("account", found.account, account),
            ("region", found.region, region),
            ("deployment", found.deployment, deployment),
        )
        differences = [
            f"{name} {recorded}, and this run is for {name} {current}"
            for name, recorded, current in compared
            if recorded != current
        ]
        if differences:
            raise WrongAccount(
                f"{self.path} belongs to {'; to '.join(differences)}",
                hint="choose the matching --profile, --region or --stage, or the umetrics.toml "
                "of that deployment; if it is no longer there, move the file away",
            )


def _new_lineage() -> str:
    import uuid  # noqa: PLC0415  # `status` and `--help` start without it

    return str(uuid.uuid4())
