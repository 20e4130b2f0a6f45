"""Fault classes: real processes are killed, interrupted or told to end.

`kill -9` at every call of `up` and `destroy`, before AWS acts and after; `kill -9` at every moment
of writing the state file; Ctrl-C once, Ctrl-C twice and SIGTERM at random calls. The next run is a
process too; what must be true after it is looked at from here.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial
from random import Random
from signal import Signals

from tests.cli.command_line import Finished
from tests.torture.ending import judge
from tests.torture.process import Operator, Strike, operator
from tests.torture.stand import COMMANDS, Stand
from tests.torture.verdict import Verdict

NEVER = 10**6
"""A number of a call or moment that no run comes to."""

CALL_VARIANTS = tuple(itertools.product(COMMANDS, (False, True)))

SIGNALS = (
    ("Ctrl-C once", (Signals.SIGINT,), 130),
    ("Ctrl-C twice", (Signals.SIGINT, Signals.SIGINT), 130),
    ("SIGTERM", (Signals.SIGTERM,), 143),
)
SIGNAL_ROUNDS = 20

MISSED = Verdict(struck=False)
KILLED = frozenset({-Signals.SIGKILL})

LAST_CALL = 110
"""About as many calls as a whole `up` or `destroy` makes."""


def calls_to_kill_at(stand: Stand) -> Sequence[int]:
    """`call * 4 + variant`, for every call of an undisturbed process."""
    last = {command: _count(stand, command)[0] for command in COMMANDS}
    return [
        call * len(CALL_VARIANTS) + variant
        for variant, (command, _) in enumerate(CALL_VARIANTS)
        for call in range(last[command])
    ]


def kill_at_call(stand: Stand, number: int, _chance: Random) -> Verdict:
    """One call, before AWS acts or after."""
    call, variant = divmod(number, len(CALL_VARIANTS))
    command, acts = CALL_VARIANTS[variant]
    stand.begin(command)
    person = operator(stand)
    strike = Strike({call: Signals.SIGKILL}, acts)
    done = person.run(command, strike)
    what = f"killed when AWS {'has acted' if acts else 'has not acted'} on call {call}"
    return _judged(person, command, what, done, KILLED) if strike.struck else MISSED


def writes_to_kill_at(stand: Stand) -> Sequence[int]:
    """`moment * 2 + command`, for every moment of an undisturbed process."""
    return [
        moment * len(COMMANDS) + variant
        for variant, command in enumerate(COMMANDS)
        for moment in range(_count(stand, command)[1])
    ]


def kill_at_write(stand: Stand, number: int, _chance: Random) -> Verdict:
    """One moment of one state-file write."""
    moment, variant = divmod(number, len(COMMANDS))
    command = COMMANDS[variant]
    stand.begin(command)
    person = operator(stand)
    done, _ = person.run_dying(command, moment)
    if done.code == 0:
        return MISSED
    return _judged(person, command, f"killed at moment {moment} of its writes", done, KILLED)


def signals_to_send(_stand: Stand) -> Sequence[int]:
    """So many of each, for both commands."""
    return range(SIGNAL_ROUNDS * len(SIGNALS) * len(COMMANDS))


def interrupt(stand: Stand, number: int, chance: Random) -> Verdict:
    """At a random call; the second time a few calls later."""
    which, variant = divmod(number, len(COMMANDS))
    command = COMMANDS[variant]
    name, signals, code = SIGNALS[which % len(SIGNALS)]
    first = chance.randrange(LAST_CALL)
    calls = (first, first + 1 + chance.randrange(4))
    stand.begin(command)
    person = operator(stand)
    done = person.run(command, Strike(dict(zip(calls, signals, strict=False))))
    # A whole run gives 0, signal or not; one that only looks is ended by SIGTERM itself.
    what = f"{name} at call {calls}"
    return _judged(person, command, what, done, frozenset({0, code, -signals[0]}))


def _judged(
    person: Operator, command: str, what: str, done: Finished, codes: frozenset[int]
) -> Verdict:
    odd = "" if done.code in codes and "Traceback" not in done.talk else done.talk[-600:]
    verdict = judge(person.stand, command, partial(person.attempt, command))
    return verdict.after(f"{command}, {what}: exit {done.code}", odd=odd)


def _count(stand: Stand, command: str) -> tuple[int, int]:
    """Calls and state-file moments of a process that nobody disturbs."""
    stand.begin(command)
    done, moments = operator(stand).run_dying(command, NEVER)
    if done.code:
        raise AssertionError(f"without any fault: {done}")
    return stand.gate.calls, moments
