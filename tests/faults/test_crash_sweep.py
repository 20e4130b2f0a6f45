"""Writing calls of `up` and `destroy` go wrong, in turn: the next run ends like a whole one.

Each before the call is sent and when its answer is lost: the process dies at it (every tenth
here; `make torture` takes all, and the reading ones), or the connection breaks and the process goes
on. The calls are counted, not listed.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.built import Built
from tests.support.crashes import Recorder, Wreck
from tests.support.deployments import EVERY_KEY, Deployment, Run
from tests.support.wire import Death, Died, Moment, Tear
from tests.support.worlds import look_around, shape_of
from umetrics.errors import UmetricsError

CYCLE = 40
SHARES = (0, 10, 20, 30)
"""Of each so many calls the ones that are taken: a test each, for two workers."""

share = pytest.mark.parametrize(
    "share",
    [SHARES[0], *(pytest.param(each, marks=pytest.mark.thorough) for each in SHARES[1:])],
)


def test_a_dead_process_sends_nothing_more(deployment: Deployment) -> None:
    """The sweeps below copy the account at a call instead; this is what they stand for."""
    death = Death(5, Moment.ANSWERING, at_death=lambda: None)
    deployment.line.wire.fault = death

    run = deployment.up()

    assert death.hit
    assert all(isinstance(error.__cause__, Died) for error in run.errors.values())
    deployment.line.wire.fault = None
    deployment.up().insist()


@share
def test_an_up_that_died_at_a_call_is_finished_by_the_next(
    deployment: Deployment, built: Built, share: int
) -> None:
    deployment.destroy(verify=False).insist()
    recorder = Recorder(deployment.store.path, lambda number: number % CYCLE == share)
    deployment.line.wire.fault = recorder
    deployment.up(verify=False).insist()
    whole = shape_of(look_around())
    deployment.line.wire.fault = None

    assert len(recorder.wrecks) >= 2
    for wreck in recorder.wrecks:
        resume(deployment, wreck, deployment.up)
        assert shape_of(look_around()) == whole, str(wreck)
        assert deployment.receipts.keys() == EVERY_KEY, str(wreck)
        assert unfinished(deployment) == set(), str(wreck)


@share
def test_a_destroy_that_died_at_a_call_is_finished_by_the_next(
    deployment: Deployment, built: Built, share: int
) -> None:
    recorder = Recorder(deployment.store.path, lambda number: number % CYCLE == share)
    deployment.line.wire.fault = recorder
    deployment.destroy(verify=False).insist()
    deployment.line.wire.fault = None

    assert len(recorder.wrecks) >= 2
    for wreck in recorder.wrecks:
        resume(deployment, wreck, deployment.destroy)
        assert look_around() == built.before, str(wreck)
        assert deployment.receipts == {}, str(wreck)


@pytest.mark.parametrize(
    ("moment", "workers"),
    [
        pytest.param(Moment.BEFORE_SENDING, 8, marks=pytest.mark.thorough),
        pytest.param(Moment.ANSWERING, 1, marks=pytest.mark.thorough),
        (Moment.ANSWERING, 8),
    ],
)
def test_a_connection_that_breaks_at_every_call_is_survived_in_the_same_run(
    deployment: Deployment, built: Built, moment: Moment, workers: int
) -> None:
    deployment.destroy(verify=False).insist()
    deployment.workers = workers

    deployment.line.wire.fault = up = Tear(moment)
    assert deployment.up().insist().did == dict.fromkeys(EVERY_KEY, "create")

    assert len(up.torn) == different_writes(deployment)
    assert shape_of(look_around()) == shape_of(built.world)
    assert unfinished(deployment) == set()

    deployment.line.wire.fault = down = Tear(moment)
    assert deployment.destroy().insist().did == dict.fromkeys(EVERY_KEY, "delete")

    assert len(down.torn) == different_writes(deployment)
    assert look_around() == built.before
    assert deployment.receipts == {}


def different_writes(deployment: Deployment) -> int:
    """Of the last run. An address that is still held is released by asking several times."""
    calls = deployment.line.wire.calls
    return len({(call.operation, call.body) for call in calls if call.writes})


def resume(deployment: Deployment, wreck: Wreck, command: Callable[..., Run]) -> None:
    """Run it again where the other one died."""
    wreck.put_back(deployment.store.path)
    try:
        command(verify=False).insist()
    except (AssertionError, UmetricsError) as error:
        raise AssertionError(str(wreck)) from error


def unfinished(deployment: Deployment) -> set[str]:
    state = deployment.store.read()
    assert state is not None
    return set(state.intents)
