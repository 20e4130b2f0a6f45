"""What each guard comes to as the condition of a statement, for one deployment.

Keys of requests and of resources are never mixed where AWS has only one of the two: a thing that is
made has request tags, a thing that is there has resource tags.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from umetrics import tags
from umetrics.deployer.arn import POLICIES, Place
from umetrics.deployer.need import Guard

Condition = Mapping[str, Mapping[str, str | list[str]]]

FLOW_LOG_SERVICE = "vpc-flow-logs.amazonaws.com"
"""https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html"""

REQUESTED = "aws:RequestTag/"
CARRIED = "aws:ResourceTag/"

ABSENT, PRESENT = "true", "false"
"""What `Null` says of a key."""

UNMARKED = {CARRIED + tags.DEPLOYMENT: ABSENT}
STAYS_UNMARKED = {**UNMARKED, REQUESTED + tags.DEPLOYMENT: ABSENT}


def condition(guard: Guard, place: Place, creates: Collection[str]) -> Condition:
    """The condition; empty where none is needed. `creates` are EC2's creates that are allowed."""
    if guard is Guard.AT_BIRTH:
        made_by = {"ec2:CreateAction": sorted(creates)}
        return {"StringEquals": {**_requested(place), **made_by}}
    told = CONDITIONS.get(guard)
    return told(place) if told else {}


def _requested(place: Place) -> dict[str, str]:
    return {REQUESTED + tags.DEPLOYMENT: place.config.deployment}


def _tagged_in_full(place: Place) -> Condition:
    """All five required tags; whose name the owner is may change, and there must be one."""
    config = place.config
    required = tags.required_tags(
        config.stage, config.owner, project=config.project, environment=config.environment
    )
    fixed = {REQUESTED + key: value for key, value in required.items() if key != "Owner"}
    return {
        "StringEquals": {**fixed, **_requested(place)},
        "Null": {f"{REQUESTED}Owner": PRESENT},
    }


def _ours(place: Place) -> Condition:
    return {"StringEquals": {CARRIED + tags.DEPLOYMENT: place.config.deployment}}


def _marked(keys: str) -> Condition:
    return {"StringEquals": {f"{keys}ManagedBy": tags.MANAGED_BY}, "Null": STAYS_UNMARKED}


def _bounded(place: Place) -> Condition:
    boundary = place.config.iam.permissions_boundary
    return {"ArnEquals": {"iam:PermissionsBoundary": boundary}} if boundary else {}


CONDITIONS: Mapping[Guard, Callable[[Place], Condition]] = {
    Guard.BORN: _tagged_in_full,
    Guard.INSIDE: _ours,
    Guard.OURS: _ours,
    Guard.EMPTIED: lambda _place: {"Null": UNMARKED},
    Guard.MARKED_FIRST: lambda _place: _marked(REQUESTED),
    Guard.MARKED: lambda _place: _marked(CARRIED),
    Guard.TAKEN_OVER: lambda place: {"StringEquals": _requested(place), "Null": UNMARKED},
    Guard.ATTACHING: lambda place: {"ArnLike": {"iam:PolicyARN": place.filled(POLICIES)}},
    Guard.BOUNDED: _bounded,
    Guard.PASSED_ON: lambda _place: {"StringEquals": {"iam:PassedToService": FLOW_LOG_SERVICE}},
}
