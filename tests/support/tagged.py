"""Tagged things of an account on moto, and changes to their tags as the program makes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from moto.ec2.models import ec2_backends

from tests.support.deployments import REGION, Line
from tests.support.plain import client
from tests.support.wire import Call, Moment
from umetrics.audit.repair.carry import carry_out
from umetrics.audit.repair.change import Change, Ending, Outcome, Values
from umetrics.audit.repair.undo_file import UndoJournal, read_undo
from umetrics.audit.values import Place
from umetrics.tags import Tags

ACCOUNT = "123456789012"
"""moto's."""

HERE = Place(ACCOUNT, REGION)
GLOBALLY = Place(ACCOUNT, "global")
AT = "2026-03-01T09:30:00Z"
OWNER = {"Owner": "a@b.example"}
RENAMED: Values = {"Owner": "a@b.example", "Onwer": None}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
GRANT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    }
)


def listed(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def mapped(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def gateways(tags: Sequence[Tags]) -> list[str]:
    """Internet gateways, made beneath the API: thousands of calls would prove nothing."""
    backend = ec2_backends[ACCOUNT][REGION]
    return [backend.create_internet_gateway(listed(each)).id for each in tags]


def gateway_tags(ids: Iterable[str]) -> list[dict[str, str]]:
    tags = ec2_backends[ACCOUNT][REGION].tags
    return [dict(tags.get(each, {})) for each in ids]


def topics(*names: str, tags: Tags) -> list[str]:
    sns = client("sns")
    return [sns.create_topic(Name=name, Tags=listed(tags))["TopicArn"] for name in names]


def topic_tags(arn: str) -> dict[str, str]:
    return mapped(client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"])


def role(name: str, tags: Tags, path: str = "/a/path/") -> str:
    made = client("iam").create_role(
        RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST, Tags=listed(tags)
    )
    return str(made["Role"]["Arn"])


def role_tags(name: str) -> dict[str, str]:
    return mapped(client("iam").list_role_tags(RoleName=name)["Tags"])


def change(id: str, tags: Tags, after: Values, *, arn: str = "", place: Place = HERE) -> Change:
    return Change("a kind", id, arn, place, tags, after)


def carried(
    line: Line, changes: Iterable[Change], journal: UndoJournal | None = None
) -> list[Outcome]:
    """As the command line has it done, seeing only what umetrics sends."""
    line.wire.calls.clear()
    return list(carry_out(changes, lambda _place: line.aws, line.aws.patience, journal))


def endings(outcomes: Iterable[Outcome]) -> dict[str, Ending]:
    return {each.change.id: each.ending for each in outcomes}


def undone(line: Line, path: Path) -> list[Outcome]:
    return carried(line, [each.undoing for each in read_undo(path).resources])


def refusing(
    operation: str, code: str, message: str = "no", *, times: int = 1, blames: str = ""
) -> Callable[[Call, Moment], None]:
    """Refuse an operation some times (those that mention `blames`), unexecuted."""
    left = [times]

    def fault(call: Call, moment: Moment) -> None:
        concerned = call.operation == operation and blames in call.body
        if concerned and moment is Moment.BEFORE_SENDING and left[0]:
            left[0] -= 1
            answer: Any = {"Error": {"Code": code, "Message": message}}
            raise ClientError(answer, operation)

    return fault
