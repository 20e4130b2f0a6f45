"""The process dies while NAT modes are switched: the next run ends like one that nobody disturbed.

At every sixth writing call, before it is sent or when AWS has acted; `make torture` takes all
calls, the reading ones too.
"""

from __future__ import annotations

import pytest

from tests.support.built import Built
from tests.support.crashes import Recorder
from tests.support.deployments import Deployment
from tests.support.ways_out import SWITCHES, ways_out
from tests.support.worlds import World, look_around, shape_of

CYCLE, SHARE = 6, 1


@pytest.mark.parametrize(
    ("mode", "goal"),
    [
        pytest.param(*each, marks=[pytest.mark.thorough] * (each != SWITCHES[0]))
        for each in SWITCHES
    ],
)
def test_a_switch_that_died_at_a_call_is_finished_by_the_next_up(
    deployment: Deployment, built: Built, mode: str, goal: str
) -> None:
    switch(deployment, mode)
    recorder = Recorder(deployment.store.path, lambda number: number % CYCLE == SHARE)
    deployment.line.wire.fault = recorder
    switch(deployment, goal)
    deployment.line.wire.fault = None
    whole, keys = look_around(), deployment.receipts.keys()
    assert len(recorder.wrecks) >= 2

    for wreck in recorder.wrecks:
        wreck.put_back(deployment.store.path)
        left = ways_out(look_around())
        assert None not in left.values(), str(wreck)
        assert "none" in {mode, goal} or all(left.values()), str(wreck)

        switch(deployment, goal)

        world = look_around()
        assert shape_of(world) == shape_of(whole), str(wreck)
        assert deployment.receipts.keys() == keys, str(wreck)
        assert goal == "none" or all(ways_out(world).values()), str(wreck)
        assert of_others(world, built) == of_others(built.world, built), str(wreck)


def switch(deployment: Deployment, mode: str) -> None:
    deployment.settings = f'[network]\nnat = "{mode}"\n'
    deployment.up(prune=True, verify=False).insist()
    deployment.line.clock.settle()


def of_others(world: World, built: Built) -> World:
    return {name: content for name, content in world.items() if name in built.before}
