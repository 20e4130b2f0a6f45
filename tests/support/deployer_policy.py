"""A user who runs umetrics with no more than the policy that umetrics prints for a mode."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.deployments import Deployment
from tests.support.principals import Administered, Statement, allow
from umetrics.deployer import Mode
from umetrics.library.permitting import deployer_policies
from umetrics.sandbox.strict.authorization import rules, service_demands
from umetrics.sandbox.strict.authorization.demand import Demand

if TYPE_CHECKING:
    import pytest

NAME = "deployer"

EVERYTHING = allow("*")


def deployer_policy(
    deployment: Deployment, mode: Mode = Mode.ALL, *, to_ssm: str | None = None
) -> tuple[Statement, ...]:
    """All statements of all documents, for the deployment as it is configured and recorded now."""
    policies = deployer_policies(deployment.library, mode, to_ssm=to_ssm)
    return tuple(grant.statement for policy in policies for grant in policy.grants)


@dataclass
class Deployer:
    """The user; by mode, which actions its commands demanded, and which it was ever granted."""

    deployment: Deployment
    administrator: Administered
    demanded: dict[Mode, set[str]] = field(default_factory=lambda: defaultdict(set))
    granted: dict[Mode, set[str]] = field(default_factory=lambda: defaultdict(set))
    mode: Mode | None = None

    def may(self, mode: Mode, *, to_ssm: str | None = None) -> None:
        """From now on, what that mode needs, and nothing else."""
        statements = deployer_policy(self.deployment, mode, to_ssm=to_ssm)
        self.granted[mode].update(action for each in statements for action in each["Action"])
        self.administrator.permit(NAME, *statements)
        self.mode = mode

    @property
    def vain(self) -> Mapping[Mode, list[str]]:
        """What was granted and never demanded; what all modes may read, by none of them."""
        reading = self.granted[Mode.READ]
        anywhere = set[str]().union(*self.demanded.values())
        used = {mode: reading | self.demanded[mode] for mode in self.granted}
        used[Mode.READ] = anywhere
        return {mode: sorted(self.granted[mode] - used[mode]) for mode in self.granted}

    @property
    def lacking(self) -> Mapping[Mode, list[str]]:
        """What was demanded and not granted."""
        return {mode: sorted(self.demanded[mode] - self.granted[mode]) for mode in self.granted}

    @contextmanager
    def replaced(self) -> Iterator[None]:
        """Somebody else acts with these keys, who may do everything; `may` comes after."""
        self.administrator.permit(NAME, EVERYTHING)
        self.mode = None
        yield

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take down every permission that the account asks for."""
        judged: Callable[..., Iterator[Demand]] = service_demands.demands

        def demands(*arguments: object) -> Iterator[Demand]:
            for demand in judged(*arguments):
                if self.mode is not None:
                    self.demanded[self.mode].add(demand.action)
                yield demand

        monkeypatch.setattr(rules, "demands", demands)
