"""Which zones are used: those of the subnets, else the first usable ones by zone id."""

# ruff: noqa: ANN401  # items of a Describe answer

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from umetrics.errors import AwsError
from umetrics.provision.model import Found, Phase, Snapshot
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.zones import choose_zones, zones_in_use

if TYPE_CHECKING:
    from umetrics.aws import Aws

DENIED = ("use1-az3",)


@dataclass
class Region:
    """As much of AWS as choosing zones looks at."""

    zones: list[dict[str, Any]]
    region: str = "us-east-1"
    questions: int = field(default=0)

    @property
    def ec2(self) -> Region:
        return self

    def describe_availability_zones(self) -> dict[str, Any]:
        self.questions += 1
        return {"AvailabilityZones": self.zones}

    def choose(
        self, snapshot: Snapshot, count: int = 2, denied: tuple[str, ...] = DENIED
    ) -> list[str]:
        return choose_zones(cast("Aws", self), snapshot, count, denied)


def zone(number: int, **others: Any) -> dict[str, Any]:
    return {
        "ZoneId": f"use1-az{number}",
        "ZoneType": "availability-zone",
        "State": "available",
        "OptInStatus": "opt-in-not-required",
        **others,
    }


def snapshot(phase: Phase = Phase.READY, **zones: str) -> Snapshot:
    """Subnets that are there: `public_a="use1-az1"`."""
    found = {}
    for name, where in zones.items():
        key = f"subnet/{name.replace('_', '-')}"
        found[key] = (
            Found(f"subnet-{name}", Subnet("vpc-1", "10.0.0.0/27", where), {}, phase=phase),
        )
    return Snapshot("UserMetrics/dev", found)


NONE = snapshot()


def test_zones_are_chosen_by_id_whatever_their_order() -> None:
    assert Region([zone(6), zone(2), zone(4), zone(1)]).choose(NONE) == ["use1-az1", "use1-az2"]


def test_a_denied_zone_is_passed_over() -> None:
    assert Region([zone(3), zone(5), zone(4)]).choose(NONE) == ["use1-az4", "use1-az5"]


@pytest.mark.parametrize(
    "unusable",
    [
        {"ZoneType": "local-zone"},
        {"ZoneType": "wavelength-zone"},
        {"State": "impaired"},
        {"State": "unavailable"},
        {"State": "constrained"},
        {"OptInStatus": "not-opted-in"},
    ],
    ids=str,
)
def test_an_unusable_zone_is_passed_over(unusable: dict[str, str]) -> None:
    region = Region([zone(1, **unusable), zone(2), zone(4)])
    assert region.choose(NONE) == ["use1-az2", "use1-az4"]


@pytest.mark.parametrize("status", ["opted-in", "opt-in-not-required", "", None])
def test_a_zone_that_is_opted_in_or_says_nothing_is_usable(status: str | None) -> None:
    region = Region([zone(1, OptInStatus=status), zone(2)])
    assert region.choose(NONE) == ["use1-az1", "use1-az2"]


def test_three_zones_can_be_chosen() -> None:
    region = Region([zone(n) for n in (1, 2, 4, 5)])
    assert region.choose(NONE, 3) == ["use1-az1", "use1-az2", "use1-az4"]


def test_too_few_zones_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(AwsError, match="us-east-1 has 1 usable") as error:
        Region([zone(1), zone(3)]).choose(NONE)
    assert "denied_zones" in error.value.hint


def test_zones_of_existing_subnets_are_read_back_and_aws_is_not_asked() -> None:
    region = Region([zone(1), zone(2)])
    present = snapshot(public_a="use1-az6", private_b="use1-az5")
    assert region.choose(present) == ["use1-az6", "use1-az5"]
    assert region.questions == 0


def test_a_zone_in_use_stays_even_when_it_is_denied_now() -> None:
    present = snapshot(public_a="use1-az3", public_b="use1-az1")
    assert Region([]).choose(present) == ["use1-az3", "use1-az1"]


def test_a_missing_ordinal_gets_a_zone_that_no_other_uses() -> None:
    region = Region([zone(1), zone(2), zone(4)])
    assert region.choose(snapshot(private_b="use1-az1")) == ["use1-az2", "use1-az1"]


def test_a_dying_subnet_tells_nothing() -> None:
    assert zones_in_use(snapshot(Phase.LEAVING, public_a="use1-az6")) == {}


def test_only_subnets_tell_zones() -> None:
    other = Found("vpc-1", object(), {})
    found = Snapshot("UserMetrics/dev", {"thing/x-a": (other,)})
    assert zones_in_use(found) == {}


def test_either_tier_tells_the_zone_of_an_ordinal() -> None:
    present = snapshot(private_a="use1-az4", public_b="use1-az2", private_b="use1-az2")
    assert zones_in_use(present) == {"a": "use1-az4", "b": "use1-az2"}
