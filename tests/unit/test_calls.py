"""The log of calls, and the guard that keeps reading commands from writing."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from umetrics.aws import Aws, Identity, connect_to_sandbox
from umetrics.aws.calls import CallLog, writes
from umetrics.aws.rehearsal import is_rehearsal
from umetrics.errors import AwsError, Refused

YOUNG_REGION = "ap-southeast-7"
"""One without CodePipeline, as far as the SDK knows."""

NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


def aws(*, read_only: bool) -> tuple[Aws, list[str]]:
    """An `Aws` that reaches nobody, and what it tried to send."""
    connected = connect_to_sandbox(NOBODY, read_only=read_only)
    sent: list[str] = []
    clients: list[Any] = [connected.once.ec2, connected.once.iam]
    for client in clients:
        client._client.meta.events.register(
            "before-send", lambda request, **_: sent.append(request.url)
        )
    return connected, sent


@pytest.mark.parametrize(
    "operation",
    [
        "DescribeVpcs",
        "GetRole",
        "ListRoles",
        "GetCallerIdentity",
        "LookupEvents",
        "AssumeRole",
        "HeadBucket",
        "SimulatePrincipalPolicy",
    ],
)
def test_describing_getting_listing_looking_up_and_assuming_a_role_only_read(
    operation: str,
) -> None:
    assert not writes(operation)


@pytest.mark.parametrize(
    "operation",
    [
        "AllocateAddress",
        "AttachInternetGateway",
        "AuthorizeSecurityGroupIngress",
        "CreateTags",
        "DeleteVpc",
        "ModifyVpcAttribute",
        "PutRolePolicy",
        "ReleaseAddress",
        "ReplaceRoute",
        "TagRole",
        "UpdateAssumeRolePolicy",
    ],
)
def test_everything_else_counts_as_writing(operation: str) -> None:
    assert writes(operation)


def test_event_histories_are_guarded_and_made_once_for_each_region_that_is_asked_for() -> None:
    connected, _ = aws(read_only=True)
    here, home = connected.event_history("eu-west-1"), connected.event_history("us-east-1")
    assert connected.event_history("eu-west-1") is here
    trails: list[Any] = [here, home]
    assert [each._client.meta.region_name for each in trails] == ["eu-west-1", "us-east-1"]
    for trail in trails:
        with pytest.raises(Refused, match="cloudtrail:DeleteTrail would write"):
            trail.delete_trail(Name="audit")


def test_a_log_counts_reads_and_writes() -> None:
    log = CallLog(["ec2:DescribeVpcs", "ec2:CreateVpc", "iam:ListRoles", "iam:TagRole"])
    assert (log.read_count, log.write_count) == (2, 2)


def test_an_empty_log_counts_nothing() -> None:
    assert (CallLog().read_count, CallLog().write_count) == (0, 0)


def test_a_reading_command_cannot_write_and_nothing_is_sent() -> None:
    connected, sent = aws(read_only=True)
    with pytest.raises(Refused, match="ec2:CreateVpc would write, and this command only reads"):
        connected.once.ec2.create_vpc(CidrBlock="10.0.0.0/24")
    with pytest.raises(Refused, match="iam:DeleteRole"):
        connected.once.iam.delete_role(RoleName="x")
    assert sent == []
    assert connected.log.operations == []


def test_the_guard_holds_for_the_clients_that_retry_too() -> None:
    connected, _ = aws(read_only=True)
    with pytest.raises(Refused):
        connected.ec2.delete_vpc(VpcId="vpc-1")
    with pytest.raises(Refused):
        connected.iam.delete_role(RoleName="x")


def test_a_reading_command_may_read() -> None:
    connected, sent = aws(read_only=True)
    with pytest.raises(AwsError, match="was not sent"):
        connected.once.ec2.describe_vpcs()
    assert len(sent) == 1
    assert connected.log.operations == ["ec2:DescribeVpcs"]


def test_a_writing_command_may_write_and_each_call_is_logged_once() -> None:
    connected, sent = aws(read_only=False)
    with pytest.raises(AwsError, match="was not sent"):
        connected.once.ec2.create_vpc(CidrBlock="10.0.0.0/24")
    with pytest.raises(AwsError, match="was not sent"):
        connected.once.iam.delete_role(RoleName="x")
    assert len(sent) == 2
    assert connected.log.operations == ["ec2:CreateVpc", "iam:DeleteRole"]
    assert (connected.log.read_count, connected.log.write_count) == (0, 2)


REHEARSALS = [
    ("invoke", {"FunctionName": "f"}, {"InvocationType": "DryRun"}, "RequestResponse"),
    ("invoke", {"FunctionName": "f"}, {"InvocationType": "DryRun"}, "Event"),
    ("update_function_code", {"FunctionName": "f", "ZipFile": b"x"}, {"DryRun": True}, False),
]


@pytest.mark.parametrize(("method", "given", "rehearsed", "otherwise"), REHEARSALS)
def test_who_only_rehearses_sends_nothing_that_does_not_say_so(
    method: str, given: dict[str, Any], rehearsed: dict[str, Any], otherwise: object
) -> None:
    connected, _ = aws(read_only=True)
    client: Any = connected.rehearser("lambda").client
    sent: list[str] = []
    client._client.meta.events.register("before-send", lambda **_: sent.append(method))
    (name,) = rehearsed
    for acting in (given, {**given, name: otherwise}):
        with pytest.raises(Refused, match="without DryRun would act"):
            getattr(client, method)(**acting)
    with pytest.raises(Refused, match="lambda:DeleteFunction without DryRun"):
        client.delete_function(FunctionName="f")
    assert (sent, connected.log.rehearsals) == ([], [])

    with pytest.raises(AwsError, match="was not sent"):
        getattr(client, method)(**given, **rehearsed)
    assert sent == [method]
    assert len(connected.log.rehearsals) == 1
    assert (connected.log.operations, connected.log.writes) == ([], [])


def test_who_only_reads_may_not_even_rehearse() -> None:
    connected, _ = aws(read_only=True)
    with pytest.raises(Refused, match="lambda:UpdateFunctionCode would write"):
        connected.looker("lambda").call(
            "UpdateFunctionCode", {"FunctionName": "f", "ZipFile": b"x", "DryRun": True}
        )


@pytest.mark.parametrize(
    ("operation", "request_", "is_one"),
    [
        ("ec2:CreateVpc", {"body": {"DryRun": "true"}}, True),
        ("ec2:CreateVpc", {"body": {"DryRun": "false"}}, False),
        ("ec2:CreateVpc", {"body": {}}, False),
        ("lambda:UpdateFunctionCode", {"body": b'{"DryRun": true}'}, True),
        ("lambda:UpdateFunctionCode", {"body": b'{"DryRun": "true"}'}, False),
        ("lambda:UpdateFunctionCode", {"body": b"not json"}, False),
        ("lambda:UpdateFunctionCode", {}, False),
        ("lambda:PublishVersion", {"body": b'{"DryRun": true}'}, False),
        ("iam:CreateRole", {"body": {"DryRun": "true"}}, False),
    ],
)
def test_a_rehearsal_is_told_by_what_is_sent_and_only_of_operations_that_know_one(
    operation: str,
    request_: dict[str, Any],
    is_one: bool,  # a parameter of the test
) -> None:
    assert is_rehearsal(operation, request_) is is_one


@pytest.mark.parametrize(("service", "attempts"), [("lambda", 6), ("codepipeline", 1)])
def test_who_looks_does_not_insist_where_a_service_is_not_offered(
    service: str, attempts: int
) -> None:
    connected = Aws(boto3.Session("a", "b", region_name=YOUNG_REGION), YOUNG_REGION)
    connected.__dict__["identity"] = Identity("123456789012", "arn:aws:iam::1:user/a", "aws")
    client: Any = connected.looker(service).client
    assert client._client.meta.config.retries["total_max_attempts"] == attempts


def rehearsing(*, read_only: bool) -> tuple[Aws, list[str]]:
    connected = connect_to_sandbox(NOBODY, read_only=read_only)
    sent: list[str] = []
    client: Any = connected.rehearsing
    client._client.meta.events.register(
        "before-send", lambda request, **_: sent.append(request.body)
    )
    return connected, sent


@pytest.mark.parametrize("read_only", [True, False])
def test_who_rehearses_sends_nothing_without_a_dry_run(read_only: bool) -> None:
    connected, sent = rehearsing(read_only=read_only)
    with pytest.raises(Refused, match="without DryRun"):
        connected.rehearsing.create_vpc(CidrBlock="10.0.0.0/24")
    with pytest.raises(Refused, match="without DryRun"):
        connected.rehearsing.create_vpc(CidrBlock="10.0.0.0/24", DryRun=False)
    with pytest.raises(Refused, match="without DryRun"):
        connected.rehearsing.modify_vpc_attribute(VpcId="x", EnableDnsSupport={"Value": True})
    assert sent == []
    with pytest.raises(AwsError, match="was not sent"):
        connected.rehearsing.create_vpc(CidrBlock="10.0.0.0/24", DryRun=True)
    (request,) = sent
    assert "DryRun=true" in str(request)


def test_a_dry_run_is_no_call_that_wrote() -> None:
    connected, _ = rehearsing(read_only=True)
    with pytest.raises(AwsError, match="was not sent"):
        connected.rehearsing.create_vpc(CidrBlock="10.0.0.0/24", DryRun=True)
    assert connected.log.operations == []
    assert connected.log.rehearsals == ["ec2:CreateVpc"]


def test_a_reading_command_may_not_rehearse_on_its_other_clients() -> None:
    connected, sent = aws(read_only=True)
    with pytest.raises(Refused, match="only reads"):
        connected.once.ec2.create_vpc(CidrBlock="10.0.0.0/24", DryRun=True)
    assert sent == []


@pytest.mark.parametrize(
    ("ahead", "status", "succeeded"), [(400, 200, {"ec2:DescribeVpcs"}), (-400, 403, set())]
)
def test_answers_tell_aws_clock_and_what_was_done(
    ahead: int, status: int, succeeded: set[str]
) -> None:
    connected, _ = aws(read_only=True)
    client: Any = connected.once.ec2
    headers: Any = {"Date": formatdate(time.time() + ahead, usegmt=True)}
    body = Raw(b"<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>")
    client._client.meta.events.register_first(
        "before-send", lambda **_: AWSResponse("", status, headers, body)
    )
    with contextlib.suppress(AwsError):
        connected.once.ec2.describe_vpcs()
    assert connected.log.clock_offset == pytest.approx(ahead, abs=5)
    assert connected.log.succeeded == succeeded


class Raw(io.BytesIO):
    """A body as urllib3 streams it."""

    def stream(self, **_how: object) -> Iterator[bytes]:
        yield self.getvalue()
