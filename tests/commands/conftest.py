"""Folders in which commands are run, in front of an account in memory."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.commands.desk import Desk
from tests.support.built import build_once
from tests.support.commands import Commands
from tests.support.deployments import Deployment, Line
from tests.support.landlord import Landlord, lend


@pytest.fixture
def home(connection: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty folder, and an empty account."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Desk.of(Commands.into(monkeypatch, folder, connection), monkeypatch)


@pytest.fixture
def bare(home: Desk, tmp_path: Path) -> Desk:
    """Another empty folder, in front of the same account."""
    folder = tmp_path / "bare"
    folder.mkdir()
    return dataclasses.replace(home, folder=folder)


@pytest.fixture
def built(home: Desk, connection: Line, tmp_path: Path) -> Desk:
    """`home`, with stage dev built in its sandbox."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    kept = build_once(Deployment(elsewhere, line=connection)).kept
    home.state.parent.mkdir(parents=True)
    home.state.write_bytes(kept.state)
    home.state.chmod(0o600)
    return home


@pytest.fixture
def lent(home: Desk, connection: Line) -> Landlord:
    """A VPC of somebody's in which one could build."""
    landlord = lend(connection.clock)
    connection.clock.settle()
    return landlord
