"""Rules of security groups, to EC2's notations and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.provision.model import Element
from umetrics.provision.resources.rule import (
    ANYWHERE,
    DEFAULT_EGRESS,
    Direction,
    Rule,
    permissions,
    rule_of_description,
    rules_of_group,
    tcp,
)

PEERS = {
    "10.0.0.0/8": ("IpRanges", {"CidrIp": "10.0.0.0/8"}),
    "2001:db8::/32": ("Ipv6Ranges", {"CidrIpv6": "2001:db8::/32"}),
    "pl-12": ("PrefixListIds", {"PrefixListId": "pl-12"}),
    "sg-12": ("UserIdGroupPairs", {"GroupId": "sg-12"}),
}


def test_a_rule_is_what_it_lets_through_and_not_where_it_comes_from() -> None:
    bare = tcp("ingress", 443, ANYWHERE)
    found = Rule("ingress", "tcp", 443, 443, ANYWHERE, id="sgr-1", ours=True)
    assert bare == found
    assert hash(bare) == hash(found)
    assert bare.identity == found.identity
    assert isinstance(bare, Element)


@pytest.mark.parametrize(
    "other",
    [
        tcp("egress", 443, ANYWHERE),
        tcp("ingress", 80, ANYWHERE),
        tcp("ingress", 443, "10.0.0.0/8"),
        Rule("ingress", "udp", 443, 443, ANYWHERE),
        Rule("ingress", "tcp", 443, 444, ANYWHERE),
    ],
    ids=str,
)
def test_a_rule_that_lets_something_else_through_is_another(other: Rule) -> None:
    assert tcp("ingress", 443, ANYWHERE) != other


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (tcp("ingress", 443, ANYWHERE), "ingress tcp 443 from 0.0.0.0/0"),
        (tcp("egress", 5432, "sg-1"), "egress tcp 5432 to sg-1"),
        (Rule("ingress", "udp", 1, 9, "pl-1"), "ingress udp 1-9 from pl-1"),
        (Rule("egress", "-1", -1, -1, ANYWHERE), "egress everything to 0.0.0.0/0"),
    ],
)
def test_a_rule_reads_like_a_sentence(rule: Rule, text: str) -> None:
    assert str(rule) == text


def test_a_new_group_lets_everything_out_over_both_protocols() -> None:
    assert {(rule.direction, rule.protocol, rule.peer) for rule in DEFAULT_EGRESS} == {
        ("egress", "-1", "0.0.0.0/0"),
        ("egress", "-1", "::/0"),
    }


@pytest.mark.parametrize(("peer", "notation"), PEERS.items())
def test_each_kind_of_peer_has_its_own_place(peer: str, notation: tuple[str, Any]) -> None:
    place, content = notation
    assert permissions([tcp("ingress", 443, peer)]) == [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, place: [content]}
    ]


def test_all_protocols_have_no_ports() -> None:
    assert permissions([Rule("egress", "-1", -1, -1, ANYWHERE)]) == [
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}
    ]


def test_permissions_come_in_one_order_whatever_the_set() -> None:
    rules = [tcp("ingress", port, ANYWHERE) for port in (80, 443, 22, 8080)]
    assert permissions(rules) == permissions(reversed(rules))


@pytest.mark.parametrize(
    ("place", "peer"),
    [
        ({"CidrIpv4": "10.0.0.0/8"}, "10.0.0.0/8"),
        ({"CidrIpv6": "::/0"}, "::/0"),
        ({"PrefixListId": "pl-1"}, "pl-1"),
        ({"ReferencedGroupInfo": {"GroupId": "sg-2"}}, "sg-2"),
    ],
)
@pytest.mark.parametrize("is_egress", [False, True])
def test_a_described_rule_is_read_with_its_id(
    place: dict[str, Any], peer: str, is_egress: bool
) -> None:
    rule = rule_of_description(
        {
            "SecurityGroupRuleId": "sgr-1",
            "IsEgress": is_egress,
            "IpProtocol": "tcp",
            "FromPort": 1,
            "ToPort": 9,
            **place,
        },
        ours=True,
    )
    assert rule == Rule("egress" if is_egress else "ingress", "tcp", 1, 9, peer)
    assert (rule.id, rule.ours) == ("sgr-1", True)


def test_a_described_rule_without_ports_is_for_all_of_them() -> None:
    rule = rule_of_description(
        {"IsEgress": True, "IpProtocol": "-1", "CidrIpv4": ANYWHERE}, ours=False
    )
    assert rule in DEFAULT_EGRESS
    assert not rule.ours


def test_a_default_group_lets_itself_in_and_everything_out() -> None:
    group = {
        "IpPermissions": [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-0"}]}],
        "IpPermissionsEgress": [
            {
                "IpProtocol": "-1",
                "IpRanges": [{"CidrIp": ANYWHERE}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            }
        ],
    }
    rules = list(rules_of_group(group))
    assert set(rules) == {Rule("ingress", "-1", -1, -1, "sg-0"), *DEFAULT_EGRESS}
    assert all(rule.ours for rule in rules)


RULES = st.builds(
    Rule,
    st.sampled_from(["ingress", "egress"]),
    st.sampled_from(["tcp", "udp"]),
    st.integers(0, 65535),
    st.integers(0, 65535),
    st.sampled_from(list(PEERS)),
) | st.builds(
    Rule,
    st.sampled_from(["ingress", "egress"]),
    st.just("-1"),
    st.just(-1),
    st.just(-1),
    st.sampled_from(list(PEERS)),
)


@given(st.frozensets(RULES))
def test_what_is_sent_to_ec2_says_what_was_meant(rules: frozenset[Rule]) -> None:
    def sent(direction: Direction) -> list[Any]:
        return [*permissions(rule for rule in rules if rule.direction == direction)]

    group = {"IpPermissions": sent("ingress"), "IpPermissionsEgress": sent("egress")}
    assert frozenset(rules_of_group(group)) == rules
