"""The shape of addresses: canonical CIDRs, of an allowed size; what a new subnet is like."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any, cast

from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule

SUBNET_PREFIXES = range(16, 29)
"""From /16 (65,536 addresses) to /28 (16)."""


def canonical(cidr: str) -> str:
    """A CIDR without host bits; what is no CIDR is returned as it is, for moto to refuse."""
    try:
        return str(ip_network(cidr, strict=False))
    except ValueError:
        return cidr


def put_parameter(call: Call, name: str, value: object) -> None:
    """Let what comes after see another value of a request parameter."""
    cast("Any", call.response).params[name] = value


@rule(
    "canonical-cidr",
    service="ec2",
    actions=("create_vpc", "create_subnet", "create_route"),
    source="EC2 API reference, CreateVpc, CreateSubnet, CreateRoute: modified to canonical form",
)
def canonical_cidr(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Host bits are dropped from the CIDR of a VPC, a subnet, a route."""
    for name in ("CidrBlock", "DestinationCidrBlock"):
        if cidr := call.parameter(name):
            put_parameter(call, name, canonical(cidr))
    return proceed()


@rule(
    "canonical-cidr-of-rules",
    service="ec2",
    actions=(
        "authorize_security_group_ingress",
        "authorize_security_group_egress",
        "revoke_security_group_ingress",
        "revoke_security_group_egress",
    ),
    source="EC2 API reference, IpRange.CidrIp and Ipv6Range.CidrIpv6: canonicalized",
)
def canonical_rules(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Host bits are dropped from the CIDRs of security group rules."""
    for permission in call.parameter("IpPermissions", []):
        for ranges, key in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
            for each in permission.get(ranges, ()):
                if key in each:
                    each[key] = canonical(each[key])
    return proceed()


@rule(
    "subnet-size",
    service="ec2",
    actions="create_subnet",
    source="EC2 API reference, CreateSubnet: the allowed size is between /28 and /16",
)
def subnet_size(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A subnet smaller than /28 (or larger than /16) is refused."""
    cidr = call.parameter("CidrBlock") or ""
    _, _, prefix = cidr.partition("/")
    if prefix.isdigit() and int(prefix) not in SUBNET_PREFIXES:
        refuse("InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid.")
    return proceed()


@rule(
    "new-subnet-is-no-default",
    service="ec2",
    actions="create_subnet",
    source="aws-facts A1: MapPublicIpOnLaunch is false for a new non-default subnet",
)
def no_default(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # what moto answers
    """A new subnet is not its zone's default and gives no public addresses, zone by id as well."""
    answer = proceed()
    subnet = answer.result["Subnet"]
    subnet.map_public_ip_on_launch = False
    subnet.default_for_az = False
    return answer


RULES: tuple[Rule, ...] = (canonical_cidr, canonical_rules, subnet_size, no_default)
