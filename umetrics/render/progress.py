"""What happens, while it happens, without animation: for logs (`LineProgress`) and for programs.

Each is a listener for `provision.events` and a context manager, like `live.LiveProgress`, so that
they can stand in for each other. They are called on one thread and never fail a run by judging it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self, TextIO

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
from umetrics.render.as_json import event_json
from umetrics.render.document import Run, event_envelope
from umetrics.render.glyph import FINISHED, GLYPHS, STYLES, UNDER_WAY, Glyph
from umetrics.render.layer import usual
from umetrics.render.line import Line, Look, compose
from umetrics.render.phrase import duration
from umetrics.render.screen import Screen


class Progress(Protocol):
    """A listener that is opened before the first event and closed after the last."""

    def __call__(self, event: Event) -> None:
        """Take an event in."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class _Listener:
    """Nothing to open, nothing to close."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace


class LineProgress(_Listener):
    """One line on stderr for each event, never wrapped: lines are what logs are searched by."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._look = Look(screen.talk_look.colour, screen.talk_look.unicode, width=0)

    def __enter__(self) -> Self:
        return self

    def __call__(self, event: Event) -> None:
        """Write the event's line, at once."""
        line = event_line(event)
        if line is not None:
            self._screen.mark("stderr")
            self._screen.stderr.write(compose([line], self._look))
            self._screen.stderr.flush()


class JsonLinesProgress(_Listener):
    """One JSON object on stdout for each event, for `--format jsonl`."""

    def __init__(
        self,
        stdout: TextIO,
        run: Run,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._stdout = stdout
        self._run = run
        self._now = now

    def __enter__(self) -> Self:
        return self

    def __call__(self, event: Event) -> None:
        """Write the event, at once."""
        content = {**event_envelope(self._run, at=self._now()), **event_json(event)}
        self._stdout.write(f"{json.dumps(content)}\n")
        self._stdout.flush()


def event_line(event: Event) -> Line | None:
    """The event in one line; None for a step that has nothing to do."""
    if isinstance(event, Heartbeat):
        return _heartbeat_line(event)
    if event.action is Action.NONE:
        return None
    glyph = event_glyph(event)
    return Line(f"{event.key}: {_what(event)}", STYLES[glyph], mark=glyph)


def event_glyph(event: Started | Noticed | Outcome) -> Glyph:
    """The sign of what is done, or that it is not."""
    return Glyph.CONFLICT if isinstance(event, Failed | Skipped) else GLYPHS[event.action]


def _what(event: Started | Noticed | Outcome) -> str:
    match event:
        case Started():
            return f"{UNDER_WAY[event.action]} {named(event)}"
        case Noticed():
            return event.text
        case Done():
            finished = f"{FINISHED[event.action]} {event.label} {event.id}"
            return f"{finished} in {duration(event.seconds)}"
        case Failed():
            after = f"failed after {duration(event.seconds)}"
            return f"{after}: error[{event.error.code}]: {event.error.message}"
        case Skipped():
            return f"skipped, {skip_reason(event)}"


def named(event: Started) -> str:
    """The kind, and how long it takes where that is long: `NAT gateway, usually 1-3 min`."""
    how_long = usual(event.key, event.action)
    return f"{event.label}, usually {how_long}" if how_long else event.label


def skip_reason(event: Skipped) -> str:
    """Why it was not begun."""
    return f"because {event.because} did not succeed" if event.because else "interrupted"


def _heartbeat_line(event: Heartbeat) -> Line | None:
    if not event.running:
        return None
    told = "; ".join(
        f"{started.key} for {duration(seconds)} ({named(started)})"
        for started, seconds in event.running
    )
    return Line(f"still {told}", "quiet", mark=Glyph.UNCHANGED)
