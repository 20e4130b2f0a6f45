"""The VPC, with what AWS makes beside it: default group, main route table, default network ACL.

Those three cannot be created, named or deleted by themselves; they are parts of the VPC, tagged
with it and gone with it. The default group's rules are removed, since anything launched without a
group lands in it (https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from umetrics.errors import NotFound
from umetrics.pool import both, together
from umetrics.provision.model import Found, Part, Phase, Resource, Where, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    Ec2Kind,
    filters,
    only,
    tag_specifications,
    tags_of,
)
from umetrics.provision.resources.rule import Rule, permissions, rules_of_group

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from umetrics.aws import Aws

AVAILABLE_WITHIN = 600
"""Seconds. A VPC is usable within a few; Terraform too allows it ten minutes."""

DEFAULT_GROUP = "default security group"


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC; `default_group_rules` is what its default group lets through (wanted: nothing)."""

    cidr: str = field(metadata=fixed())
    dns_support: bool = True
    dns_hostnames: bool = True
    default_group_rules: frozenset[Rule] = frozenset()


class VpcHandler(Ec2Kind[Vpc]):
    """DescribeVpcs, then attributes and parts of each VPC in one more round."""

    label = "VPC"
    id_filter = "vpc-id"
    may_be_doubled = True

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        for page in aws.ec2.get_paginator("describe_vpcs").paginate(Filters=selected):
            yield from page["Vpcs"]

    def parse(self, description: Description) -> Found[Vpc]:
        phase = Phase.PENDING if description["State"] == "pending" else Phase.READY
        return Found(
            description["VpcId"], Vpc(description["CidrBlock"]), tags_of(description), phase=phase
        )

    def glance(self, aws: Aws, where: Where) -> Iterator[Found[Vpc]]:
        return super().find(aws, where)

    def find(self, aws: Aws, where: Where) -> Iterator[Found[Vpc]]:
        listed = self.glance(aws, where)
        yield from together(*[partial(_completed, aws, vpc) for vpc in listed])

    def create(self, aws: Aws, desired: Resource[Vpc], token: str) -> Found[Vpc]:
        del token
        answer = aws.once.ec2.create_vpc(
            CidrBlock=desired.spec.cidr,
            TagSpecifications=tag_specifications("vpc", desired.tags),
        )
        return replace(self.parse(answer["Vpc"]), phase=Phase.PENDING)

    def settle(self, aws: Aws, found: Found[Vpc]) -> Found[Vpc]:
        """Wait until it is available, then look at its attributes and parts."""
        by_id = filters(vpc_id=found.id)

        def available() -> bool:
            return any(vpc["State"] == "available" for vpc in self.describe(aws, by_id))

        aws.patience.until(available, at_most=AVAILABLE_WITHIN, waiting_for=f"VPC {found.id}")
        return _completed(aws, replace(found, phase=Phase.READY))

    def update(self, aws: Aws, found: Found[Vpc], desired: Resource[Vpc]) -> None:
        wanted = desired.spec
        if found.spec.dns_support != wanted.dns_support:
            aws.ec2.modify_vpc_attribute(
                VpcId=found.id, EnableDnsSupport={"Value": wanted.dns_support}
            )
        if found.spec.dns_hostnames != wanted.dns_hostnames:
            aws.ec2.modify_vpc_attribute(
                VpcId=found.id, EnableDnsHostnames={"Value": wanted.dns_hostnames}
            )
        surplus = found.spec.default_group_rules - wanted.default_group_rules
        default_group = next(part.id for part in found.parts if part.kind == DEFAULT_GROUP)
        # Not found: the answer to a first try was lost.
        if ingress := permissions(rule for rule in surplus if rule.direction == "ingress"):
            with suppress(NotFound):
                aws.ec2.revoke_security_group_ingress(GroupId=default_group, IpPermissions=ingress)
        if egress := permissions(rule for rule in surplus if rule.direction == "egress"):
            with suppress(NotFound):
                aws.ec2.revoke_security_group_egress(GroupId=default_group, IpPermissions=egress)

    def delete(self, aws: Aws, found: Found[Vpc]) -> None:
        aws.ec2.delete_vpc(VpcId=found.id)


def _completed(aws: Aws, vpc: Found[Vpc]) -> Found[Vpc]:
    """The VPC with its attributes and parts: five calls at once."""
    (support, hostnames), ((group, rules), table, network_acl) = both(
        partial(dns_attributes, aws, vpc.id), partial(_parts, aws, vpc.id)
    )
    spec = replace(
        vpc.spec, dns_support=support, dns_hostnames=hostnames, default_group_rules=rules
    )
    return replace(vpc, spec=spec, parts=(group, table, network_acl))


def dns_attributes(aws: Aws, vpc: str) -> tuple[bool, bool]:
    """Whether names resolve, and whether instances get any; two calls at once."""
    support, hostnames = both(
        partial(aws.ec2.describe_vpc_attribute, VpcId=vpc, Attribute="enableDnsSupport"),
        partial(aws.ec2.describe_vpc_attribute, VpcId=vpc, Attribute="enableDnsHostnames"),
    )
    return (
        bool(support["EnableDnsSupport"].get("Value")),
        bool(hostnames["EnableDnsHostnames"].get("Value")),
    )


def _parts(aws: Aws, vpc: str) -> tuple[tuple[Part, frozenset[Rule]], Part, Part]:
    group, (table, network_acl) = both(
        partial(_default_group, aws, vpc),
        partial(both, partial(_main_route_table, aws, vpc), partial(_default_acl, aws, vpc)),
    )
    return group, table, network_acl


def _default_group(aws: Aws, vpc: str) -> tuple[Part, frozenset[Rule]]:
    selected = filters(vpc_id=vpc, group_name="default")
    group = only(
        aws.ec2.describe_security_groups(Filters=selected)["SecurityGroups"],
        f"the default group of {vpc}",
    )
    return Part(DEFAULT_GROUP, group["GroupId"], tags_of(group)), frozenset(rules_of_group(group))


def _main_route_table(aws: Aws, vpc: str) -> Part:
    selected = filters(**{"vpc-id": vpc, "association.main": "true"})
    table = only(
        aws.ec2.describe_route_tables(Filters=selected)["RouteTables"],
        f"the main route table of {vpc}",
    )
    return Part("main route table", table["RouteTableId"], tags_of(table))


def _default_acl(aws: Aws, vpc: str) -> Part:
    selected = filters(vpc_id=vpc, default="true")
    network_acl = only(
        aws.ec2.describe_network_acls(Filters=selected)["NetworkAcls"],
        f"the default network ACL of {vpc}",
    )
    return Part("default network ACL", network_acl["NetworkAclId"], tags_of(network_acl))
