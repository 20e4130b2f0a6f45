"""What has to be of which type in an answer before a way is judged by it.

AWS keeps to its own models; emulators, proxies and a newer API may not. An answer that does not fit
is not judged in part: a route table without one of its routes would say something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network

from umetrics.audit.catalogue.kind import Item


class Misfit(Exception):
    """Where an answer is not what it has to be."""


Check = Callable[[str, Item], None]


def _of(*types: type, what: str) -> Check:
    def check(place: str, value: Item) -> None:
        if not isinstance(value, types):
            raise Misfit(f"{place} is no {what}")

    return check


TEXT = _of(str, what="text")
NUMBER = _of(int, what="number")
FLAG = _of(bool, what="truth value")


def _range(place: str, value: Item) -> None:
    TEXT(place, value)
    try:
        IPv4Network(value, strict=False)
    except ValueError as error:
        raise Misfit(f"{place} is no range of IPv4") from error


def _list(each: Check) -> Check:
    def check(place: str, value: Item) -> None:
        if not isinstance(value, list | tuple):
            raise Misfit(f"{place} is no list")
        for element in value:
            each(place, element)

    return check


def _object(needed: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    def check(place: str, value: Item) -> None:
        if not isinstance(value, Mapping):
            raise Misfit(f"{place or 'it'} is no object")
        for name, part in {**needed, **(optional or {})}.items():
            inner = f"{place}.{name}" if place else name
            if name in value:
                part(inner, value[name])
            elif name in needed:
                raise Misfit(f"{inner} is missing")

    return check


_TARGETS = (
    "CarrierGatewayId",
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "InstanceId",
    "LocalGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
)
_ROUTE = _object(
    {},
    {
        "DestinationCidrBlock": _range,
        "DestinationPrefixListId": TEXT,
        "State": TEXT,
        **dict.fromkeys(_TARGETS, TEXT),
    },
)
_RULE = _object(
    {"IpProtocol": TEXT},
    {
        "FromPort": NUMBER,
        "ToPort": NUMBER,
        "UserIdGroupPairs": _list(_object({}, {"GroupId": TEXT})),
        "IpRanges": _list(_object({"CidrIp": _range})),
        "PrefixListIds": _list(_object({})),
    },
)
_ENTRY = _object(
    {"Egress": FLAG, "RuleNumber": NUMBER, "Protocol": TEXT, "RuleAction": TEXT},
    {"CidrBlock": _range, "PortRange": _object({"From": NUMBER, "To": NUMBER})},
)
_VPC_GROUPS = _list(_object({"VpcSecurityGroupId": TEXT}))
_END = _object({}, {"VpcId": TEXT})

SHAPES: Mapping[str, Check] = {
    "subnet": _object({"SubnetId": TEXT, "VpcId": TEXT}, {"CidrBlock": _range}),
    "route-table": _object(
        {"RouteTableId": TEXT, "VpcId": TEXT},
        {
            "Associations": _list(_object({}, {"SubnetId": TEXT, "Main": FLAG})),
            "Routes": _list(_ROUTE),
        },
    ),
    "security-group": _object(
        {"GroupId": TEXT}, {"IpPermissions": _list(_RULE), "IpPermissionsEgress": _list(_RULE)}
    ),
    "network-acl": _object(
        {"NetworkAclId": TEXT},
        {"Associations": _list(_object({"SubnetId": TEXT})), "Entries": _list(_ENTRY)},
    ),
    "nat-gateway": _object({"NatGatewayId": TEXT}, {"SubnetId": TEXT}),
    "vpc-peering-connection": _object(
        {"VpcPeeringConnectionId": TEXT, "RequesterVpcInfo": _END, "AccepterVpcInfo": _END},
        {"Status": _object({}, {"Code": TEXT})},
    ),
    "rds-cluster": _object(
        {"DBClusterIdentifier": TEXT},
        {"Engine": TEXT, "Status": TEXT, "Port": NUMBER, "VpcSecurityGroups": _VPC_GROUPS},
    ),
    "rds-instance": _object(
        {},
        {
            "DBInstanceIdentifier": TEXT,
            "DBClusterIdentifier": TEXT,
            "DBInstanceStatus": TEXT,
            "Endpoint": _object({}, {"Port": NUMBER}),
            "VpcSecurityGroups": _VPC_GROUPS,
            "DBSubnetGroup": _object(
                {}, {"Subnets": _list(_object({}, {"SubnetIdentifier": TEXT}))}
            ),
        },
    ),
    "rds-proxy": _object(
        {"DBProxyName": TEXT},
        {
            "EngineFamily": TEXT,
            "Status": TEXT,
            "VpcSubnetIds": _list(TEXT),
            "VpcSecurityGroupIds": _list(TEXT),
        },
    ),
    "lambda-function": _object(
        {"FunctionName": TEXT},
        {
            "VpcConfig": _object({}, {"SubnetIds": _list(TEXT), "SecurityGroupIds": _list(TEXT)}),
        },
    ),
}
"""By kind: what a way is judged by. Everything else may be as it likes."""


def misfit(kind: str, items: Sequence[Item]) -> str:
    """What about the answers for a kind cannot be read; empty where all can."""
    check = SHAPES.get(kind)
    if check is None:
        return ""
    try:
        for item in items:
            check("", item)
    except Misfit as error:
        return f"an answer cannot be read: {error}"
    return ""


def without_nothing(value: Item) -> Item:
    """The same without fields that are None: told as nothing, they are not told."""
    if isinstance(value, Mapping):
        return {name: without_nothing(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [without_nothing(each) for each in value if each is not None]
    return value
