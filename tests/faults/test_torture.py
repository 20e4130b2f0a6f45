"""A sample of `make torture`, so that it cannot rot; and its judge, which must be able to fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.neighbours import make_vpc
from tests.support.worlds import ec2, iam
from tests.torture import crash_sweep, state_files, storms, switches
from tests.torture.campaign import try_one
from tests.torture.catalogue import BY_NAME
from tests.torture.ending import judge
from tests.torture.report import Row, table
from tests.torture.stand import COMMANDS, DESTROY, UP, Stand, standing
from tests.torture.verdict import Verdict

pytestmark = pytest.mark.filterwarnings("ignore:.* does not match an error shape:UserWarning")
"""AWS says the codes of a bad day in common for all services, not in the model of each."""

thorough = pytest.mark.thorough

PAIR = [
    {"Key": "umetrics:deployment", "Value": "UserMetrics/dev"},
    {"Key": "umetrics:resource", "Value": "vpc"},
]


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with standing() as there:
        yield there


@pytest.mark.parametrize(
    ("name", "number"),
    [
        pytest.param("crash-sweep", 50 * len(crash_sweep.VARIANTS) + 1, marks=thorough),
        ("state-files", 60 * len(state_files.DAMAGES) * len(COMMANDS)),
        pytest.param("kill-writes", 60, marks=thorough),
        pytest.param("switches", 41 * len(switches.VARIANTS) + 3, marks=thorough),
    ],
)
def test_a_schedule_ends_as_it_must(stand: Stand, name: str, number: int) -> None:
    verdict = try_one(stand, BY_NAME[name], number, seed=1)

    assert verdict.struck
    assert verdict.is_good, verdict


@pytest.mark.thorough
def test_a_storm_is_survived(stand: Stand) -> None:
    fates = {3: "throttled", 20: "reset after", 33: "unavailable after", 60: "killed after"}

    verdict = storms.through(stand, storms.Schedule(UP, 1, (fates, {2: "delayed"})))

    assert verdict.is_good, verdict
    assert "killed after" in verdict.said


@pytest.mark.thorough
def test_a_twin_is_counted(stand: Stand) -> None:
    stand.begin(UP)
    stand.attempt(UP)
    ec2().create_tags(Resources=[make_vpc("10.70.0.0/16", "twin")], Tags=PAIR)  # type: ignore[arg-type]

    verdict = judge(stand, UP)

    assert (verdict.converged, verdict.twins) == (False, 1)
    assert "twin: vpc" in verdict.said


def test_what_a_destroy_leaves_is_counted(stand: Stand) -> None:
    stand.begin(DESTROY)

    def destroy_and_leave() -> str:
        said = stand.attempt(DESTROY)
        ec2().allocate_address(Domain="vpc")
        iam().create_role(
            RoleName="left", Path="/umetrics/UserMetrics/dev/", AssumeRolePolicyDocument="{}"
        )
        return said

    assert judge(stand, DESTROY, destroy_and_leave).orphans == 2


def test_a_foreign_change_is_counted(stand: Stand) -> None:
    stand.begin(UP)

    def build_and_touch() -> str:
        tag = {"Key": "Name", "Value": "ours now"}
        iam().tag_role(RoleName="application-lambda", Tags=[tag])  # type: ignore[list-item]
        return stand.attempt(UP)

    assert judge(stand, UP, build_and_touch).foreign == 1


@pytest.mark.thorough
def test_a_run_that_never_ends_well_has_not_converged(stand: Stand) -> None:
    stand.begin(UP)

    assert not judge(stand, UP, lambda: "up: never").converged


def test_a_row_fails_with_its_schedules_and_when_nothing_was_tried() -> None:
    row, untried = Row("sample", total=3), Row("untried", total=3)

    assert row.add(Verdict())
    assert row.add(Verdict(struck=False))
    assert not row.add(Verdict(twins=1, said="two of them"))

    assert (row.is_good, untried.is_good) == (False, False)
    assert row.cells == ("sample", "2 of 2", "2", "1", "0", "0", "0")
    assert "| sample" in table([row])
