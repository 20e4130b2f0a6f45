"""What a sandbox is started with: how slow, how strict and how unreliable it is.

Values and their texts. What they do to a call is `server.py`'s and the strict rules' business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from umetrics.errors import UsageError

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}

_PERCENT = re.compile(r"(?P<number>\d+(?:\.\d+)?)%")
ALL = 100


@dataclass(frozen=True, slots=True)
class Options:
    """The defaults are those of a sandbox that is started because a command needs one.

    `latency` of each answer, `nat` (a NAT gateway is pending, and later deleting) and `eventual`
    (a created thing is not found) are seconds; `flaky` is the fraction of the connections that
    break. `without` names the strict rules that are left out, sorted.
    """

    latency: float = 0.0
    nat: float = 1.0
    throttle: bool = False
    flaky: float = 0.0
    eventual: float = 0.0
    without: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options as the server's own command line has them."""
        return tuple(self._arguments())

    def _arguments(self) -> Iterator[str]:
        for name in ("latency", "nat", "flaky", "eventual"):
            yield from (f"--{name}", repr(getattr(self, name)))
        if self.throttle:
            yield "--throttle"
        for rule in self.without:
            yield from ("--without", rule)

    def __str__(self) -> str:
        return ", ".join(self._told())

    def _told(self) -> Iterator[str]:
        yield f"NAT gateways take {self.nat:g} s"
        if self.latency:
            yield f"answers {self.latency:g} s"
        if self.eventual:
            yield f"new things are seen after {self.eventual:g} s"
        if self.throttle:
            yield "calls are throttled"
        if self.flaky:
            yield f"{self.flaky * ALL:g}% of connections break"
        if self.without:
            yield f"without {', '.join(self.without)}"


def seconds(text: str, option: str) -> float:
    """`60ms`, `5s` or `2m` as seconds; `UsageError` names the option when it is none."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"{option} is a duration, not {text!r}", hint=f"write it like {option} 60ms, 5s or 2m"
        )
    return round(float(match["number"]) * _SECONDS[match["unit"]], 6)


def fraction(text: str, option: str) -> float:
    """`1%` as 0.01; `UsageError` names the option when it is no share of a hundred."""
    match = _PERCENT.fullmatch(text.strip())
    if match is None or float(match["number"]) > ALL:
        raise UsageError(
            f"{option} is a percentage, not {text!r}", hint=f"write it like {option} 1%"
        )
    return round(float(match["number"]) / ALL, 6)


def options_of(content: object) -> Options | None:
    """The options that parsed JSON holds; None when it makes no sense."""
    if not isinstance(content, dict):
        return None
    given = {each.name: content.get(each.name) for each in fields(Options)}
    rules = given.pop("without")
    switch = given.pop("throttle")
    if not isinstance(rules, list) or not all(isinstance(each, str) for each in rules):
        return None
    if not isinstance(switch, bool):
        return None
    numbers = {name: number for name, number in given.items() if isinstance(number, int | float)}
    if numbers.keys() != given.keys():
        return None
    return Options(**numbers, throttle=switch, without=tuple(rules))
