"""Fault class: a living deployment changes its NAT mode, and the process dies at each call in turn.

Before the call is sent, or when AWS has acted. What is left at that moment must already have a
table for each private subnet; the next runs must end where an undisturbed change ends. Then the
deployment goes back to one gateway, and is judged as always.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.support.ways_out import SWITCHES, ways_out
from tests.support.worlds import shape_of
from tests.torture.ending import judge
from tests.torture.misfortune import Death, Fault
from tests.torture.stand import DESTROY, UP, Stand
from tests.torture.verdict import Verdict

VARIANTS = tuple(itertools.product(SWITCHES, (False, True)))

DESTROYED_EVERY = 8
"""What one schedule in so many has finished is destroyed as well; all are compared before."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A change that nobody disturbed: how many calls it made, and the shape of what it left."""

    calls: int
    shape: list[str]


WHOLE: dict[tuple[str, str], Whole] = {}
"""For each process what it has seen once; the same on every stand."""


def schedules(stand: Stand) -> Sequence[int]:
    """`call * 8 + variant`, for every call that an undisturbed change makes."""
    return [
        call * len(VARIANTS) + variant
        for variant, (switch, _) in enumerate(VARIANTS)
        for call in range(_whole(stand, switch).calls)
    ]


def attempt(stand: Stand, number: int, _chance: Random) -> Verdict:
    """One change, one call."""
    call, variant = divmod(number, len(VARIANTS))
    (mode, goal), acts = VARIANTS[variant]
    whole = _whole(stand, (mode, goal))
    _begin(stand, mode)
    death = Death(call, acts, stand.read_state)
    _switch(stand, goal, death)
    if not death.struck:
        return Verdict(struck=False)
    stand.write_state(death.state)
    odd = [*_cut_off(stand, mode, goal), *_finished(stand, whole)]
    stand.deployment.settings = ""
    verdict = judge(stand, UP, to_the_end=call % DESTROYED_EVERY == 0)
    what = f"{mode} -> {goal}, dies when AWS has {'' if acts else 'not '}acted, call {call}"
    return verdict.after(what, odd="; ".join(odd))


def _cut_off(stand: Stand, mode: str, goal: str) -> list[str]:
    """Private subnets that the dead run left without a table, or between gateways without one."""
    needs_gateway = "none" not in {mode, goal}
    return [
        f"{key} was left without a {'table' if way is None else 'way out'}"
        for key, way in sorted(ways_out(stand.look()).items())
        if way is None or (needs_gateway and not way)
    ]


def _finished(stand: Stand, whole: Whole) -> list[str]:
    """What is wrong after the next run, or the one after that."""
    said = stand.attempt(UP) and stand.attempt(UP)
    odd = [said] if said else []
    if shape_of(stand.look()) != whole.shape:
        odd.append("not as a change leaves it that nobody disturbed")
    if (said := stand.attempt(UP)) or stand.deployment.line.wire.writes:
        odd.append(f"the run after it wrote {stand.deployment.line.wire.writes} {said}")
    return odd


def _whole(stand: Stand, switch: tuple[str, str]) -> Whole:
    if switch not in WHOLE:
        mode, goal = switch
        _begin(stand, mode)
        before = stand.gate.calls
        if said := _switch(stand, goal):
            raise AssertionError(f"without any fault: {said}")
        WHOLE[switch] = Whole(stand.gate.calls - before, shape_of(stand.look()))
    return WHOLE[switch]


def _begin(stand: Stand, mode: str) -> None:
    """A living deployment of that mode, made from the one that stands."""
    stand.begin(DESTROY)
    stand.prune = True
    if said := _switch(stand, mode):
        raise AssertionError(f"without any fault: {said}")
    stand.look()


def _switch(stand: Stand, goal: str, fault: Fault | None = None) -> str:
    stand.deployment.settings = f'[network]\nnat = "{goal}"\n'
    return stand.attempt(UP, fault)
