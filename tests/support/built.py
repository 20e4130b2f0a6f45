"""An account with neighbours in which stage dev has been built: built once, then copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tests.support.accounts import Copy, copy_account
from tests.support.deployments import Deployment
from tests.support.neighbours import Neighbours, move_in
from tests.support.worlds import World, look_around


@dataclass(frozen=True, slots=True)
class Kept:
    """A deployment as it was at one moment: account and state file, to be put back."""

    account: Copy
    state: bytes

    @classmethod
    def of(cls, deployment: Deployment) -> Kept:
        """As it is now."""
        return cls(copy_account(), deployment.store.path.read_bytes())

    def put_back(self, deployment: Deployment) -> None:
        """What happened since did not happen."""
        self.account.put_back()
        path = deployment.store.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.state)


@dataclass(frozen=True, slots=True)
class Built:
    """Both worlds, before and after, and what is needed to be there again."""

    kept: Kept
    others: Neighbours
    before: World
    world: World

    once: ClassVar[list[Built]] = []


def build_once(deployment: Deployment) -> Built:
    """The first test of a process builds; for all others it has happened already."""
    if Built.once:
        (built,) = Built.once
        built.kept.put_back(deployment)
        return built
    others = move_in()
    deployment.line.clock.settle()
    before = look_around()
    deployment.up().insist()
    built = Built(Kept.of(deployment), others, before, look_around())
    Built.once.append(built)
    deployment.line.reset()  # for the first test, too, it has happened already
    return built
