"""Somebody who lends a network: a VPC with everything in it, two zones, and none of it ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tests.support.deployments import Clock
from tests.support.neighbours import make_vpc
from tests.support.worlds import World, ec2

ANYWHERE = "0.0.0.0/0"
ZONES = ("use1-az1", "use1-az2")


@dataclass(frozen=True)
class Landlord:
    """The ids of the network, subnets in the order of their zones."""

    vpc: str
    internet_gateway: str
    public: tuple[str, ...]
    private: tuple[str, ...]
    public_table: str
    private_table: str
    nat_gateway: str

    @cached_property
    def ids(self) -> frozenset[str]:
        """All of them."""
        tables = {self.public_table, self.private_table}
        gateways = {self.internet_gateway, self.nat_gateway}
        return frozenset({self.vpc, *self.public, *self.private, *tables, *gateways})

    def settings(self, *, subnets: bool = False, **others: object) -> str:
        """The table [network] of a configuration that uses it."""
        given: dict[str, object] = {"vpc_id": self.vpc, **others}
        if subnets:
            given["public_subnet_ids"] = list(self.public)
            given["private_subnet_ids"] = list(self.private)
        return "[network]\n" + "".join(
            f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"
            for key, value in given.items()
        )


def lend(clock: Clock, cidr: str = "10.70.0.0/20") -> Landlord:
    """A network of which the first four /24 are taken."""
    vpc = make_vpc(cidr, "lent")
    ec2().modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    gateway = ec2().create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2().attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    start = cidr.rsplit(".", 2)[0]
    public = tuple(_subnet(vpc, f"{start}.{n}.0/24", zone) for n, zone in enumerate(ZONES))
    private = tuple(_subnet(vpc, f"{start}.{n}.0/24", zone) for n, zone in enumerate(ZONES, 2))
    address = ec2().allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2().create_nat_gateway(SubnetId=public[0], AllocationId=address)
    nat_id = nat["NatGateway"]["NatGatewayId"]
    public_table, private_table = _table(vpc, public), _table(vpc, private)
    ec2().create_route(RouteTableId=public_table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
    clock.settle()
    ec2().create_route(
        RouteTableId=private_table, DestinationCidrBlock=ANYWHERE, NatGatewayId=nat_id
    )
    ec2().create_vpc_endpoint(
        VpcEndpointType="Gateway",
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.s3",
        RouteTableIds=[private_table],
    )
    return Landlord(vpc, gateway, public, private, public_table, private_table, nat_id)


def _subnet(vpc: str, cidr: str, zone: str) -> str:
    answer = ec2().create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZoneId=zone)
    return answer["Subnet"]["SubnetId"]


def _table(vpc: str, subnets: tuple[str, ...]) -> str:
    table = ec2().create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    for subnet in subnets:
        ec2().associate_route_table(RouteTableId=table, SubnetId=subnet)
    return table


def of_others(world: World, before: World) -> World:
    """What was there before. AWS puts each new subnet of a VPC on its default network ACL."""
    return {
        name: content
        for name, content in world.items()
        if name in before and not name.startswith("acl/")
    }
