"""Flow logs in an account in memory: made once for a VPC and a group, never changed, deleted."""

from __future__ import annotations

import json

import pytest

from tests.support.worlds import ec2, iam, logs
from umetrics.aws import Aws
from umetrics.errors import AlreadyExists, AwsError, NotFound, NotYetPropagated
from umetrics.provision.model import Resource, Where
from umetrics.provision.resources.ec2 import refuse_unsuccessful
from umetrics.provision.resources.flow_log import FlowLog, FlowLogHandler, Named
from umetrics.tags import observability_tags, required_tags

HERE = Where("UserMetrics/dev")
HANDLER = FlowLogHandler()
GROUP = "/umetrics/UserMetrics/dev/flow-logs"
TAGS = observability_tags("UserMetrics/dev", "flow-log/vpc", required_tags("dev", "a@b.co"))

pytestmark = pytest.mark.usefixtures("empty_account")


def role(service: str = "vpc-flow-logs.amazonaws.com") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = iam().create_role(RoleName="flows", AssumeRolePolicyDocument=trust)
    return made["Role"]["Arn"]


@pytest.fixture
def wanted() -> Resource[FlowLog]:
    """The flow log of a VPC, with all that it needs."""
    logs().create_log_group(logGroupName=GROUP)
    vpc = ec2().create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    spec = FlowLog(vpc, Named(GROUP, "of the group"), Named(role(), "of the role"), "ACCEPT")
    return Resource("flow-log/vpc", spec, TAGS)


def test_what_is_made_is_found_as_it_was_wanted(aws: Aws, wanted: Resource[FlowLog]) -> None:
    made = HANDLER.create(aws, wanted, "token")
    assert list(HANDLER.find(aws, HERE)) == [made]
    assert (made.spec, made.tags) == (wanted.spec, TAGS)
    assert HANDLER.tags_now(aws, made) == TAGS


def test_a_flow_log_names_group_and_role_as_aws_tells_them() -> None:
    assert Named(GROUP, "an id") == Named(GROUP)
    assert str(Named(GROUP, "an id")) == GROUP


def test_a_second_one_of_a_vpc_to_one_group_is_refused(aws: Aws, wanted: Resource[FlowLog]) -> None:
    HANDLER.create(aws, wanted, "token")
    with pytest.raises(AlreadyExists):
        HANDLER.create(aws, wanted, "another token")


def test_a_role_that_iam_has_not_spread_is_worth_another_try(
    aws: Aws, wanted: Resource[FlowLog]
) -> None:
    iam().delete_role(RoleName="flows")
    with pytest.raises(NotYetPropagated, match="Unable to assume given IAM role"):
        HANDLER.create(aws, wanted, "token")


def test_what_is_deleted_is_gone_and_says_so_the_second_time(
    aws: Aws, wanted: Resource[FlowLog]
) -> None:
    made = HANDLER.create(aws, wanted, "token")
    HANDLER.delete(aws, made)
    assert HANDLER.tags_now(aws, made) is None
    with pytest.raises(NotFound):
        HANDLER.delete(aws, made)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("FlowLogAlreadyExists", AlreadyExists),
        ("InvalidFlowLogId.NotFound", NotFound),
        ("FlowLogsLimitExceeded", AwsError),
    ],
)
def test_a_success_that_refuses_is_the_error_it_tells_of(
    code: str, meaning: type[AwsError]
) -> None:
    refusal = {"ResourceId": "vpc-1", "Error": {"Code": code, "Message": "because"}}
    with pytest.raises(AwsError, match=f"ec2:CreateFlowLogs: {code}: because") as caught:
        refuse_unsuccessful({"Unsuccessful": [refusal]}, "ec2:CreateFlowLogs")
    assert type(caught.value) is meaning
    assert caught.value.aws_code == code
