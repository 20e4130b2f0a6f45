"""What others still need is not deleted: DependencyViolation, and defaults that nobody may delete.

It says nothing about attaching and detaching (gateway_rules.py), nor about IAM (iam_rules.py).
AWS's words for each kind are those that its users quote in their reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule


def interfaces(backend: Any) -> Iterator[Any]:  # noqa: ANN401  # moto's model of EC2
    """The network interfaces that AWS would list.

    Not those of deleted NAT gateways, which moto keeps, and of terminated instances.
    """
    gone = {
        gateway._eni.id  # noqa: SLF001  # moto has no other way from a gateway to its interface
        for gateway in list(backend.nat_gateways.values())
        if gateway.state == "deleted"
    }
    for interface in list(backend.enis.values()):
        instance = interface.instance
        terminated = instance is not None and instance._state.name == "terminated"  # noqa: SLF001
        if interface.id not in gone and not terminated:
            yield interface


def living_endpoints(backend: Any) -> Iterator[Any]:  # noqa: ANN401  # moto's model of EC2
    """The VPC endpoints that are not deleted; moto lists deleted ones for ever."""
    return (
        each for each in list(backend.vpc_end_points.values()) if each.state.lower() != "deleted"
    )


def _depended_on(kind: str, name: str) -> NoReturn:
    refuse("DependencyViolation", f"The {kind} '{name}' has dependencies and cannot be deleted.")


@rule(
    "subnet-in-use",
    service="ec2",
    actions="delete_subnet",
    source="EC2 API reference, DeleteSubnet; aws-facts G: DeleteSubnet with network interfaces",
)
@alone
def subnet_in_use(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A subnet with network interfaces stays, those of NAT gateways and endpoints included."""
    subnet = call.parameter("SubnetId")
    if any(interface.subnet.id == subnet for interface in interfaces(call.backend)):
        _depended_on("subnet", subnet)
    return proceed()


@rule(
    "default-group-stays",
    service="ec2",
    actions="delete_security_group",
    source="aws-facts A5: the default security group cannot be deleted (CannotDelete)",
)
@alone
def default_group_stays(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The default group of a VPC goes with its VPC and not before."""
    group = named_group(call)
    if group is not None and group.is_default:
        refuse(
            "CannotDelete",
            f'the specified group: "{group.id}" name: "default" cannot be deleted by a user',
        )
    return proceed()


@rule(
    "group-in-use",
    service="ec2",
    actions="delete_security_group",
    source="EC2 API reference, DeleteSecurityGroup: in use or referenced in the same VPC",
)
@alone
def group_in_use(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A group on an interface, or named by a rule of another group of its VPC, stays."""
    group = named_group(call)
    if group is not None and (_is_worn(call.backend, group) or _is_named(call.backend, group)):
        refuse("DependencyViolation", f"resource {group.id} has a dependent object")
    return proceed()


def named_group(call: Call) -> Any:  # noqa: ANN401  # moto's security group
    """The group of a request, by name or id; None when there is none (moto says so)."""
    name = call.parameter("GroupName") or call.parameter("GroupId")
    return call.backend.get_security_group_by_name_or_id(name) if name else None


def _is_worn(backend: Any, group: Any) -> bool:  # noqa: ANN401  # moto's models
    return any(
        group.id == worn.id for interface in interfaces(backend) for worn in interface.group_set
    ) or any(group.id in endpoint.security_group_ids for endpoint in living_endpoints(backend))


def _is_named(backend: Any, group: Any) -> bool:  # noqa: ANN401  # moto's models
    return any(
        each.source_group.get("GroupId") == group.id
        for other in list(backend.groups[group.vpc_id].values())
        if other is not group
        for each in (*other.ingress_rules, *other.egress_rules)
    )


@rule(
    "main-route-table-stays",
    service="ec2",
    actions="delete_route_table",
    source="EC2 API reference, DeleteRouteTable: not the main one; the code: aws/aws-cli#1549",
)
@alone
def main_route_table_stays(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The main route table goes with its VPC and not before."""
    table = call.backend.route_tables.get(call.parameter("RouteTableId"))
    if table is not None and table.main_association_id is not None:
        _depended_on("routeTable", table.id)
    return proceed()


@rule(
    "default-network-acl-stays",
    service="ec2",
    actions="delete_network_acl",
    source="EC2 API reference, DeleteNetworkAcl: you can't delete the default network ACL; code "
    "and words: eucalyptus/eucalyptus, deleteNetworkAcl, which mirrors EC2's",
)
@alone
def default_acl_stays(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The default network ACL of a VPC goes with its VPC and not before."""
    acl = call.backend.network_acls.get(call.parameter("NetworkAclId"))
    if acl is not None and acl.default:
        refuse("InvalidParameterValue", f"cannot delete default network ACL {acl.id}")
    return proceed()


@rule(
    "vpc-in-use",
    service="ec2",
    actions="delete_vpc",
    source="EC2 API reference, DeleteVpc; peering: terraform-provider-aws#3118",
)
@alone
def vpc_in_use(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A VPC with anything but its defaults stays."""
    vpc = call.parameter("VpcId")
    if any(_within(call.backend, vpc)):
        _depended_on("vpc", vpc)
    return proceed()


def _within(backend: Any, vpc: str) -> Iterator[bool]:  # noqa: ANN401  # moto's model of EC2
    """Whether there is something of a kind in the VPC that does not go with it; kind by kind."""
    zones = list(backend.subnets.values())
    yield any(subnet.vpc_id == vpc for zone in zones for subnet in list(zone.values()))
    yield any(not group.is_default for group in list(backend.groups.get(vpc, {}).values()))
    yield any(
        table.vpc_id == vpc and table.main_association_id is None
        for table in list(backend.route_tables.values())
    )
    yield any(acl.vpc_id == vpc and not acl.default for acl in list(backend.network_acls.values()))
    yield any(each.vpc and each.vpc.id == vpc for each in list(backend.internet_gateways.values()))
    yield any(each.vpc_id == vpc for each in list(backend.egress_only_internet_gateways.values()))
    yield any(endpoint.vpc_id == vpc for endpoint in living_endpoints(backend))
    yield any(
        vpc in (peering.vpc.id, peering.peer_vpc.id) and peering._status.code == "active"  # noqa: SLF001  # moto's only way
        for peering in list(backend.vpc_pcxs.values())
    )


@rule(
    "default-network-acl-dies-with-its-vpc",
    service="ec2",
    actions="delete_vpc",
    source="EC2 API reference, DeleteVpc: deletes the default group, network ACL, route table",
)
@alone
def default_acl_dies(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """With a VPC goes its default network ACL, which moto leaves behind."""
    answer = proceed()
    vpc = call.parameter("VpcId")
    acls = call.backend.network_acls
    for acl in [each for each in list(acls.values()) if each.vpc_id == vpc]:
        del acls[acl.id]
    return answer


RULES: tuple[Rule, ...] = (
    subnet_in_use,
    default_group_stays,
    group_in_use,
    main_route_table_stays,
    default_acl_stays,
    vpc_in_use,
    default_acl_dies,
)
