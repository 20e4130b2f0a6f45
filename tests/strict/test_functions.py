"""Lambda functions in a VPC tell which one, and have interfaces that hold subnets and groups."""

from __future__ import annotations

import io
import zipfile

import pytest
from moto.awslambda.models import LambdaFunction

from tests.support.plain import Client, account, client
from tests.support.strict_account import refused

NO_CONTENT = 204
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "")
    return packed.getvalue()


def place(ec2: Client) -> dict[str, list[str]]:
    """A subnet of a VPC of its own, and a security group."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    return {"SubnetIds": [subnet], "SecurityGroupIds": [group]}


def function(functions: Client, name: str, where: dict[str, list[str]]) -> str:
    """The VPC that the creation tells."""
    iam = client("iam")
    if not iam.list_roles()["Roles"]:
        iam.create_role(RoleName="task", AssumeRolePolicyDocument=TRUST)
    made = functions.create_function(
        FunctionName=name,
        Role="arn:aws:iam::123456789012:role/task",
        Runtime="python3.11",
        Handler="handler.handle",
        Code={"ZipFile": code()},
        VpcConfig=where,
    )
    return str(made["VpcConfig"]["VpcId"])


def interfaces(ec2: Client) -> list[dict[str, object]]:
    of_lambda = [{"Name": "interface-type", "Values": ["lambda"]}]
    return list(ec2.describe_network_interfaces(Filters=of_lambda)["NetworkInterfaces"])


def test_a_function_tells_its_vpc_wherever_it_is_told() -> None:
    with account("lambda") as functions:
        ec2 = client("ec2")
        where = place(ec2)
        (subnet,) = ec2.describe_subnets(SubnetIds=where["SubnetIds"])["Subnets"]
        assert function(functions, "f", where) == subnet["VpcId"]
        (listed,) = functions.list_functions()["Functions"]
        got = functions.get_function(FunctionName="f")["Configuration"]
        configured = functions.get_function_configuration(FunctionName="f")
        assert {each["VpcConfig"]["VpcId"] for each in (listed, got, configured)} == {
            subnet["VpcId"]
        }


def test_without_the_rule_a_function_tells_no_vpc_that_is_there() -> None:
    with account("lambda", "vpc-of-function") as functions:
        assert function(functions, "f", place(client("ec2"))) == "vpc-123abc"


def test_functions_at_one_place_share_an_interface_that_holds_it() -> None:
    with account("lambda") as functions:
        ec2 = client("ec2")
        where = place(ec2)
        function(functions, "f", where)
        function(functions, "g", where)
        (shared,) = interfaces(ec2)
        assert shared["Status"] == "in-use"
        assert str(shared["Description"]).startswith("AWS Lambda VPC ENI-")
        with refused("DependencyViolation"):
            ec2.delete_subnet(SubnetId=where["SubnetIds"][0])
        with refused("DependencyViolation"):
            ec2.delete_security_group(GroupId=where["SecurityGroupIds"][0])
        functions.delete_function(FunctionName="f")
        assert len(interfaces(ec2)) == 1
        functions.delete_function(FunctionName="g")
        assert interfaces(ec2) == []
        ec2.delete_subnet(SubnetId=where["SubnetIds"][0])


def test_a_function_that_moves_takes_its_interface_along() -> None:
    with account("lambda") as functions:
        ec2 = client("ec2")
        function(functions, "f", place(ec2))
        there = place(ec2)
        functions.update_function_configuration(FunctionName="f", VpcConfig=there)
        assert [each["SubnetId"] for each in interfaces(ec2)] == there["SubnetIds"]


@pytest.mark.parametrize("without", [(), ("dry-run-of-function",)])
def test_a_dry_run_of_a_function_runs_it_only_without_the_rule(
    monkeypatch: pytest.MonkeyPatch, without: tuple[str, ...]
) -> None:
    ran: list[str] = []

    def invoke(function: LambdaFunction, *_others: object) -> bytes:
        ran.append(function.function_name)
        return b"{}"

    monkeypatch.setattr(LambdaFunction, "invoke", invoke)
    with account("lambda", *without) as functions:
        function(functions, "f", place(client("ec2")))
        asked = {"InvocationType": "DryRun"}
        assert functions.invoke(FunctionName="f", **asked)["StatusCode"] == NO_CONTENT
        assert ran == ["f"] * len(without)
        with refused("ResourceNotFoundException"):
            functions.invoke(FunctionName="g", **asked)


def test_without_the_rule_functions_have_no_interfaces() -> None:
    with account("lambda", "interfaces-of-functions") as functions:
        ec2 = client("ec2")
        where = place(ec2)
        function(functions, "f", where)
        ec2.delete_subnet(SubnetId=where["SubnetIds"][0])
