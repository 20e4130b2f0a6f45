"""What people do to our resources: one way each, and what `up` must then plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.deployments import Deployment
from tests.support.neighbours import ANYWHERE, GRANT, TRUST, Neighbours
from tests.support.worlds import ec2, iam

UPDATE = "update"
CREATE = "create"
UMAMI = "UserMetrics-dev-ObservabilityUmamiTask"
GRAFANA = "UserMetrics-dev-ObservabilityGrafana"
BOUNDARY = "arn:aws:iam::123456789012:policy/somebody"


@dataclass(frozen=True, slots=True)
class Scene:
    """Our deployment, and the others in the account."""

    ours: Deployment
    others: Neighbours

    def id(self, key: str) -> str:
        """Of a resource of ours."""
        return self.ours.id(key)

    def arn(self, key: str) -> str:
        """The same, of a policy."""
        return self.ours.receipts[key].arn

    def part(self, operation: str, answer: str, **wanted: str) -> Mapping[str, Any]:
        """The one description with these filters."""
        filters = [{"Name": k.replace("_", "-"), "Values": [v]} for k, v in wanted.items()]
        (found,) = getattr(ec2(), operation)(Filters=filters)[answer]
        described: Mapping[str, Any] = found
        return described

    def default_group(self) -> str:
        """Of our VPC."""
        vpc = self.id("vpc")
        group = self.part(
            "describe_security_groups", "SecurityGroups", vpc_id=vpc, group_name="default"
        )
        return str(group["GroupId"])

    def main_table(self) -> str:
        """Of our VPC."""
        filters = {"vpc-id": self.id("vpc"), "association.main": "true"}
        table = self.part("describe_route_tables", "RouteTables", **filters)
        return str(table["RouteTableId"])

    def default_acl(self) -> str:
        """Of our VPC."""
        acl = self.part(
            "describe_network_acls", "NetworkAcls", vpc_id=self.id("vpc"), default="true"
        )
        return str(acl["NetworkAclId"])

    def association(self, subnet: str) -> str:
        """With which a subnet of ours uses a route table."""
        filters = {"association.subnet-id": self.id(subnet)}
        table = self.part("describe_route_tables", "RouteTables", **filters)
        (found,) = [
            each["RouteTableAssociationId"]
            for each in table["Associations"]
            if each.get("SubnetId") == self.id(subnet)
        ]
        return str(found)

    def rules(self, group: str, *, egress: bool = False) -> list[str]:
        """Ids of the rules of a group of ours, one direction."""
        filters = [{"Name": "group-id", "Values": [self.id(f"security-group/{group}")]}]
        described = ec2().describe_security_group_rules(Filters=filters)  # type: ignore[arg-type]
        return sorted(
            each["SecurityGroupRuleId"]
            for each in described["SecurityGroupRules"]
            if each["IsEgress"] is egress
        )


@dataclass(frozen=True, slots=True)
class Drift:
    """A name for the test's id, the deed, and key -> action of the plan that must follow.

    `alone`: it takes away what other drifts need. `nameless`: the call that did it names none of
    the keys' ids, so that nobody can look it up.
    """

    name: str
    happen: Callable[[Scene], object]
    planned: Mapping[str, str]
    alone: bool = False
    nameless: bool = False


def rounds(drifts: Iterable[Drift]) -> list[tuple[Drift, ...]]:
    """The drifts in groups that can happen together: no two want the same resource repaired."""
    made: list[list[Drift]] = []
    for drift in drifts:
        for together in made:
            apart = all(drift.planned.keys().isdisjoint(other.planned) for other in together)
            if apart and not drift.alone and not together[0].alone:
                together.append(drift)
                break
        else:
            made.append([drift])
    return [tuple(together) for together in made]


def _tag(resource: Callable[[Scene], str], **tags: str) -> Callable[[Scene], object]:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return lambda s: ec2().create_tags(Resources=[resource(s)], Tags=listed)  # type: ignore[arg-type]


def _untag(resource: Callable[[Scene], str], *keys: str) -> Callable[[Scene], object]:
    listed = [{"Key": key} for key in keys]
    return lambda s: ec2().delete_tags(Resources=[resource(s)], Tags=listed)  # type: ignore[arg-type]


def _of(key: str) -> Callable[[Scene], str]:
    return lambda s: s.id(key)


def strip(resource: str) -> None:
    """Take all tags off an EC2 resource."""
    filters: list[Any] = [{"Name": "resource-id", "Values": [resource]}]
    tags = ec2().describe_tags(Filters=filters)["Tags"]
    ec2().delete_tags(Resources=[resource], Tags=[{"Key": tag["Key"]} for tag in tags])


def _default_group_opened(scene: Scene) -> None:
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    everybody = {**permission, "IpRanges": [{"CidrIp": ANYWHERE}]}
    group = scene.default_group()
    ec2().authorize_security_group_ingress(GroupId=group, IpPermissions=[everybody])  # type: ignore[list-item]
    ec2().authorize_security_group_egress(GroupId=group, IpPermissions=[everybody])  # type: ignore[list-item]


def _gateway_detached(scene: Scene) -> None:
    """First the NAT gateway, whose public address is mapped through it, as AWS insists."""
    _nat_gateway_deleted(scene)
    scene.ours.line.clock.settle()
    ec2().detach_internet_gateway(
        InternetGatewayId=scene.id("internet-gateway"), VpcId=scene.id("vpc")
    )


def _gateway_deleted(scene: Scene) -> None:
    _gateway_detached(scene)
    ec2().delete_internet_gateway(InternetGatewayId=scene.id("internet-gateway"))


def _association_removed(scene: Scene) -> None:
    ec2().disassociate_route_table(AssociationId=scene.association("subnet/public-b"))


def _association_moved(to: Callable[[Scene], str]) -> Callable[[Scene], object]:
    return lambda s: ec2().replace_route_table_association(
        AssociationId=s.association("subnet/private-b"), RouteTableId=to(s)
    )


def _everything_let_out(scene: Scene) -> None:
    ec2().authorize_security_group_egress(
        GroupId=scene.id("security-group/alb"),
        IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}],
    )


def _all_rules_revoked(scene: Scene) -> None:
    group = scene.id("security-group/umami")
    incoming, outgoing = scene.rules("umami"), scene.rules("umami", egress=True)
    ec2().revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=incoming)
    ec2().revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=outgoing)


def _rule_left_by_us(scene: Scene) -> None:
    """A rule with our tag that nobody wants: as an older version of umetrics would leave."""
    ec2().authorize_security_group_ingress(
        GroupId=scene.id("security-group/umami"),
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "10.9.0.0/16"}],
            }
        ],
        TagSpecifications=[
            {
                "ResourceType": "security-group-rule",
                "Tags": [
                    {"Key": "umetrics:deployment", "Value": "UserMetrics/dev"},
                    {"Key": "umetrics:resource", "Value": "rules/umami"},
                ],
            }
        ],
    )


def _group_deleted(scene: Scene) -> None:
    """First what refers to it, as AWS insists."""
    alb = scene.id("security-group/alb")
    umami = scene.id("security-group/umami")
    permissions = [
        {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "UserIdGroupPairs": [{"GroupId": umami}],
        }
        for port in (80, 443)
    ]
    ec2().revoke_security_group_egress(GroupId=alb, IpPermissions=permissions)  # type: ignore[arg-type]
    ec2().delete_security_group(GroupId=umami)


def _endpoint_deleted(scene: Scene) -> None:
    ec2().delete_vpc_endpoints(VpcEndpointIds=[scene.id("endpoint/s3")])


def _nat_gateway_deleted(scene: Scene) -> None:
    ec2().delete_nat_gateway(NatGatewayId=scene.id("nat-gateway"))


def _route_table_deleted(scene: Scene) -> None:
    for subnet in ("subnet/public-a", "subnet/public-b"):
        ec2().disassociate_route_table(AssociationId=scene.association(subnet))
    ec2().delete_route_table(RouteTableId=scene.id("route-table/public"))


def _subnet_deleted(scene: Scene) -> None:
    ec2().disassociate_route_table(AssociationId=scene.association("subnet/private-b"))
    ec2().delete_subnet(SubnetId=scene.id("subnet/private-b"))


def _role_deleted(_scene: Scene) -> None:
    iam().delete_role_policy(RoleName=UMAMI, PolicyName=UMAMI)
    iam().delete_role(RoleName=UMAMI)


def _document_changed(scene: Scene) -> None:
    iam().create_policy_version(
        PolicyArn=scene.arn("policy/lambda-emf"), PolicyDocument=GRANT, SetAsDefault=True
    )


def _trust_widened(_scene: Scene) -> None:
    iam().update_assume_role_policy(RoleName=UMAMI, PolicyDocument=TRUST)


def _condition_dropped(_scene: Scene) -> None:
    trust = iam().get_role(RoleName=GRAFANA)["Role"]["AssumeRolePolicyDocument"]
    document: dict[str, Any] = json.loads(trust) if isinstance(trust, str) else dict(trust)
    document["Statement"] = [
        {key: value for key, value in statement.items() if key != "Condition"}
        for statement in document["Statement"]
    ]
    iam().update_assume_role_policy(RoleName=GRAFANA, PolicyDocument=json.dumps(document))


def _route(table: str, **target: str) -> Callable[[Scene], object]:
    return lambda s: ec2().replace_route(
        RouteTableId=s.id(table),
        DestinationCidrBlock=ANYWHERE,
        **{name: getattr(s.others, of) for name, of in target.items()},
    )


def _no_route(table: str) -> Callable[[Scene], object]:
    return lambda s: ec2().delete_route(RouteTableId=s.id(table), DestinationCidrBlock=ANYWHERE)


DRIFTS = (
    Drift(
        "DNS hostnames off",
        lambda s: ec2().modify_vpc_attribute(
            VpcId=s.id("vpc"), EnableDnsHostnames={"Value": False}
        ),
        {"vpc": UPDATE},
    ),
    Drift(
        "DNS support off",
        lambda s: ec2().modify_vpc_attribute(VpcId=s.id("vpc"), EnableDnsSupport={"Value": False}),
        {"vpc": UPDATE},
    ),
    Drift("default group opened", _default_group_opened, {"vpc": UPDATE}),
    Drift("default group tag", _untag(Scene.default_group, "Owner"), {"vpc": UPDATE}),
    Drift("main table tag", _tag(Scene.main_table, Project="Other"), {"vpc": UPDATE}),
    Drift("default ACL tag", _untag(Scene.default_acl, "Name"), {"vpc": UPDATE}),
    Drift(
        "gateway detached",
        _gateway_detached,
        {
            "internet-gateway": UPDATE,
            "nat-gateway": CREATE,
            "route-table/private": UPDATE,
            "route-table/public": UPDATE,
        },
        alone=True,
    ),
    Drift(
        "public addresses on launch",
        lambda s: ec2().modify_subnet_attribute(
            SubnetId=s.id("subnet/public-a"), MapPublicIpOnLaunch={"Value": True}
        ),
        {"subnet/public-a": UPDATE},
    ),
    Drift(
        "private route deleted", _no_route("route-table/private"), {"route-table/private": UPDATE}
    ),
    Drift("public route deleted", _no_route("route-table/public"), {"route-table/public": UPDATE}),
    Drift(
        "private route elsewhere",
        _route("route-table/private", NatGatewayId="nat_gateway"),
        {"route-table/private": UPDATE},
    ),
    Drift(
        "public route elsewhere",
        _route("route-table/public", VpcPeeringConnectionId="peering"),
        {"route-table/public": UPDATE},
    ),
    Drift("association removed", _association_removed, {"route-table/public": UPDATE}),
    Drift(
        "association moved to our other table",
        _association_moved(_of("route-table/public")),
        {"route-table/private": UPDATE},
        alone=True,
        nameless=True,
    ),
    Drift(
        "association moved to a foreign table",
        _association_moved(Scene.main_table),
        {"route-table/private": UPDATE},
    ),
    Drift(
        "endpoint off its table",
        lambda s: ec2().modify_vpc_endpoint(
            VpcEndpointId=s.id("endpoint/s3"), RemoveRouteTableIds=[s.id("route-table/private")]
        ),
        {"endpoint/s3": UPDATE},
    ),
    Drift(
        "incoming rule revoked",
        lambda s: ec2().revoke_security_group_ingress(
            GroupId=s.id("security-group/openreplay"),
            SecurityGroupRuleIds=s.rules("openreplay")[:1],
        ),
        {"rules/openreplay": UPDATE},
    ),
    Drift(
        "outgoing rule revoked",
        lambda s: ec2().revoke_security_group_egress(
            GroupId=s.id("security-group/alb"), SecurityGroupRuleIds=s.rules("alb", egress=True)[:1]
        ),
        {"rules/alb": UPDATE},
    ),
    Drift("all rules revoked", _all_rules_revoked, {"rules/umami": UPDATE}),
    Drift("everything let out", _everything_let_out, {"rules/alb": UPDATE}),
    Drift("surplus rule of ours", _rule_left_by_us, {"rules/umami": UPDATE}),
    Drift(
        "rule stripped of its tags",
        lambda s: strip(s.rules("alb")[0]),
        {"rules/alb": UPDATE},
    ),
    Drift(
        "rule's tag changed",
        _tag(lambda s: s.rules("alb")[0], Owner="nobody@example.com"),
        {"rules/alb": UPDATE},
    ),
    Drift("VPC tag changed", _tag(_of("vpc"), Environment="prod"), {"vpc": UPDATE}),
    Drift(
        "subnet tag removed", _untag(_of("subnet/private-a"), "Owner"), {"subnet/private-a": UPDATE}
    ),
    Drift("address tag removed", _untag(_of("elastic-ip/nat"), "Name"), {"elastic-ip/nat": UPDATE}),
    Drift(
        "NAT gateway tag changed", _tag(_of("nat-gateway"), Project="x"), {"nat-gateway": UPDATE}
    ),
    Drift("endpoint tag removed", _untag(_of("endpoint/s3"), "Project"), {"endpoint/s3": UPDATE}),
    Drift(
        "gateway tag emptied", _tag(_of("internet-gateway"), Owner=""), {"internet-gateway": UPDATE}
    ),
    Drift(
        "route table tag removed",
        _untag(_of("route-table/public"), "NetworkTier"),
        {"route-table/public": UPDATE},
    ),
    Drift(
        "group tag changed",
        _tag(_of("security-group/alb"), Purpose="ECSAccess"),
        {"security-group/alb": UPDATE},
    ),
    Drift(
        "role tag removed",
        lambda _: iam().untag_role(RoleName=UMAMI, TagKeys=["CostCenter"]),
        {"role/umami-task": UPDATE},
    ),
    Drift(
        "policy tag changed",
        lambda s: iam().tag_policy(
            PolicyArn=s.arn("policy/lambda-emf"), Tags=[{"Key": "Owner", "Value": "x"}]
        ),
        {"policy/lambda-emf": UPDATE},
    ),
    Drift("trust given to another service", _trust_widened, {"role/umami-task": UPDATE}),
    Drift("trust without its condition", _condition_dropped, {"role/grafana": UPDATE}),
    Drift(
        "inline policy changed",
        lambda _: iam().put_role_policy(RoleName=UMAMI, PolicyName=UMAMI, PolicyDocument=GRANT),
        {"role/umami-task": UPDATE},
    ),
    Drift(
        "inline policy deleted",
        lambda _: iam().delete_role_policy(RoleName=UMAMI, PolicyName=UMAMI),
        {"role/umami-task": UPDATE},
    ),
    Drift(
        "boundary added",
        lambda _: iam().put_role_permissions_boundary(RoleName=UMAMI, PermissionsBoundary=BOUNDARY),
        {"role/umami-task": UPDATE},
    ),
    Drift("policy document changed", _document_changed, {"policy/lambda-emf": UPDATE}),
    Drift("endpoint deleted", _endpoint_deleted, {"endpoint/s3": CREATE}, alone=True),
    Drift(
        "NAT gateway deleted",
        _nat_gateway_deleted,
        {"nat-gateway": CREATE, "route-table/private": UPDATE},
        alone=True,
    ),
    Drift(
        "internet gateway deleted",
        _gateway_deleted,
        {
            "internet-gateway": CREATE,
            "nat-gateway": CREATE,
            "route-table/private": UPDATE,
            "route-table/public": UPDATE,
        },
        alone=True,
    ),
    Drift("route table deleted", _route_table_deleted, {"route-table/public": CREATE}, alone=True),
    Drift(
        "subnet deleted",
        _subnet_deleted,
        {"subnet/private-b": CREATE, "route-table/private": UPDATE},
        alone=True,
    ),
    Drift(
        "group deleted",
        _group_deleted,
        {"security-group/umami": CREATE, "rules/umami": CREATE, "rules/alb": UPDATE},
        alone=True,
    ),
    Drift("role deleted", _role_deleted, {"role/umami-task": CREATE}),
    Drift(
        "policy deleted",
        lambda s: iam().delete_policy(PolicyArn=s.arn("policy/lambda-emf")),
        {"policy/lambda-emf": CREATE},
    ),
)
