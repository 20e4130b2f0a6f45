"""Fault class: two processes at once, in one folder (its lock) or from two machines (no lock).

The second starts when the first has made some calls, at random. Each must end with what its exit
code says; one more `up` then ends whole, or stops and says why.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from random import Random

from tests.cli.command_line import Finished
from tests.torture.ending import judge
from tests.torture.process import Milestone, end, operator, unexplained
from tests.torture.stand import DESTROY, UP, Stand
from tests.torture.verdict import Verdict

ROUNDS = 25
RIVALS = ((UP, UP), (UP, DESTROY))
FOLDERS = ("", "another machine")
KINDS = tuple(itertools.product(RIVALS, FOLDERS))

LATEST_START = 60
"""Calls of the first process before which the second one starts: most of a whole run."""

MILESTONE_WITHIN = 30
"""Seconds; a run that makes fewer calls has ended by then."""


def schedules(_stand: Stand) -> Sequence[int]:
    """So many of each kind."""
    return range(ROUNDS * len(KINDS))


def attempt(stand: Stand, number: int, chance: Random) -> Verdict:
    """One race."""
    rivals, folder = KINDS[number % len(KINDS)]
    first, second = chance.sample(rivals, len(rivals))
    stand.begin(first)
    shutil.rmtree(stand.deployment.folder / FOLDERS[1], ignore_errors=True)
    ends = _race(stand, first, second, folder, chance.randrange(LATEST_START))
    odd = "; ".join(said for done in ends if (said := unexplained(done)))
    told = ", ".join(f"exit {each.code} {each.talk[-300:]!r}" for each in ends)
    where = folder or "the same folder"
    return judge(stand, UP).after(f"{first}, then {second} in {where}: {told}", odd=odd)


def _race(stand: Stand, first: str, second: str, folder: str, lead: int) -> tuple[Finished, ...]:
    milestone = Milestone(lead)
    stand.gate.fault = milestone
    with operator(stand).start(first) as one:
        milestone.reached.wait(MILESTONE_WITHIN)
        with operator(stand, folder).start(second) as other:
            ends = end(one), end(other)
    stand.gate.fault = None
    return ends
