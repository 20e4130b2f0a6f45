"""What the tests of one kind share: an empty account in memory, and clients to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from tests.support.billed import DAY, NOON, BilledAccount
from tests.support.commands import Commands
from tests.support.deployments import Line, line
from umetrics.aws import Aws, Reader
from umetrics.patience import Pace
from umetrics.sandbox.strict import Settings, World, strict

REGION = "us-east-1"
MAKE_READER = Aws.reader


@pytest.fixture
def empty_account() -> Iterator[None]:
    """An account with nothing in it, as strict as AWS."""
    with mock_aws(), strict():
        yield


@pytest.fixture
def session() -> boto3.Session:
    """A session of one test alone, to hang faults on."""
    return _a_session()


@pytest.fixture(scope="module")
def aws() -> Aws:
    """Clients are slow to make and hold nothing of the account: one set serves a module."""
    return Aws(_a_session(), REGION)


@pytest.fixture
def commands(connection: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Commands of umetrics in an empty folder, in front of an empty account."""
    return Commands.into(monkeypatch, tmp_path, connection)


@cache
def shared_reader(service: str, region: str) -> Reader:
    aws = line().aws
    return MAKE_READER(aws, service, region, Pace(1000, 1000, aws.patience))


@pytest.fixture
def shared_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """For scans: making two dozen takes longer than most, and they hold nothing of the account."""

    def reader(aws: Aws, service: str, region: str, pace: Pace) -> Reader:
        is_own = aws.session is line().aws.session
        return shared_reader(service, region) if is_own else MAKE_READER(aws, service, region, pace)

    monkeypatch.setattr(Aws, "reader", reader)


@pytest.fixture
def linked() -> bool:
    return False


@pytest.fixture
def billed(tmp_path: Path, linked: bool) -> Iterator[BilledAccount]:
    there = line()
    there.reset()
    there.clock.now, there.clock.oversleeping = 0.0, 1  # what is waited for takes days
    settings = Settings(day=DAY.total_seconds(), linked_account=linked)
    with mock_aws(), strict(World(settings, clock=there.clock, born=NOON)):
        yield BilledAccount(there, tmp_path / "state")
    there.reset()


def _a_session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="t", aws_secret_access_key="t", region_name=REGION)
