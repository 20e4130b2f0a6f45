"""What happens while a plan is carried out, as values: for progress, for logs, for the summary."""

from __future__ import annotations

from dataclasses import dataclass

from umetrics.errors import UmetricsError
from umetrics.provision.plan import Action


@dataclass(frozen=True, slots=True)
class Started:
    """A step has begun."""

    key: str
    label: str
    action: Action


@dataclass(frozen=True, slots=True)
class Done:
    """A step is finished; `seconds` it took, `id` what it made, changed or took away."""

    key: str
    label: str
    action: Action
    id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """A step went wrong; everything that does not depend on it goes on."""

    key: str
    label: str
    action: Action
    error: UmetricsError
    seconds: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step was not begun, because the step `because` did not succeed (empty: interrupted)."""

    key: str
    label: str
    action: Action
    because: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something about a step that goes on: `text` says what, in words for people."""

    key: str
    label: str
    action: Action
    text: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing has ended for a while; what is still running, and since how many seconds."""

    running: tuple[tuple[Started, float], ...]


Outcome = Done | Failed | Skipped
Event = Started | Noticed | Outcome | Heartbeat
