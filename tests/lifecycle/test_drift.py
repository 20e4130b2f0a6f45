"""Each way in which things drift: exactly that is planned, exactly that is repaired."""

from __future__ import annotations

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment, changes_of
from tests.support.drifts import DRIFTS, Drift, Scene, rounds
from tests.support.worlds import look_around, shape_of


@pytest.mark.parametrize(
    "drifts", rounds(DRIFTS), ids=lambda drifts: ", ".join(d.name for d in drifts)
)
def test_exactly_what_drifted_is_planned_and_repaired(
    drifts: tuple[Drift, ...], deployment: Deployment, built: Built
) -> None:
    scene = Scene(deployment, built.others)

    for drift in drifts:
        drift.happen(scene)
    run = deployment.up().insist()

    assert changes_of(run.plan) == {k: v for drift in drifts for k, v in drift.planned.items()}
    repaired = look_around()
    assert shape_of(repaired) == shape_of(built.world)
    assert {key: repaired[key] for key in built.before} == built.before
