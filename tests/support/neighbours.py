"""The account's other inhabitants, who must not notice: with names and paths close to ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.worlds import ec2, iam

if TYPE_CHECKING:
    from mypy_boto3_ec2.literals import ResourceTypeType
    from mypy_boto3_ec2.type_defs import IpPermissionTypeDef, TagSpecificationTypeDef

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
GRANT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)
ANYWHERE = "0.0.0.0/0"
LAMBDA_ROLE = "application-lambda"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What tests need to get hold of."""

    vpc: str
    subnet: str
    route_table: str
    internet_gateway: str
    nat_gateway: str
    security_group: str
    peering: str
    lambda_role: str = LAMBDA_ROLE


def move_in() -> Neighbours:
    """An application's network, peered with a database's, and its roles."""
    vpc = make_vpc("10.50.0.0/16", "UserMetrics-dev-vpc")
    database = make_vpc("10.60.0.0/16", "database")
    subnet = make_subnet(vpc, "10.50.0.0/24", "UserMetrics-dev-subnet-public-a")
    gateway, nat = _way_out(vpc, subnet)
    peering = ec2().create_vpc_peering_connection(VpcId=vpc, PeerVpcId=database)
    peering_id = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2().accept_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
    table = _route_table(vpc, subnet, nat, peering_id)
    group = make_group(vpc, "UserMetrics-dev-alb")
    _open_to_each_other(group, make_group(vpc, "UserMetrics-dev-openreplay"))
    ec2().create_vpc_endpoint(
        VpcEndpointType="Gateway",
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.s3",
        RouteTableIds=[table],
        TagSpecifications=_tagged("vpc-endpoint", "UserMetrics-dev-endpoint-s3"),
    )
    _roles()
    return Neighbours(vpc, subnet, table, gateway, nat, group, peering_id)


def make_vpc(cidr: str, name: str) -> str:
    """Somebody's VPC."""
    answer = ec2().create_vpc(CidrBlock=cidr, TagSpecifications=_tagged("vpc", name))
    return answer["Vpc"]["VpcId"]


def make_subnet(vpc: str, cidr: str, name: str = "somebody's subnet") -> str:
    """Somebody's subnet."""
    answer = ec2().create_subnet(
        VpcId=vpc, CidrBlock=cidr, TagSpecifications=_tagged("subnet", name)
    )
    return answer["Subnet"]["SubnetId"]


def make_group(vpc: str, name: str) -> str:
    """Somebody's security group."""
    answer = ec2().create_security_group(
        VpcId=vpc,
        GroupName=name,
        Description="somebody's",
        TagSpecifications=_tagged("security-group", name),
    )
    return answer["GroupId"]


def make_role(name: str, path: str = "/", *, tags: dict[str, str] | None = None) -> str:
    """Somebody's role; its name."""
    listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    request: dict[str, Any] = {"Tags": listed} if listed else {}
    iam().create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST, **request)
    return name


def let_in(group: str, peer: str, port: int = 9000) -> None:
    """A rule of somebody's: `peer` (a CIDR or a group) may enter `group`."""
    permission: IpPermissionTypeDef = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if peer.startswith("sg-"):
        permission["UserIdGroupPairs"] = [{"GroupId": peer}]
    else:
        permission["IpRanges"] = [{"CidrIp": peer}]
    ec2().authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def _way_out(vpc: str, subnet: str) -> tuple[str, str]:
    gateway = ec2().create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2().attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2().allocate_address(
        Domain="vpc", TagSpecifications=_tagged("elastic-ip", "UserMetrics-dev-elastic-ip-nat")
    )
    specification = _tagged("natgateway", "UserMetrics-dev-nat-gateway")
    nat = ec2().create_nat_gateway(
        SubnetId=subnet, AllocationId=address["AllocationId"], TagSpecifications=specification
    )
    # Of another deployment, whose name begins as ours does.
    near = [
        {"Key": "umetrics:deployment", "Value": "UserMetrics/dev2"},
        {"Key": "umetrics:resource", "Value": "nat-gateway"},
    ]
    nat_id = nat["NatGateway"]["NatGatewayId"]
    ec2().create_tags(Resources=[nat_id, address["AllocationId"]], Tags=near)  # type: ignore[arg-type]
    return gateway, nat_id


def _route_table(vpc: str, subnet: str, nat: str, peering: str) -> str:
    table = ec2().create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2().create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, NatGatewayId=nat)
    ec2().create_route(
        RouteTableId=table, DestinationCidrBlock="10.60.0.0/16", VpcPeeringConnectionId=peering
    )
    ec2().associate_route_table(RouteTableId=table, SubnetId=subnet)
    return table


def _open_to_each_other(one: str, other: str) -> None:
    let_in(one, other)
    let_in(other, one)


def _roles() -> None:
    make_role(LAMBDA_ROLE)
    make_role("UserMetrics-dev-ObservabilityGrafana2", "/umetrics/UserMetrics/dev2/")
    make_role("usermetrics-grafana", "/umetrics/UserMetrics/dev/", tags={"Owner": "somebody"})
    make_role("UserMetrics-dev2-ObservabilityUmamiTask")
    iam().put_role_policy(RoleName=LAMBDA_ROLE, PolicyName="reads", PolicyDocument=GRANT)
    policy = iam().create_policy(
        PolicyName="UserMetrics-dev-ObservabilityLambdaEmf2",
        Path="/umetrics/UserMetrics/dev2/",
        PolicyDocument=GRANT,
    )
    iam().attach_role_policy(RoleName=LAMBDA_ROLE, PolicyArn=policy["Policy"]["Arn"])


def _tagged(kind: ResourceTypeType, name: str) -> list[TagSpecificationTypeDef]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]
