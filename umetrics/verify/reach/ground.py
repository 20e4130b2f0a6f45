"""What was listed of the network, by id: which table, which ACL, which rules count for a subnet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from umetrics.audit.catalogue.kind import Item
from umetrics.verify.reach.values import Place, Subnet

NEEDED = (
    "subnet",
    "route-table",
    "security-group",
    "network-acl",
    "vpc-peering-connection",
    "rds-cluster",
    "rds-instance",
    "rds-proxy",
)
"""Kinds without which nothing can be said about a way to a database."""


@dataclass(frozen=True, slots=True)
class Ground:
    """By id; tables and ACLs by the subnet for which they count."""

    subnets: Mapping[str, Subnet]
    tables: Mapping[str, Item]
    acls: Mapping[str, Item]
    groups: Mapping[str, Item]
    peerings: Mapping[str, Item]
    nats: Mapping[str, Item]

    @classmethod
    def of(cls, listed: Mapping[str, Sequence[Item]]) -> Ground:
        """From what the catalogue's kinds list."""
        subnets = {
            each["SubnetId"]: Subnet(
                each["SubnetId"], each["VpcId"], IPv4Network(each["CidrBlock"], strict=False)
            )
            for each in listed["subnet"]
            if each.get("CidrBlock")
        }
        return cls(
            subnets=subnets,
            tables=dict(_tables(listed["route-table"], subnets)),
            acls={
                association["SubnetId"]: acl
                for acl in listed["network-acl"]
                for association in acl.get("Associations", ())
            },
            groups={each["GroupId"]: each for each in listed["security-group"]},
            peerings={
                each["VpcPeeringConnectionId"]: each for each in listed["vpc-peering-connection"]
            },
            nats={each["NatGatewayId"]: each for each in listed.get("nat-gateway", ())},
        )

    def named(self, ids: Sequence[str]) -> tuple[Subnet, ...]:
        """The subnets with these ids, as far as they are there and have a range of IPv4."""
        return tuple(self.subnets[each] for each in ids if each in self.subnets)

    def place(
        self, name: str, subnets: Sequence[str], groups: Sequence[str], port: int = 0
    ) -> Place:
        """What has interfaces in these subnets, with these groups."""
        unseen = tuple(each for each in subnets if each not in self.subnets)
        return Place(name, self.named(subnets), tuple(groups), port, unseen)


def _tables(tables: Sequence[Item], subnets: Mapping[str, Subnet]) -> Iterator[tuple[str, Item]]:
    """The main table of its VPC for each subnet, then those that have one of their own."""
    associated = [(each, table) for table in tables for each in table.get("Associations", ())]
    main = {table["VpcId"]: table for each, table in associated if each.get("Main")}
    for subnet in subnets.values():
        if subnet.vpc in main:
            yield subnet.id, main[subnet.vpc]
    for each, table in associated:
        if each.get("SubnetId"):
            yield each["SubnetId"], table
