"""The actions of EC2 on networks: what each makes, and which parameters name what it touches.

From the Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2".
Tables only; what follows from them is `ec2_demands`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource in ARNs, and the condition key that holds its id, where there is one."""

    name: str
    id_key: str = ""


KINDS: Mapping[str, Kind] = {
    "acl": Kind("network-acl", "NetworkAclID"),
    "dopt": Kind("dhcp-options", "DhcpOptionsID"),
    "eigw": Kind("egress-only-internet-gateway"),
    "eipalloc": Kind("elastic-ip", "AllocationId"),
    "eni": Kind("network-interface", "NetworkInterfaceID"),
    "fl": Kind("vpc-flow-log"),
    "i": Kind("instance", "InstanceID"),
    "igw": Kind("internet-gateway", "InternetGatewayID"),
    "nat": Kind("natgateway"),
    "pcx": Kind("vpc-peering-connection", "VpcPeeringConnectionID"),
    "pl": Kind("prefix-list"),
    "rtb": Kind("route-table", "RouteTableID"),
    "sg": Kind("security-group", "SecurityGroupID"),
    "sgr": Kind("security-group-rule"),
    "subnet": Kind("subnet", "SubnetID"),
    "vgw": Kind("vpn-gateway"),
    "vpc": Kind("vpc", "VpcID"),
    "vpce": Kind("vpc-endpoint"),
}
"""By the prefix of ids."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What an action makes, and the parameters in which it names what is there.

    Rules of groups are judged when they are tagged, anything else whenever it is made.
    """

    named: tuple[str, ...] = ()
    makes: str = ""
    only_if_tagged: bool = False


RULES_MADE = Touched(("GroupId",), "security-group-rule", only_if_tagged=True)
GROUP = Touched(("GroupId",))
ROUTE_TABLE = Touched(("RouteTableId",))

TOUCHED: Mapping[str, Touched] = {
    "AllocateAddress": Touched(makes="elastic-ip"),
    "AssociateAddress": Touched(("AllocationId", "InstanceId", "NetworkInterfaceId")),
    "AssociateRouteTable": Touched(("RouteTableId", "SubnetId", "GatewayId")),
    "AttachInternetGateway": Touched(("InternetGatewayId", "VpcId")),
    "AuthorizeSecurityGroupEgress": RULES_MADE,
    "AuthorizeSecurityGroupIngress": RULES_MADE,
    "CreateFlowLogs": Touched(("ResourceIds",), "vpc-flow-log"),
    "CreateInternetGateway": Touched(makes="internet-gateway"),
    "CreateNatGateway": Touched(("SubnetId", "AllocationId", "VpcId"), "natgateway"),
    "CreateRoute": ROUTE_TABLE,
    "CreateRouteTable": Touched(("VpcId",), "route-table"),
    "CreateSecurityGroup": Touched(("VpcId",), "security-group"),
    "CreateSubnet": Touched(("VpcId",), "subnet"),
    "CreateTags": Touched(("Resources",)),
    "CreateVpc": Touched(makes="vpc"),
    "CreateVpcEndpoint": Touched(
        ("VpcId", "RouteTableIds", "SecurityGroupIds", "SubnetIds"), "vpc-endpoint"
    ),
    "DeleteFlowLogs": Touched(("FlowLogIds",)),
    "DeleteInternetGateway": Touched(("InternetGatewayId",)),
    "DeleteNatGateway": Touched(("NatGatewayId",)),
    "DeleteRoute": ROUTE_TABLE,
    "DeleteRouteTable": ROUTE_TABLE,
    "DeleteSecurityGroup": GROUP,
    "DeleteSubnet": Touched(("SubnetId",)),
    "DeleteTags": Touched(("Resources",)),
    "DeleteVpc": Touched(("VpcId",)),
    "DeleteVpcEndpoints": Touched(("VpcEndpointIds",)),
    "DescribeVpcAttribute": Touched(("VpcId",)),
    "DetachInternetGateway": Touched(("InternetGatewayId", "VpcId")),
    "DisassociateRouteTable": Touched(("AssociationId",)),
    "ModifySecurityGroupRules": Touched(("GroupId", "SecurityGroupRules")),
    "ModifySubnetAttribute": Touched(("SubnetId",)),
    "ModifyVpcAttribute": Touched(("VpcId",)),
    "ModifyVpcEndpoint": Touched(
        (
            "VpcEndpointId",
            *("AddRouteTableIds", "RemoveRouteTableIds"),
            *("AddSecurityGroupIds", "RemoveSecurityGroupIds"),
            *("AddSubnetIds", "RemoveSubnetIds"),
        )
    ),
    "ReleaseAddress": Touched(("AllocationId",)),
    "ReplaceRoute": ROUTE_TABLE,
    "ReplaceRouteTableAssociation": Touched(("RouteTableId", "AssociationId")),
    "RevokeSecurityGroupEgress": GROUP,
    "RevokeSecurityGroupIngress": GROUP,
    "UpdateSecurityGroupRuleDescriptionsEgress": GROUP,
    "UpdateSecurityGroupRuleDescriptionsIngress": GROUP,
}
