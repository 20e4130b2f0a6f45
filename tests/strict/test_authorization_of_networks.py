"""What EC2's actions are judged on: each thing by itself, with the keys that AWS knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.support.plain import Client
from tests.support.principals import ACCOUNT, REGION, Administered, administered, allow, client
from tests.support.strict_account import Network, nat_gateway, network, refused

Tags = list[dict[str, str]]
OURS: Tags = [{"Key": "owner", "Value": "joe"}]
BORN = {"aws:RequestTag/owner": "joe"}
MINE = {"aws:ResourceTag/owner": "joe"}
MINE_TOO = {"ec2:ResourceTag/owner": "joe"}


@dataclass(frozen=True, slots=True)
class Scene:
    """A network of the administrator's, and joe."""

    administrator: Administered
    owner: Client
    joe: Client
    made: Network

    def arn(self, kind: str, name: str = "*") -> str:
        return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/{name}"

    def tag(self, *names: str) -> None:
        self.owner.create_tags(Resources=list(names), Tags=OURS)

    def permit(self, *statements: Mapping[str, object]) -> None:
        self.administrator.permit("joe", *statements)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with administered() as administrator:
        owner = client("ec2", "administrator")
        joe = client("ec2", administrator.user("joe"))
        yield Scene(administrator, owner, joe, network(owner))


def specification(kind: str) -> list[dict[str, object]]:
    return [{"ResourceType": kind, "Tags": OURS}]


def test_a_subnet_is_judged_on_itself_and_on_its_vpc(scene: Scene) -> None:
    def create() -> object:
        return scene.joe.create_subnet(
            VpcId=scene.made.vpc,
            CidrBlock="10.0.0.64/27",
            TagSpecifications=specification("subnet"),
        )

    new, parent = scene.arn("subnet"), scene.arn("vpc", scene.made.vpc)
    born = allow("ec2:CreateSubnet", new, StringEquals=BORN)
    inside = allow("ec2:CreateSubnet", parent, StringEquals=MINE)
    tagging = allow("ec2:CreateTags", new, StringEquals={"ec2:CreateAction": "CreateSubnet"})
    scene.permit(inside, tagging)
    with refused("UnauthorizedOperation", f"ec2:CreateSubnet on resource: {new}"):
        create()
    scene.permit(born, inside, tagging)
    with refused("UnauthorizedOperation", f"ec2:CreateSubnet on resource: {parent}"):
        create()
    scene.tag(scene.made.vpc)
    create()


def test_one_statement_on_request_tags_does_not_reach_the_vpc(scene: Scene) -> None:
    scene.tag(scene.made.vpc)
    scene.permit(allow(["ec2:CreateSubnet", "ec2:CreateTags"], "*", StringEquals=BORN))
    with refused("UnauthorizedOperation", scene.arn("vpc", scene.made.vpc)):
        scene.joe.create_subnet(
            VpcId=scene.made.vpc,
            CidrBlock="10.0.0.64/27",
            TagSpecifications=specification("subnet"),
        )


def test_tags_in_a_create_need_the_permission_to_tag(scene: Scene) -> None:
    scene.permit(allow("ec2:CreateVpc"))
    create = {"CidrBlock": "10.1.0.0/24", "TagSpecifications": specification("vpc")}
    words = f"ec2:CreateTags on resource: {scene.arn('vpc')}"
    with refused("UnauthorizedOperation", words):
        scene.joe.create_vpc(**create)
    scene.joe.create_vpc(CidrBlock="10.1.0.0/24")
    creating = {"ec2:CreateAction": "CreateVpc", **BORN}
    scene.permit(
        allow("ec2:CreateVpc"), allow("ec2:CreateTags", scene.arn("*"), StringEquals=creating)
    )
    vpc = scene.joe.create_vpc(**create)["Vpc"]["VpcId"]
    with refused("UnauthorizedOperation", f"ec2:CreateTags on resource: {scene.arn('vpc', vpc)}"):
        scene.joe.create_tags(Resources=[vpc], Tags=OURS)


def test_the_keys_of_tags_are_known(scene: Scene) -> None:
    only = {"aws:TagKeys": ["owner"]}
    scene.permit(
        allow("ec2:CreateTags", scene.arn("*"), **{"ForAllValues:StringEquals": only}),
        allow("ec2:DeleteTags", scene.arn("*"), **{"ForAllValues:StringEquals": only}),
    )
    scene.joe.create_tags(Resources=[scene.made.vpc], Tags=OURS)
    scene.joe.delete_tags(Resources=[scene.made.vpc], Tags=[{"Key": "owner"}])
    for change in (scene.joe.create_tags, scene.joe.delete_tags):
        with refused("UnauthorizedOperation"):
            change(Resources=[scene.made.vpc], Tags=[*OURS, {"Key": "x", "Value": "y"}])


def test_rules_of_a_group_are_judged_when_they_are_tagged(scene: Scene) -> None:
    group = scene.owner.create_security_group(VpcId=scene.made.vpc, GroupName="g", Description="g")[
        "GroupId"
    ]
    scene.tag(group)

    def authorize(port: int, **given: object) -> object:
        ranges = [{"CidrIp": "10.0.0.0/8"}]
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges}
        return scene.joe.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[rule], **given
        )

    on_group = allow("ec2:Authorize*", scene.arn("security-group"), StringEquals=MINE)
    scene.permit(on_group)
    authorize(1)
    tags = specification("security-group-rule")
    with refused("UnauthorizedOperation", scene.arn("security-group-rule")):
        authorize(2, TagSpecifications=tags)
    scene.permit(
        on_group,
        allow("ec2:Authorize*", scene.arn("security-group-rule"), StringEquals=BORN),
        allow("ec2:CreateTags", scene.arn("security-group-rule")),
    )
    authorize(2, TagSpecifications=tags)


Calling = Callable[[Client, Network], object]

PAIRS: dict[str, tuple[Calling, tuple[str, ...]]] = {
    "AttachInternetGateway": (
        lambda ec2, made: ec2.attach_internet_gateway(
            InternetGatewayId=made.internet_gateway, VpcId=made.vpc
        ),
        ("internet_gateway", "vpc"),
    ),
    "DetachInternetGateway": (
        lambda ec2, made: ec2.detach_internet_gateway(
            InternetGatewayId=made.internet_gateway, VpcId=made.vpc
        ),
        ("internet_gateway", "vpc"),
    ),
    "AssociateRouteTable": (
        lambda ec2, made: ec2.associate_route_table(RouteTableId=made.table, SubnetId=made.subnet),
        ("table", "subnet"),
    ),
    "CreateNatGateway": (
        lambda ec2, made: ec2.create_nat_gateway(SubnetId=made.subnet, AllocationId=made.address),
        ("subnet", "address"),
    ),
    "CreateVpcEndpoint": (
        lambda ec2, made: ec2.create_vpc_endpoint(
            VpcId=made.vpc,
            ServiceName="com.amazonaws.us-east-1.s3",
            RouteTableIds=[made.table],
            VpcEndpointType="Gateway",
        ),
        ("vpc", "table"),
    ),
    "DescribeVpcAttribute": (
        lambda ec2, made: ec2.describe_vpc_attribute(VpcId=made.vpc, Attribute="enableDnsSupport"),
        ("vpc",),
    ),
    "ReleaseAddress": (
        lambda ec2, made: ec2.release_address(AllocationId=made.address),
        ("address",),
    ),
}


@pytest.mark.parametrize("operation", PAIRS)
@pytest.mark.parametrize("key", [MINE, MINE_TOO], ids=["aws", "ec2"])
def test_everything_that_is_named_must_be_ours(
    scene: Scene, operation: str, key: dict[str, str]
) -> None:
    call, names = PAIRS[operation]
    named = [getattr(scene.made, name) for name in names]
    new = [scene.arn("natgateway"), scene.arn("vpc-endpoint")]
    scene.permit(allow(f"ec2:{operation}", "*", StringEquals=key), allow(f"ec2:{operation}", new))
    for missing in named:
        with refused("UnauthorizedOperation", missing):
            call(scene.joe, scene.made)
        scene.tag(missing)
    if operation == "AttachInternetGateway":
        scene.owner.detach_internet_gateway(
            InternetGatewayId=scene.made.internet_gateway, VpcId=scene.made.vpc
        )
    call(scene.joe, scene.made)


def test_an_association_stands_for_its_table_and_its_subnet(scene: Scene) -> None:
    made = scene.made
    table = scene.owner.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"]
    association = scene.owner.associate_route_table(RouteTableId=made.table, SubnetId=made.subnet)[
        "AssociationId"
    ]
    scene.permit(allow(["ec2:ReplaceRouteTable*", "ec2:Disass*"], "*", StringEquals=MINE))
    replace = {"AssociationId": association, "RouteTableId": table}
    with refused("UnauthorizedOperation", table):
        scene.joe.replace_route_table_association(**replace)
    scene.tag(table)
    with refused("UnauthorizedOperation", made.subnet):
        scene.joe.replace_route_table_association(**replace)
    with refused("UnauthorizedOperation", made.table):
        scene.joe.disassociate_route_table(AssociationId=association)
    scene.tag(made.subnet, made.table)
    scene.joe.disassociate_route_table(AssociationId=association)


def test_the_vpc_of_a_thing_and_the_region_are_known(scene: Scene) -> None:
    keys = {"ec2:Vpc": scene.arn("vpc", scene.made.vpc), "ec2:Region": REGION}
    scene.permit(allow("ec2:Delete*", "*", StringEquals=keys))
    scene.joe.delete_subnet(SubnetId=scene.made.subnet)
    scene.joe.delete_route_table(RouteTableId=scene.made.table)
    with refused("UnauthorizedOperation", scene.made.vpc):
        scene.joe.delete_vpc(VpcId=scene.made.vpc)
    elsewhere = allow("ec2:Describe*", "*", StringEquals={"aws:RequestedRegion": "eu-west-1"})
    scene.permit(elsewhere)
    with refused("UnauthorizedOperation"):
        scene.joe.describe_vpcs()


def test_deleting_a_gateway_is_judged_on_the_gateway(scene: Scene) -> None:
    gateway = nat_gateway(scene.owner, scene.made)
    scene.permit(allow("ec2:DeleteNatGateway", scene.arn("natgateway"), StringEquals=MINE))
    with refused("UnauthorizedOperation", scene.arn("natgateway", gateway)):
        scene.joe.delete_nat_gateway(NatGatewayId=gateway)
    scene.tag(gateway)
    scene.joe.delete_nat_gateway(NatGatewayId=gateway)
