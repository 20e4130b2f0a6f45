"""Who lets whom through: security groups, by any rule; network ACLs, by the first that matches.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html and
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from umetrics.audit.catalogue.kind import Item
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.values import Passage, Place, Subnet

EVERY_PROTOCOL, TCP = "-1", frozenset({"6", "tcp"})
INGRESS, EGRESS = "IpPermissions", "IpPermissionsEgress"

EPHEMERAL = (1024, 65535)
"""Ports to which answers go; a network ACL has to let them back."""

Ports = tuple[int, int]


def groups_let(ground: Ground, gate: Place, peer: Place, port: int, way: str) -> Passage:
    """Whether the groups of `gate` let TCP to or from `peer` through, in the direction `way`."""
    if not gate.groups or not set(gate.groups) <= ground.groups.keys():
        return Passage.UNKNOWN
    rules = [
        rule
        for group in gate.groups
        for rule in ground.groups[group].get(way, ())
        if _is_about(str(rule["IpProtocol"]), rule.get("FromPort"), rule.get("ToPort"), port)
    ]
    named = {pair.get("GroupId") for rule in rules for pair in rule.get("UserIdGroupPairs", ())}
    if named & set(peer.groups):
        return Passage.OK
    ranges = [
        IPv4Network(each["CidrIp"], strict=False)
        for rule in rules
        for each in rule.get("IpRanges", ())
    ]
    if peer.subnets and all(_covered(subnet.range, ranges) for subnet in peer.subnets):
        return Passage.OK
    overlaps = any(each.overlaps(subnet.range) for each in ranges for subnet in peer.subnets)
    # A group that is told without its id may be any, a range may hold a subnet that is not told.
    is_open = None in named or any(rule.get("PrefixListIds") for rule in rules)
    may_hold = bool(ranges and (peer.unseen or not peer.subnets))
    return Passage.UNKNOWN if overlaps or is_open or may_hold else Passage.BLOCKED


def _is_about(protocol: str, first: int | None, last: int | None, port: int) -> bool:
    if protocol == EVERY_PROTOCOL:
        return True
    return protocol in TCP and first is not None and last is not None and first <= port <= last


def _covered(wanted: IPv4Network, ranges: Iterable[IPv4Network]) -> bool:
    return any(wanted.subnet_of(each) for each in ranges)


def acls_let(
    ground: Ground, source: Subnet, target: Subnet, port: int
) -> Iterator[tuple[str, Passage, str]]:
    """For each of the two ACLs its id, whether it lets request and answer through, and which not.

    Within one subnet no ACL is asked.
    """
    if source.id == target.id:
        return
    request, answer = (port, port), EPHEMERAL
    for here, there, out, in_ in (
        (source, target, request, answer),
        (target, source, answer, request),
    ):
        acl = ground.acls.get(here.id)
        if acl is None:
            yield here.id, Passage.UNKNOWN, f"no network ACL of {here.id} was seen"
            continue
        for egress, ports in ((True, out), (False, in_)):
            passage = _acl_lets(acl, there.range, ports, egress=egress)
            way = "to" if egress else "from"
            told = str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"
            yield acl["NetworkAclId"], passage, f"tcp {told} {way} {there.range} ({there.id})"


def _acl_lets(acl: Item, peer: IPv4Network, ports: Ports, *, egress: bool) -> Passage:
    """By the first entry that matches all of it; unknown where one before that matches a part."""
    entries = sorted(
        (each for each in acl.get("Entries", ()) if bool(each["Egress"]) is egress),
        key=lambda each: int(each["RuleNumber"]),
    )
    passages: set[Passage] = set()
    for entry in entries:
        matched = _matched(entry, peer, ports)
        if matched is None:
            continue
        passages.add(Passage.OK if entry["RuleAction"] == "allow" else Passage.BLOCKED)
        if matched:
            break
    else:
        passages.add(Passage.BLOCKED)
    return passages.pop() if len(passages) == 1 else Passage.UNKNOWN


def _matched(entry: Item, peer: IPv4Network, ports: Ports) -> bool | None:
    """Whether an entry is about all of the traffic; None where it is about nothing of it."""
    protocol = str(entry["Protocol"])
    if not entry.get("CidrBlock") or protocol not in {EVERY_PROTOCOL, *TCP}:
        return None
    range_ = IPv4Network(entry["CidrBlock"], strict=False)
    span = entry.get("PortRange") if protocol != EVERY_PROTOCOL else None
    first, last = (int(span["From"]), int(span["To"])) if span else (0, 65535)
    if not range_.overlaps(peer) or last < ports[0] or first > ports[1]:
        return None
    return peer.subnet_of(range_) and first <= ports[0] and ports[1] <= last
