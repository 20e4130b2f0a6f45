"""Fault class: any call of `up` or `destroy` may go wrong, run after run until one is whole.

Hypothesis draws the schedules, and makes a failing one as small as it can. A schedule here is a
seed for a batch of them; the first runs of each are stormy, and what must be true is looked at
after the next calm one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.torture.ending import judge
from tests.torture.misfortune import Storm
from tests.torture.stand import COMMANDS, Stand
from tests.torture.verdict import Verdict

SCHEDULES = 500
BATCH = 10

LAST_CALL = 160
"""A run in a storm makes more calls than another one; what comes later goes well."""

NOT_DEADLY = (
    "throttled",
    "refused",
    "unavailable after",
    "reset before",
    "reset after",
    "delayed",
)
DEADLY = ("killed before", "killed after")
FATES = (*NOT_DEADLY * 10, *DEADLY)
"""A storm that kills at once is only a crash: mostly it does worse."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What happens: for each stormy run the fate of some of its calls, by number from 0."""

    command: str
    workers: int
    runs: tuple[Mapping[int, str], ...]


STORMS = st.dictionaries(
    st.integers(0, LAST_CALL), st.sampled_from(FATES), min_size=1, max_size=LAST_CALL // 4
)
SCHEDULED = st.builds(
    Schedule,
    command=st.sampled_from(COMMANDS),
    workers=st.sampled_from((1, 8)),
    runs=st.lists(STORMS, min_size=1, max_size=4).map(tuple),
)


def schedules(_stand: Stand) -> Sequence[int]:
    """The batches."""
    return range(SCHEDULES // BATCH)


def attempt(stand: Stand, _number: int, chance: Random) -> Verdict:
    """A batch of schedules; the smallest that fails, if one does."""
    tried: list[Verdict] = []

    @hypothesis.seed(chance.getrandbits(64))
    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @hypothesis.given(SCHEDULED)
    def survives(schedule: Schedule) -> None:
        tried.append(through(stand, schedule))
        assert tried[-1].is_good

    try:
        survives()
    except AssertionError:
        return tried[-1]
    return Verdict(tried=len(tried), said=f"{len(tried)} storms")


def through(stand: Stand, schedule: Schedule) -> Verdict:
    """The stormy runs, then the calm one that must finish."""
    stand.begin(schedule.command, schedule.workers)
    wait, history = stand.deployment.line.clock.sleep, list[str]()
    for fates in schedule.runs:
        storm = Storm(_of_each_call(fates), wait, stand.read_state)
        said = stand.attempt_to_death(schedule.command, storm)
        history += storm.happened
        if not said:
            break
    return judge(stand, schedule.command).after(f"{schedule}: {', '.join(history)}")


def _of_each_call(fates: Mapping[int, str]) -> Iterator[str]:
    return (fates.get(number, "") for number in itertools.count())
