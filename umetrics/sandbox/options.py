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

NUMBERS = ("latency", "nat", "flaky", "eventual", "day")
SWITCHED = {
    "throttle": "calls are throttled",
    "linked": "the account is a linked one",
    "brownfield": "an application is there already",
}
SWITCHES = tuple(SWITCHED)
"""Options by what their values are; the server's own command line has the same names."""

LONGEST = 86400.0
"""Seconds in a day: nothing in a sandbox is worth waiting longer for."""

SHORTEST_DAY = 0.001
"""Seconds; dates are counted in days, so none is nothing."""

_PERCENT = re.compile(r"(?P<number>\d+(?:\.\d+)?)%")
ALL = 100

_USER_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")

ADMINISTRATOR = "administrator"
"""The access key id, and the name, of him who may do everything."""


@dataclass(frozen=True, slots=True)
class Options:
    """The defaults are those of a sandbox that is started because a command needs one.

    `latency` of each answer, `nat` (a NAT gateway is pending, and later deleting) and `eventual`
    (a created thing is not found) are seconds, and so is `day`, how long what AWS does daily takes;
    `flaky` is the fraction of the connections that break. `linked` makes the account a member of
    somebody's organization, `brownfield` has an application running in it already. `without` names
    the strict rules that are left out, sorted. `caller` is the IAM user that everybody is who does
    not come with a key of somebody's own; empty, that is the administrator.
    """

    latency: float = 0.0
    nat: float = 1.0
    throttle: bool = False
    flaky: float = 0.0
    eventual: float = 0.0
    day: float = 10.0
    linked: bool = False
    brownfield: bool = False
    without: tuple[str, ...] = ()
    caller: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options as the server's own command line has them."""
        return tuple(self._arguments())

    def _arguments(self) -> Iterator[str]:
        for name in NUMBERS:
            yield from (f"--{name}", repr(getattr(self, name)))
        for name in SWITCHES:
            if getattr(self, name):
                yield f"--{name}"
        for rule in self.without:
            yield from ("--without", rule)
        if self.caller:
            yield from ("--as", self.caller)

    def __str__(self) -> str:
        return ", ".join(self._told())

    def _told(self) -> Iterator[str]:
        yield f"NAT gateways take {self.nat:g} s"
        yield f"days {self.day:g} s"
        if self.latency:
            yield f"answers {self.latency:g} s"
        if self.eventual:
            yield f"new things are seen after {self.eventual:g} s"
        yield from (words for name, words in SWITCHED.items() if getattr(self, name))
        if self.flaky:
            yield f"{self.flaky * ALL:g}% of connections break"
        if self.without:
            yield f"without {', '.join(self.without)}"
        if self.caller:
            yield f"calls are {self.caller}'s"


def seconds(text: str, option: str, *, shortest: float = 0) -> float:
    """`60ms`, `5s` or `2m` as seconds; `UsageError` names the option when it is none."""
    match = _DURATION.fullmatch(text.strip())
    duration = round(float(match["number"]) * _SECONDS[match["unit"]], 6) if match else -1
    if not shortest <= duration <= LONGEST:
        raise UsageError(
            f"{option} is a duration, not {text!r}",
            hint=f"write it like {option} 60ms, 5s or 2m; from {shortest:g} s to {LONGEST:g} s",
        )
    return duration


def fraction(text: str, option: str) -> float:
    """`1%` as 0.01; `UsageError` names the option when it is no share of a hundred."""
    match = _PERCENT.fullmatch(text.strip())
    if match is None or float(match["number"]) > ALL:
        raise UsageError(
            f"{option} is a percentage, not {text!r}", hint=f"write it like {option} 1%"
        )
    return round(float(match["number"]) / ALL, 6)


def user_name(text: str, option: str) -> str:
    """The name of an IAM user; `UsageError` when IAM would not have it, or it is taken."""
    if not _USER_NAME.fullmatch(text):
        raise UsageError(
            f"{option} is the name of an IAM user, not {text!r}",
            hint="it has 1 to 64 letters, digits and + = , . @ _ -",
        )
    if text.casefold() == ADMINISTRATOR:
        raise UsageError(
            f"{option} cannot be {ADMINISTRATOR}, who may do everything",
            hint=f"leave {option} out, or choose another name",
        )
    return text


def options_of(content: object) -> Options | None:
    """The options that parsed JSON holds; None when it makes no sense."""
    if not isinstance(content, dict):
        return None
    given = {each.name: content.get(each.name) for each in fields(Options)}
    rules, caller = given.pop("without"), given.pop("caller")
    if not isinstance(rules, list) or not all(isinstance(each, str) for each in rules):
        return None
    switches = {name: each for name in SWITCHES if isinstance(each := given[name], bool)}
    numbers = {name: each for name in NUMBERS if isinstance(each := given[name], int | float)}
    if switches.keys() | numbers.keys() != given.keys() or not isinstance(caller, str):
        return None
    return Options(
        **numbers,
        throttle=switches["throttle"],
        linked=switches["linked"],
        brownfield=switches["brownfield"],
        without=tuple(rules),
        caller=caller,
    )
