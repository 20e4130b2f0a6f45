"""Somebody else in the sandbox: plain boto3 clients that know nothing of umetrics."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from tests.support import neighbours, worlds
from tests.support.neighbours import Neighbours
from tests.support.worlds import REGION, World

if TYPE_CHECKING:
    from mypy_boto3_budgets import BudgetsClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient


@dataclass(frozen=True, slots=True)
class Outsider:
    """Their clients, and the address that these talk to."""

    endpoint_url: str
    ec2: EC2Client
    iam: IAMClient
    logs: CloudWatchLogsClient
    budgets: BudgetsClient

    @classmethod
    @functools.cache
    def at(cls, endpoint_url: str) -> Outsider:
        """With dummy keys."""
        session = boto3.Session(
            aws_access_key_id="outsider", aws_secret_access_key="o", region_name=REGION
        )
        config = Config(proxies={})
        return cls(
            endpoint_url,
            session.client("ec2", endpoint_url=endpoint_url, config=config),
            session.client("iam", endpoint_url=endpoint_url, config=config),
            session.client("logs", endpoint_url=endpoint_url, config=config),
            session.client("budgets", endpoint_url=endpoint_url, config=config),
        )

    def look_around(self) -> World:
        """The whole account as a value."""
        with self._hands():
            return worlds.look_around()

    def move_in(self) -> Neighbours:
        """Make the account one in which an application is already running."""
        with self._hands():
            moved_in = neighbours.move_in()
        waiter = self.ec2.get_waiter("nat_gateway_available")
        waiter.wait(WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        return moved_in

    def make_vpc(self, stage: str = "dev") -> str:
        """A VPC that looks as if umetrics had made it."""
        answer = self.ec2.create_vpc(
            CidrBlock="10.0.0.0/24",
            TagSpecifications=[
                {
                    "ResourceType": "vpc",
                    "Tags": [
                        {"Key": "umetrics:deployment", "Value": f"UserMetrics/{stage}"},
                        {"Key": "umetrics:resource", "Value": "vpc"},
                    ],
                }
            ],
        )
        return answer["Vpc"]["VpcId"]

    def begin_again(self) -> None:
        """Empty the account."""
        connection = http.client.HTTPConnection(urlsplit(self.endpoint_url).netloc, timeout=30)
        with contextlib.closing(connection):
            connection.request("POST", "/moto-api/reset")
            assert json.loads(connection.getresponse().read()) == {"status": "ok"}

    @contextlib.contextmanager
    def _hands(self) -> Iterator[None]:
        """What tests in one process do to their account is done to this one."""
        with pytest.MonkeyPatch.context() as patch:
            for module in (worlds, neighbours):
                patch.setattr(module, "ec2", lambda: self.ec2)
                patch.setattr(module, "iam", lambda: self.iam)
            patch.setattr(worlds, "logs", lambda: self.logs)
            patch.setattr(worlds, "budgets", lambda: self.budgets)
            yield
