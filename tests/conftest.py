"""What tests of several folders share: an account in memory, and umetrics in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.retries.quota import RetryQuota
from botocore.retries.standard import ExponentialBackoff
from moto import mock_aws

from tests.support.accounts import let_gateways_release, remember_method_names
from tests.support.built import Built, build_once
from tests.support.deployments import Deployment, Line, line


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """An empty account and a whole wire to it.

    The SDK tries again without sleeping, and as often in each test as a process of its own would.
    """
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)
    monkeypatch.setattr(RetryQuota, "acquire", lambda _self, _amount: True)
    remember_method_names(monkeypatch)
    there = line()
    there.reset()
    with mock_aws():
        yield there
    there.reset()


@pytest.fixture
def deployment(connection: Line, tmp_path: Path) -> Deployment:
    """Stage dev with nothing configured."""
    return Deployment(tmp_path, line=connection)


@pytest.fixture
def releasing_gateways(monkeypatch: pytest.MonkeyPatch) -> None:
    """NAT gateways that let go of their address when they are deleted."""
    let_gateways_release(monkeypatch)


@pytest.fixture
def built(deployment: Deployment) -> Built:
    """Stage dev, built between its neighbours."""
    return build_once(deployment)
