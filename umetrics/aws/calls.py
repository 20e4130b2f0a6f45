"""What was called: the log that reports and tests count, and the guard that forbids writing.

The guard has one exception: a client that only rehearses sends calls that write, and each of them
must carry DryRun, in what is about to be sent. Whether AWS then does nothing is AWS's to keep.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from umetrics.aws.rehearsal import is_rehearsal
from umetrics.errors import Refused

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.model import OperationModel

    from umetrics.patience import Pace

READING = ("AssumeRole", "Decode", "Describe", "Get", "Head", "List", "Lookup", "Simulate")

FAILED = 300
"""HTTP statuses from here on say that nothing was done."""


class Allowed(enum.Enum):
    """What a client may send."""

    EVERYTHING = "everything"
    READS = "what only reads"
    REHEARSALS = "what carries DryRun"


def writes(operation: str) -> bool:
    """Whether an API operation, by its AWS name, changes anything."""
    return not operation.startswith(READING)


LONGEST_NAME = 256
"""Characters of an id, a name or an ARN; what is longer is a document, and names nothing."""


@dataclass(frozen=True, slots=True)
class Write:
    """A call that could change something.

    `named` are the short texts in its parameters, each with its path:
    `("IpPermissions.UserIdGroupPairs.GroupId", "sg-1")`.
    """

    operation: str
    named: frozenset[tuple[str, str]]


@dataclass(slots=True)
class CallLog:
    """Every API operation begun, in order, as `service:Operation`; `writes` with what they named.

    Retries by the SDK are one entry. Appending to a list is atomic, so workers share one log.
    `rehearsals` are those with DryRun, which stand in no other list; `succeeded` those that AWS
    did. `clock_offset` is by how many seconds AWS's clock was ahead of ours at the last answer.
    `recorder` is told of each write before it is sent; what it raises keeps that from being sent.
    """

    operations: list[str] = field(default_factory=list)
    rehearsals: list[str] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    succeeded: set[str] = field(default_factory=set)
    clock_offset: float | None = None
    recorder: Callable[[Write], None] | None = None

    @property
    def read_count(self) -> int:
        """How many calls only read."""
        return len(self.operations) - self.write_count

    @property
    def write_count(self) -> int:
        """How many calls could change something."""
        return sum(writes(operation.partition(":")[2]) for operation in self.operations)


def watch(client: BaseClient, log: CallLog, allowed: Allowed) -> None:
    """Log each call of `client`; stop one that is not `allowed` before it is sent."""

    def before_call(model: OperationModel, params: Mapping[str, Any], **_others: object) -> None:
        operation = _name(model)
        if allowed is Allowed.REHEARSALS:
            if not is_rehearsal(operation, params):
                raise Refused(f"{operation} without DryRun would act, and this client rehearses")
            log.rehearsals.append(operation)
            return
        if allowed is Allowed.READS and writes(model.name):
            raise Refused(f"{operation} would write, and this command only reads")
        log.operations.append(operation)

    def before_building(
        params: Mapping[str, object], model: OperationModel, **_others: object
    ) -> None:
        if writes(model.name) and allowed is not Allowed.REHEARSALS:
            write = Write(_name(model), frozenset(_texts("", params)))
            if log.recorder is not None:
                log.recorder(write)
            log.writes.append(write)

    client.meta.events.register("before-call", before_call)
    client.meta.events.register("before-parameter-build", before_building)
    _note_answers(client, log)


def _note_answers(client: BaseClient, log: CallLog) -> None:
    """AWS's clock, and what AWS did."""

    def after_call(model: OperationModel, http_response: AWSResponse, **_others: object) -> None:
        log.clock_offset = _offset(http_response.headers.get("Date")) or log.clock_offset
        if http_response.status_code < FAILED:
            log.succeeded.add(_name(model))

    client.meta.events.register("after-call", after_call)


def _name(model: OperationModel) -> str:
    return f"{model.service_model.endpoint_prefix}:{model.name}"


def _texts(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Every short text in a parameter, with its path; elements of a list have the list's."""
    if isinstance(value, str):
        if len(value) <= LONGEST_NAME:
            yield path, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(f"{path}.{name}" if path else str(name), each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(path, each)


def _offset(date: str | None) -> float | None:
    """Of a Date header, which has whole seconds; None without one that can be read."""
    try:
        return parsedate_to_datetime(date).timestamp() - time.time() if date else None
    except ValueError:
        return None


def hold_back(client: BaseClient, pace: Pace) -> None:
    """Have each call of `client` wait for its turn."""
    client.meta.events.register("before-call", lambda **_call: pace.wait())
