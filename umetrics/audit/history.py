"""Who changed something, and when, as far as CloudTrail tells. Only asks; never fails.

CloudTrail's event history keeps 90 days, shows an event after some minutes, and may be looked up
twice a second by one resource at a time:
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from umetrics.errors import AccessDenied, UmetricsError

if TYPE_CHECKING:
    from umetrics.aws import Aws

PAUSE = 0.5
"""Seconds between two look-ups: AWS grants two a second."""

MOST_LOOKUPS = 20
"""Ten seconds of them; where more has drifted, one author usually explains all."""

HOMES: Mapping[str, str] = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
}
"""By partition, the region in which IAM's events are told."""


class Traced(Protocol):
    """What is asked about: something that has drifted, or that others have and was changed."""

    @property
    def key(self) -> str:
        """What the answer is found by."""
        ...

    @property
    def id(self) -> str:
        """AWS's id of it, or its name."""
        ...

    @property
    def arn(self) -> str:
        """Its ARN; empty where AWS gives none."""
        ...


@dataclass(frozen=True, slots=True)
class LastChange:
    """The newest call that changed a thing, and succeeded: its name, its author's ARN, its time."""

    event: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """By key, what was found; `note` says why that is not all there might be."""

    changes: Mapping[str, LastChange] = field(default_factory=dict)
    note: str = ""


def last_changes(aws: Aws, things: Iterable[Traced]) -> History:
    """Look the things up, one after the other, and stop where that is refused."""
    wanted = list(things)
    changes: dict[str, LastChange] = {}
    for number, traced in enumerate(wanted[:MOST_LOOKUPS]):
        try:
            if number:
                aws.patience.pause(PAUSE)
            change = _last_change(aws, traced)
        except AccessDenied as error:
            return History(changes, f"not asked who and when: {error.operation} is not allowed")
        except UmetricsError as error:
            return History(changes, f"not told who and when: {error.message}")
        if change is not None:
            changes[traced.key] = change
    return History(changes, _remark(len(wanted), len(changes)))


def _remark(wanted: int, told: int) -> str:
    if wanted > MOST_LOOKUPS:
        return f"CloudTrail was asked about the first {MOST_LOOKUPS} of {wanted}"
    if told < wanted:
        return "CloudTrail shows an event after about 15 minutes, and for 90 days"
    return ""


def _last_change(aws: Aws, traced: Traced) -> LastChange | None:
    name = resource_name(traced)
    is_global = traced.arn.startswith("arn:") and ":iam:" in traced.arn
    region = HOMES.get(aws.identity.partition, aws.region) if is_global else aws.region
    answer = aws.event_history(region).lookup_events(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": name}]
    )
    return next((_change(event) for event in answer["Events"] if _did_something(event)), None)


def resource_name(traced: Traced) -> str:
    """What CloudTrail calls a thing: roles by name, policies by ARN, all else by id."""
    if ":role/" in traced.arn:
        return traced.arn.rsplit("/", 1)[-1]
    if ":policy/" in traced.arn:
        return traced.arn
    return traced.id.partition("/")[0]  # the rules of a group are told of the group


def _did_something(event: Mapping[str, Any]) -> bool:
    return event.get("ReadOnly") != "true" and "errorCode" not in _record(event)


def _change(event: Mapping[str, Any]) -> LastChange:
    author = _record(event).get("userIdentity", {}).get("arn") or event.get("Username") or "unknown"
    return LastChange(event["EventName"], author, event["EventTime"])


def _record(event: Mapping[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(event.get("CloudTrailEvent", "{}"))
    return record
