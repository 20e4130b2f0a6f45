"""Elastic IP addresses cannot be taken away from under what uses them."""

from __future__ import annotations

from typing import Any

from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule


@rule(
    "address-of-nat-gateway",
    service="ec2",
    actions=("release_address", "associate_address"),
    source="kubernetes/kops#1604, eformat/sno-for-100#5 (and #9: a little longer than deleted); "
    "hashicorp/terraform#14698 (associating)",
)
def of_nat_gateway(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The address of a gateway that is not yet deleted: AuthFailure, which is not about IAM."""
    address = _address(call)
    if address is not None and any(
        _holds(call, gateway, address) for gateway in list(call.backend.nat_gateways.values())
    ):
        refuse("AuthFailure", "You do not have permission to access the specified resource.")
    return proceed()


@rule(
    "address-in-use",
    service="ec2",
    actions="release_address",
    source="EC2 API reference, ReleaseAddress: InvalidIPAddress.InUse in a nondefault VPC",
)
def in_use(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """An associated address is disassociated before it is released."""
    address = _address(call)
    interface = None if address is None else address.eni
    if interface is not None and not call.backend.get_vpc(interface.subnet.vpc_id).is_default:
        refuse("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
    return proceed()


def _address(call: Call) -> Any:  # noqa: ANN401  # moto's object, or None
    """The address of the call; None when there is none, which is for moto to say."""
    allocation, public_ip = call.parameter("AllocationId"), call.parameter("PublicIp")
    for each in list(call.backend.addresses):
        if (allocation and each.allocation_id == allocation) or each.public_ip == public_ip:
            return each
    return None


def _holds(call: Call, gateway: Any, address: Any) -> bool:  # noqa: ANN401  # moto's objects
    if address.eni is gateway._eni:  # noqa: SLF001  # moto keeps it nowhere else
        return True
    was_its = address.allocation_id in {each.get("allocationId") for each in gateway.address_set}
    lately = not call.world.is_over(gateway, call.world.settings.address_held)
    return was_its and gateway.state == "deleted" and lately


RULES: tuple[Rule, ...] = (of_nat_gateway, in_use)
