"""What botocore raises, and what it means to us."""

# ruff: noqa: ANN401  # boto3's clients are generated at run time

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import exceptions as sdk
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.parsers import ResponseParserError

from umetrics.aws.secrecy import Secrecy
from umetrics.aws.translation import Decode, Translating, translate, translated
from umetrics.errors import (
    AccessDenied,
    AlreadyExists,
    AnswerLost,
    AwsError,
    Conflict,
    CredentialsError,
    InUse,
    NotFound,
    NotYetPropagated,
    Throttled,
    UmetricsError,
)

NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""

ELSEWHERE = "https://ec2.us-east-1.amazonaws.com"


def refused(
    code: str, message: str = "", *, status: int = 400, operation: str = "ec2:Anything"
) -> UmetricsError:
    """What AWS's refusal with this code becomes."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "request-1"},
    }
    return translate(sdk.ClientError(answer, operation.partition(":")[2]), operation)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("InvalidVpcID.NotFound", NotFound),
        ("InvalidSubnetID.NotFound", NotFound),
        ("InvalidSubnetId.NotFound", NotFound),
        ("InvalidGroup.NotFound", NotFound),
        ("InvalidRouteTableID.NotFound", NotFound),
        ("InvalidInternetGatewayID.NotFound", NotFound),
        ("InvalidAllocationID.NotFound", NotFound),
        ("InvalidAssociationID.NotFound", NotFound),
        ("InvalidVpcEndpointId.NotFound", NotFound),
        ("InvalidPermission.NotFound", NotFound),
        ("NatGatewayNotFound", NotFound),
        ("DBProxyNotFoundFault", NotFound),
        ("DBClusterNotFoundFault", NotFound),
        ("DBProxyTargetGroupNotFoundFault", NotFound),
        ("DBInstanceNotFound", NotFound),
        ("PipelineNotFoundException", NotFound),
        ("NoSuchEntity", NotFound),
        ("ResourceNotFoundException", NotFound),
        ("Gateway.NotAttached", NotFound),
        ("InvalidGroup.Duplicate", AlreadyExists),
        ("InvalidPermission.Duplicate", AlreadyExists),
        ("EntityAlreadyExists", AlreadyExists),
        ("RouteAlreadyExists", AlreadyExists),
        ("InvalidSubnet.Conflict", AlreadyExists),
        ("Resource.AlreadyAssociated", AlreadyExists),
        ("ResourceAlreadyExistsException", AlreadyExists),
        ("DuplicateRecordException", AlreadyExists),
        ("FlowLogAlreadyExists", AlreadyExists),
        ("DependencyViolation", InUse),
        ("InvalidGroup.InUse", InUse),
        ("InvalidIPAddress.InUse", InUse),
        ("DeleteConflict", InUse),
        ("RequestLimitExceeded", Throttled),
        ("Throttling", Throttled),
        ("ThrottlingException", Throttled),
        ("TooManyRequestsException", Throttled),
        ("EC2ThrottledException", Throttled),
        ("OperationAbortedException", Throttled),
        ("UnauthorizedOperation", AccessDenied),
        ("AuthorizationError", AccessDenied),  # of SNS
        ("AccessDenied", AccessDenied),
        ("AccessDeniedException", AccessDenied),
        ("InvalidParameterValue", AwsError),
        ("VpcLimitExceeded", AwsError),
        ("LimitExceeded", AwsError),
        ("MalformedPolicyDocument", AwsError),
        ("IdempotentParameterMismatch", AwsError),
        ("NotFoundation", AwsError),
        ("", AwsError),
    ],
)
def test_a_code_means_one_thing(code: str, meaning: type[UmetricsError]) -> None:
    assert type(refused(code)) is meaning


@pytest.mark.parametrize(
    "code",
    [
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ],
)
def test_bad_credentials_say_how_to_get_good_ones(code: str) -> None:
    error = refused(code, operation="sts:GetCallerIdentity")
    assert isinstance(error, CredentialsError)
    assert "aws sso login" in error.hint


def test_everything_that_aws_said_is_kept() -> None:
    error = refused("InvalidVpcID.NotFound", "no vpc-1", operation="ec2:DeleteVpc")
    assert isinstance(error, AwsError)
    assert error.message == "ec2:DeleteVpc: InvalidVpcID.NotFound: no vpc-1"
    assert error.aws_code == "InvalidVpcID.NotFound"
    assert error.operation == "ec2:DeleteVpc"
    assert error.request_id == "request-1"


def test_an_answer_without_any_detail_is_still_an_error_of_ours() -> None:
    error = translate(sdk.ClientError({}, "CreateVpc"), "ec2:CreateVpc")
    assert type(error) is AwsError


def test_an_address_that_a_going_gateway_holds_looks_like_bad_credentials_and_is_in_use() -> None:
    error = refused("AuthFailure", "You do not have permission", operation="ec2:ReleaseAddress")
    assert isinstance(error, InUse)
    assert "gateway that is going" in error.message
    assert isinstance(refused("AuthFailure", operation="ec2:AllocateAddress"), CredentialsError)


def test_a_principal_that_iam_does_not_know_yet_is_no_malformed_policy() -> None:
    message = 'Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/new"'
    assert isinstance(refused("MalformedPolicyDocument", message), NotYetPropagated)
    assert type(refused("MalformedPolicyDocument", "Syntax error")) is AwsError


def test_a_role_that_iam_has_not_spread_yet_is_no_wrong_parameter() -> None:
    message = "Unable to assume given IAM role: 'arn:aws:iam::123456789012:role/new'"
    assert isinstance(refused("InvalidParameter", message), NotYetPropagated)
    assert type(refused("InvalidParameter", "LogGroupName is not valid")) is AwsError


@pytest.mark.parametrize(
    "code",
    [
        "VpcLimitExceeded",
        "LimitExceededException",
        "CreationLimitExceededException",
        "ServiceQuotaExceededException",
    ],
)
def test_a_quota_that_is_used_up_is_told_with_what_to_do(code: str) -> None:
    assert "Service Quotas" in refused(code).hint
    assert refused("InvalidParameterValue").hint == ""


@pytest.mark.parametrize("code", ["InternalError", "InternalFailure", "Unavailable", "500"])
@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_may_have_happened_or_not(code: str, status: int) -> None:
    assert isinstance(refused(code, status=status), AnswerLost)


def test_throttling_was_not_executed_even_when_it_comes_as_a_server_error() -> None:
    assert isinstance(refused("RequestLimitExceeded", status=503), Throttled)


@pytest.mark.parametrize(
    "error",
    [
        sdk.NoCredentialsError(),
        sdk.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        sdk.CredentialRetrievalError(provider="sso", error_msg="expired"),
        sdk.ProfileNotFound(profile="nobody"),
        sdk.UnauthorizedSSOTokenError(),
        sdk.SSOTokenLoadError(error_msg="no token"),
        sdk.TokenRetrievalError(provider="sso", error_msg="expired"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_missing_credentials_are_told_as_such(error: Exception) -> None:
    translated_error = translate(error, "ec2:DescribeVpcs")
    assert isinstance(translated_error, CredentialsError)
    assert "--profile" in translated_error.hint


@pytest.mark.parametrize(
    "error",
    [
        sdk.ConnectionClosedError(endpoint_url=NOBODY),
        sdk.ReadTimeoutError(endpoint_url=NOBODY),
        sdk.ResponseStreamingError(error="cut off"),
        ResponseParserError("unable to parse"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_answer_is_a_lost_answer(error: Exception) -> None:
    lost = translate(error, "ec2:CreateVpc")
    assert isinstance(lost, AnswerLost)
    assert lost.operation == "ec2:CreateVpc"
    assert "network" in lost.hint


@pytest.mark.parametrize(
    "error",
    [
        sdk.ConnectTimeoutError(endpoint_url=ELSEWHERE),
        sdk.EndpointConnectionError(endpoint_url=ELSEWHERE, error="refused"),
        sdk.ProxyConnectionError(proxy_url=NOBODY, error="refused"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_was_never_sent_did_not_happen_and_is_no_lost_answer(error: Exception) -> None:
    unsent = translate(error, "ec2:CreateVpc")
    assert type(unsent) is AwsError
    assert "was not sent" in unsent.message
    assert "network" in unsent.hint


def test_where_this_very_machine_does_not_answer_the_hint_speaks_of_the_sandbox() -> None:
    error = sdk.EndpointConnectionError(endpoint_url=NOBODY, error="refused")
    assert "umetrics sandbox status" in translate(error, "ec2:CreateVpc").hint


def test_a_wrong_parameter_is_a_plain_error() -> None:
    error = translate(sdk.ParamValidationError(report="Unknown parameter"), "ec2:CreateVpc")
    assert type(error) is AwsError
    assert "Unknown parameter" in error.message


def test_our_own_errors_pass_unchanged() -> None:
    ours = Conflict("taken")
    assert translate(ours, "ec2:CreateVpc") is ours


# ------------------------------------------------------------------------- missing permissions


def statement(error: UmetricsError) -> dict[str, str]:
    assert isinstance(error, AccessDenied)
    assert "the same command again" in error.hint
    content: dict[str, str] = json.loads(error.statement)
    assert content.pop("Effect") == "Allow"
    return content


def test_ec2s_old_message_names_nothing_so_the_operation_is_asked_for() -> None:
    error = refused(
        "UnauthorizedOperation",
        "You are not authorized to perform this operation. "
        "Encoded authorization failure message: 4fTk8Jw",
        status=403,
        operation="ec2:CreateVpc",
    )
    assert statement(error) == {"Action": "ec2:CreateVpc", "Resource": "*"}


def test_ec2s_newer_message_names_action_and_resource() -> None:
    error = refused(
        "UnauthorizedOperation",
        "You are not authorized to perform this operation. User: "
        "arn:aws:sts::123456789012:assumed-role/dev/me is not authorized to perform: "
        "ec2:CreateTags on resource: arn:aws:ec2:us-east-1:123456789012:vpc/* because no "
        "identity-based policy allows the ec2:CreateTags action. Encoded authorization failure "
        "message: 4fTk8Jw",
        status=403,
        operation="ec2:CreateVpc",
    )
    assert statement(error) == {
        "Action": "ec2:CreateTags",
        "Resource": "arn:aws:ec2:us-east-1:123456789012:vpc/*",
    }


def test_iams_message_names_action_and_resource() -> None:
    error = refused(
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/me is not authorized to perform: iam:CreateRole on "
        "resource: arn:aws:iam::123456789012:role/umetrics/x because no identity-based policy "
        "allows the iam:CreateRole action",
        status=403,
        operation="iam:CreateRole",
    )
    assert statement(error) == {
        "Action": "iam:CreateRole",
        "Resource": "arn:aws:iam::123456789012:role/umetrics/x",
    }


@pytest.mark.parametrize(
    ("end", "resource"),
    [
        (" on resource: arn:aws:iam::123456789012:role/x.", "arn:aws:iam::123456789012:role/x"),
        (" on resource: * because no policy allows it", "*"),
        (" because no service control policy allows it", "*"),
    ],
)
def test_a_resource_is_read_as_far_as_it_is_told(end: str, resource: str) -> None:
    error = refused("AccessDenied", f"User: me is not authorized to perform: iam:GetRole{end}")
    assert statement(error) == {"Action": "iam:GetRole", "Resource": resource}


ENCODED = (
    "You are not authorized to perform this operation. Encoded authorization failure message: "
    "4fTk-8J_w"
)


def refused_with(decode: Decode) -> AccessDenied:
    answer: Any = {"Error": {"Code": "UnauthorizedOperation", "Message": ENCODED}}
    with pytest.raises(AccessDenied) as caught, translated("ec2:CreateVpc", Secrecy(), decode):
        raise sdk.ClientError(answer, "CreateVpc")
    return caught.value


def test_what_ec2_has_encoded_is_decoded_and_makes_way_for_what_it_says() -> None:
    def decode(message: str) -> str:
        assert message == "4fTk-8J_w"
        context = {"action": "iam:PassRole", "resource": "arn:aws:iam::123456789012:role/x"}
        return json.dumps({"matchedStatements": {"items": []}, "context": context})

    error = refused_with(decode)
    assert statement(error) == {
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::123456789012:role/x",
    }
    assert error.message.endswith("You are not authorized to perform this operation")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (AccessDenied("no"), "sts:DecodeAuthorizationMessage is not allowed"),
        (AwsError("InvalidAuthorizationMessageException: cut short"), "cut short"),
    ],
)
def test_what_cannot_be_decoded_is_kept_and_that_is_said(failure: AwsError, said: str) -> None:
    def decode(_message: str) -> str:
        raise failure

    error = refused_with(decode)
    assert error.denial is not None
    assert said in error.denial.note
    assert "4fTk-8J_w" in error.message
    assert statement(error) == {"Action": "ec2:CreateVpc", "Resource": "*"}


# ----------------------------------------------------------------------------- at the very edge


@pytest.fixture
def raw() -> Any:
    """A client that knows nothing of this machine, sends once, and reaches nobody."""
    core = botocore.session.Session(session_vars={"config_file": (None, None, "/dev/null", None)})
    session = boto3.Session("dummy", "dummy", region_name="us-east-1", botocore_session=core)
    once = Config(retries={"mode": "standard", "total_max_attempts": 1}, proxies={})
    return session.client("ec2", endpoint_url=NOBODY, config=once)


class Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


def answering(client: Any, status: int, content: bytes) -> None:
    """Let AWS answer everything with this."""

    def answer(**_: object) -> AWSResponse:
        return AWSResponse(NOBODY, status, HTTPHeaders(), Body(content))

    client.meta.events.register("before-send", answer)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", AwsError),
        ("EOF occurred in violation of protocol", AnswerLost),
    ],
    ids=["never sent", "broken off while the answer was read"],
)
def test_what_breaks_within_tls_may_have_been_carried_out(told: str, kind: type) -> None:
    error = sdk.SSLError(endpoint_url="https://ec2.test", error=OSError(told))
    assert type(translate(error, "ec2:CreateVpc")) is kind


def test_a_client_raises_our_errors_only(raw: Any) -> None:
    with pytest.raises(AwsError, match="was not sent") as unsent:
        Translating(raw, Secrecy()).create_vpc(CidrBlock="10.0.0.0/24")
    assert unsent.value.operation == "ec2:CreateVpc"
    assert isinstance(unsent.value.__cause__, sdk.EndpointConnectionError)


def test_a_paginator_raises_our_errors_only(raw: Any) -> None:
    pages = Translating(raw, Secrecy()).get_paginator("describe_vpcs").paginate()
    with pytest.raises(AwsError, match="was not sent") as unsent:
        list(pages)
    assert unsent.value.operation == "ec2:DescribeVpcs"


def test_a_client_hands_answers_through(raw: Any) -> None:
    answering(raw, 200, b"<R><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></R>")
    client = Translating(raw, Secrecy())
    assert client.describe_vpcs()["Vpcs"] == [{"VpcId": "vpc-1"}]
    pages = client.get_paginator("describe_vpcs").paginate()
    assert [page["Vpcs"] for page in pages] == [[{"VpcId": "vpc-1"}]]


def test_a_refusal_is_translated_with_its_operation(raw: Any) -> None:
    answering(
        raw,
        400,
        b"<Response><Errors><Error><Code>VpcLimitExceeded</Code><Message>five</Message></Error>"
        b"</Errors><RequestID>request-9</RequestID></Response>",
    )
    with pytest.raises(AwsError, match="ec2:CreateVpc: VpcLimitExceeded: five") as refusal:
        Translating(raw, Secrecy()).create_vpc(CidrBlock="10.0.0.0/24")
    assert refusal.value.request_id == "request-9"


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b"<CreateVpcResponse><vpc><vpcId>vpc-"),
        (500, b"<!doctype html><title>Oops</title><p>nothing to see<br>"),
        (502, b"<html><body>Bad Gateway</body></html>"),
        (503, b""),
    ],
    ids=["cut off", "somebody's page", "a proxy's page", "nothing"],
)
def test_an_answer_that_nobody_can_read_is_a_lost_answer(
    raw: Any, status: int, content: bytes
) -> None:
    answering(raw, status, content)
    with pytest.raises(AnswerLost):
        Translating(raw, Secrecy()).create_vpc(CidrBlock="10.0.0.0/24")


def test_what_is_no_error_of_aws_passes_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), translated("ec2:CreateVpc", Secrecy()):
        raise ZeroDivisionError
    with pytest.raises(Conflict), translated("ec2:CreateVpc", Secrecy()):
        raise Conflict("taken")


def test_an_unreadable_answer_is_not_quoted_whole() -> None:
    error = translate(ResponseParserError("unable to parse " + "<html>" * 1000), "ec2:CreateVpc")
    assert len(error.message) < 400
