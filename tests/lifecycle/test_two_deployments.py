"""dev and staging in one account, both alive: neither sees the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.deployments import Deployment, Line
from tests.support.worlds import World, look_around

STAGING = '[stages.staging.network]\ncidr = "10.0.1.0/24"\n'


@pytest.fixture
def staging(connection: Line, tmp_path: Path) -> Deployment:
    return Deployment(tmp_path, stage="staging", settings=STAGING, line=connection)


def test_neither_stage_sees_the_other(deployment: Deployment, staging: Deployment) -> None:
    empty = look_around()
    deployment.up().insist()
    dev_alone = look_around()

    staging.up().insist()

    both = look_around()
    assert same(both, dev_alone)
    assert deployment.up().did == {}
    assert staging.up().did == {}
    assert look_around() == both
    assert set(deployment.receipts) == set(staging.receipts)
    ids = [{receipt.id for receipt in each.receipts.values()} for each in (deployment, staging)]
    assert ids[0].isdisjoint(ids[1])

    deployment.destroy().insist()

    staging_alone = look_around()
    assert staging_alone == {key: both[key] for key in both if key not in dev_alone or key in empty}
    assert staging.up().did == {}

    staging.destroy().insist()

    assert look_around() == empty


def same(world: World, before: World) -> bool:
    """Whether everything that was there before is there as it was."""
    return {key: world.get(key) for key in before} == before
