"""What others have put into our VPC, or hung on our groups: one look for each kind of thing.

Each look is one Describe call; what it yields is matched again on this side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.provision.resources.ec2 import filters, tags_of

if TYPE_CHECKING:
    from umetrics.aws import Aws

DEFAULT_NAME = "default"
ATTACHED = frozenset({"attaching", "attached"})
PEERING_STATES = ("active", "pending-acceptance", "provisioning")


@dataclass(frozen=True, slots=True)
class Blocker:
    """A foreign thing: its kind, id, owner (as far as AWS tells), and what it blocks."""

    kind: str
    id: str
    owner: str
    blocks: str

    @property
    def described(self) -> str:
        """What it is and whose, without what it blocks."""
        owner = f", {self.owner}" if self.owner else ""
        return f"{self.kind} {self.id}{owner}"

    def __str__(self) -> str:
        return f"{self.described}: blocks {self.blocks}"


Look = Callable[["Aws", list[str], frozenset[str]], Iterator[Blocker]]
"""(AWS, ids of our VPCs or groups, all ids that are ours) -> what is there and is not ours."""


def owner_of(description: Mapping[str, Any]) -> str:
    """Who might know: the Owner tag, else the Name tag."""
    tags = tags_of(description)
    for key in ("Owner", "Name"):
        if tags.get(key):
            return f"{key} {tags[key]}"
    return ""


def interfaces(
    aws: Aws, ids: list[str], ours: frozenset[str], *, by: str = "vpc-id"
) -> Iterator[Blocker]:
    """Network interfaces in VPCs, in subnets (`subnet-id`) or with groups (`group-id`)."""
    paginator = aws.ec2.get_paginator("describe_network_interfaces")
    for page in paginator.paginate(Filters=filters(**{by: ids})):
        for each in page["NetworkInterfaces"]:
            if each["NetworkInterfaceId"] in ours or _is_a_gateways(each, ours):
                continue
            owner = each.get("Description") or each.get("RequesterId") or ""
            yield Blocker(
                "network interface",
                each["NetworkInterfaceId"],
                owner or owner_of({"Tags": each.get("TagSet", [])}),
                each.get("SubnetId", each["VpcId"]),
            )


def _is_a_gateways(interface: Mapping[str, Any], ours: frozenset[str]) -> bool:
    """The interface of one of our NAT gateways says so in its description; it leaves with it."""
    kind, description = interface.get("InterfaceType"), interface.get("Description", "")
    return kind == "nat_gateway" and any(word in ours for word in description.split())


def _subnets(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    for page in aws.ec2.get_paginator("describe_subnets").paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["Subnets"]:
            if each["SubnetId"] not in ours:
                yield Blocker("subnet", each["SubnetId"], owner_of(each), each["VpcId"])


def _route_tables(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_route_tables")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["RouteTables"]:
            if each["RouteTableId"] not in ours:
                yield Blocker("route table", each["RouteTableId"], owner_of(each), each["VpcId"])


def _groups(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_security_groups")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["SecurityGroups"]:
            if each["GroupId"] not in ours and each["GroupName"] != DEFAULT_NAME:
                owner = owner_of(each) or f"named {each['GroupName']}"
                yield Blocker("security group", each["GroupId"], owner, each["VpcId"])


def _endpoints(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_vpc_endpoints")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["VpcEndpoints"]:
            if each["VpcEndpointId"] not in ours and each["State"].lower() != "deleted":
                owner = owner_of(each) or each["ServiceName"]
                yield Blocker("VPC endpoint", each["VpcEndpointId"], owner, each["VpcId"])


def _network_acls(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_network_acls")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["NetworkAcls"]:
            if each["NetworkAclId"] not in ours and not each["IsDefault"]:
                yield Blocker("network ACL", each["NetworkAclId"], owner_of(each), each["VpcId"])


def _vpn_gateways(aws: Aws, vpcs: list[str], _ours: frozenset[str]) -> Iterator[Blocker]:
    selected = filters(**{"attachment.vpc-id": vpcs})
    for each in aws.ec2.describe_vpn_gateways(Filters=selected)["VpnGateways"]:
        for attachment in each.get("VpcAttachments", ()):
            if attachment["VpcId"] in vpcs and attachment["State"] in ATTACHED:
                yield Blocker(
                    "VPN gateway", each["VpnGatewayId"], owner_of(each), attachment["VpcId"]
                )


def _egress_only_gateways(aws: Aws, vpcs: list[str], _ours: frozenset[str]) -> Iterator[Blocker]:
    """There is no filter by VPC: all are listed, and matched here."""
    paginator = aws.ec2.get_paginator("describe_egress_only_internet_gateways")
    for page in paginator.paginate():
        for each in page["EgressOnlyInternetGateways"]:
            for attachment in each.get("Attachments", ()):
                if attachment["VpcId"] in vpcs and attachment["State"] in ATTACHED:
                    yield Blocker(
                        "egress-only internet gateway",
                        each["EgressOnlyInternetGatewayId"],
                        owner_of(each),
                        attachment["VpcId"],
                    )


def _peerings(aws: Aws, vpcs: list[str], _ours: frozenset[str], *, side: str) -> Iterator[Blocker]:
    """Deleting a VPC ends its peerings without asking; the other side would notice."""
    selected = filters(**{f"{side}-vpc-info.vpc-id": vpcs, "status-code": PEERING_STATES})
    paginator = aws.ec2.get_paginator("describe_vpc_peering_connections")
    for page in paginator.paginate(Filters=selected):
        for each in page["VpcPeeringConnections"]:
            info = each["RequesterVpcInfo" if side == "requester" else "AccepterVpcInfo"]
            if info.get("VpcId") in vpcs and each["Status"]["Code"] in PEERING_STATES:
                yield Blocker(
                    "VPC peering", each["VpcPeeringConnectionId"], owner_of(each), info["VpcId"]
                )


def _referring(
    aws: Aws, groups: list[str], ours: frozenset[str], *, name: str
) -> Iterator[Blocker]:
    """Foreign groups whose rules refer to a group of ours."""
    paginator = aws.ec2.get_paginator("describe_security_groups")
    for page in paginator.paginate(Filters=[{"Name": name, "Values": groups}]):
        for each in page["SecurityGroups"]:
            if each["GroupId"] in ours:
                continue
            permissions = each["IpPermissions"] + each["IpPermissionsEgress"]
            pairs = [pair for one in permissions for pair in one.get("UserIdGroupPairs", ())]
            for referred in sorted({pair["GroupId"] for pair in pairs} & set(groups)):
                owner = owner_of(each) or f"named {each['GroupName']}"
                yield Blocker("rule of security group", each["GroupId"], owner, referred)


INSIDE_A_VPC: tuple[Look, ...] = (
    interfaces,
    _subnets,
    _route_tables,
    _groups,
    _endpoints,
    _network_acls,
    _vpn_gateways,
    _egress_only_gateways,
    partial(_peerings, side="requester"),
    partial(_peerings, side="accepter"),
)

REFERRING: tuple[Look, ...] = (
    partial(_referring, name="ip-permission.group-id"),
    partial(_referring, name="egress.ip-permission.group-id"),
)
