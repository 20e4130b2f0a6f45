"""An account with something of every kind that the stand-in serves, and a list of what is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from moto.iam.models import iam_backends

from tests.support.neighbours import GRANT, TRUST
from tests.support.plain import client

ACCOUNT = "123456789012"
TAGS = {"Project": "UserMetrics", "Owner": "ops@example.com"}
CAPITALS = [{"Key": key, "Value": value} for key, value in TAGS.items()]
SMALL = [{"key": key, "value": value} for key, value in TAGS.items()]

LOOK = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)

ORIGIN = {"Id": "o", "DomainName": "tagged.s3.amazonaws.com"}
DISTRIBUTION = {
    "CallerReference": "x",
    "Comment": "",
    "Enabled": True,
    "Origins": {
        "Quantity": 1,
        "Items": [{**ORIGIN, "S3OriginConfig": {"OriginAccessIdentity": ""}}],
    },
    "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"},
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """Names, or ids, by kind: with the tags of `TAGS`, and with none."""

    tagged: dict[str, str]
    untagged: dict[str, str]


def seed() -> Seeded:
    """One of each kind with tags, and of some kinds another without."""
    return Seeded(
        {
            **_network(),
            **_identities(),
            **_storage(),
            **_messages(),
            **_containers(),
            **_balancing(),
        },
        _without_tags(),
    )


def _specification(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": CAPITALS}]


def _network() -> dict[str, str]:
    ec2 = client("ec2")
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=_specification("elastic-ip"))
    volume = ec2.create_volume(
        AvailabilityZone="us-east-1a", Size=1, TagSpecifications=_specification("volume")
    )
    snapshot = ec2.create_snapshot(
        VolumeId=volume["VolumeId"], TagSpecifications=_specification("snapshot")
    )
    template = ec2.create_launch_template(
        LaunchTemplateName="template",
        LaunchTemplateData={"InstanceType": "t3.micro"},
        TagSpecifications=_specification("launch-template"),
    )
    gateway = ec2.create_internet_gateway(TagSpecifications=_specification("internet-gateway"))
    return {
        "elastic-ip": address["AllocationId"],
        "volume": volume["VolumeId"],
        "snapshot": snapshot["SnapshotId"],
        "launch-template": template["LaunchTemplate"]["LaunchTemplateId"],
        "internet-gateway": gateway["InternetGateway"]["InternetGatewayId"],
    }


def _identities() -> dict[str, str]:
    iam = client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST, Tags=CAPITALS)
    iam.create_policy(PolicyName="policy", PolicyDocument=GRANT, Tags=CAPITALS)
    pairs = [{"TagKey": key, "TagValue": value} for key, value in TAGS.items()]
    key = client("kms").create_key(Tags=pairs)["KeyMetadata"]["KeyId"]
    client("secretsmanager").create_secret(Name="some/secret", SecretString="x", Tags=CAPITALS)
    client("ssm").put_parameter(Name="/some/value", Value="1", Type="String", Tags=CAPITALS)
    return {
        "iam-role": "role",
        "iam-policy": "policy",
        "kms-key": key,
        "secret": "some/secret",
        "ssm-parameter": "/some/value",
    }


def _storage() -> dict[str, str]:
    s3, rds = client("s3"), client("rds")
    s3.create_bucket(Bucket="tagged")
    s3.put_bucket_tagging(Bucket="tagged", Tagging={"TagSet": CAPITALS})
    client("dynamodb").create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        Tags=CAPITALS,
    )
    master = {"MasterUsername": "root", "MasterUserPassword": "password1", "Tags": CAPITALS}
    rds.create_db_cluster(DBClusterIdentifier="cluster", Engine="aurora-postgresql", **master)
    rds.create_db_instance(
        DBInstanceIdentifier="instance",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=10,
        **master,
    )
    client("opensearch").create_domain(DomainName="domain", TagList=CAPITALS)
    return {
        "s3-bucket": "tagged",
        "dynamodb-table": "table",
        "rds-cluster": "cluster",
        "rds-instance": "instance",
        "opensearch-domain": "domain",
    }


def _messages() -> dict[str, str]:
    client("sqs").create_queue(QueueName="queue", tags=TAGS)
    client("sns").create_topic(Name="topic", Tags=CAPITALS)
    client("logs").create_log_group(logGroupName="/some/logs", tags=TAGS)
    return {"sqs-queue": "queue", "sns-topic": "topic", "log-group": "/some/logs"}


def _containers() -> dict[str, str]:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="cluster", tags=SMALL)
    container = {"name": "a", "image": "b", "memory": 10}
    ecs.register_task_definition(family="task", containerDefinitions=[container], tags=SMALL)
    ecs.create_service(
        cluster="cluster", serviceName="service", taskDefinition="task", desiredCount=0, tags=SMALL
    )
    client("ecr").create_repository(repositoryName="some/repository", tags=CAPITALS)
    client("lambda").create_function(
        FunctionName="function",
        Role=f"arn:aws:iam::{ACCOUNT}:role/role",
        PackageType="Image",
        Code={"ImageUri": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/some/repository:1"},
        Tags=TAGS,
    )
    return {
        "ecs-cluster": "cluster",
        "ecs-service": "service",
        "ecs-task-definition": "task:1",
        "ecr-repository": "some/repository",
        "lambda-function": "function",
    }


def _balancing() -> dict[str, str]:
    ec2, balancing = client("ec2"), client("elbv2")
    subnets = ec2.describe_subnets()["Subnets"][:2]
    balancing.create_load_balancer(
        Name="balancer", Subnets=[each["SubnetId"] for each in subnets], Tags=CAPITALS
    )
    balancing.create_target_group(
        Name="targets", Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"], Tags=CAPITALS
    )
    made = client("cloudfront").create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": DISTRIBUTION, "Tags": {"Items": CAPITALS}}
    )
    return {
        "load-balancer": "balancer",
        "target-group": "targets",
        "cloudfront-distribution": made["Distribution"]["Id"],
    }


def _without_tags() -> dict[str, str]:
    client("s3").create_bucket(Bucket="plain")
    client("sqs").create_queue(QueueName="plain")
    client("logs").create_log_group(logGroupName="/plain")
    client("iam").create_role(RoleName="plain", AssumeRolePolicyDocument=TRUST)
    return {
        "s3-bucket": "plain",
        "sqs-queue": "plain",
        "log-group": "/plain",
        "iam-role": "plain",
    }


def open_account(account: str) -> str:
    """A role of another account that may look at everything there, made beneath the API."""
    iam = iam_backends[account]["aws"]
    role = iam.create_role(
        role_name="Audit",
        assume_role_policy_document=TRUST,
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
    iam.put_role_policy(role.name, "Look", LOOK)
    return str(role.arn)
