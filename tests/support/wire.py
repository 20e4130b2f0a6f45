"""What lies between umetrics and AWS: it counts what is sent, and can tear.

A `Wire` hangs on a session before clients are made of it. Its first hook sees a request before
anything is sent; its last one runs when AWS has acted and the answer is on its way back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from botocore.exceptions import ConnectionClosedError

if TYPE_CHECKING:
    import boto3
    from botocore.awsrequest import AWSPreparedRequest

READING = ("Decode", "Describe", "Get", "List", "Simulate")


class Moment(Enum):
    """Where a call can be hit."""

    BEFORE_SENDING = "before it is sent"
    ANSWERING = "when its answer is on the way"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, retries of the SDK counted anew; `number` counts the writing ones from 0.

    `body` is what is sent: the same again when the same is tried again.
    """

    operation: str
    number: int = -1
    body: str = ""

    @property
    def writes(self) -> bool:
        """Whether it could change anything."""
        return not self.operation.startswith(READING)


Fault = Callable[[Call, Moment], None]
"""May raise; whatever it raises is what the call ends with."""


class Died(Exception):
    """The process is gone: neither the SDK nor umetrics tries anything again after this."""


@dataclass
class Wire:
    """Every request through the clients of one session."""

    calls: list[Call] = field(default_factory=list)
    fault: Fault | None = None
    _mutex: threading.Lock = field(default_factory=threading.Lock)
    _current: threading.local = field(default_factory=threading.local)

    def hang_on(self, session: boto3.Session) -> None:
        """Before any client is made: clients copy the hooks of their session."""
        session.events.register_first("before-send", self._before_sending)
        session.events.register_last("before-send", self._answering)

    @property
    def reads(self) -> list[str]:
        """The operations sent that only read."""
        return [call.operation for call in self.calls if not call.writes]

    @property
    def writes(self) -> list[str]:
        """The operations sent that could change something, in order."""
        return [call.operation for call in self.calls if call.writes]

    def reset(self) -> None:
        """A whole wire that has seen nothing."""
        self.calls.clear()
        self.fault = None

    def _before_sending(
        self, event_name: str, request: AWSPreparedRequest, **_others: object
    ) -> None:
        with self._mutex:
            operation = event_name.rpartition(".")[2]
            call = Call(operation, body=str(request.body))
            if call.writes:
                call = replace(call, number=len(self.writes))
            self.calls.append(call)
        self._current.call = call
        if self.fault is not None:
            self.fault(call, Moment.BEFORE_SENDING)

    def _answering(self, **_others: object) -> None:
        if self.fault is not None:
            self.fault(self._current.call, Moment.ANSWERING)


@dataclass
class Tear:
    """Every writing call is cut off when it is first tried, and goes through after that."""

    moment: Moment
    torn: list[Call] = field(default_factory=list)
    _bodies: set[tuple[str, str]] = field(default_factory=set)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call, moment: Moment) -> None:
        """Cut it off."""
        if not call.writes or moment is not self.moment:
            return
        with self._mutex:
            known = (call.operation, call.body) in self._bodies
            self._bodies.add((call.operation, call.body))
        if not known:
            self.torn.append(call)
            raise ConnectionClosedError(endpoint_url="https://aws.test")


@dataclass
class Death:
    """The process dies at one writing call: nothing goes through any more.

    `at_death` is called at that moment, to save what a dead process leaves behind.
    """

    number: int
    moment: Moment
    at_death: Callable[[], None]
    hit: str = ""

    def __call__(self, call: Call, moment: Moment) -> None:
        """Die, or be dead."""
        if self.hit:
            raise Died(call.operation)
        if call.number == self.number and moment is self.moment:
            self.hit = call.operation
            self.at_death()
            raise Died(call.operation)
