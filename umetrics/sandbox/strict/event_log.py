"""Events as CloudTrail tells them: who changed what, when, and what it was about.

Values and how they are made of a call; which calls become events, and who may look them up, is
`event_rules.py`'s.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from umetrics.sandbox.strict.authorization.principal import Principal, access_key_id
from umetrics.sandbox.strict.failure import described
from umetrics.sandbox.strict.rule import Call

_ID = re.compile(r"(?P<prefix>[a-z]+)-[0-9a-f]{8,17}")

EC2_TYPES = {
    "acl": "NetworkAcl",
    "eipalloc": "EIP",
    "eni": "NetworkInterface",
    "i": "Instance",
    "igw": "InternetGateway",
    "nat": "NatGateway",
    "rtb": "RouteTable",
    "sg": "SecurityGroup",
    "sgr": "SecurityGroupRule",
    "subnet": "Subnet",
    "vpc": "VPC",
    "vpce": "VPCEndpoint",
}
"""By the prefix of ids."""

IAM_TYPES = {
    "GroupName": "Group",
    "InstanceProfileName": "InstanceProfile",
    "PolicyArn": "Policy",
    "PolicyName": "Policy",
    "RoleName": "Role",
    "UserName": "User",
}
"""By the parameter that names the resource."""


@dataclass(frozen=True, slots=True)
class Event:
    """One call that changed something, or was refused; `moment` is the clock's."""

    id: str
    name: str
    time: datetime
    moment: float
    source: str
    region: str
    account: str
    username: str
    user_arn: str
    access_key: str
    resources: tuple[tuple[str, str], ...]
    error: tuple[str, str] | None = None

    def told(self) -> dict[str, Any]:
        """As LookupEvents answers it."""
        return {
            "EventId": self.id,
            "EventName": self.name,
            "ReadOnly": "false",
            "AccessKeyId": self.access_key,
            "EventTime": self.time,
            "EventSource": self.source,
            "Username": self.username,
            "Resources": [
                {"ResourceType": kind, "ResourceName": name} for kind, name in self.resources
            ],
            "CloudTrailEvent": json.dumps(self._record()),
        }

    def _record(self) -> dict[str, Any]:
        record = {
            "eventVersion": "1.11",
            "userIdentity": {
                "arn": self.user_arn,
                "accountId": self.account,
                "accessKeyId": self.access_key,
            },
            "eventTime": self.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": self.region,
            "eventID": self.id,
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self.account,
            "eventCategory": "Management",
        }
        if self.error is not None:
            record["errorCode"], record["errorMessage"] = self.error
        return record


@dataclass(slots=True)
class EventLog:
    """The events of an account and region, the newest last."""

    events: list[Event] = field(default_factory=list)


def event_of(
    call: Call, source: str, region: str, by: Principal, answer: object, error: Exception | None
) -> Event:
    """What a call becomes that was answered, or ended with an error."""
    response = call.response
    given = getattr(response, "params", {})  # moto parses those of the newer services only
    found = dict.fromkeys([*_named(given), *_identified(given, answer)])
    return Event(
        id=str(uuid.uuid4()),
        name=response._get_action(),  # noqa: SLF001  # moto's only way
        time=call.world.now(),
        moment=call.world.clock(),
        source=source,
        region=region,
        account=response.current_account,
        username=by.arn.rsplit("/", 1)[-1],
        user_arn=by.arn,
        access_key=access_key_id(call),
        resources=tuple(found),
        error=None if error is None else described(error),
    )


def _named(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The things of IAM that a request names."""
    for name, kind in IAM_TYPES.items():
        if isinstance(parameters.get(name), str):
            yield f"AWS::IAM::{kind}", parameters[name]


def _identified(*given: object) -> Iterator[tuple[str, str]]:
    """The things of EC2 whose ids stand in a request or its answer."""
    for text in _texts(given):
        match = _ID.fullmatch(text)
        if match and match["prefix"] in EC2_TYPES:
            yield f"AWS::EC2::{EC2_TYPES[match['prefix']]}", text


def _texts(given: object) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        yield from _texts(given.values())
    elif isinstance(given, Iterable):
        for each in given:
            yield from _texts(each)
    else:
        yield str(getattr(given, "id", ""))
