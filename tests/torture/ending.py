"""What must be true after a fault: the next run finishes, the one after it has nothing to do.

Then all is taken away again and the account must be what it was. Nothing here makes faults.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from tests.support.deployments import EVERY_KEY
from tests.support.worlds import shape_of
from tests.torture.stand import DESTROY, UP, Stand
from tests.torture.verdict import Verdict, foreign_changes, orphans, twins

RUNS = 2
"""The next run, and at most one more after it."""

Attempt = Callable[[], str]
"""One run; empty when it did all there was to do, else what it said."""


def judge(
    stand: Stand, command: str, attempt: Attempt | None = None, *, to_the_end: bool = True
) -> Verdict:
    """Run `command` until it is whole, look, and leave the account empty or say why not.

    `attempt` is how the next run is made, unless in this process. Not `to_the_end`, what `up` has
    finished is compared, and not destroyed: it is like what an undisturbed `up` builds, or fails.
    """
    said = _finish(attempt or partial(stand.attempt, command))
    if command == DESTROY:
        return _after_destroy(stand, said)
    return _after_up(stand, said, to_the_end=to_the_end)


def _finish(attempt: Attempt) -> list[str]:
    """Nothing, or what the last of the allowed runs said."""
    said = ""
    for _ in range(RUNS):
        said = attempt()
        if not said:
            return []
    return [said]


def _after_up(stand: Stand, said: list[str], *, to_the_end: bool) -> Verdict:
    world = stand.look()
    too_many = twins(world)
    changed = foreign_changes(stand.empty.world, world)
    said += _differences(shape_of(stand.built.world), shape_of(world))
    said += _receipts(stand, EVERY_KEY)
    said += _is_quiet(stand, UP)
    if too_many:
        said += [f"twin: {each}" for each in too_many]
        return Verdict(False, len(too_many), 0, len(changed), "; ".join(said))
    if not to_the_end:
        return Verdict(not said, foreign=len(changed), said="; ".join([*said, *changed]))
    taken_away = _after_destroy(stand, _finish(partial(stand.attempt, DESTROY)))
    return Verdict(
        converged=not said and taken_away.converged,
        orphans=taken_away.orphans,
        foreign=max(len(changed), taken_away.foreign),
        said="; ".join(filter(None, [*said, *changed, taken_away.said])),
    )


def _after_destroy(stand: Stand, said: list[str]) -> Verdict:
    world = stand.look()
    left = orphans(stand.empty.world, world) + _receipts(stand, frozenset())
    changed = foreign_changes(stand.empty.world, world)
    said += _is_quiet(stand, DESTROY)
    told = [*said, *(f"left: {each}" for each in left), *(f"changed: {each}" for each in changed)]
    return Verdict(not said, len(twins(world)), len(left), len(changed), "; ".join(told))


def _is_quiet(stand: Stand, command: str) -> list[str]:
    """A run that has nothing to do writes nothing."""
    said = stand.attempt(command)
    wrote = stand.deployment.line.wire.writes
    return [f"the run after it: {said}"] * bool(said) + [f"a quiet run wrote {wrote}"] * bool(wrote)


def _receipts(stand: Stand, wanted: frozenset[str]) -> list[str]:
    """Receipts are for these keys, and nothing is thought to be under way."""
    content = stand.read_state()
    if content is None:
        return [f"no state file, and {len(wanted)} things built"] * bool(wanted)
    try:
        state = json.loads(content)
    except ValueError as error:
        return [f"the state file is no JSON: {error}"]
    odd = sorted(wanted ^ state["receipts"].keys())
    return [f"receipt {key}" for key in odd] + [f"intent {key}" for key in state["intents"]]


def _differences(wanted: list[str], found: list[str]) -> list[str]:
    """Where two shapes differ, shortened."""
    return [
        f"{how} {line[:160]}"
        for how, lines in (("lacks", set(wanted) - set(found)), ("has", set(found) - set(wanted)))
        for line in sorted(lines)
    ]
