"""Each thing that makes an existing VPC unfit, or worth a remark, is told with what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Network
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.config import Network
from umetrics.config.network import Nat
from umetrics.errors import ConfigurationError
from umetrics.provision.fitness import Fits, Verdict, judge, judge_subnets, proposed_subnets
from umetrics.provision.placement import place, unplaced
from umetrics.provision.survey import SurveyedSubnet, SurveyedVpc

NOTHING_OF_OURS: Mapping[str, str] = MappingProxyType({})


def subnet(name: str) -> SurveyedSubnet:
    """`public-1` leads to an internet gateway, `private-1` to a NAT gateway; 1 is the zone."""
    tier, _, zone = name.partition("-")
    return SurveyedSubnet(
        id=f"subnet-{name}",
        cidr=f"10.0.{4 * (tier == 'private') + int(zone)}.0/24",
        zone=f"use1-az{zone}",
        name="",
        table=f"rtb-{tier}",
        way_out="igw-1" if tier == "public" else "nat-1",
        blackhole=False,
        serves_s3=tier == "private",
        free_addresses=200,
        deployment="",
    )


TIERS = tuple(subnet(name) for name in ("public-1", "public-2", "private-1", "private-2"))

VPC = SurveyedVpc(
    id="vpc-1",
    cidrs=("10.0.0.0/16",),
    name="application",
    owner="platform@example.org",
    deployment="",
    is_default=False,
    dns_support=True,
    dns_hostnames=True,
    internet_gateway="igw-1",
    subnets=TIERS,
)


def told(verdicts: Sequence[Verdict], fits: Fits) -> list[str]:
    return [verdict.text for verdict in verdicts if verdict.fits is fits]


def unfit(vpc: SurveyedVpc, network: Network | None = None) -> list[str]:
    return told(judge(vpc, network or Network(), NOTHING_OF_OURS), Fits.UNFIT)


def with_subnets(
    *subnets: SurveyedSubnet, nat: Nat = "single", s3_endpoint: bool = True
) -> tuple[Verdict, ...]:
    """Judged as named for the tiers that their ids say."""
    public, private = (
        [each.id for each in subnets if each.id.startswith(f"subnet-{tier}")]
        for tier in ("public", "private")
    )
    vpc = replace(VPC, subnets=subnets)
    return judge_subnets(vpc, public, private, nat=nat, s3_endpoint=s3_endpoint)


def test_a_vpc_with_room_names_and_a_gateway_fits_and_its_owner_is_named() -> None:
    verdicts = judge(VPC, Network(), NOTHING_OF_OURS)
    assert told(verdicts, Fits.UNFIT) == []
    assert told(verdicts, Fits.REMARK) == [
        "its Owner tag says platform@example.org: agree with them"
    ]
    assert [verdict.topic for verdict in verdicts if verdict.fits is Fits.FITS] == [
        "DNS support",
        "DNS hostnames",
        "free space",
        "internet gateway",
    ]


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"internet_gateway": ""}, "no internet gateway: attach one"),
        ({"dns_support": False}, "set enableDnsSupport"),
        ({"deployment": "UserMetrics/prod"}, "part of UserMetrics/prod"),
        ({"shared_by": "111122223333"}, "only account 111122223333 can make subnets"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_makes_it_unfit_is_told_alone(attributes: dict[str, Any], words: str) -> None:
    (text,) = unfit(replace(VPC, **attributes))
    assert words in text


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"dns_hostnames": False}, "need enableDnsHostnames"),
        ({"is_default": True}, "the default VPC"),
        ({"owner": ""}, "no Owner tag"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_is_only_worth_knowing_does_not_forbid_it(
    attributes: dict[str, Any], words: str
) -> None:
    verdicts = judge(replace(VPC, **attributes), Network(), NOTHING_OF_OURS)
    assert told(verdicts, Fits.UNFIT) == []
    assert any(words in text for text in told(verdicts, Fits.REMARK))


def test_without_room_the_largest_free_block_of_all_ranges_is_named() -> None:
    full = replace(VPC, cidrs=("10.0.0.0/24", "10.0.1.0/25"), subnets=(subnet("public-1"),))
    taken = [replace(TIERS[0], cidr=cidr) for cidr in ("10.0.0.0/24", "10.0.1.0/26")]
    (text,) = unfit(replace(full, subnets=tuple(taken)))
    assert "no room for 2 x /27 and 2 x /26, the largest free block is 10.0.1.64/26" in text
    whole = replace(full, cidrs=("10.0.0.0/24",), subnets=(replace(TIERS[0], cidr="10.0.0.0/24"),))
    assert "nothing is free" in unfit(whole)[0]


def test_a_second_range_gives_room() -> None:
    crowded = replace(VPC, cidrs=("10.0.1.0/24",))
    assert unfit(crowded)
    assert not unfit(replace(crowded, cidrs=("10.0.1.0/24", "10.9.0.0/24")))


def test_subnets_of_ours_that_stand_need_no_room_again() -> None:
    full = replace(VPC, cidrs=("10.0.1.0/24",))
    ours = {f"subnet/{tier}-{zone}": "" for tier in ("public", "private") for zone in "ab"}
    verdicts = judge(full, Network(), ours)
    assert told(verdicts, Fits.UNFIT) == []
    del ours["subnet/private-b"]
    (text,) = told(judge(full, Network(), ours), Fits.UNFIT)
    assert text.startswith("no room for 1 x /26,")


@given(
    st.sets(st.integers(0, 15), max_size=14),
    st.integers(2, 3),
    st.integers(24, 27),
    st.integers(24, 28),
)
def test_room_is_where_everything_can_be_placed(
    taken: set[int], zones: int, public: int, private: int
) -> None:
    ranges = ("10.0.0.0/24", "10.8.0.0/23")
    blocks = [block for each in ranges for block in IPv4Network(each).subnets(new_prefix=27)]
    others = [replace(TIERS[0], cidr=str(blocks[number])) for number in sorted(taken)]
    vpc = replace(VPC, cidrs=ranges, subnets=tuple(others))
    network = Network(zones=zones, public_prefix=public, private_prefix=private)
    wanted = enumerate((*unplaced(public, zones), *unplaced(private, zones)))
    try:
        place(ranges, {str(n): cidr for n, cidr in wanted}, {}, [each.cidr for each in others])
    except ConfigurationError:
        assert "the largest free block is" in unfit(vpc, network)[0]
    else:
        assert unfit(vpc, network) == []


def test_subnets_of_both_tiers_in_two_zones_fit() -> None:
    verdicts = with_subnets(*TIERS)
    assert told(verdicts, Fits.UNFIT) == []
    fine = told(verdicts, Fits.FITS)
    assert "zones use1-az1, use1-az2" in fine
    assert "public subnets lead to igw-1" in fine
    assert "private subnets lead to nat-1" in fine


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            replace(subnet("public-2"), way_out="nat-1"),
            "rtb-public needs a route to an internet gateway",
        ),
        (replace(subnet("public-2"), way_out=""), "subnet-public-2 leads nowhere"),
        (
            replace(subnet("public-2"), blackhole=True),
            "leads to igw-1, which is gone: repair rtb-public",
        ),
        (replace(subnet("public-2"), cidr="10.0.2.0/28"), "is a /28: a load balancer needs a /27"),
        (replace(subnet("private-2"), way_out="igw-1"), "subnet-private-2 leads straight to igw-1"),
        (replace(subnet("private-2"), way_out=""), 'or set nat = "none"'),
        (replace(subnet("private-2"), blackhole=True), "leads to nat-1, which is gone"),
        (replace(subnet("private-2"), deployment="UserMetrics/qa"), "part of UserMetrics/qa"),
        (
            replace(subnet("private-2"), zone="use1-az3"),
            "private ones in use1-az1, use1-az3: name one",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_subnet_that_is_not_what_it_is_named_for_is_told_alone(
    wrong: SurveyedSubnet, words: str
) -> None:
    (text,) = told(
        with_subnets(*(wrong if each.id == wrong.id else each for each in TIERS)), Fits.UNFIT
    )
    assert words in text


def test_a_zone_is_named_once_in_a_tier_and_there_are_two_of_them() -> None:
    twin = replace(subnet("public-2"), id="subnet-public-3")
    (text,) = told(with_subnets(*TIERS, twin), Fits.UNFIT)
    assert text == (
        "subnet-public-2, subnet-public-3 lie in one zone, use1-az2: name one public subnet there"
    )
    (text,) = told(with_subnets(TIERS[0], TIERS[2]), Fits.UNFIT)
    assert "a load balancer needs two zones" in text


def test_a_local_zone_is_no_availability_zone() -> None:
    local = [replace(each, zone=each.zone.replace("az2", "bos1-az1")) for each in TIERS]
    (text,) = told(with_subnets(*local), Fits.UNFIT)
    assert text.startswith("use1-bos1-az1 is no availability zone")


def test_a_zone_that_is_denied_is_denied_to_subnets_that_stand_there() -> None:
    public, private = (
        ["subnet-public-1", "subnet-public-2"],
        ["subnet-private-1", "subnet-private-2"],
    )
    denied = ["use1-az2", "use1-az3"]
    verdicts = judge_subnets(VPC, public, private, nat="single", s3_endpoint=True, denied=denied)
    lies = "lies in use1-az2, which `denied_zones` names: name another, or allow it"
    assert told(verdicts, Fits.UNFIT) == [f"subnet-public-2 {lies}", f"subnet-private-2 {lies}"]


def test_ids_that_are_elsewhere_or_in_both_lists_are_named() -> None:
    public, private = ["subnet-public-1", "subnet-gone"], ["subnet-private-1", "subnet-public-1"]
    texts = told(judge_subnets(VPC, public, private, nat="single", s3_endpoint=True), Fits.UNFIT)
    assert "subnet-gone is not in vpc-1: name another" in texts
    assert "subnet-public-1 is named as public and as private: take it out of one" in texts


def test_the_ways_out_are_judged_as_the_nat_mode_wants_them() -> None:
    isolated = [replace(each, way_out="") if each.way_out == "nat-1" else each for each in TIERS]
    assert told(with_subnets(*isolated, nat="none"), Fits.UNFIT) == []
    assert len(told(with_subnets(*isolated), Fits.UNFIT)) == 2

    (remark,) = told(with_subnets(*TIERS, nat="per-zone"), Fits.REMARK)[1:]
    assert remark.startswith("nat-1 serves 2 zones")
    for other_way in ("nat-2", "tgw-1"):
        apart = (*TIERS[:3], replace(subnet("private-2"), way_out=other_way))
        assert len(told(with_subnets(*apart, nat="per-zone"), Fits.REMARK)) == 1


def test_a_missing_endpoint_and_few_addresses_are_remarks() -> None:
    there = (*TIERS[:3], replace(subnet("private-2"), serves_s3=False))
    (remark,) = told(with_subnets(*there), Fits.REMARK)[1:]
    assert remark.startswith("no S3 endpoint on rtb-private: add one")
    assert told(with_subnets(*there, s3_endpoint=False), Fits.REMARK)[1:] == []
    few = (replace(subnet("public-1"), free_addresses=7), *TIERS[1:])
    (remark,) = told(with_subnets(*few), Fits.REMARK)[1:]
    assert remark == "subnet-public-1 has 7 free addresses: a new load balancer needs 8"


def test_the_emptiest_subnet_of_each_tier_and_zone_is_proposed() -> None:
    fuller = replace(subnet("public-1"), id="subnet-fuller", free_addresses=20)
    third = (subnet("public-3"), subnet("private-3"))
    vpc = replace(VPC, subnets=(*third, fuller, *TIERS))
    assert proposed_subnets(vpc, 2) == (
        ("subnet-public-1", "subnet-public-2"),
        ("subnet-private-1", "subnet-private-2"),
    )
    assert proposed_subnets(vpc, 2, ["use1-az1"])[0] == ("subnet-public-2", "subnet-public-3")
    assert len(proposed_subnets(vpc, 3)[1]) == 3


@pytest.mark.parametrize(
    "useless",
    [
        {"way_out": ""},
        {"blackhole": True},
        {"deployment": "UserMetrics/qa"},
        {"free_addresses": 7},
        {"zone": "use1-bos1-az1"},
    ],
    ids=str,
)
def test_what_would_not_do_is_not_proposed(useless: dict[str, Any]) -> None:
    vpc = replace(VPC, subnets=(*TIERS[:3], replace(TIERS[3], **useless)))
    assert proposed_subnets(vpc, 2) == ((), ())


@pytest.mark.parametrize("nat", ["single", "per-zone"])
def test_what_is_proposed_fits(nat: Nat) -> None:
    public, private = proposed_subnets(VPC, 2)
    verdicts = judge_subnets(VPC, public, private, nat=nat, s3_endpoint=True)
    assert told(verdicts, Fits.UNFIT) == []
