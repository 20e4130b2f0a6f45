"""What a run costs in calls, and how many rounds of waiting for AWS stand behind each other."""

from __future__ import annotations

import threading

import pytest

from tests.support.built import Built
from tests.support.deployments import REGION, Deployment
from tests.support.wire import Call, Moment
from umetrics.provision.plan import Plan
from umetrics.render.line import Look, compose
from umetrics.render.plan import plan_lines
from umetrics.render.price import plan_price
from umetrics.sandbox.strict import Settings

THREE_ZONES = """owner = "team@example.org"
[network]
cidr = "10.0.0.0/22"
zones = 3
nat = "per-zone"
[database]
resource_id = "prx-0123456789"
cidrs = ["10.60.0.0/16"]
"""
"""With all set that a plan would warn of."""

NOTHING_TO_DO = 35
NOTHING_TO_DO_IN_THREE_ZONES = 40
LINES_OF_THREE_ZONES = 40
FIRST_UP, FIRST_UP_WRITES = 110, 52
DESTROY, DESTROY_WRITES = 120, 42
ROUNDS = 3

QUIET = 0.1
"""Seconds without a new call after which all that could be sent has been sent."""


@pytest.fixture
def settings() -> Settings:
    """Nothing takes time: counted are calls that must be, not looks while waiting."""
    return Settings()


class Rounds:
    """Holds every call until all that can be sent has been sent, then lets all go at once.

    A call that needs another one's answer can only come in a later round: the number of rounds
    is never less than the depth. A machine that is busy may split a round, never join two.
    """

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._gate = threading.Condition()
        self._waiting = 0

    def __call__(self, _call: Call, moment: Moment) -> None:
        if moment is not Moment.BEFORE_SENDING:
            return
        with self._gate:
            mine = len(self.sizes)
            self._waiting += 1
            self._gate.notify_all()
            while mine == len(self.sizes):
                if not self._gate.wait(QUIET) and mine == len(self.sizes):
                    self.sizes.append(self._waiting)
                    self._waiting = 0
                    self._gate.notify_all()


@pytest.mark.parametrize("workers", [1, 8])
def test_the_first_up_with_its_closing_check_stays_within_its_calls(
    deployment: Deployment, workers: int
) -> None:
    deployment.workers = workers

    deployment.up().insist()

    assert len(deployment.line.wire.calls) <= FIRST_UP
    assert len(deployment.line.wire.writes) <= FIRST_UP_WRITES
    assert deployment.line.clock.slept == 0


def test_an_up_with_nothing_to_do_only_reads_and_little(deployment: Deployment) -> None:
    deployment.up().insist()

    deployment.up()

    assert len(deployment.line.wire.calls) <= NOTHING_TO_DO
    assert deployment.line.wire.writes == []


def test_three_zones_with_a_gateway_each_are_read_in_few_calls_more(
    deployment: Deployment,
) -> None:
    deployment.settings = THREE_ZONES
    deployment.up().insist()

    plan = deployment.up().insist().plan

    assert len(deployment.line.wire.calls) <= NOTHING_TO_DO_IN_THREE_ZONES
    assert deployment.line.wire.writes == []
    assert told(plan) == ["No changes. 30 resources as wanted · $109.50/month + $0.045/GB"]


def test_the_plan_of_three_zones_with_a_gateway_each_fits_on_a_screen(
    deployment: Deployment,
) -> None:
    deployment.settings = THREE_ZONES
    lines = told(deployment.plan())
    assert deployment.config.warnings == ()
    assert len(lines) <= LINES_OF_THREE_ZONES
    assert max(map(len, lines)) <= Look().width


def told(plan: Plan) -> list[str]:
    """As the command line shows it at 80 columns."""
    return compose(plan_lines(plan, price=plan_price(plan, REGION)), Look()).splitlines()


def test_a_destroy_with_its_closing_sweep_stays_within_its_calls(deployment: Deployment) -> None:
    deployment.up().insist()

    deployment.destroy().insist()

    assert len(deployment.line.wire.calls) <= DESTROY
    assert len(deployment.line.wire.writes) <= DESTROY_WRITES


def test_nothing_to_do_is_known_after_three_rounds_of_waiting_for_aws(
    deployment: Deployment, built: Built
) -> None:
    fewest: list[int] = []
    for _ in range(3):
        deployment.line.wire.fault = rounds = Rounds()
        deployment.plan()
        fewest = min([rounds.sizes, fewest or rounds.sizes], key=len)
        if len(fewest) <= ROUNDS:
            break

    print(f"calls per round: {fewest}")  # noqa: T201  # a figure worth seeing with -s
    assert sum(fewest) == len(deployment.line.wire.calls)
    assert len(fewest) <= ROUNDS
