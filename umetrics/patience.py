"""How long to wait for AWS, and how to wait: polling, retries, and being interrupted.

Tenacity does the repeating; this module says what repeating means here. The clock and the sleep
are injected, so tests wait in no time. A wait sleeps 5 % of the time already waited, at least
0.25 s and at most 5 s: short waits end promptly, long ones do not hammer the API.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, retry_if_result

from umetrics.errors import Interrupted, TimedOut, UmetricsError

T = TypeVar("T")

SHORTEST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
SHARE_OF_WAITED = 0.05


def pause_after(waited: float) -> float:
    """Seconds to sleep before the next try, `waited` seconds after the first."""
    return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, SHARE_OF_WAITED * waited))


@dataclass(slots=True)
class Patience:
    """Waiting that can be interrupted.

    `stopping` is set when the user asks to stop: the wait in progress ends with `Interrupted`, and
    the next run goes on waiting where this one left off.
    """

    stopping: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] | None = None

    def pause(self, seconds: float) -> None:
        """Sleep; `Interrupted` when the user asks to stop meanwhile."""
        if self.sleep is not None:
            self.sleep(seconds)
        else:
            self.stopping.wait(seconds)
        if self.stopping.is_set():
            raise Interrupted("stopped while waiting")

    def until(self, reached: Callable[[], bool], *, at_most: float, waiting_for: str) -> None:
        """Poll `reached` until it says True; `TimedOut` after `at_most` seconds."""

        def give_up(_state: RetryCallState) -> None:
            raise TimedOut(
                f"waited {at_most:.0f} s for {waiting_for}",
                hint="run the same command again: it goes on waiting where this run stopped",
            )

        self._repeating(retry_if_result(lambda done: not done), at_most, give_up)(reached)

    def retry(
        self, call: Callable[[], T], *, when: Callable[[UmetricsError], bool], at_most: float
    ) -> T:
        """Call again while it fails with an error that `when` accepts; then the last error."""

        def give_up(state: RetryCallState) -> T:
            if state.outcome is None:
                raise TimedOut("nothing was tried")
            return state.outcome.result()  # type: ignore[no-any-return]  # raises the last error

        worth_it = retry_if_exception(lambda e: isinstance(e, UmetricsError) and when(e))
        return self._repeating(worth_it, at_most, give_up)(call)

    def _repeating(
        self,
        again: retry_if_exception | retry_if_result,
        at_most: float,
        give_up: Callable[[RetryCallState], object],
    ) -> Retrying:
        started = self.clock()
        return Retrying(
            retry=again,
            wait=lambda _state: pause_after(self.clock() - started),
            stop=lambda _state: self.clock() - started >= at_most,
            sleep=self.pause,
            retry_error_callback=give_up,
        )


@dataclass(slots=True)
class Pace:
    """No more than `rate` calls a second in the long run, and `burst` at once after a rest.

    A token bucket, like AWS's own; all workers that call one account and region share one.
    """

    rate: float
    burst: float
    patience: Patience
    _tokens: float = field(init=False)
    _since: float = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._tokens = self.burst
        self._since = self.patience.clock()

    def wait(self) -> None:
        """Until one more call may be sent; `Interrupted` when the user asks to stop meanwhile."""
        with self._lock:
            now = self.patience.clock()
            earned = (now - self._since) * self.rate
            self._tokens = min(self.burst, self._tokens + earned) - 1
            self._since = now
            owed = -self._tokens / self.rate
        self.patience.pause(max(0.0, owed))
