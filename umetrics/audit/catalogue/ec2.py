"""The kinds of EC2 and VPC: every listing tells the tags.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-resources
"""

from __future__ import annotations

from umetrics.audit.catalogue.kind import Item, Kind, Listing, found, state_is

LARGEST_PAGE = 1000
"""What the API reference grants where the service model sets no limit of its own."""


def _is_main_table(item: Item) -> bool:
    return any(found(item, "Associations.Main"))


def _is_requesters(item: Item) -> bool:
    """Made by an AWS service for itself, like the interface of a NAT gateway."""
    return bool(item.get("RequesterManaged")) or item.get("InterfaceType") == "nat_gateway"


def _arn(type_: str) -> str:
    return f"arn:{{partition}}:ec2:{{region}}:{{account}}:{type_}/{{id}}"


KINDS: tuple[Kind, ...] = (
    Kind(
        "vpc",
        "VPC",
        "ec2",
        Listing("DescribeVpcs", "Vpcs", 1000),
        "VpcId",
        _arn("vpc"),
        lies_in="VpcId",
    ),
    Kind(
        "subnet",
        "subnet",
        "ec2",
        Listing("DescribeSubnets", "Subnets", 1000),
        "SubnetId",
        _arn("subnet"),
        lies_in="VpcId",
    ),
    Kind(
        "route-table",
        "route table",
        "ec2",
        Listing("DescribeRouteTables", "RouteTables", 100),
        "RouteTableId",
        _arn("route-table"),
        lies_in="VpcId",
        implicit=_is_main_table,
    ),
    Kind(
        "internet-gateway",
        "internet gateway",
        "ec2",
        Listing("DescribeInternetGateways", "InternetGateways", 1000),
        "InternetGatewayId",
        _arn("internet-gateway"),
        lies_in="Attachments.VpcId",
    ),
    Kind(
        "egress-only-internet-gateway",
        "egress-only internet gateway",
        "ec2",
        Listing("DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", 255),
        "EgressOnlyInternetGatewayId",
        _arn("egress-only-internet-gateway"),
        lies_in="Attachments.VpcId",
    ),
    Kind(
        "vpn-gateway",
        "VPN gateway",
        "ec2",
        Listing("DescribeVpnGateways", "VpnGateways"),
        "VpnGatewayId",
        _arn("vpn-gateway"),
        lies_in="VpcAttachments.VpcId",
        gone=state_is("State", "deleting", "deleted"),
    ),
    Kind(
        "nat-gateway",
        "NAT gateway",
        "ec2",
        Listing("DescribeNatGateways", "NatGateways", 1000),
        "NatGatewayId",
        _arn("natgateway"),
        lies_in="VpcId",
        gone=state_is("State", "deleting", "deleted", "failed"),
    ),
    Kind(
        "elastic-ip",
        "Elastic IP",
        "ec2",
        Listing("DescribeAddresses", "Addresses"),
        "AllocationId",
        _arn("elastic-ip"),
        is_aws=lambda item: bool(item.get("ServiceManaged")),
    ),
    Kind(
        "security-group",
        "security group",
        "ec2",
        Listing("DescribeSecurityGroups", "SecurityGroups", 1000),
        "GroupId",
        _arn("security-group"),
        lies_in="VpcId",
        implicit=lambda item: item.get("GroupName") == "default",
    ),
    Kind(
        "security-group-rule",
        "security group rule",
        "ec2",
        Listing("DescribeSecurityGroupRules", "SecurityGroupRules", 1000),
        "SecurityGroupRuleId",
        _arn("security-group-rule"),
        lies_in="GroupId",
        owner="GroupOwnerId",
    ),
    Kind(
        "vpc-endpoint",
        "VPC endpoint",
        "ec2",
        Listing("DescribeVpcEndpoints", "VpcEndpoints", LARGEST_PAGE),
        "VpcEndpointId",
        _arn("vpc-endpoint"),
        lies_in="VpcId",
        gone=state_is("State", "deleting", "deleted", "expired", "rejected", "failed"),
        is_aws=_is_requesters,
    ),
    Kind(
        "network-interface",
        "network interface",
        "ec2",
        Listing("DescribeNetworkInterfaces", "NetworkInterfaces", 1000),
        "NetworkInterfaceId",
        _arn("network-interface"),
        tags="TagSet",
        lies_in="VpcId",
        is_aws=_is_requesters,
    ),
    Kind(
        "network-acl",
        "network ACL",
        "ec2",
        Listing("DescribeNetworkAcls", "NetworkAcls", 1000),
        "NetworkAclId",
        _arn("network-acl"),
        lies_in="VpcId",
        implicit=lambda item: bool(item.get("IsDefault")),
    ),
    Kind(
        "flow-log",
        "flow log",
        "ec2",
        Listing("DescribeFlowLogs", "FlowLogs", LARGEST_PAGE),
        "FlowLogId",
        _arn("vpc-flow-log"),
        lies_in="ResourceId",
    ),
    Kind(
        "vpc-peering-connection",
        "VPC peering connection",
        "ec2",
        Listing("DescribeVpcPeeringConnections", "VpcPeeringConnections", 1000),
        "VpcPeeringConnectionId",
        _arn("vpc-peering-connection"),
        lies_in="RequesterVpcInfo.VpcId",
        joins="AccepterVpcInfo.VpcId",
        gone=state_is("Status.Code", "deleting", "deleted", "expired", "rejected", "failed"),
    ),
    Kind(
        "instance",
        "instance",
        "ec2",
        Listing("DescribeInstances", "Reservations.Instances", LARGEST_PAGE),
        "InstanceId",
        _arn("instance"),
        lies_in="VpcId",
        gone=state_is("State.Name", "shutting-down", "terminated"),
    ),
    Kind(
        "volume",
        "volume",
        "ec2",
        Listing("DescribeVolumes", "Volumes", LARGEST_PAGE),
        "VolumeId",
        _arn("volume"),
        gone=state_is("State", "deleting", "deleted"),
    ),
    Kind(
        "snapshot",
        "snapshot",
        "ec2",
        Listing("DescribeSnapshots", "Snapshots", LARGEST_PAGE, {"OwnerIds": ["self"]}),
        "SnapshotId",
        _arn("snapshot"),
    ),
    Kind(
        "launch-template",
        "launch template",
        "ec2",
        Listing("DescribeLaunchTemplates", "LaunchTemplates", 200),
        "LaunchTemplateId",
        _arn("launch-template"),
    ),
)
