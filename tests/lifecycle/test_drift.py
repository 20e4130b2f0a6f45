"""Each way in which things drift: exactly that is planned, exactly that is repaired.

And the check before `up` asks for what the repair calls, and for nothing else that writes.
"""

from __future__ import annotations

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment, changes_of
from tests.support.drifts import DRIFTS, Drift, Scene, rounds
from tests.support.worlds import look_around, shape_of
from umetrics.aws.calls import writes
from umetrics.deployer.need import Guard, Need
from umetrics.doctor.mending import ASSOCIATING
from umetrics.doctor.step_needs import needs_of


def is_without_a_call(need: Need, action: str) -> bool:
    """What a create wants allowed for its tags; and what is asked about nothing, without a role."""
    at_birth = need.guard is Guard.AT_BIRTH or action in {"iam:TagPolicy", "iam:TagRole"}
    return at_birth or need.guard is Guard.ATTACHING


@pytest.mark.parametrize(
    "drifts", rounds(DRIFTS), ids=lambda drifts: ", ".join(d.name for d in drifts)
)
def test_exactly_what_drifted_is_planned_and_repaired(
    drifts: tuple[Drift, ...], deployment: Deployment, built: Built
) -> None:
    scene = Scene(deployment, built.others)

    for drift in drifts:
        drift.happen(scene)
    log = deployment.line.aws.log
    before = len(log.writes)
    run = deployment.up().insist()

    assert changes_of(run.plan) == {k: v for drift in drifts for k, v in drift.planned.items()}
    repaired = look_around()
    assert shape_of(repaired) == shape_of(built.world)
    assert {key: repaired[key] for key in built.before} == built.before
    asked = [
        (need, action)
        for need in needs_of(run.plan, deployment.config)
        for action in need.actions
        if writes(action.partition(":")[2])
    ]
    # A subnet is associated or moved, whichever it takes.
    called = {write.operation for write in log.writes[before:]}
    perhaps = ASSOCIATING if called & ASSOCIATING else set()
    assert called <= {action for _, action in asked}
    assert {each[1] for each in asked if not is_without_a_call(*each)} <= called | perhaps
