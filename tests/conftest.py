"""What tests of several folders share: an account in memory, and umetrics in front of it.

The account is as strict as AWS where sources say so, and things take their time there; the clock
that umetrics waits by is the account's, so nobody sleeps.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import hypothesis
import pytest
from botocore.retries.quota import RetryQuota
from botocore.retries.standard import ExponentialBackoff
from moto import mock_aws

from tests.support.built import Built, build_once
from tests.support.deployments import TAKING_TIME, Deployment, Line, line
from tests.support.unmeasured import leave_the_sdk_unmeasured, measure_only_what_is_asked
from umetrics.sandbox.entry import read_models_once
from umetrics.sandbox.quickening import quicken
from umetrics.sandbox.strict import Settings, World, strict

hypothesis.settings.register_profile("umetrics", deadline=None)
hypothesis.settings.load_profile("umetrics")
# No stopwatch decides: on a busy machine an example may take a second.


read_models_once()
quicken()
leave_the_sdk_unmeasured()


MEASURED_FOLDERS = frozenset({"aws", "commands", "unit"})
"""What the others run, these run too; and a hundred examples run the lines of one."""

MEASURING = pytest.StashKey[Callable[[], AbstractContextManager[None]]]()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Reading the tests is no part of testing."""
    if not session.config.pluginmanager.has_plugin("dsession"):  # which runs none itself
        session.stash[MEASURING] = measure_only_what_is_asked()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """The body of a test is what is measured."""
    is_property = hypothesis.is_hypothesis_test(pyfuncitem.obj)
    if is_property or MEASURED_FOLDERS.isdisjoint(pyfuncitem.path.parts):
        return (yield)
    with pyfuncitem.session.stash[MEASURING]():
        return (yield)


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)


@pytest.fixture
def settings() -> Settings:
    """How long things take in the account; modules whose subject it is have their own."""
    return TAKING_TIME


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Line]:
    """An empty account and a whole wire to it.

    The SDK tries again without sleeping, and as often in each test as a process of its own would.
    """
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)
    monkeypatch.setattr(RetryQuota, "acquire", lambda _self, _amount: True)
    there = line()
    there.reset()
    with mock_aws(), strict(World(settings, clock=there.clock)):
        yield there
    there.reset()


@pytest.fixture
def deployment(connection: Line, tmp_path: Path) -> Deployment:
    """Stage dev with nothing configured."""
    return Deployment(tmp_path, line=connection)


@pytest.fixture
def built(deployment: Deployment) -> Built:
    """Stage dev, built between its neighbours."""
    return build_once(deployment)
