"""New subnets find room among those that stand, which are never moved."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.errors import ConfigurationError
from umetrics.provision.placement import free_blocks, place, unplaced

VPC = "10.0.0.0/24"
PLANNED = {"a": "10.0.0.0/27", "b": "10.0.0.32/27", "c": "10.0.0.64/26"}


def test_in_an_empty_vpc_all_lies_where_it_is_planned() -> None:
    assert place([VPC], PLANNED, {}) == PLANNED


def test_what_stands_stays_and_the_next_takes_the_smallest_block_that_is_free() -> None:
    standing = {"b": "10.0.0.0/27"}
    assert place([VPC], PLANNED, standing) == {
        "a": "10.0.0.32/27",
        "b": "10.0.0.0/27",
        "c": "10.0.0.64/26",
    }


def test_what_stands_in_another_size_keeps_its_plan_and_so_becomes_a_conflict() -> None:
    assert place([VPC], PLANNED, {"a": "10.0.0.0/28"})["a"] == "10.0.0.0/27"


def test_nothing_is_put_where_others_are() -> None:
    placed = place([VPC], PLANNED, {}, foreign=["10.0.0.0/28", "10.0.0.64/26"])
    assert placed == {"a": "10.0.0.192/27", "b": "10.0.0.32/27", "c": "10.0.0.128/26"}


def test_what_has_no_planned_place_goes_where_there_is_room_in_any_range() -> None:
    wanted = dict(zip("abc", (*unplaced(28, 2), *unplaced(27, 1)), strict=True))
    ranges = ["10.0.0.0/27", "10.9.0.0/26"]
    assert place(ranges, wanted, {}, foreign=["10.0.0.0/28"]) == {
        "a": "10.0.0.16/28",
        "b": "10.9.0.32/28",
        "c": "10.9.0.0/27",
    }


def test_the_large_ones_are_placed_first_so_that_all_find_room() -> None:
    wanted = dict(zip("abc", (*unplaced(28, 2), *unplaced(27, 1)), strict=True))
    placed = place(["10.0.0.0/26"], wanted, {})
    assert placed == {"a": "10.0.0.32/28", "b": "10.0.0.48/28", "c": "10.0.0.0/27"}


def test_without_room_the_largest_free_block_is_named() -> None:
    foreign = ["10.0.0.0/25", "10.0.0.128/27", "10.0.0.192/26"]
    with pytest.raises(ConfigurationError) as caught:
        place([VPC], {"c": "10.0.0.64/26"}, {}, foreign)
    assert "no room for c (/26) in 10.0.0.0/24" in str(caught.value)
    assert "10.0.0.160/27 is the largest free block" in str(caught.value)


def test_a_full_vpc_is_said_to_be_full() -> None:
    with pytest.raises(ConfigurationError, match="nothing is free"):
        place([VPC], {"a": "10.0.0.0/27"}, {}, ["10.0.0.0/24"])


def test_free_blocks_are_aligned_and_come_largest_first() -> None:
    assert free_blocks(VPC, ["10.0.0.0/27", "10.0.0.128/25"]) == ["10.0.0.64/26", "10.0.0.32/27"]


BLOCKS = st.builds(
    lambda prefix, place: str(
        list(IPv4Network("10.0.0.0/22").subnets(new_prefix=prefix))[place % (1 << (prefix - 22))]
    ),
    st.integers(24, 28),
    st.integers(0, 63),
)


@given(
    foreign=st.lists(BLOCKS, max_size=4),
    planned=st.dictionaries(st.sampled_from("abcdef"), BLOCKS, max_size=5),
)
def test_whatever_is_there_nothing_overlaps_and_nothing_leaves_the_vpc(
    foreign: list[str], planned: dict[str, str]
) -> None:
    try:
        placed = place(["10.0.0.0/22"], planned, {}, foreign)
    except ConfigurationError:
        return
    networks = [IPv4Network(cidr) for cidr in placed.values()]
    assert not any(one.overlaps(other) for one, other in combinations(networks, 2))
    for key, network in zip(placed, networks, strict=True):
        assert network.prefixlen == IPv4Network(planned[key]).prefixlen
        assert network.subnet_of(IPv4Network("10.0.0.0/22"))
        assert not any(network.overlaps(IPv4Network(each)) for each in foreign)
