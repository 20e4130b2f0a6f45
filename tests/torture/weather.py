"""Fault class: bad weather that lasts: throttling, resets and late sight, through every run.

20 % of all calls are throttled, in the words of each service; 1 % of connections break, before AWS
acts or after; what is new is not there for 2 s. Each alone, and all at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from tests.torture.ending import judge
from tests.torture.misfortune import Storm
from tests.torture.stand import COMMANDS, Stand
from tests.torture.verdict import Verdict

THROTTLED = {"throttled": 0.20}
RESETS = {"reset before": 0.005, "reset after": 0.005}
EVENTUAL = 2.0

KINDS: tuple[tuple[Mapping[str, float], float], ...] = (
    (THROTTLED, 0),
    (RESETS, 0),
    ({}, EVENTUAL),
    ({**THROTTLED, **RESETS}, EVENTUAL),
)
WORKERS = (1, 8)
ROUNDS = 10


def schedules(_stand: Stand) -> Sequence[int]:
    """Each kind with each count of workers, for both commands, so many times."""
    return range(ROUNDS * len(COMMANDS) * len(WORKERS) * len(KINDS))


def attempt(stand: Stand, number: int, chance: Random) -> Verdict:
    """Every run in one kind of weather, the next one too."""
    rest, command = divmod(number, len(COMMANDS))
    rest, workers = divmod(rest, len(WORKERS))
    odds, eventual = KINDS[rest % len(KINDS)]
    stand.begin(COMMANDS[command], WORKERS[workers])
    stand.strict.settings = dataclasses.replace(stand.strict.settings, eventual=eventual)

    def in_that_weather() -> str:
        wait = stand.deployment.line.clock.sleep
        storm = Storm(fates(chance, odds), wait, stand.read_state)
        return stand.attempt(COMMANDS[command], storm)

    in_that_weather()
    return judge(stand, COMMANDS[command], in_that_weather)


def fates(chance: Random, odds: Mapping[str, float]) -> Iterator[str]:
    """A fate for each call, for ever: how often out of 1 each comes; what is left goes well."""
    names, weights = [*odds, ""], [*odds.values(), 1 - sum(odds.values())]
    while True:
        yield from chance.choices(names, weights)
