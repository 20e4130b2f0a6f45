"""What moto does not remember: settings, the time, when things changed, which tokens were used."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many there may be.

    The defaults: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html.
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


@dataclass(frozen=True, slots=True)
class Settings:
    """How long things take, in seconds. The defaults make every state visible and no test wait."""

    nat_pending: float = 0.0
    nat_deleting: float = 0.0
    nat_listed: float = 3600.0
    address_held: float = 0.0
    endpoint_pending: float = 0.0
    endpoint_deleting: float = 0.0
    eventual: float = 0.0
    throttle: bool = False
    quotas: Quotas = field(default_factory=Quotas)


@dataclass
class World:
    """The memory of the rules. It hangs on moto's own objects, and goes with them."""

    settings: Settings = field(default_factory=Settings)
    clock: Callable[[], float] = time.monotonic
    _since: WeakKeyDictionary[Any, float] = field(default_factory=WeakKeyDictionary)
    lock: RLock = field(default_factory=RLock)
    _memories: WeakKeyDictionary[Any, dict[type[Any], Any]] = field(
        default_factory=WeakKeyDictionary
    )

    def begin(self, thing: object) -> None:
        """Something about `thing` begins now."""
        self._since[thing] = self.clock()

    def is_over(self, thing: object, seconds: float) -> bool:
        """Whether it began at least `seconds` ago (or before anybody looked)."""
        began = self._since.get(thing)
        return began is None or self.clock() - began >= seconds

    def lapse(self, thing: object, seconds: float) -> bool:
        """Whether it is over; then the next thing about it began at the moment when it ended."""
        if not self.is_over(thing, seconds):
            return False
        began = self._since.get(thing)
        self._since[thing] = self.clock() if began is None else began + seconds
        return True

    def tokens(self, backend: object) -> dict[tuple[str, str], Any]:
        """(action, client token) -> what was asked and answered, of one account and region.

        It stands on moto's model itself, which a reset empties without making a new one.
        """
        known: dict[tuple[str, str], Any] = vars(backend).setdefault("client_tokens", {})
        return known

    def memory(self, backend: object, kind: type[M]) -> M:
        """What a rule remembers of one account and region; `kind()` when it is first asked for."""
        kept = self._memories.setdefault(backend, {})
        remembered: M = kept.setdefault(kind, kind())
        return remembered
