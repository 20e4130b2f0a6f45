"""Every two settings meet in some row, and in a living deployment each row becomes the next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass
from itertools import combinations, product

import pytest

from tests.support.deployments import Deployment
from tests.support.landlord import lend, of_others
from tests.support.neighbours import move_in
from tests.support.worlds import look_around


@dataclass(frozen=True, slots=True)
class Row:
    """One choice of each setting; the VPC is our own, or lent."""

    vpc: str
    nat: str
    zones: int
    s3_endpoint: bool
    egress: str


OWN = (
    Row("own", "single", 2, True, "restricted"),
    Row("own", "per-zone", 3, True, "all"),
    Row("own", "none", 2, False, "all"),
)
LENT = (
    Row("lent", "single", 3, False, "all"),
    Row("lent", "per-zone", 2, False, "restricted"),
    Row("lent", "none", 3, True, "restricted"),
)
"""Apart, since nothing moves from one VPC to another."""

CHOICES = (
    ("own", "lent"),
    ("single", "per-zone", "none"),
    (2, 3),
    (True, False),
    ("restricted", "all"),
)
"""What each setting can be, in the order of the fields of a row."""


def test_every_two_choices_meet_in_some_row() -> None:
    rows = [astuple(row) for row in (*OWN, *LENT)]
    for first, second in combinations(range(len(CHOICES)), 2):
        met = {(row[first], row[second]) for row in rows}
        assert met == set(product(CHOICES[first], CHOICES[second]))


@pytest.mark.parametrize(
    "rows", [pytest.param(OWN, id="own"), pytest.param(LENT, id="lent", marks=pytest.mark.thorough)]
)
def test_each_row_becomes_the_next_and_afterwards_nothing_is_left(
    deployment: Deployment, rows: tuple[Row, ...]
) -> None:
    move_in()
    landlord = lend(deployment.line.clock)
    deployment.line.clock.settle()
    before = look_around()

    for row in (*rows, rows[0]):
        deployment.settings = configured(row, landlord.vpc)
        deployment.up(prune=True).insist()
        deployment.line.clock.settle()
        world = look_around()
        assert of_others(world, before) == of_others(before, before)
        assert counted(world.keys() - before.keys()) == expected(row)

        quiet = deployment.up(prune=True).insist()
        assert (quiet.did, quiet.plan.orphans) == ({}, ())
        assert deployment.line.wire.writes == []

    deployment.destroy().insist()
    deployment.line.clock.settle()
    assert look_around() == before


def expected(row: Row) -> dict[str, int]:
    """How many of each kind that depends on a setting, or on whose the VPC is."""
    is_own = row.vpc == "own"
    gateways = {"single": 1, "per-zone": row.zones, "none": 0}[row.nat]
    return {
        "vpc": is_own,
        "igw": is_own,
        "subnet": 2 * row.zones,
        "rtb": 1 + max(gateways, 1) + is_own,  # with a VPC comes its main route table
        "nat": gateways,
        "eipalloc": gateways,
        "vpce": row.s3_endpoint,
    }


def counted(names: Iterable[str]) -> dict[str, int]:
    """The same of what is there."""
    kinds = Counter(name.partition("/")[0] for name in names)
    return {
        kind: kinds[kind] for kind in ("vpc", "igw", "subnet", "rtb", "nat", "eipalloc", "vpce")
    }


def configured(row: Row, lent: str) -> str:
    """The table [network]."""
    chosen = asdict(row)
    where = {"vpc_id": lent} if chosen.pop("vpc") == "lent" else {"cidr": "10.0.0.0/22"}
    lines = (f"{key} = {json.dumps(value)}\n" for key, value in {**where, **chosen}.items())
    return "[network]\n" + "".join(lines)
