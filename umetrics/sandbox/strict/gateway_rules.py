"""Internet gateways: one to a VPC, and attached for as long as an address is mapped through it."""

from __future__ import annotations

from typing import Any

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.dependency_rules import interfaces
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule


@rule(
    "one-internet-gateway-per-vpc",
    service="ec2",
    actions="attach_internet_gateway",
    source="field report binlab/terraform-aws-vault-ha-raft#54: code and words",
)
@alone
def one_per_vpc(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A VPC that has an internet gateway takes no second one."""
    vpc, wanted = call.parameter("VpcId"), call.parameter("InternetGatewayId")
    if any(
        gateway.vpc is not None and gateway.vpc.id == vpc and gateway.id != wanted
        for gateway in list(call.backend.internet_gateways.values())
    ):
        refuse("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached")
    return proceed()


@rule(
    "attached-gateway-says-where",
    service="ec2",
    actions="attach_internet_gateway",
    source="field report berlioz-the/berlioz#1: Resource.AlreadyAssociated and its words",
)
@alone
def says_where(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """An internet gateway that is attached is refused with the network that has it."""
    gateway = call.backend.internet_gateways.get(call.parameter("InternetGatewayId"))
    if gateway is not None and gateway.vpc is not None:
        refuse(
            "Resource.AlreadyAssociated",
            f"resource {gateway.id} is already attached to network {gateway.vpc.id}",
        )
    return proceed()


@rule(
    "mapped-addresses-hold-the-gateway",
    service="ec2",
    actions="detach_internet_gateway",
    source="EC2 API reference, DetachInternetGateway; aws-facts A5: code and words",
)
@alone
def mapped_addresses(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """While a public address is mapped in the VPC, its gateway stays: a NAT gateway's as well."""
    vpc = call.parameter("VpcId")
    gateway = call.backend.internet_gateways.get(call.parameter("InternetGatewayId"))
    attached = gateway is not None and gateway.vpc is not None and gateway.vpc.id == vpc
    if attached and any(
        interface.public_ip and interface.subnet.vpc_id == vpc
        for interface in interfaces(call.backend)
    ):
        refuse(
            "DependencyViolation",
            f"Network {vpc} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway.",
        )
    return proceed()


RULES: tuple[Rule, ...] = (says_where, one_per_vpc, mapped_addresses)
