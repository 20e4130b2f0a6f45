"""Settings that say together whose the network is."""

from __future__ import annotations

from pathlib import Path

import pytest

from umetrics.config import load
from umetrics.errors import ConfigurationError

VPC = "vpc_id = 'vpc-0123456789abcdef0'\n"
ONE, TWO, THREE, FOUR = (f"'subnet-0123456{n}'" for n in range(4))


def told(folder: Path, network: str, **environment: str) -> str:
    """Every problem, as it is said; empty without any."""
    (folder / "umetrics.toml").write_text(f"[network]\n{network}", encoding="utf-8")
    try:
        load("dev", folder=folder, environment=environment)
    except ConfigurationError as error:
        return "\n".join(map(str, error.problems))
    return ""


def subnets(public: str, private: str) -> str:
    return f"public_subnet_ids = [{public}]\nprivate_subnet_ids = [{private}]\n"


def test_a_vpc_alone_and_a_vpc_with_subnets_are_right(tmp_path: Path) -> None:
    assert told(tmp_path, VPC) == ""
    assert told(tmp_path, VPC + subnets(f"{ONE}, {TWO}", f"{THREE}, {FOUR}")) == ""


def test_subnets_without_their_vpc_mean_nothing(tmp_path: Path) -> None:
    said = told(tmp_path, subnets(f"{ONE}, {TWO}", f"{THREE}, {FOUR}"))
    assert said.count("nothing without `network.vpc_id`") == 2


@pytest.mark.parametrize(
    ("public", "private", "expected"),
    [
        (ONE, THREE, "found 1 subnet; allowed: 2 or 3 subnets, one for each zone"),
        (f"{ONE}, {TWO}", "", "private_subnet_ids: found 0 subnets; allowed: 2 or 3"),
        ("", f"{ONE}, {TWO}", "public_subnet_ids: found 0 subnets; allowed: 2 or 3"),
        (f"{ONE}, {TWO}, {FOUR}", f"{THREE}, {FOUR}", "which has 3"),
    ],
)
def test_there_is_one_of_each_tier_in_each_zone(
    tmp_path: Path, public: str, private: str, expected: str
) -> None:
    assert expected in told(tmp_path, VPC + subnets(public, private))


def test_an_existing_vpc_has_its_addresses_whoever_says_otherwise(tmp_path: Path) -> None:
    said = told(tmp_path, VPC + "cidr = '10.0.0.0/24'\n")
    assert 'cidr: found "10.0.0.0/24"; allowed: nothing beside `network.vpc_id`' in said
    said = told(tmp_path, VPC, UMETRICS_NETWORK_CIDR="10.9.0.0/24")
    assert said.startswith("environment UMETRICS_NETWORK_CIDR: found")


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("public_prefix = 27", "public_prefix: found 27; allowed: nothing beside"),
        ("private_prefix = 26", "private_prefix: found 26; allowed: nothing beside"),
        ("zones = 3", "zones: found 3; allowed: nothing, or as many as there are subnets"),
        ("zones = 2", ""),
        ("denied_zones = ['use1-az6']", ""),
    ],
)
def test_what_subnets_that_stand_say_themselves_cannot_be_said_otherwise(
    tmp_path: Path, setting: str, problem: str
) -> None:
    given = VPC + subnets(f"{ONE}, {TWO}", f"{THREE}, {FOUR}")
    said = told(tmp_path, f"{given}{setting}\n")
    assert problem in said
    assert bool(said) == bool(problem)
    assert told(tmp_path, f"{VPC}{setting}\n") == ""


def test_whether_subnets_fit_is_asked_of_the_vpc_that_is_there(tmp_path: Path) -> None:
    assert told(tmp_path, VPC + "private_prefix = 20\n") == ""
    assert "or larger" in told(tmp_path, "private_prefix = 20\n")
