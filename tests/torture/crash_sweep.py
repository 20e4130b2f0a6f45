"""Fault class: every single call of `up` and `destroy` goes wrong, in turn, in this process.

Each with 1 and with 8 workers: the process dies before the call is sent, dies when AWS has acted,
or loses the answer and goes on. With 8 workers the n-th call is whichever comes n-th.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from random import Random

from tests.torture.ending import judge
from tests.torture.misfortune import Death, LostAnswer
from tests.torture.stand import COMMANDS, Stand
from tests.torture.verdict import Verdict

WORKERS = (1, 8)
BEFORE, ACTED, LOST = "dies before it is sent", "dies when AWS has acted", "loses the answer"
DESTROYED_EVERY = 8
"""What one `up` in so many has finished is destroyed as well; all are compared as they stand."""

VARIANTS = tuple(itertools.product(COMMANDS, WORKERS, (BEFORE, ACTED, LOST)))


def schedules(stand: Stand) -> Sequence[int]:
    """`call * 12 + variant`, for every call that an undisturbed run makes."""
    runs = itertools.product(COMMANDS, WORKERS)
    calls = {(command, workers): _calls(stand, command, workers) for command, workers in runs}
    return [
        call * len(VARIANTS) + variant
        for variant, (command, workers, _) in enumerate(VARIANTS)
        for call in range(calls[command, workers])
    ]


def attempt(stand: Stand, number: int, _chance: Random) -> Verdict:
    """One call, one way of going wrong."""
    call, variant = divmod(number, len(VARIANTS))
    command, workers, how = VARIANTS[variant]
    stand.begin(command, workers)
    fault: Death | LostAnswer
    if how == LOST:
        fault = LostAnswer(call)
        stand.attempt(command, fault)
    else:
        fault = Death(call, how == ACTED, stand.read_state)
        stand.attempt_to_death(command, fault)
    if not fault.struck:
        return Verdict(struck=False)
    verdict = judge(stand, command, to_the_end=call % DESTROYED_EVERY == 0)
    return verdict.after(f"{command} with {workers} workers {how}, call {call}")


def _calls(stand: Stand, command: str, workers: int) -> int:
    stand.begin(command, workers)
    if said := stand.attempt(command):
        raise AssertionError(f"without any fault: {said}")
    return stand.gate.calls
