"""NAT gateways take time: pending before they carry traffic, deleting before they let go.

States and failures: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html.
What they hold is let go of when they have failed or are deleted, not when somebody asks for that.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.utils import add_tag_specification, generic_filter

from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, refuse, rule

TROUBLESHOOTING = "VPC user guide, Troubleshoot NAT gateways"


@rule(
    "nat-gateway-states",
    service="ec2",
    actions=EVERY_ACTION,
    source="EC2 API reference, NatGateway.State: pending, failed, available, deleting, deleted",
)
def states(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Gateways leave `pending` and `deleting` when their time is over."""
    world, settings = call.world, call.world.settings
    with world.lock:
        for gateway in list(call.backend.nat_gateways.values()):
            if gateway.state == "pending" and world.lapse(gateway, settings.nat_pending):
                _decide(call, gateway)
            elif gateway.state == "deleting" and world.lapse(gateway, settings.nat_deleting):
                gateway.state = "deleted"
                _let_go(call, gateway)
    return proceed()


@rule(
    "nat-gateway-listing",
    service="ec2",
    actions=EVERY_ACTION,
    source=f"{TROUBLESHOOTING}: failed ones are deleted, deleted ones disappear, in about an hour",
)
def listing(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A failed gateway is deleted after about an hour; a deleted one is listed about as long."""
    world, settings = call.world, call.world.settings
    with world.lock:
        for gateway in list(call.backend.nat_gateways.values()):
            if gateway.state == "failed" and world.lapse(gateway, settings.nat_listed):
                gateway.state = "deleted"
            if gateway.state == "deleted" and world.lapse(gateway, settings.nat_listed):
                del call.backend.nat_gateways[gateway.id]
                call.backend.tags.pop(gateway.id, None)
    return proceed()


@rule(
    "nat-gateway-pending",
    service="ec2",
    actions="create_nat_gateway",
    source=f"{TROUBLESHOOTING}: fails where no internet gateway is attached",
)
def pending(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A new gateway is pending; in a VPC without an attached internet gateway it will fail."""
    answer = proceed()
    gateway = answer.result["NatGateway"]
    attached = any(
        each.vpc is not None and each.vpc.id == gateway.vpc_id
        for each in list(call.backend.internet_gateways.values())
    )
    if not attached and gateway.connectivity_type != "private":
        gateway.reason_to_fail = (
            "Gateway.NotAttached",
            f"Network {gateway.vpc_id} has no Internet gateway attached",
        )
    gateway.state = "pending"
    call.world.begin(gateway)
    return answer


@rule(
    "nat-gateway-address-taken",
    service="ec2",
    actions="create_nat_gateway",
    source="EC2 API reference, NatGateway.FailureCode: Resource.AlreadyAssociated; "
    "hashicorp/terraform-provider-aws#709",
)
def address_taken(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """With an address in use the gateway is made, and fails; no interface is left without one."""
    allocation = call.parameter("AllocationId")
    if not allocation or not call.backend.address_by_allocation([allocation])[0].association_id:
        return proceed()
    gateway = call.backend.create_nat_gateway(
        subnet_id=call.parameter("SubnetId"),
        allocation_id=None,
        tags=add_tag_specification(call.parameter("TagSpecifications", [])),
        connectivity_type=call.parameter("ConnectivityType"),
    )
    gateway.address_set[0]["allocationId"] = allocation
    gateway.reason_to_fail = (
        "Resource.AlreadyAssociated",
        f"Elastic IP address {allocation} is already associated",
    )
    return ActionResult({"NatGateway": gateway})


@rule(
    "nat-gateway-interface",
    service="ec2",
    actions="create_nat_gateway",
    source="EC2 API reference, DescribeNetworkInterfaces: interface-type nat_gateway",
)
def interface(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The interface of a gateway says whose it is, and is in use."""
    del call
    answer = proceed()
    gateway = answer.result["NatGateway"]
    held = gateway._eni  # noqa: SLF001  # moto keeps it nowhere else
    held.description = f"Interface for NAT Gateway {gateway.id}"
    held.interface_type, held.status, held.requester_managed = "nat_gateway", "in-use", True
    return answer


@rule(
    "nat-gateway-deletion",
    service="ec2",
    actions="delete_nat_gateway",
    source="EC2 API reference, NatGateway.State: deleting; error codes: NatGatewayNotFound; "
    "gruntwork-io/cloud-nuke#248: a second request is no error",
)
def deletion(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Deletion begins; it is over later. Who asks again is not told off."""
    del proceed
    gateway = _known(call, call.parameter("NatGatewayId"))
    if gateway.state not in {"deleting", "deleted"}:
        gateway.state, gateway.delete_time = "deleting", utcnow()
        call.world.begin(gateway)
    return ActionResult({"NatGatewayId": gateway.id})


@rule(
    "nat-gateway-not-found",
    service="ec2",
    actions="describe_nat_gateways",
    source="EC2 API reference, error codes: NatGatewayNotFound",
)
def not_found(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Asking for an id that is not there is an error, not an empty list."""
    for wanted in call.parameter("NatGatewayIds", []):
        _known(call, wanted)
    return proceed()


@rule(
    "nat-gateway-tag-filters",
    service="ec2",
    actions="describe_nat_gateways",
    source="EC2 API reference, DescribeNatGateways: filters tag:<key> and tag-key",
)
def tag_filters(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Only gateways with the tags that were asked for come back."""
    answer = proceed()
    by_tag = {
        each["Name"]: each.get("Values", [])
        for each in call.parameter("Filter", [])
        if each["Name"].startswith("tag")
    }
    answer.result["NatGateways"] = generic_filter(by_tag, answer.result["NatGateways"])
    return answer


def _known(call: Call, wanted: str) -> Any:  # noqa: ANN401  # moto's object
    gateway = call.backend.nat_gateways.get(wanted)
    if gateway is None:
        refuse("NatGatewayNotFound", f"NAT gateway {wanted} was not found")
    return gateway


def _decide(call: Call, gateway: Any) -> None:  # noqa: ANN401  # moto's object
    """It is pending no longer."""
    reason = getattr(gateway, "reason_to_fail", None)
    if reason is None:
        gateway.state = "available"
    else:
        gateway.state = "failed"
        gateway.failure_code, gateway.failure_message = reason
        _let_go(call, gateway)


def _let_go(call: Call, gateway: Any) -> None:  # noqa: ANN401  # moto's object
    """Its address can be used again, its interface is gone."""
    held = gateway._eni  # noqa: SLF001  # moto keeps it nowhere else
    for address in list(call.backend.addresses):
        if address.eni is held:
            call.backend.disassociate_address(association_id=address.association_id)
    call.backend.enis.pop(held.id, None)


STATES: tuple[Rule, ...] = (states, listing)
"""Before any other rule looks at a gateway."""

RULES: tuple[Rule, ...] = (pending, address_taken, interface, deletion, not_found, tag_filters)
