"""One rule of a security group, as a value, and its way to and from EC2's two notations.

EC2 tells rules as nested permissions (in a group's description and in Authorize/Revoke calls) and
as flat items with ids and tags (DescribeSecurityGroupRules). Here both become `Rule`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import IpPermissionTypeDef, UserIdGroupPairTypeDef

Direction = Literal["ingress", "egress"]

ALL_PROTOCOLS = "-1"
ANYWHERE = "0.0.0.0/0"
ANYWHERE_IPV6 = "::/0"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule lets through; `peer` is a CIDR, a prefix list or a group (a Ref when wanted).

    `id`, `ours` and `owner` (the account of a peer group) tell where a found rule comes from and
    play no part in comparing. `foreign` is somebody else's that was asked to be removed, and so is
    `ours` to remove. Ports are -1 for all protocols, as EC2 has it.
    """

    direction: Direction
    protocol: str
    from_port: int
    to_port: int
    peer: str
    id: str = field(default="", compare=False)
    ours: bool = field(default=False, compare=False)
    owner: str = field(default="", compare=False)
    foreign: bool = field(default=False, compare=False)

    @property
    def identity(self) -> object:
        """A rule has no name: it is what it lets through."""
        return self

    def __str__(self) -> str:
        way = "from" if self.direction == "ingress" else "to"
        if self.protocol == ALL_PROTOCOLS:
            return f"{self.direction} everything {way} {self.peer}"
        ports = str(self.from_port)
        if self.to_port != self.from_port:
            ports = f"{self.from_port}-{self.to_port}"
        return f"{self.direction} {self.protocol} {ports} {way} {self.peer}"


DEFAULT_EGRESS = frozenset(
    Rule("egress", ALL_PROTOCOLS, -1, -1, peer) for peer in (ANYWHERE, ANYWHERE_IPV6)
)
"""What AWS puts on each new group: all out, and over IPv6 too where the VPC has it."""


def tcp(direction: Direction, port: int, peer: str) -> Rule:
    """A rule for one TCP port."""
    return Rule(direction, "tcp", port, port, peer)


def rule_of_description(description: Mapping[str, Any], *, ours: bool) -> Rule:
    """From an item of DescribeSecurityGroupRules."""
    peer = (
        description.get("CidrIpv4")
        or description.get("CidrIpv6")
        or description.get("PrefixListId")
        or description["ReferencedGroupInfo"]["GroupId"]
    )
    return Rule(
        "egress" if description["IsEgress"] else "ingress",
        description["IpProtocol"],
        description.get("FromPort", -1),
        description.get("ToPort", -1),
        peer,
        id=description.get("SecurityGroupRuleId", ""),
        ours=ours,
    )


def rules_of_group(group: Mapping[str, Any]) -> Iterator[Rule]:
    """All rules in an item of DescribeSecurityGroups; they come without ids."""
    yield from _rules_of_permissions("ingress", group["IpPermissions"])
    yield from _rules_of_permissions("egress", group["IpPermissionsEgress"])


def _rules_of_permissions(
    direction: Direction, permissions: Iterable[Mapping[str, Any]]
) -> Iterator[Rule]:
    for permission in permissions:
        ports = permission.get("FromPort", -1), permission.get("ToPort", -1)
        for peer, owner in _peers(permission):
            protocol = permission["IpProtocol"]
            yield Rule(direction, protocol, *ports, peer, ours=True, owner=owner)


def _peers(permission: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for ranges, name in (
        ("IpRanges", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId"),
        ("UserIdGroupPairs", "GroupId"),
    ):
        for each in permission.get(ranges, ()):
            yield each[name], each.get("UserId", "")


def permissions(rules: Iterable[Rule]) -> list[IpPermissionTypeDef]:
    """Rules as the `IpPermissions` of an Authorize or Revoke call: one permission each."""
    return [_permission(rule) for rule in sorted(rules, key=str)]


def _permission(rule: Rule) -> IpPermissionTypeDef:
    permission: IpPermissionTypeDef = {"IpProtocol": rule.protocol}
    if rule.protocol != ALL_PROTOCOLS:
        permission["FromPort"] = rule.from_port
        permission["ToPort"] = rule.to_port
    if rule.peer.startswith("sg-"):
        # A group of a peered account is not found without its owner.
        pair: UserIdGroupPairTypeDef = {"GroupId": rule.peer}
        if rule.owner:
            pair["UserId"] = rule.owner
        permission["UserIdGroupPairs"] = [pair]
    elif rule.peer.startswith("pl-"):
        permission["PrefixListIds"] = [{"PrefixListId": rule.peer}]
    elif ":" in rule.peer:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule.peer}]
    else:
        permission["IpRanges"] = [{"CidrIp": rule.peer}]
    return permission
