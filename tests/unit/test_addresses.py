"""The address plan: pure arithmetic, so most is proved for every plan one can ask for."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.errors import ConfigurationError
from umetrics.provision.addresses import AddressPlan, nearest_vpc_cidr, plan_addresses


@st.composite
def vpc_cidrs(draw: st.DrawFn) -> str:
    base = draw(st.sampled_from(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]))
    prefix = draw(st.integers(16, 24))
    block = IPv4Network(base)
    offset = draw(st.integers(0, (1 << (prefix - block.prefixlen)) - 1))
    return str(IPv4Network((int(block.network_address) + (offset << (32 - prefix)), prefix)))


asked_plans = st.tuples(vpc_cidrs(), st.integers(16, 27), st.integers(16, 28), st.integers(2, 3))


def fits_somewhere(prefix: int, public: int, private: int, zones: int) -> bool:
    """Brute force: lay the subnets into a block of that prefix, by looking at real networks."""
    if public < prefix or private < prefix:
        return False
    block = IPv4Network(("10.0.0.0", prefix))
    publics = [net for net, _ in zip(block.subnets(new_prefix=public), range(zones), strict=False)]
    if len(publics) < zones:
        return False
    last = int(publics[-1].broadcast_address)
    free = (net for net in block.subnets(new_prefix=private) if int(net.network_address) > last)
    return len([net for net, _ in zip(free, range(zones), strict=False)]) == zones


def problem_text(cidr: str, **settings: int) -> str:
    with pytest.raises(ConfigurationError) as caught:
        plan_addresses(cidr, **settings)
    assert caught.value.hint
    return str(caught.value)


def test_the_default_plan_is_the_one_of_the_requirements() -> None:
    assert plan_addresses("10.0.0.0/24") == AddressPlan(
        public=("10.0.0.0/27", "10.0.0.32/27"), private=("10.0.0.64/26", "10.0.0.128/26")
    )


def test_private_subnets_start_at_the_next_address_aligned_for_them() -> None:
    plan = plan_addresses("10.0.0.0/23", zones=3)
    assert plan.public == ("10.0.0.0/27", "10.0.0.32/27", "10.0.0.64/27")
    assert plan.private == ("10.0.0.128/26", "10.0.0.192/26", "10.0.1.0/26")


@given(asked_plans)
def test_a_plan_either_holds_together_or_names_the_smallest_cidr_that_does(
    asked: tuple[str, int, int, int],
) -> None:
    cidr, public_prefix, private_prefix, zones = asked
    vpc = IPv4Network(cidr)
    fitting = [
        prefix
        for prefix in range(24, 15, -1)
        if fits_somewhere(prefix, public_prefix, private_prefix, zones)
    ]
    try:
        plan = plan_addresses(
            cidr, public_prefix=public_prefix, private_prefix=private_prefix, zones=zones
        )
    except ConfigurationError as error:
        assert vpc.prefixlen not in fitting
        (problem,) = error.problems
        if fitting:
            wider = IPv4Network(problem.suggestion)
            assert wider.prefixlen == fitting[0]
            assert vpc.subnet_of(wider)
        else:
            assert problem.where in {"network.public_prefix", "network.private_prefix"}
        return
    public = [IPv4Network(each) for each in plan.public]
    private = [IPv4Network(each) for each in plan.private]
    assert vpc.prefixlen in fitting
    assert len(public) == len(private) == zones
    assert {net.prefixlen for net in public} == {public_prefix}
    assert {net.prefixlen for net in private} == {private_prefix}
    assert all(net.subnet_of(vpc) and net.is_private for net in public + private)
    assert not any(one.overlaps(other) for one, other in combinations(public + private, 2))
    assert public + private == sorted(public + private)
    gap = int(private[0].network_address) - int(public[-1].broadcast_address) - 1
    assert 0 <= gap < private[0].num_addresses


@given(vpc_cidrs(), st.integers(1, 254))
def test_host_bits_are_refused_with_the_canonical_form(cidr: str, host: int) -> None:
    crooked = f"{IPv4Network(cidr)[host]}/{IPv4Network(cidr).prefixlen}"
    assert nearest_vpc_cidr(crooked) == cidr
    assert f"Did you mean {cidr}?" in problem_text(crooked)


@pytest.mark.parametrize(
    ("cidr", "nearest"),
    [
        ("10.0.0.0/8", "10.0.0.0/16"),
        ("10.1.2.64/26", "10.1.2.0/24"),
        ("10.0.0.0", "10.0.0.0/24"),
        ("10.0.0.0/255.255.255.0", "10.0.0.0/24"),
        (" 10.0.0.0/24", None),
        ("fd00::/24", None),
        ("10.0.0/24", None),
        ("10.0.0.0/33", None),
        ("", None),
        ("ten", None),
    ],
)
def test_what_is_no_vpc_cidr_is_refused_with_the_nearest_one(
    cidr: str, nearest: str | None
) -> None:
    assert nearest_vpc_cidr(cidr) == nearest
    text = problem_text(cidr)
    assert "an IPv4 CIDR of /16 to /24" in text
    assert (f"Did you mean {nearest}?" in text) == (nearest is not None)


def test_three_zones_do_not_fit_a_24_and_the_error_says_what_does() -> None:
    text = problem_text("10.0.1.0/24", zones=3)
    assert "/23 or larger (3 x /27 and 3 x /26 take 320 addresses)" in text
    assert "Did you mean 10.0.0.0/23?" in text


def test_every_bad_value_is_reported_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        plan_addresses("10.0.0.1/24", public_prefix=28, private_prefix=29, zones=4)
    assert [problem.where for problem in caught.value.problems] == [
        "network.cidr",
        "network.zones",
        "network.public_prefix",
        "network.private_prefix",
    ]


@pytest.mark.parametrize("zones", [0, 1, 4])
def test_only_two_or_three_zones_are_planned(zones: int) -> None:
    assert "network.zones: found" in problem_text("10.0.0.0/20", zones=zones)


def test_subnets_that_no_vpc_holds_are_blamed_on_the_larger_of_them() -> None:
    assert "network.private_prefix: found 17" in problem_text("10.0.0.0/16", private_prefix=17)
    assert "network.public_prefix: found 16" in problem_text("10.0.0.0/16", public_prefix=16)
