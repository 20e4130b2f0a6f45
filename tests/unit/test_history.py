"""Who changed it: the newest call that succeeded, asked for slowly, and never an error."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.unit.toy import KINDS, Clock, Lamp
from umetrics.audit.drift import Deviation, Problem
from umetrics.audit.history import MOST_LOOKUPS, PAUSE, LastChange, last_changes, resource_name
from umetrics.errors import AccessDenied, AnswerLost, CredentialsError, UmetricsError
from umetrics.provision.plan import Action, Step

if TYPE_CHECKING:
    from umetrics.aws import Aws

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ALICE = "arn:aws:iam::111111111111:user/alice"


def event(name: str, minutes: int = 0, author: str = ALICE, **others: str) -> dict[str, Any]:
    record = {"userIdentity": {"arn": author}, **others}
    return {
        "EventName": name,
        "EventTime": NOON + timedelta(minutes=minutes),
        "ReadOnly": "false",
        "Username": "alice",
        "CloudTrailEvent": json.dumps(record),
    }


@dataclass
class Trail:
    """An `Aws` with an event history, by resource name; what was asked, when and where."""

    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    errors: list[UmetricsError] = field(default_factory=list)
    region: str = "eu-west-1"
    partition: str = "aws"
    clock: Clock = field(default_factory=Clock)
    asked: list[tuple[float, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.patience = self.clock.patience()
        self.identity = self

    def event_history(self, region: str) -> Trail:
        self.there = region
        return self

    def lookup_events(self, LookupAttributes: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        (attribute,) = LookupAttributes
        assert attribute["AttributeKey"] == "ResourceName"
        self.asked.append((self.clock.now, self.there, attribute["AttributeValue"]))
        if self.errors:
            raise self.errors.pop(0)
        return {"Events": self.events.get(attribute["AttributeValue"], [])}

    @property
    def as_aws(self) -> Aws:
        return cast("Aws", self)


def deviation(name: str, arn: str = "", key: str = "") -> Deviation:
    step = Step(key or name, KINDS[Lamp], Action.UPDATE)
    return Deviation(step, Problem.CHANGED, name, arn)


def test_the_newest_change_is_told_with_its_author_and_time() -> None:
    trail = Trail({"vpc-1": [event("ModifyVpcAttribute", 5), event("CreateVpc")]})
    history = last_changes(trail.as_aws, [deviation("vpc-1", key="vpc")])
    at = NOON + timedelta(minutes=5)
    assert history.changes == {"vpc": LastChange("ModifyVpcAttribute", ALICE, at)}
    assert history.note == ""


def test_what_only_read_or_was_refused_changed_nothing() -> None:
    read = {**event("DescribeVpcs", 9), "ReadOnly": "true"}
    refused = event("DeleteVpc", 8, errorCode="Client.UnauthorizedOperation")
    trail = Trail({"vpc-1": [read, refused, event("CreateTags", 7)]})
    assert last_changes(trail.as_aws, [deviation("vpc-1")]).changes["vpc-1"].event == "CreateTags"


def test_an_event_without_an_arn_is_told_by_the_name_in_it() -> None:
    bare = {**event("CreateVpc"), "CloudTrailEvent": "{}"}
    nameless = {name: bare[name] for name in bare if name not in {"Username", "CloudTrailEvent"}}
    trail = Trail({"vpc-1": [bare], "vpc-2": [nameless]})
    changes = last_changes(trail.as_aws, [deviation("vpc-1"), deviation("vpc-2")]).changes
    assert (changes["vpc-1"].author, changes["vpc-2"].author) == ("alice", "unknown")


def test_not_more_than_two_look_ups_a_second_and_not_more_than_enough() -> None:
    trail = Trail()
    history = last_changes(trail.as_aws, [deviation(f"vpc-{n}") for n in range(50)])
    moments = [moment for moment, _, _ in trail.asked]
    assert moments == [number * PAUSE for number in range(MOST_LOOKUPS)]
    assert history.note == "CloudTrail was asked about the first 20 of 50"


def test_one_look_up_does_not_wait_and_nothing_drifted_asks_nothing() -> None:
    trail = Trail()
    assert last_changes(trail.as_aws, []).note == ""
    assert trail.asked == []
    last_changes(trail.as_aws, [deviation("vpc-1")])
    assert trail.clock.slept == []


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (
            AccessDenied("no", operation="cloudtrail:LookupEvents"),
            "not asked who and when: cloudtrail:LookupEvents is not allowed",
        ),
        (AnswerLost("no answer to LookupEvents"), "not told who and when: no answer to LookupE"),
        (CredentialsError("the token has expired"), "not told who and when: the token has expired"),
    ],
)
def test_a_refusal_is_said_once_and_is_no_error(error: UmetricsError, note: str) -> None:
    trail = Trail({"vpc-1": [event("CreateVpc")]}, [error])
    history = last_changes(trail.as_aws, [deviation("vpc-1"), deviation("vpc-2")])
    assert history.note.startswith(note)
    assert history.changes == {}
    assert len(trail.asked) == 1


def test_where_cloudtrail_has_nothing_its_delay_is_said() -> None:
    trail = Trail({"vpc-1": [event("CreateVpc")]})
    history = last_changes(trail.as_aws, [deviation("vpc-1"), deviation("vpc-2")])
    assert list(history.changes) == ["vpc-1"]
    assert "about 15 minutes" in history.note


@pytest.mark.parametrize(
    ("id_", "arn", "name"),
    [
        ("vpc-1", "", "vpc-1"),
        ("sg-1/rules", "", "sg-1"),
        ("AROA1", "arn:aws:iam::1:role/umetrics/UserMetrics/dev/Grafana", "Grafana"),
        ("ANPA1", "arn:aws:iam::1:policy/umetrics/Emf", "arn:aws:iam::1:policy/umetrics/Emf"),
    ],
)
def test_each_thing_is_looked_up_by_what_cloudtrail_calls_it(id_: str, arn: str, name: str) -> None:
    assert resource_name(deviation(id_, arn)) == name


@pytest.mark.parametrize(
    ("partition", "home"),
    [("aws", "us-east-1"), ("aws-us-gov", "us-gov-west-1"), ("aws-other", "eu-west-1")],
)
def test_what_iam_did_is_looked_up_where_iam_is_at_home(partition: str, home: str) -> None:
    trail = Trail(partition=partition)
    role = deviation("AROA1", f"arn:{partition}:iam::1:role/umetrics/Grafana")
    last_changes(trail.as_aws, [role, deviation("vpc-1")])
    assert [region for _, region, _ in trail.asked] == [home, "eu-west-1"]
