"""What can happen to a call on its way to AWS and back, decided where AWS would answer it.

A `Gate` is one more strict rule, around all others and around every action: it lets one call at a
time through, and has the fault of the moment decide what becomes of it. Faults count calls from 0,
reads and repetitions by the SDK included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from botocore.exceptions import ConnectionClosedError

from tests.support.wire import Died
from umetrics.sandbox.strict import RULES, Rule
from umetrics.sandbox.strict.failure import Failure
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed

SERVICES = ("ec2", "iam", "sts")

DELAY = 40.0
"""Seconds that a call may be held up; the SDK waits 60 for an answer."""

Fault = Callable[[Call, Proceed], Any]
"""Answers a call: by proceeding, by refusing, by raising."""


@dataclass
class Gate:
    """Where every call passes, one at a time: moto's world is not made for several at once."""

    fault: Fault | None = None
    calls: int = 0
    _turn: RLock = field(default_factory=RLock)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All strict rules, and the gate around them."""
        every = frozenset({EVERY_ACTION})
        source = "what happens to calls on any network"
        return (*(Rule("gate", each, every, source, self.let_through) for each in SERVICES), *RULES)

    def let_through(self, call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        """Carry a call out, or do to it what the fault says."""
        with self._turn:
            self.calls += 1
            return proceed() if self.fault is None else self.fault(call, proceed)


@dataclass
class Death:
    """The process dies at one call, when AWS has acted or before: nothing comes after it.

    `state` is what `read` gives at that moment: the state file that a dead process leaves behind.
    """

    number: int
    acts: bool
    read: Callable[[], bytes | None]
    state: bytes | None = None
    seen: int = 0
    struck: bool = False

    def __call__(self, call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        """Die, or be dead."""
        if self.struck:
            raise Died(call.action)
        self.seen += 1
        if self.seen - 1 != self.number:
            return proceed()
        if self.acts:
            proceed()
        self.struck, self.state = True, self.read()
        raise Died(call.action)


@dataclass
class LostAnswer:
    """AWS acts on one call, the connection breaks, and the process goes on."""

    number: int
    seen: int = 0
    struck: bool = False

    def __call__(self, _call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        """Answer, but for once."""
        self.seen += 1
        answer = proceed()
        if self.seen - 1 == self.number:
            self.struck = True
            raise broken()
        return answer


@dataclass
class Storm:
    """Any call may be throttled, refused, cut off before or after, held up, or be the last one.

    `fates` gives the fate of each call, in order; empty: it goes well. `wait` is given seconds.
    """

    fates: Iterator[str]
    wait: Callable[[float], None]
    read: Callable[[], bytes | None]
    state: bytes | None = None
    happened: list[str] = field(default_factory=list)
    struck: bool = False

    def __call__(self, call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        """Do to the call what its fate is."""
        if self.struck:
            raise Died(call.action)
        fate = next(self.fates)
        if fate:
            self.happened.append(f"{fate} {call.action}")
        return self._before(fate, call) or self._after(fate, call, proceed)

    def _before(self, fate: str, call: Call) -> Failure | None:
        """What AWS never gets to carry out, or gets late."""
        if fate == "throttled":
            return throttled(call)
        if fate == "refused":
            return Failure("InternalError", "An internal error has occurred", status=500)
        if fate == "reset before":
            raise broken()
        if fate == "killed before":
            self._die(call)
        if fate == "delayed":
            self.wait(DELAY)
        return None

    def _after(self, fate: str, call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # moto's
        """AWS acts; how its answer fares."""
        answer = proceed()
        if fate == "unavailable after":
            return Failure("Unavailable", "The server is overloaded", status=503)
        if fate == "reset after":
            raise broken()
        if fate == "killed after":
            self._die(call)
        return answer

    def _die(self, call: Call) -> None:
        self.struck, self.state = True, self.read()
        raise Died(call.action)


def throttled(call: Call) -> Failure:
    """Not carried out: each service says so in its own words."""
    if call.response.service_name == "ec2":
        return Failure("RequestLimitExceeded", "Request limit exceeded.", status=503)
    return Failure("Throttling", "Rate exceeded", status=400)


def broken() -> ConnectionClosedError:
    """The connection ends without an answer."""
    return ConnectionClosedError(endpoint_url="https://aws.test")
