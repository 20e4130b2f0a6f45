"""What happens, while it happens, for a person at a terminal: a tree by layer, drawn over itself.

`Board` holds what is known and is pure; `LiveProgress` only redraws it. rich is imported when the
tree is opened and used for nothing but moving the cursor: what is shown is composed here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from umetrics.provision.events import (
    Done,
    Event,
    Failed,
    Heartbeat,
    Noticed,
    Outcome,
    Skipped,
    Started,
)
from umetrics.provision.plan import Action
from umetrics.render.glyph import STYLES
from umetrics.render.layer import by_layer
from umetrics.render.line import SEPARATOR, Line, Look, compose
from umetrics.render.phrase import duration
from umetrics.render.progress import LineProgress, event_glyph, named, skip_reason
from umetrics.render.screen import Screen
from umetrics.render.table import aligned

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

REDRAWN_PER_SECOND = 4
LOWEST = 10
"""Rows; a terminal that says it has fewer is not believed."""


@dataclass(frozen=True, slots=True)
class Board:
    """What is known of each step: `began` holds seconds of the clock, `noticed` words, by key."""

    total: int = 0
    rows: Mapping[str, Started | Outcome] = field(default_factory=dict)
    began: Mapping[str, float] = field(default_factory=dict)
    noticed: Mapping[str, str] = field(default_factory=dict)

    def after(self, event: Event, now: float) -> Board:
        """The board once `event` has happened at `now`."""
        if isinstance(event, Heartbeat) or event.action is Action.NONE:
            return self
        if isinstance(event, Noticed):
            return replace(self, noticed={**self.noticed, event.key: event.text})
        # Copied, not changed: the redrawing thread may be reading.
        began = {event.key: now, **self.began}
        return replace(self, rows={**self.rows, event.key: event}, began=began)

    def lines(self, now: float, height: int) -> list[Line]:
        """The tree in at most `height` lines: what is finished gives way first."""
        full = list(self._lines(now, with_done=True))
        if len(full) <= height:
            return full
        short = list(self._lines(now, with_done=False))
        if len(short) <= height:
            return short
        left_out = len(short) - (height - 2)
        return [*short[: height - 2], Line(f"and {left_out - 1} more", "quiet"), short[-1]]

    def _lines(self, now: float, *, with_done: bool) -> Iterator[Line]:
        for name, events in by_layer(self.rows.values()):
            yield Line(f"{name}{SEPARATOR}{_tally(events)}", "strong")
            shown = [each for each in events if with_done or not isinstance(each, Done)]
            texts = aligned([self._row(each, now) for each in shown]) if shown else []
            for event, text in zip(shown, texts, strict=True):
                glyph = event_glyph(event)
                yield Line(text, STYLES[glyph], mark=glyph, indent=2)
        ended = sum(not isinstance(event, Started) for event in self.rows.values())
        since = duration(now - min(self.began.values(), default=now))
        of_all = f"{ended} of {self.total} steps" if self.total else f"{ended} steps"
        yield Line(f"{of_all} ended{SEPARATOR}{since}")

    def _row(self, event: Started | Outcome, now: float) -> tuple[str, str, str]:
        match event:
            case Started():
                doing = self.noticed.get(event.key) or named(event)
                return event.key, duration(now - self.began[event.key]), doing
            case Done():
                return event.key, duration(event.seconds), event.id
            case Failed():
                return event.key, duration(event.seconds), f"failed: {event.error.message}"
            case Skipped():
                return event.key, "", f"skipped, {skip_reason(event)}"


class LiveProgress:
    """The tree on stderr, redrawn while it is open and left as it was at the end.

    `total` is how many steps there will be, 0 when nobody knows.
    """

    def __init__(
        self, screen: Screen, *, total: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._screen = screen
        self._clock = clock
        self._board = Board(total)
        self._live: Live | None = None

    def __enter__(self) -> Self:
        from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
        from rich.live import Live  # noqa: PLC0415

        self._screen.mark("stderr")
        console = Console(
            file=self._screen.stderr,
            force_terminal=True,
            color_system="standard" if self._screen.talk_look.colour else None,
            legacy_windows=False,
        )
        self._live = Live(
            self,
            console=console,
            refresh_per_second=REDRAWN_PER_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start(refresh=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Take the event in; it is drawn within a quarter of a second."""
        self._board = self._board.after(event, self._clock())

    def __rich__(self) -> Text:
        """For rich, at every redraw: the tree as it is now, in the terminal's present size."""
        from rich.text import Text  # noqa: PLC0415

        size = self._live.console.size if self._live else None
        height = max(size.height if size else LOWEST, LOWEST)
        look = Look(self._screen.talk_look.colour, self._screen.talk_look.unicode, width=0)
        # One row a line, cut at the edge: a wrapped line would make the tree jump.
        text = compose(self._board.lines(self._clock(), height - 1), look).rstrip("\n")
        return Text.from_ansi(text, no_wrap=True, overflow="ellipsis" if look.unicode else "crop")


def progress_for(screen: Screen, *, total: int = 0) -> LiveProgress | LineProgress:
    """The tree where a person watches stderr, else lines."""
    return LiveProgress(screen, total=total) if screen.interactive else LineProgress(screen)


def _tally(events: list[Started | Outcome]) -> str:
    counts = (
        (sum(isinstance(each, Done) for each in events), "done"),
        (sum(isinstance(each, Started) for each in events), "running"),
        (sum(isinstance(each, Failed) for each in events), "failed"),
        (sum(isinstance(each, Skipped) for each in events), "skipped"),
    )
    return ", ".join(f"{count} {word}" for count, word in counts if count)
