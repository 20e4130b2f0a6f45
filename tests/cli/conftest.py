"""Folders in which umetrics is run, each with a local AWS of its own.

Starting one costs seconds, so tests share two for each process of pytest: one that is emptied
before each test, and one in which the foundation stands and is only looked at.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from tests.cli.command_line import Home
from tests.support import landlord, neighbours
from tests.support.deployments import Clock
from tests.support.landlord import Landlord, lend
from umetrics.sandbox.launch import LOG_NAME
from umetrics.sandbox.options import Options
from umetrics.sandbox.process import LOCK_NAME
from umetrics.sandbox.record import RECORD_NAME

AT_ONCE = Options(nat=0.0)
"""A sandbox whose NAT gateways come and go without a wait."""

SERVERS = {LOG_NAME, LOCK_NAME, RECORD_NAME}


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("home"))
    home.sandbox.start(AT_ONCE)
    yield home
    home.sandbox.stop()


@pytest.fixture
def home(shared_home: Home) -> Home:
    """An empty folder, and an empty account in its sandbox."""
    clear(shared_home)
    shared_home.outsider.begin_again()
    return shared_home


def clear(home: Home) -> None:
    """Leave nothing in the folder but the sandbox's server."""
    _empty(home.folder, but={"state"})
    if home.sandbox.folder.exists():
        _empty(home.sandbox.folder, but=SERVERS)


def _empty(folder: Path, *, but: Collection[str]) -> None:
    for path in folder.iterdir():
        if path.name not in but:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def lent(home: Home) -> Landlord:
    """A VPC of somebody's in which one could build, in the sandbox of `home`."""
    return lend_in(home)


def lend_in(home: Home) -> Landlord:
    """Somebody lends a VPC in this account."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (landlord, neighbours):
            patch.setattr(module, "ec2", lambda: home.outsider.ec2)
        return lend(Clock())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A folder in whose sandbox stage dev stands; not to be changed."""
    home = Home(tmp_path_factory.mktemp("built"))
    try:
        home.sandbox.start(AT_ONCE)
        first = home.sandboxed("up", "--yes")
        assert first.code == 0, first
        yield home
    finally:
        home.sandbox.stop()


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """An empty folder without a sandbox: for commands that never get as far as AWS."""
    return Home(tmp_path)


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Home]:
    """An empty folder whose sandbox, if a command starts one, is nobody else's."""
    home = Home(tmp_path)
    yield home
    home.sandbox.stop()
