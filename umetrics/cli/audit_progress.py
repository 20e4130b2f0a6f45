"""How far a scan is, on stderr: a line as a place is begun and ended, and now and then between."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from umetrics.render.line import Line
from umetrics.render.phrase import counted, duration

if TYPE_CHECKING:
    from umetrics.audit.scan import Progress
    from umetrics.audit.values import Place
    from umetrics.render.screen import Screen

TOLD_EVERY = 10.0
"""Seconds between two lines about one place that is not done yet."""


@dataclass(slots=True)
class _Course:
    began: float
    told: float
    resources: int = 0


@dataclass(slots=True)
class ScanProgress:
    """Takes in what the scan tells of its places."""

    screen: Screen
    clock: Callable[[], float] = time.monotonic
    _courses: dict[Place, _Course] = field(default_factory=dict)

    def __call__(self, progress: Progress) -> None:
        """Say what is worth saying."""
        now, place = self.clock(), progress.place
        course = self._courses.setdefault(place, _Course(now, now))
        course.resources += progress.resources
        if not progress.kind:
            self._say(f"{place}: looking at {counted(progress.total, 'kind')}")
            return
        is_done = progress.done == progress.total
        if is_done or now - course.told >= TOLD_EVERY:
            course.told = now
            kinds = "done" if is_done else f"{progress.done} of {progress.total} kinds"
            found = f"{course.resources:,} resources" if course.resources != 1 else "1 resource"
            self._say(f"{place}: {kinds}, {found} in {duration(now - course.began)}")

    def _say(self, text: str) -> None:
        self.screen.tell([Line(text, "quiet")])
