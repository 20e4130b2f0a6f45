"""The account under torture: in memory, strict, between neighbours, and umetrics in this process.

Made once for each worker process. Time is a number that only waiting moves on, so nothing here
sleeps. What a schedule did is undone by putting a copy of the account back.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.retries.quota import RetryQuota
from botocore.retries.standard import ExponentialBackoff
from moto import mock_aws
from moto.moto_api._internal import mock_random

from tests.support.accounts import Copy, copy_account
from tests.support.deployments import Deployment, Line, Run, line
from tests.support.neighbours import move_in
from tests.support.wire import Died
from tests.support.worlds import World, look_around
from tests.torture.misfortune import Death, Fault, Gate, Storm
from tests.torture.server import served
from umetrics.errors import UmetricsError
from umetrics.sandbox.quickening import quicken
from umetrics.sandbox.strict import Settings, strict
from umetrics.sandbox.strict import World as StrictWorld

NAT_SECONDS = 1.0
"""How long a NAT gateway is pending, and later deleting: four looks of a waiting run, and on AWS a
minute or more, which would only be more of the same calls."""

WAITING = Settings(nat_pending=NAT_SECONDS, nat_deleting=NAT_SECONDS)

AT_ONCE = Settings()
"""For processes, whose clock is not the one of the account."""

SETTLED = 2 * NAT_SECONDS
"""Seconds after which nothing is under way any more."""

UP, DESTROY = "up", "destroy"
COMMANDS = (UP, DESTROY)


@dataclass(frozen=True, slots=True)
class Scene:
    """An account to begin with, the state file there (None: no file), and what others see."""

    account: Copy
    state: bytes | None
    world: World


@dataclass
class Stand:
    """What schedules are tried on. `empty` has only the neighbours, `built` has stage dev too.

    With `prune`, `up` deletes what is no longer wanted.
    """

    deployment: Deployment
    gate: Gate
    strict: StrictWorld
    endpoint_url: str
    empty: Scene
    built: Scene
    prune: bool = False

    @property
    def state_file(self) -> Path:
        """Stage dev's."""
        return self.deployment.store.path

    def read_state(self) -> bytes | None:
        """What is in it; None: there is no file."""
        return self.state_file.read_bytes() if self.state_file.exists() else None

    def begin(self, command: str, workers: int = 1) -> None:
        """Be where `command` has everything to do, as if nothing had ever happened."""
        scene = self.empty if command == UP else self.built
        self.deployment.line.reset()
        self.deployment.workers = workers
        self.deployment.settings, self.prune = "", False
        self.gate.fault, self.gate.calls = None, 0
        self.strict.settings = WAITING
        mock_random.seed(1)  # ids are the same each time, and none of the scene's
        scene.account.put_back()
        shutil.rmtree(self.state_file.parent, ignore_errors=True)
        self.write_state(scene.state)

    def write_state(self, content: bytes | None) -> None:
        """The state file as it shall be found; the backup beside it stays as it is."""
        if content is None:
            self.state_file.unlink(missing_ok=True)
        else:
            self.state_file.parent.mkdir(parents=True, exist_ok=True)
            self.state_file.write_bytes(content)

    def run(self, command: str) -> Run:
        """One run of umetrics, whatever it ends with."""
        if command == UP:
            return self.deployment.up(prune=self.prune)
        return self.deployment.destroy()

    def attempt(self, command: str, fault: Fault | None = None) -> str:
        """One run under a fault; empty when it did all there was to do, else what it said."""
        self.gate.fault = fault
        try:
            run = self.run(command)
        except (UmetricsError, Died) as error:
            return f"{command}: {type(error).__name__}: {error}"
        finally:
            self.gate.fault = None
            self.deployment.line.aws.patience.stopping.clear()
        failures = [f"{key}: {error.code} {error.message}" for key, error in run.errors.items()]
        failures += [f"{key} is not as wanted" for key in run.left]
        return f"{command}: {'; '.join(failures)}" if failures else ""

    def attempt_to_death(self, command: str, death: Death | Storm) -> str:
        """The same, but what the run wrote after its death was never written."""
        said = self.attempt(command, death)
        if death.struck:
            self.write_state(death.state)
        return said

    def look(self) -> World:
        """The whole account, when what is under way has come to its end."""
        self.deployment.line.clock.sleep(SETTLED)
        return look_around()


@contextlib.contextmanager
def standing() -> Iterator[Stand]:
    """Build the stand; everything is taken back at the end."""
    quicken()
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    there, gate = line(), Gate()
    world = StrictWorld(WAITING, clock=there.clock)
    try:
        with (
            _patches(),
            mock_aws(),
            strict(world, rules=gate.rules),
            served(folder / "server") as url,
        ):
            yield _built(folder, there, gate, world, url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _built(folder: Path, there: Line, gate: Gate, world: StrictWorld, url: str) -> Stand:
    mock_random.seed(0)
    there.reset()
    deployment = Deployment(folder, line=there)
    move_in()
    there.clock.sleep(SETTLED)
    empty = Scene(copy_account(), None, look_around())
    deployment.up().insist()
    there.clock.sleep(SETTLED)
    state = deployment.store.path.read_bytes()
    built = Scene(copy_account(), state, look_around())
    return Stand(deployment, gate, world, url, empty, built)


@contextlib.contextmanager
def _patches() -> Iterator[None]:
    """The SDK tries again without sleeping, and as often as a process of its own would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)
        patch.setattr(RetryQuota, "acquire", lambda _self, _amount: True)
        with warnings.catch_warnings():
            # The codes of a bad day are in AWS's common list, not in each service's own.
            warnings.filterwarnings("ignore", ".* does not match an error shape", UserWarning)
            yield
