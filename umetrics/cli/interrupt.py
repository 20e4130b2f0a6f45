"""Ctrl-C and SIGTERM, while steps are carried out and at any other time.

While they are, once: start nothing more, let calls in flight answer, break off waits. Twice: leave
at once; the journal in the state file lets the next run go on from there. At other times nothing is
under way, and either just ends the command.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from threading import Event

STANDARD_ERROR = 2
STOPPING = b"\nStopping: finishing the calls under way. Once more to leave at once.\n"

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}


@dataclass
class Termination:
    """Has SIGTERM end a command as Ctrl-C does; `came` tells the two apart afterwards."""

    came: bool = False

    def listen(self) -> None:
        """From now on. Only a main thread gets signals; elsewhere this does nothing."""
        with suppress(ValueError):
            signal.signal(signal.SIGTERM, self._received)

    def leave_at_once(self) -> None:
        """From now on all is said: a signal only ends the wait for calls that nobody needs."""
        with suppress(ValueError):
            for each in SIGNALS:
                signal.signal(each, _leave)

    @property
    def exit_code(self) -> int:
        """Of a command that a signal ended."""
        return SIGNALS[signal.SIGTERM if self.came else signal.SIGINT]

    def _received(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True
        raise KeyboardInterrupt


def _leave(number: int, _frame: FrameType | None) -> None:
    os._exit(SIGNALS[signal.Signals(number)])


class Interruptible:
    """While entered, the first signal sets `stopping`, and a second one ends the process.

    `exit_code` is 130 or 143 once a signal came, else None.
    """

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self.exit_code: int | None = None

    def __enter__(self) -> Self:
        self._previous = {each: signal.signal(each, self._received) for each in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each, handler in self._previous.items():
            signal.signal(each, handler)

    def _received(self, number: int, _frame: FrameType | None) -> None:
        code = SIGNALS[signal.Signals(number)]
        if self._stopping.is_set():
            os._exit(code)
        self.exit_code = code
        self._stopping.set()
        # Not through the screen: a handler may run in the middle of one of its writes.
        os.write(STANDARD_ERROR, STOPPING)
