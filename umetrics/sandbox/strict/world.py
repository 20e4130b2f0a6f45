"""What moto does not remember: settings, the time, when things changed, which tokens were used."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any, TypeVar

M = TypeVar("M")

BEGAN, MEMORIES = "strict_began", "strict_memories"
"""Attributes of moto's objects. What stands there is copied, emptied and lost with them."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many there may be.

    The defaults: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html, and for
    IAM https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
    """

    vpcs: int = 5
    internet_gateways: int = 5
    addresses: int = 5
    nat_gateways_per_zone: int = 5
    subnets_per_vpc: int = 200
    route_tables_per_vpc: int = 200
    security_groups: int = 2500
    rules_per_group_and_direction: int = 60
    gateway_endpoints: int = 20
    roles: int = 1000


@dataclass(frozen=True, slots=True)
class Settings:
    """How long things take, in seconds. The defaults make every state visible and no test wait.

    `day` is how long what AWS does daily takes; `ghosts`, how long the tagging API goes on listing
    what is gone; `event_delay`, how long CloudTrail does not show an event. `linked_account` is a
    member of somebody's organization. `caller` is the IAM user whose key every unknown access key
    is; without one, unknown keys are the administrator's.
    """

    nat_pending: float = 0.0
    nat_deleting: float = 0.0
    nat_listed: float = 3600.0
    address_held: float = 0.0
    endpoint_pending: float = 0.0
    endpoint_deleting: float = 0.0
    eventual: float = 0.0
    day: float = 86_400.0
    ghosts: float = 0.0
    event_delay: float = 0.0
    linked_account: bool = False
    throttle: bool = False
    caller: str = ""
    quotas: Quotas = field(default_factory=Quotas)


@dataclass
class World:
    """The memory of the rules. It stands on moto's own objects, and goes with them.

    So a copy of an account remembers what the account did; the clock is not copied.
    """

    settings: Settings = field(default_factory=Settings)
    clock: Callable[[], float] = time.monotonic
    born: datetime = field(default_factory=lambda: datetime.now(UTC))
    _start: float = field(init=False)
    lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        self._start = self.clock()

    def now(self) -> datetime:
        """The date and time here, which pass as the clock does."""
        return self.born + timedelta(seconds=self.clock() - self._start)

    def days_since(self, moment: float) -> float:
        """How many days have passed since a moment of the clock, as long as days are here."""
        return (self.clock() - moment) / self.settings.day

    def date_of(self, moment: float) -> datetime:
        """The date of a moment of the clock, so many days ago as have passed here."""
        return self.now() - timedelta(days=self.days_since(moment))

    def begin(self, thing: object) -> None:
        """Something about `thing` begins now."""
        setattr(thing, BEGAN, self.clock())

    def is_over(self, thing: object, seconds: float) -> bool:
        """Whether it began at least `seconds` ago (or before anybody looked)."""
        began = _beginning(thing)
        return began is None or self.clock() - began >= seconds

    def lapse(self, thing: object, seconds: float) -> bool:
        """Whether it is over; then the next thing about it began at the moment when it ended."""
        if not self.is_over(thing, seconds):
            return False
        began = _beginning(thing)
        setattr(thing, BEGAN, self.clock() if began is None else began + seconds)
        return True

    def tokens(self, backend: object) -> dict[tuple[str, str], Any]:
        """(action, client token) -> what was asked and answered, of one account and region."""
        known: dict[tuple[str, str], Any] = vars(backend).setdefault("client_tokens", {})
        return known

    def memory(self, backend: object, kind: type[M]) -> M:
        """What a rule remembers of one account and region; `kind()` when it is first asked for."""
        kept = vars(backend).setdefault(MEMORIES, {})
        remembered: M = kept.setdefault(kind, kind())
        return remembered


def _beginning(thing: object) -> float | None:
    """When the last thing about it began; None when nobody has looked yet."""
    began: float | None = getattr(thing, BEGAN, None)
    return began
