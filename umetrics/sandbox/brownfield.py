"""An account in which an application is running already: what must not notice umetrics.

Built as its owners would have, through the sandbox's own front door, so that every rule holds for
it, too: a VPC with subnets for functions and for a database, two Lambda functions, an Aurora
PostgreSQL cluster behind an RDS proxy, a bucket, the role of a deployment pipeline, a stack.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from werkzeug.test import Client

from umetrics.errors import SandboxError
from umetrics.sandbox.options import ADMINISTRATOR

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

SCOPE = ADMINISTRATOR + "/20200101/us-east-1/{}/aws4_request"
VERSIONS = {
    "ec2": "2016-11-15",
    "iam": "2010-05-08",
    "rds": "2014-10-31",
    "cloudformation": "2010-05-15",
}
"""The API versions of the services that take forms."""

REFUSED = 300

NAME = "orders"
VPC_RANGE = "10.50.0.0/16"
FUNCTION_RANGES = {"a": "10.50.1.0/24", "b": "10.50.2.0/24"}
DATABASE_RANGES = {"a": "10.50.11.0/24", "b": "10.50.12.0/24"}
POSTGRESQL = 5432

LAMBDA_ROLE, PROXY_ROLE, PIPELINE_ROLE = f"{NAME}-lambda", f"{NAME}-proxy", f"{NAME}-pipeline"
FUNCTIONS = (f"{NAME}-api", f"{NAME}-worker")
BUCKET = f"{NAME}-assets"
TEMPLATE = json.dumps({"Resources": {"Assets": {"Type": "AWS::S3::Bucket"}}})
CODE = "def handler(event, context):\n    return event\n"


@dataclass(frozen=True, slots=True)
class _Door:
    """Where requests go in."""

    client: Client

    def ask(self, service: str, action: str, **parameters: object) -> Callable[[str], str]:
        """One call of a service that takes forms; what it answered, by element name."""
        form = {"Action": action, "Version": VERSIONS[service], **_flat(parameters)}
        told = self.send("POST", "/", service, data=form)

        def element(name: str) -> str:
            match = re.search(f"<{name}>(.*?)</{name}>", told)
            if match is None:
                raise SandboxError(f"the sandbox's {action} tells no {name}")
            return match[1]

        return element

    def send(self, method: str, path: str, service: str, **content: object) -> str:
        """Any call, as the administrator; raises `SandboxError` where it is refused."""
        scope = SCOPE.format(service)
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}",
            "Host": f"{service}.us-east-1.amazonaws.com",
        }
        answer = self.client.open(path, method=method, headers=headers, **content)  # type: ignore[arg-type]
        text = answer.get_data(as_text=True)
        answer.close()
        if answer.status_code >= REFUSED:
            raise SandboxError(f"the sandbox refuses {service} {method} {path}: {text}")
        return text


def _flat(parameters: Mapping[str, object]) -> dict[str, str]:
    """A list as `Name.1`, `Name.2`; a mapping in it as `Name.1.Key`; `__` stands for a dot."""
    flat: dict[str, str] = {}
    for name, value in parameters.items():
        key = name.replace("__", ".")
        if isinstance(value, list | tuple):
            flat |= _flat(dict(zip((f"{key}.{n}" for n in count(1)), value, strict=False)))
        elif isinstance(value, Mapping):
            flat |= _flat({f"{key}.{inner}": each for inner, each in value.items()})
        else:
            flat[key] = str(value)
    return flat


def build_brownfield(application: WSGIApplication) -> None:
    """Everything; raises `SandboxError` where the sandbox refuses any of it."""
    door = _Door(Client(application))
    network = _network(door)
    _roles(door)
    _database(door, network)
    _functions(door, network)
    door.send("PUT", f"/{BUCKET}", "s3")
    door.ask("cloudformation", "CreateStack", StackName=NAME, TemplateBody=TEMPLATE)


@dataclass(frozen=True, slots=True)
class _Network:
    function_subnets: tuple[str, ...]
    database_subnets: tuple[str, ...]
    function_group: str
    proxy_group: str
    database_group: str


def _network(door: _Door) -> _Network:
    vpc = door.ask("ec2", "CreateVpc", CidrBlock=VPC_RANGE, **_named("vpc", NAME))("vpcId")
    subnets = {
        (purpose, zone): door.ask(
            "ec2",
            "CreateSubnet",
            VpcId=vpc,
            CidrBlock=cidr,
            AvailabilityZone=f"us-east-1{zone}",
            **_named("subnet", f"{NAME}-{purpose}-{zone}"),
        )("subnetId")
        for purpose, ranges in (("functions", FUNCTION_RANGES), ("database", DATABASE_RANGES))
        for zone, cidr in ranges.items()
    }
    table = door.ask("ec2", "CreateRouteTable", VpcId=vpc, **_named("route-table", NAME))
    for subnet in subnets.values():
        table_id = table("routeTableId")
        door.ask("ec2", "AssociateRouteTable", RouteTableId=table_id, SubnetId=subnet)
    groups = {name: _group(door, vpc, name) for name in ("functions", "proxy", "database")}
    _let_in(door, groups["proxy"], groups["functions"])
    _let_in(door, groups["database"], groups["proxy"])
    return _Network(
        tuple(subnet for (purpose, _), subnet in subnets.items() if purpose == "functions"),
        tuple(subnet for (purpose, _), subnet in subnets.items() if purpose == "database"),
        groups["functions"],
        groups["proxy"],
        groups["database"],
    )


def _group(door: _Door, vpc: str, purpose: str) -> str:
    made = door.ask(
        "ec2",
        "CreateSecurityGroup",
        VpcId=vpc,
        GroupName=f"{NAME}-{purpose}",
        GroupDescription=f"the {purpose} of {NAME}",
    )
    return made("groupId")


def _let_in(door: _Door, group: str, peer: str) -> None:
    permission = {
        "IpProtocol": "tcp",
        "FromPort": POSTGRESQL,
        "ToPort": POSTGRESQL,
        "Groups": [{"GroupId": peer}],
    }
    door.ask("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[permission])


def _named(kind: str, name: str) -> dict[str, object]:
    tags = [{"Key": "Name", "Value": name}, {"Key": "Owner", "Value": "shop@example.com"}]
    return {"TagSpecification": [{"ResourceType": kind, "Tag": tags}]}


def _roles(door: _Door) -> None:
    for name, service, action in (
        (LAMBDA_ROLE, "lambda", "logs:PutLogEvents"),
        (PROXY_ROLE, "rds", "secretsmanager:GetSecretValue"),
        (PIPELINE_ROLE, "codepipeline", "lambda:UpdateFunctionCode"),
    ):
        trust = {"Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        door.ask("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=_policy(trust))
        grant = _policy({"Action": action, "Resource": "*"})
        door.ask("iam", "PutRolePolicy", RoleName=name, PolicyName="does", PolicyDocument=grant)


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def _database(door: _Door, network: _Network) -> None:
    subnets = list(network.database_subnets)
    door.ask(
        "rds",
        "CreateDBSubnetGroup",
        DBSubnetGroupName=NAME,
        DBSubnetGroupDescription=f"the database of {NAME}",
        SubnetIds__SubnetIdentifier=subnets,
    )
    door.ask(
        "rds",
        "CreateDBCluster",
        DBClusterIdentifier=NAME,
        Engine="aurora-postgresql",
        MasterUsername=NAME,
        MasterUserPassword="sandbox-only",  # a dummy, in the emulator
        DBSubnetGroupName=NAME,
        VpcSecurityGroupIds__VpcSecurityGroupId=[network.database_group],
    )
    door.ask(
        "rds",
        "CreateDBInstance",
        DBInstanceIdentifier=f"{NAME}-1",
        DBClusterIdentifier=NAME,
        DBInstanceClass="db.r6g.large",
        Engine="aurora-postgresql",
        DBSubnetGroupName=NAME,
    )
    secret = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{NAME}"
    door.ask(
        "rds",
        "CreateDBProxy",
        DBProxyName=NAME,
        EngineFamily="POSTGRESQL",
        RoleArn=f"arn:aws:iam::123456789012:role/{PROXY_ROLE}",
        Auth__member=[{"AuthScheme": "SECRETS", "SecretArn": secret, "IAMAuth": "REQUIRED"}],
        VpcSubnetIds__member=subnets,
        VpcSecurityGroupIds__member=[network.proxy_group],
    )
    proxy = {"DBProxyName": NAME}
    clusters = {"DBClusterIdentifiers__member": [NAME]}
    door.ask("rds", "RegisterDBProxyTargets", **proxy, **clusters)
    door.ask("rds", "DescribeDBProxyTargets", **proxy)  # moto's targets register until asked for


def _functions(door: _Door, network: _Network) -> None:
    for name in FUNCTIONS:
        function = {
            "FunctionName": name,
            "Runtime": "python3.12",
            "Role": f"arn:aws:iam::123456789012:role/{LAMBDA_ROLE}",
            "Handler": "index.handler",
            "Code": {"ZipFile": base64.b64encode(_zipped()).decode()},
            "Environment": {"Variables": {"DATABASE": NAME}},
            "VpcConfig": {
                "SubnetIds": list(network.function_subnets),
                "SecurityGroupIds": [network.function_group],
            },
        }
        door.send("POST", "/2015-03-31/functions", "lambda", json=function)


def _zipped() -> bytes:
    """The same bytes each time, and so the same hash."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), CODE)
    return packed.getvalue()
