"""What stands in the way of a destroy: foreign things in or on what is ours, with their owner.

Only looks. A blocker is anything that is not ours and that would make AWS refuse a delete, or
would lose what somebody else relies on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.pool import together
from umetrics.provision.model import Found, Snapshot
from umetrics.provision.plan import estrangement
from umetrics.provision.resources.ec2 import filters, tag_filter, tags_of
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.vpc import Vpc
from umetrics.tags import DEPLOYMENT

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

    def __str__(self) -> str:
        owner = f", {self.owner}" if self.owner else ""
        return f"{self.kind} {self.id}{owner}: blocks {self.blocks}"


def find_blockers(aws: Aws, snapshot: Snapshot) -> tuple[Blocker, ...]:
    """Every blocker, sorted by what it blocks; one round of calls."""
    found = [(key, each) for key, all_of_it in snapshot.found.items() for each in all_of_it]
    ours = frozenset(
        identity
        for _key, each in found
        for identity in (each.id, each.arn, *(part.id for part in each.parts))
    )
    vpcs = [each.id for _key, each in found if isinstance(each.spec, Vpc)]
    groups = [each.id for _key, each in found if isinstance(each.spec, SecurityGroup)]
    looks: list[Callable[[], list[Blocker]]] = [
        partial(_listed, look, aws, vpcs, ours) for look in INSIDE_A_VPC if vpcs
    ]
    looks += [partial(_listed, look, aws, groups, ours) for look in REFERRING if groups]
    seen = {blocker for blockers in together(*looks) for blocker in blockers}
    seen.update(_unmarked(snapshot))
    seen.update(blocker for key, each in found for blocker in _attached(key, each, snapshot, ours))
    if any(blocker.id.startswith("eni-") for blocker in seen):
        left_behind = _interfaces_of_gone_gateways(aws, snapshot.deployment)
        seen = {blocker for blocker in seen if blocker.id not in left_behind}
    return tuple(sorted(seen, key=lambda blocker: (blocker.blocks, blocker.kind, blocker.id)))


Look = Callable[["Aws", list[str], frozenset[str]], Iterator[Blocker]]


def _listed(look: Look, aws: Aws, ids: list[str], ours: frozenset[str]) -> list[Blocker]:
    return list(look(aws, ids, ours))


def _owner(description: Mapping[str, Any]) -> str:
    """Who might know: the Owner tag, else the Name tag."""
    tags = tags_of(description)
    for key in ("Owner", "Name"):
        if tags.get(key):
            return f"{key} {tags[key]}"
    return ""


def _interfaces(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_network_interfaces")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["NetworkInterfaces"]:
            if each["NetworkInterfaceId"] in ours or _is_a_gateways(each, ours):
                continue
            owner = each.get("Description") or each.get("RequesterId") or ""
            yield Blocker(
                "network interface",
                each["NetworkInterfaceId"],
                owner or _owner({"Tags": each.get("TagSet", [])}),
                each.get("SubnetId", each["VpcId"]),
            )


def _interfaces_of_gone_gateways(aws: Aws, deployment: str) -> frozenset[str]:
    """A deleted gateway of ours stays listed for an hour, its interface may outlive it a little.

    Asked only when an interface would block: a destroy that broke off after the gateway goes on.
    """
    paginator = aws.ec2.get_paginator("describe_nat_gateways")
    return frozenset(
        address["NetworkInterfaceId"]
        for page in paginator.paginate(Filters=tag_filter(deployment))
        for gateway in page["NatGateways"]
        if gateway["State"] == "deleted" and tags_of(gateway).get(DEPLOYMENT) == deployment
        for address in gateway.get("NatGatewayAddresses", ())
        if address.get("NetworkInterfaceId")
    )


def _is_a_gateways(interface: Mapping[str, Any], ours: frozenset[str]) -> bool:
    """The interface of one of our NAT gateways says so in its description; it leaves with it."""
    kind, description = interface.get("InterfaceType"), interface.get("Description", "")
    return kind == "nat_gateway" and any(word in ours for word in description.split())


def _subnets(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    for page in aws.ec2.get_paginator("describe_subnets").paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["Subnets"]:
            if each["SubnetId"] not in ours:
                yield Blocker("subnet", each["SubnetId"], _owner(each), each["VpcId"])


def _route_tables(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_route_tables")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["RouteTables"]:
            if each["RouteTableId"] not in ours:
                yield Blocker("route table", each["RouteTableId"], _owner(each), each["VpcId"])


def _groups(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_security_groups")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["SecurityGroups"]:
            if each["GroupId"] not in ours and each["GroupName"] != DEFAULT_NAME:
                owner = _owner(each) or f"named {each['GroupName']}"
                yield Blocker("security group", each["GroupId"], owner, each["VpcId"])


def _endpoints(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_vpc_endpoints")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["VpcEndpoints"]:
            if each["VpcEndpointId"] not in ours and each["State"].lower() != "deleted":
                owner = _owner(each) or each["ServiceName"]
                yield Blocker("VPC endpoint", each["VpcEndpointId"], owner, each["VpcId"])


def _network_acls(aws: Aws, vpcs: list[str], ours: frozenset[str]) -> Iterator[Blocker]:
    paginator = aws.ec2.get_paginator("describe_network_acls")
    for page in paginator.paginate(Filters=filters(vpc_id=vpcs)):
        for each in page["NetworkAcls"]:
            if each["NetworkAclId"] not in ours and not each["IsDefault"]:
                yield Blocker("network ACL", each["NetworkAclId"], _owner(each), each["VpcId"])


def _vpn_gateways(aws: Aws, vpcs: list[str], _ours: frozenset[str]) -> Iterator[Blocker]:
    selected = filters(**{"attachment.vpc-id": vpcs})
    for each in aws.ec2.describe_vpn_gateways(Filters=selected)["VpnGateways"]:
        for attachment in each.get("VpcAttachments", ()):
            if attachment["VpcId"] in vpcs and attachment["State"] in ATTACHED:
                yield Blocker(
                    "VPN gateway", each["VpnGatewayId"], _owner(each), attachment["VpcId"]
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
                        _owner(each),
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
                    "VPC peering", each["VpcPeeringConnectionId"], _owner(each), info["VpcId"]
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
                owner = _owner(each) or f"named {each['GroupName']}"
                yield Blocker("rule of security group", each["GroupId"], owner, referred)


INSIDE_A_VPC: tuple[Look, ...] = (
    _interfaces,
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


def _unmarked(snapshot: Snapshot) -> Iterator[Blocker]:
    """What only our receipts know: destroy deletes nothing without our tags on it."""
    for key in snapshot.stripped:
        for each in snapshot.found[key]:
            yield Blocker(
                key,
                each.id,
                "known by its receipt, but its identity tags are gone",
                "its own delete",
            )
    for key, found in snapshot.estranged.items():
        yield Blocker(key, found.id, estrangement(found), "its own delete")


def _attached(
    key: str, found: Found[Any], snapshot: Snapshot, ours: frozenset[str]
) -> Iterator[Blocker]:
    """Who else uses our policy or our address."""
    if isinstance(found.spec, ManagedPolicy):
        others = found.spec.attached_roles - snapshot.owned.get(key, frozenset())
        for role in sorted(others):
            yield Blocker("attachment to role", role, "attached by others", found.spec.name)
        for user in sorted(found.spec.other_attachments):
            yield Blocker("attachment", user, "attached by others", found.spec.name)
    if isinstance(found.spec, ElasticIp):
        interface = found.spec.network_interface
        if interface and interface not in ours:
            yield Blocker("association with", interface, "not a gateway of ours", found.id)
