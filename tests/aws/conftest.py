"""What the tests of one kind share: an empty account in memory, and clients to it."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from umetrics.aws import Aws
from umetrics.sandbox.strict import strict

REGION = "us-east-1"


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


def _a_session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="t", aws_secret_access_key="t", region_name=REGION)
