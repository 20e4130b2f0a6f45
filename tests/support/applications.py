"""An application of somebody's, at its least: functions, a database behind a proxy, a pipeline."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from tests.support.neighbours import LAMBDA_ROLE, TRUST
from tests.support.plain import client


def code() -> bytes:
    """A package with nothing to run in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "")
    return packed.getvalue()


def make_function(
    name: str, subnets: tuple[str, ...] = (), groups: tuple[str, ...] = (), **tags: str
) -> str:
    """One with the role of an application that is there; its ARN."""
    where = {"SubnetIds": list(subnets), "SecurityGroupIds": list(groups)}
    made = client("lambda").create_function(
        FunctionName=name,
        Role=f"arn:aws:iam::123456789012:role/{LAMBDA_ROLE}",
        Runtime="python3.12",
        Handler="handler.handle",
        Code={"ZipFile": code()},
        Tags=tags,
        **({"VpcConfig": where} if subnets else {}),
    )
    return str(made["FunctionArn"])


def make_database(name: str, subnets: tuple[str, ...], group: str) -> None:
    """An Aurora PostgreSQL cluster behind a proxy."""
    rds, account = client("rds"), "123456789012"
    rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        MasterUsername="somebody",
        MasterUserPassword="a-password-of-nobody",
    )
    rds.create_db_proxy(
        DBProxyName=name,
        EngineFamily="POSTGRESQL",
        RoleArn=f"arn:aws:iam::{account}:role/{LAMBDA_ROLE}",
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": f"arn:aws:secretsmanager:::{account}:s"}],
        VpcSubnetIds=list(subnets),
        VpcSecurityGroupIds=[group],
    )
    rds.register_db_proxy_targets(DBProxyName=name, DBClusterIdentifiers=[name])


def make_pipeline(name: str) -> None:
    """One that takes from a bucket and deploys."""

    def stage(name: str, category: str, provider: str) -> dict[str, Any]:
        kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
        return {"name": name, "actions": [{"name": name, "actionTypeId": kind}]}

    trust = TRUST.replace("lambda.amazonaws", "codepipeline.amazonaws")
    role = client("iam").create_role(RoleName=f"{name}-pipeline", AssumeRolePolicyDocument=trust)
    client("codepipeline").create_pipeline(
        pipeline={
            "name": name,
            "roleArn": role["Role"]["Arn"],
            "artifactStore": {"type": "S3", "location": "a-bucket"},
            "stages": [stage("Source", "Source", "S3"), stage("Deploy", "Deploy", "S3")],
            "version": 1,
        }
    )
