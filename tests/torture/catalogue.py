"""The fault classes, in the order in which they are tried, and how they share the time.

First come those of which a sample would not do; what they leave of their time is the others'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.torture import crash_sweep, kills, races, state_files, storms, switches, weather
from tests.torture.stand import Stand
from tests.torture.verdict import Verdict


@dataclass(frozen=True, slots=True)
class FaultClass:
    """A schedule is a number: `attempt` does the same for the same number and chance.

    `share` is a weight: about the minutes that all schedules take on two idle cores. `batch` is for
    how many faulty runs one number stands.
    """

    name: str
    title: str
    share: float
    schedules: Callable[[Stand], Sequence[int]]
    attempt: Callable[[Stand, int, Random], Verdict]
    batch: int = 1


CLASSES = (
    FaultClass(
        "storms",
        "random fault schedules",
        18,
        storms.schedules,
        storms.attempt,
        batch=storms.BATCH,
    ),
    FaultClass("races", "races of two processes", 14, races.schedules, races.attempt),
    FaultClass(
        "weather",
        "20 % throttled, 1 % resets, 2 s late sight",
        10,
        weather.schedules,
        weather.attempt,
    ),
    FaultClass(
        "crash-sweep",
        "crash sweep: every call, before, after, answer lost",
        36,
        crash_sweep.schedules,
        crash_sweep.attempt,
    ),
    FaultClass(
        "switches",
        "NAT modes switched, the process dies at every call",
        12,
        switches.schedules,
        switches.attempt,
    ),
    FaultClass("signals", "Ctrl-C once, twice, SIGTERM", 6, kills.signals_to_send, kills.interrupt),
    FaultClass(
        "state-files",
        "state file half-written, truncated, deleted, restored",
        6,
        state_files.schedules,
        state_files.attempt,
    ),
    FaultClass(
        "kill-writes",
        "kill -9 at every state-file write",
        14,
        kills.writes_to_kill_at,
        kills.kill_at_write,
    ),
    FaultClass(
        "kill-calls", "kill -9 at every call", 25, kills.calls_to_kill_at, kills.kill_at_call
    ),
)

BY_NAME = {each.name: each for each in CLASSES}
