"""Deletes that find their work half done by somebody else, or refused in an answer of success."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.built import Built
from tests.support.deployments import Deployment, Line
from tests.support.neighbours import let_in
from tests.support.worlds import ec2
from umetrics.aws import Aws
from umetrics.errors import AwsError, NotFound
from umetrics.provision.model import Found, Resource
from umetrics.provision.resources.endpoint import GatewayEndpoint, GatewayEndpointHandler
from umetrics.provision.resources.internet_gateway import InternetGateway, InternetGatewayHandler
from umetrics.provision.resources.route_table import Association, RouteTable, RouteTableHandler
from umetrics.provision.resources.security_group_rules import SecurityGroupRulesHandler
from umetrics.tags import DEPLOYMENT

ENDPOINTS = GatewayEndpointHandler()
GATEWAYS = InternetGatewayHandler()
TABLES = RouteTableHandler()
RULES = SecurityGroupRulesHandler()


def a_session() -> boto3.Session:
    """One of a test's own, to hang faults on."""
    return boto3.Session(aws_access_key_id="t", aws_secret_access_key="t")


@pytest.fixture
def vpc(connection: Line) -> str:
    made = ec2().create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    connection.clock.settle()
    return made


@pytest.fixture
def attached(vpc: str) -> Found[InternetGateway]:
    gateway = ec2().create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2().attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return Found(gateway, InternetGateway(vpc), {})


def detach(gateway: Found[InternetGateway]) -> None:
    ec2().detach_internet_gateway(InternetGatewayId=gateway.id, VpcId=gateway.spec.vpc)


def test_an_internet_gateway_that_is_detached_already_goes_all_the_same(
    connection: Line, attached: Found[InternetGateway]
) -> None:
    detach(attached)
    GATEWAYS.delete(connection.aws, attached)
    assert GATEWAYS.now(connection.aws, attached.id) is None


def test_an_internet_gateway_that_is_gone_already_is_told_to_be_gone(
    connection: Line, attached: Found[InternetGateway]
) -> None:
    detach(attached)
    ec2().delete_internet_gateway(InternetGatewayId=attached.id)
    with pytest.raises(NotFound) as gone:
        GATEWAYS.delete(connection.aws, attached)
    assert gone.value.operation == "ec2:DetachInternetGateway"


def test_a_route_table_whose_subnet_was_let_go_already_goes_all_the_same(
    connection: Line, vpc: str
) -> None:
    subnet = ec2().create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"]
    table = ec2().create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    connection.clock.settle()
    made = ec2().associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    ec2().disassociate_route_table(AssociationId=made)
    spec = RouteTable(vpc, associations=frozenset({Association(subnet, made)}))
    TABLES.delete(connection.aws, Found(table, spec, {}))
    assert TABLES.now(connection.aws, table) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [("InvalidVpcEndpoint.NotFound", NotFound), ("InvalidParameter", AwsError)],
)
def test_an_endpoint_that_aws_refuses_to_delete_in_an_answer_of_200_is_an_error(
    connection: Line, code: str, kind: type[AwsError]
) -> None:
    session = a_session()

    def refuse(parsed: dict[str, Any], **_others: object) -> None:
        error = {"Code": code, "Message": "not this one"}
        parsed["Unsuccessful"] = [{"ResourceId": "vpce-1", "Error": error}]

    session.events.register("after-call.ec2.DeleteVpcEndpoints", refuse)
    found = Found("vpce-1", GatewayEndpoint("vpc-1", "s3"), {})
    with pytest.raises(AwsError) as refusal:
        ENDPOINTS.delete(Aws(session, "us-east-1"), found)
    assert type(refusal.value) is kind
    assert refusal.value.message == f"ec2:DeleteVpcEndpoints: {code}: not this one"
    assert (refusal.value.aws_code, refusal.value.operation) == (code, "ec2:DeleteVpcEndpoints")


def test_rules_of_which_one_is_gone_already_go_all_the_same(
    deployment: Deployment, built: Built
) -> None:
    """A batch that names a rule which is gone is refused whole."""
    rules = deployment.plan().step("rules/umami").found
    assert rules is not None
    group = rules.spec.group
    gone = min(rule.id for rule in rules.spec.rules if rule.direction == "ingress")
    ec2().revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[gone])
    session = a_session()

    def refuse(params: dict[str, Any], **_others: object) -> None:
        if gone in params.get("SecurityGroupRuleIds", ()):
            code = "InvalidSecurityGroupRuleId.NotFound"
            raise ClientError({"Error": {"Code": code}}, "RevokeSecurityGroupIngress")

    session.events.register("before-parameter-build.ec2.RevokeSecurityGroupIngress", refuse)
    nothing = Resource("rules/umami", replace(rules.spec, rules=frozenset()), rules.tags)
    RULES.update(Aws(session, "us-east-1"), rules, nothing)

    left = ec2().describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    assert left["SecurityGroupRules"] == []


def test_the_rules_of_a_group_are_ours_while_each_rule_of_ours_says_so(
    deployment: Deployment, built: Built
) -> None:
    let_in(deployment.id("security-group/umami"), "10.9.0.0/16")
    rules = deployment.plan().step("rules/umami").found
    assert rules is not None
    aws = deployment.line.aws
    assert RULES.tags_now(aws, rules) == rules.tags

    ours = min(rule.id for rule in rules.spec.rules if rule.ours)
    ec2().delete_tags(Resources=[ours], Tags=[{"Key": DEPLOYMENT}])
    assert RULES.tags_now(aws, rules) == {}
