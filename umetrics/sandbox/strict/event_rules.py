"""CloudTrail's event history, which moto lacks: every call that changes something is looked up.

Calls that only read are no events here, and neither are those of services without rules.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.authorization.principal import caller
from umetrics.sandbox.strict.backend import HOME, backend_in
from umetrics.sandbox.strict.event_log import Event, EventLog, event_of
from umetrics.sandbox.strict.failure import Failure
from umetrics.sandbox.strict.pages import page_of
from umetrics.sandbox.strict.rule import EVERY_ACTION, Around, Call, Proceed, Rule, refuse, rule
from umetrics.sandbox.strict.throttle_rules import Buckets, Size

REFERENCE = "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"

READING = ("describe_", "get_", "list_", "lookup_", "search_", "simulate_", "decode_", "generate_")

SOURCES = {
    "ce": "ce.amazonaws.com",
    "ec2": "ec2.amazonaws.com",
    "iam": "iam.amazonaws.com",
    "resourcegroupstaggingapi": "tagging.amazonaws.com",
}
"""What CloudTrail calls the services whose calls are events here."""

EVERYWHERE = frozenset({"ce", "iam"})
"""Their events are those of one region."""

PAGE = 50
RATE = Size(2, 2)


def _recorder(service: str) -> Around:
    def recorded(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        """A call that changes something, or is refused to, is an event."""
        if call.action.startswith(READING):
            return proceed()
        try:
            answer = proceed()
        except NotImplementedError:
            raise  # it is the sandbox that does not know the call, not AWS
        except Exception as error:
            _record(call, service, None, error)
            raise
        result = getattr(answer, "result", None)
        refused = result if isinstance(result, Exception) else None
        _record(call, service, None if refused else result, refused)
        return answer

    return recorded


def _record(call: Call, service: str, result: object, error: Exception | None) -> None:
    principal = caller(call)
    if principal is None:
        return
    region = HOME if service in EVERYWHERE else call.response.region
    event = event_of(call, SOURCES[service], region, principal, result, error)
    with call.world.lock:
        call.world.memory(backend_in(call, "cloudtrail", region), EventLog).events.append(event)


@rule(
    "event-lookup",
    service="cloudtrail",
    actions="lookup_events",
    source=f"{REFERENCE}: by one attribute and time, 50 at most, the newest first",
)
def lookup(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto has none
    """Events are found by one attribute at a time, once they are delivered."""
    attributes, size = call.parameter("LookupAttributes") or [], call.parameter("MaxResults", PAGE)
    start, end = call.parameter("StartTime"), call.parameter("EndTime")
    if len(attributes) > 1:
        refuse("InvalidLookupAttributesException", "You can look up by one attribute only.")
    if not 1 <= int(size) <= PAGE:
        refuse("InvalidMaxResultsException", f"The maximum number of results is 1 to {PAGE}.")
    if start is not None and end is not None and start > end:
        refuse("InvalidTimeRangeException", "The start time is after the end time.")
    log = call.world.memory(call.backend, EventLog)
    page, token = page_of(
        [
            event
            for event in reversed(log.events)
            if _is_delivered(call, event)
            and _lies_between(event.time, start, end)
            and all(
                _has(event, each["AttributeKey"], each["AttributeValue"]) for each in attributes
            )
        ],
        lambda event: event.id,
        int(size),
        call.parameter("NextToken"),
        "InvalidNextTokenException",
    )
    return ActionResult({"Events": [event.told() for event in page], "NextToken": token})


def _is_delivered(call: Call, event: Event) -> bool:
    return call.world.clock() - event.moment >= call.world.settings.event_delay


def _lies_between(time: datetime, start: float | None, end: float | None) -> bool:
    at = time.timestamp()
    return (start is None or start <= at) and (end is None or at <= end)


def _has(event: Event, attribute: str, value: str) -> bool:
    told = event.told()
    if attribute in told:
        return bool(told[attribute] == value)
    return any(value == each[attribute] for each in told["Resources"])


@rule(
    "event-lookup-throttle",
    service="cloudtrail",
    actions="lookup_events",
    source=f"{REFERENCE}: two per second, per account, per Region",
)
def throttle(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Two look-ups a second, where calls are throttled at all."""
    if call.world.settings.throttle:
        buckets = call.world.memory(call.backend, Buckets)
        if not buckets.take(call.action, RATE, call.world.clock()):
            return Failure("ThrottlingException", "Rate exceeded", status=400)
    return proceed()


RECORDING: tuple[Rule, ...] = tuple(
    rule("event-history", service=service, actions=EVERY_ACTION, source=REFERENCE)(
        _recorder(service)
    )
    for service in SOURCES
)
"""Around all that may refuse a call."""

RULES: tuple[Rule, ...] = (throttle, lookup)
