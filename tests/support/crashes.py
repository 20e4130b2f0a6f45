"""Every moment at which a run can die, as the account and the state file that are left behind.

A run is watched from the wire: at each writing call, once before it is sent and once when AWS has
acted but the answer is not yet there, both are copied. What a dead process leaves is just that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.accounts import Copy, copy_account
from tests.support.wire import Call, Moment


@dataclass(frozen=True, slots=True)
class Wreck:
    """What is left of a run that died at one call; `state` None: there was no file yet."""

    call: Call
    moment: Moment
    account: Copy
    state: bytes | None

    def __str__(self) -> str:
        return f"{self.call.operation} ({self.call.number}) {self.moment.value}"

    def put_back(self, path: Path) -> None:
        """The account and the file are again as they were then."""
        self.account.put_back()
        if self.state is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(self.state)


@dataclass
class Recorder:
    """Keeps a wreck of every writing call that `wanted` says, without disturbing the run."""

    path: Path
    wanted: Callable[[int], bool]
    wrecks: list[Wreck] = field(default_factory=list)

    def __call__(self, call: Call, moment: Moment) -> None:
        """The run must have one worker, so that nothing else happens meanwhile."""
        if call.writes and self.wanted(call.number):
            state = self.path.read_bytes() if self.path.exists() else None
            self.wrecks.append(Wreck(call, moment, copy_account(), state))
