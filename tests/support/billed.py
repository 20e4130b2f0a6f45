"""An account whose costs are told apart, where days pass when a test says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from botocore.exceptions import ClientError

from tests.support.deployments import Line
from tests.support.plain import client
from tests.support.wire import Call, Moment
from umetrics.audit.cost_tags.activation import Activation, Report
from umetrics.audit.cost_tags.state import KEYS, Status
from umetrics.state import Sightings

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CARRIED = tuple(key for key in KEYS if key != "DataType")


@dataclass
class BilledAccount:
    line: Line
    folder: Path

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.line.clock.now)

    def pass_time(self, time: timedelta) -> None:
        self.line.clock.now += time.total_seconds()

    def use(self, *keys: str) -> None:
        client("ec2").create_vpc(
            CidrBlock="10.0.0.0/24",
            TagSpecifications=[
                {"ResourceType": "vpc", "Tags": [{"Key": key, "Value": "any"} for key in keys]}
            ],
        )

    @property
    def activation(self) -> Activation:
        """As each run makes it anew."""
        aws = self.line.aws
        sightings = Sightings(self.folder, "dev", "123456789012")
        return Activation(aws.cost_allocation, CARRIED, sightings, aws.patience, self.now)

    def refuse(self, operation: str, code: str, words: str = "no") -> None:
        answer = {"Error": {"Code": code, "Message": words}}

        def fault(call: Call, moment: Moment) -> None:
            if call.operation == operation and moment is Moment.BEFORE_SENDING:
                raise ClientError(answer, operation)  # type: ignore[arg-type]

        self.line.wire.fault = fault


def states(report: Report) -> dict[str, Status]:
    return {each.key: each.status for each in report.keys}


def all_but_data_type(status: Status) -> dict[str, Status]:
    return {key: Status.UNUSED if key == "DataType" else status for key in KEYS}
