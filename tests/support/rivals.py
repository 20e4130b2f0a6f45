"""Another run, elsewhere, that makes the same as ours at the very moment when ours does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.support.deployments import Deployment
from tests.support.principals import client
from tests.support.wire import Call, Moment
from umetrics.tags import identity_tags


def _twin(operation: str, kind: str, key: str, **parameters: object) -> Callable[[str], object]:
    def made(vpc: str) -> object:
        pair = identity_tags("UserMetrics/dev", key)
        tags = [{"Key": key, "Value": value} for key, value in pair.items()]
        inside = {"VpcId": vpc} if kind == "route-table" else {}
        call: Any = getattr(client("ec2", "administrator"), operation)
        tagged = [{"ResourceType": kind, "Tags": tags}]
        return call(TagSpecifications=tagged, **parameters, **inside)

    return made


RIVALS = {
    "CreateVpc": _twin("create_vpc", "vpc", "vpc", CidrBlock="10.0.0.0/24"),
    "CreateInternetGateway": _twin(
        "create_internet_gateway", "internet-gateway", "internet-gateway"
    ),
    "AllocateAddress": _twin("allocate_address", "elastic-ip", "elastic-ip/nat", Domain="vpc"),
    "CreateRouteTable": _twin("create_route_table", "route-table", "route-table/public"),
}
"""By our create, that of the rival."""

ROUNDS = ({"CreateVpc", "AllocateAddress"}, {"CreateInternetGateway"}, {"CreateRouteTable"})
"""Each comes only once that is there in which, or through which, it is made."""


def rivalled(deployment: Deployment, operations: Iterable[str]) -> Callable[[Call, Moment], None]:
    """A fault in which, for each operation, the rival is quicker once."""
    left = set(operations)

    def fault(call: Call, moment: Moment) -> None:
        if moment is Moment.ANSWERING and call.operation in left:
            left.remove(call.operation)
            vpc = deployment.receipts.get("vpc")
            RIVALS[call.operation](vpc.id if vpc else "")

    return fault
