"""Flow logs want a role that trusts them; log groups forget their tags when they go."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.support.plain import Client, account, client
from tests.support.strict_account import refused


@pytest.mark.parametrize("service", ["", "ec2.amazonaws.com"], ids=["no role", "another's role"])
def test_a_role_that_flow_logs_cannot_assume_is_refused(service: str) -> None:
    with account("ec2") as ec2:
        client("logs").create_log_group(logGroupName="flows")
        if service:
            _role(service)
        with refused("InvalidParameter", "Unable to assume given IAM role"):
            _flow_log(ec2)
        assert ec2.describe_flow_logs()["FlowLogs"] == []


def test_a_role_that_trusts_them_will_do() -> None:
    with account("ec2") as ec2:
        client("logs").create_log_group(logGroupName="flows")
        _role("vpc-flow-logs.amazonaws.com")
        assert _flow_log(ec2)["Unsuccessful"] == []


def test_a_group_under_the_name_of_another_has_none_of_its_tags() -> None:
    with account("logs") as logs:
        logs.create_log_group(logGroupName="flows", tags={"Owner": "x"})
        (group,) = logs.describe_log_groups()["logGroups"]
        logs.delete_log_group(logGroupName="flows")
        logs.create_log_group(logGroupName="flows", tags={})
        assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {}


def _role(service: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("iam").create_role(RoleName="flows", AssumeRolePolicyDocument=trust)


def _flow_log(ec2: Client) -> Mapping[str, object]:
    made: Mapping[str, object] = ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]],
        TrafficType="ALL",
        LogGroupName="flows",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flows",
    )
    return made
