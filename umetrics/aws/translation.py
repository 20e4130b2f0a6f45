"""From botocore's exceptions to ours: one table of AWS error codes, applied once, at the edge.

AWS lists EC2's codes at https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html;
the spellings without a dot (`NatGatewayNotFound`, `NoSuchEntity`) are real.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from umetrics.aws.denial import ENCODED, decoded, denial, explain
from umetrics.aws.secrecy import Secrecy, is_local
from umetrics.errors import (
    AccessDenied,
    AlreadyExists,
    AnswerLost,
    AwsError,
    CredentialsError,
    InUse,
    NotFound,
    NotYetPropagated,
    Throttled,
    UmetricsError,
)

if TYPE_CHECKING:
    from botocore.client import BaseClient

MEANINGS: tuple[tuple[type[AwsError], re.Pattern[str]], ...] = (
    (
        NotFound,
        re.compile(
            r".*NotFound(Exception|Fault)?|NoSuch(Entity|Bucket|Distribution)"
            r"|Gateway\.NotAttached|.*NonExistentQueue"
        ),
    ),
    (
        AlreadyExists,
        re.compile(
            r".*\.Duplicate|.*AlreadyExists|RouteAlreadyExists|InvalidSubnet\.Conflict"
            r"|Resource\.AlreadyAssociated|ResourceAlreadyExistsException|DuplicateRecordException"
        ),
    ),
    (InUse, re.compile(r"DependencyViolation|.*\.InUse|DeleteConflict|.*ResourceInUse")),
    (
        Throttled,
        re.compile(
            r"RequestLimitExceeded|Throttling|ThrottlingException|ThrottledException"
            r"|RequestThrottled|TooManyRequestsException|EC2ThrottledException|SlowDown"
            r"|ConcurrentModification|ConcurrentModificationException|OperationAbortedException"
        ),
    ),
    (
        AccessDenied,
        re.compile(r"UnauthorizedOperation|AccessDenied(Exception)?|AuthorizationError"),
    ),
)
"""Meaning by error code; the first full match counts, anything else is a plain AwsError."""

BAD_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)

NO_CREDENTIALS = (
    sdk.NoCredentialsError,
    sdk.PartialCredentialsError,
    sdk.CredentialRetrievalError,
    sdk.ProfileNotFound,
    sdk.SSOError,
    sdk.TokenRetrievalError,
)

CREDENTIALS_HINT = (
    "run `aws sts get-caller-identity` to see who you are, `aws sso login` to renew a session, "
    "or choose a profile with --profile"
)

CLOCK_HINT = (
    "AWS takes a signature for minutes only: compare this machine's clock with `date -u`, have it "
    "set by NTP, then run the same command again"
)

NETWORK_HINT = "check the network and the region, then run the same command again"

LOCAL_HINT = (
    "nothing answers there on this machine: `umetrics sandbox status` tells of the sandbox, and a "
    "command with --sandbox starts a new, empty one"
)

CERTIFICATE_HINT = (
    "umetrics sends nothing past a certificate that it cannot check: name the file of whoever "
    "signs certificates in your network in AWS_CA_BUNDLE"
)

UNVERIFIED = "CERTIFICATE_VERIFY_FAILED"
"""OpenSSL's word for a certificate that is not believed: found before anything is sent."""

QUOTA = re.compile(r".*LimitExceeded(Exception)?|ServiceQuotaExceededException")
QUOTA_HINT = (
    "AWS allows no more of them: delete what nobody needs, or, where the limit can be raised, ask "
    "for more under Service Quotas, then run the same command again: it goes on from there"
)

UNKNOWN_TO_IAM = re.compile(
    r"MalformedPolicyDocument: .*Invalid principal.*"
    r"|InvalidParameter: Unable to assume given IAM role.*",
    re.DOTALL,
)
"""What is said of a role that IAM has not spread yet; the second for flow logs.

https://github.com/hashicorp/terraform-provider-aws/issues/29323
"""

SERVER_ERROR = 500
LONGEST_REASON = 300
"""Characters; an unreadable answer is quoted whole by the SDK, and can be a page of HTML."""

_OFF_TIME = re.compile(r"TimeTooSkewed|Signature expired|not yet current")
"""How AWS says that a clock is wrong; EC2's RequestExpired may as well be an expired session."""

NOT_DECODED = "what EC2 says besides is encoded, and sts:DecodeAuthorizationMessage is not allowed"

Decode = Callable[[str], str]
"""The JSON text in an encoded message of EC2; raises our errors."""


def translate(error: Exception, operation: str) -> UmetricsError:
    """The umetrics error for what botocore raised while `service:Operation` was called."""
    if isinstance(error, UmetricsError):
        return error
    if isinstance(error, sdk.ClientError):
        return _from_answer(error, operation)
    if isinstance(error, NO_CREDENTIALS):
        return CredentialsError(str(error), hint=CREDENTIALS_HINT)
    # A connection that breaks within TLS may break after the request has gone through.
    within_tls = isinstance(error, sdk.SSLError) and UNVERIFIED not in str(error)
    if isinstance(error, sdk.ConnectionError) and not within_tls:
        message = f"{operation} was not sent: {error}"
        return AwsError(message, operation=operation, hint=_unsent_hint(error))
    if isinstance(error, sdk.HTTPClientError | ResponseParserError | sdk.SSLError):
        message = f"no answer to {operation}: {str(error)[:LONGEST_REASON]}"
        return AnswerLost(message, operation=operation, hint=NETWORK_HINT)
    return AwsError(f"{operation}: {error}", operation=operation)


def _unsent_hint(error: sdk.ConnectionError) -> str:
    if isinstance(error, sdk.SSLError):
        return CERTIFICATE_HINT
    return LOCAL_HINT if is_local(str(error.kwargs.get("endpoint_url", ""))) else NETWORK_HINT


def _from_answer(error: sdk.ClientError, operation: str) -> UmetricsError:
    answer = error.response
    aws_code = str(answer.get("Error", {}).get("Code", ""))
    text = str(answer.get("Error", {}).get("Message", ""))
    metadata = answer.get("ResponseMetadata", {})
    details = {
        "aws_code": aws_code,
        "operation": operation,
        "request_id": str(metadata.get("RequestId", "")),
    }
    message = f"{operation}: {aws_code}: {text}"
    if operation == "ec2:ReleaseAddress" and aws_code == "AuthFailure":
        return InUse(f"{message} (the address still belongs to a gateway that is going)", **details)
    if aws_code in BAD_CREDENTIALS:
        hint = CLOCK_HINT if _OFF_TIME.search(f"{aws_code} {text}") else CREDENTIALS_HINT
        return CredentialsError(message, hint=hint)
    if UNKNOWN_TO_IAM.fullmatch(f"{aws_code}: {text}"):
        return NotYetPropagated(message, **details)
    meaning = meaning_of(aws_code)
    if meaning is not AwsError:
        translated = meaning(message, **details)
        return _explained(translated, text) if isinstance(translated, AccessDenied) else translated
    if int(metadata.get("HTTPStatusCode", 0)) >= SERVER_ERROR:
        return AnswerLost(message, **details)
    return AwsError(message, **details, hint=QUOTA_HINT if QUOTA.fullmatch(aws_code) else None)


def meaning_of(aws_code: str) -> type[AwsError]:
    """What a code means; a plain `AwsError` where it means nothing special."""
    return next((meaning for meaning, codes in MEANINGS if codes.fullmatch(aws_code)), AwsError)


def refusal(aws_code: str, text: str, operation: str) -> AwsError:
    """The error for what AWS refused within an answer that is itself a success."""
    message = f"{operation}: {aws_code}: {text}"
    return meaning_of(aws_code)(message, aws_code=aws_code, operation=operation)


def _explained(error: AccessDenied, text: str) -> AccessDenied:
    """The same error with what was denied, and the statement that grants what is missing."""
    explain(error, denial(text, error.operation))
    return error


def _with_encoded(error: AccessDenied, decode: Decode | None) -> None:
    """What EC2 has encoded, told as well; where it cannot be read, that is said instead."""
    encoded, told = ENCODED.search(error.message), error.denial
    if encoded is None or decode is None or told is None:
        return
    try:
        told = decoded(told, decode(encoded["message"]))
    except AccessDenied:
        explain(error, replace(told, note=NOT_DECODED))
    except UmetricsError as failure:
        explain(error, replace(told, note=f"what EC2 has encoded is not known: {failure.message}"))
    else:
        error.message = ENCODED.sub("", error.message)
        explain(error, told)


@contextmanager
def translated(operation: str, secrecy: Secrecy, decode: Decode | None = None) -> Iterator[None]:
    """Whatever botocore raises inside leaves as one of our errors, without secrets."""
    try:
        yield
    except (sdk.BotoCoreError, sdk.ClientError, ResponseParserError) as error:
        secrecy.blot(error)
        ours = translate(error, operation)
        if isinstance(ours, AccessDenied):
            _with_encoded(ours, decode)
        raise ours from error


class Translating:
    """A boto3 client whose methods and paginators raise our errors."""

    def __init__(self, client: BaseClient, secrecy: Secrecy, decode: Decode | None = None) -> None:
        self._client = client
        self._translated = partial(translated, secrecy=secrecy, decode=decode)
        self._prefix = client.meta.service_model.endpoint_prefix

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call: Callable[..., Any] = getattr(self._client, method)
        operation = f"{self._prefix}:{self._client.meta.method_to_api_mapping.get(method, method)}"

        @wraps(call)
        def calling(*arguments: Any, **parameters: Any) -> Any:
            with self._translated(operation):
                return call(*arguments, **parameters)

        return calling

    def get_paginator(self, method: str) -> _TranslatingPaginator:
        """The paginator of one operation, raising our errors while it is iterated."""
        operation = f"{self._prefix}:{self._client.meta.method_to_api_mapping[method]}"
        paginator = self._client.get_paginator(method)
        return _TranslatingPaginator(paginator, operation, self._translated)


class _TranslatingPaginator:
    def __init__(
        self,
        paginator: Any,
        operation: str,
        translated: Callable[[str], AbstractContextManager[None]],
    ) -> None:
        self._paginator = paginator
        self._operation = operation
        self._translated = translated

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        with self._translated(self._operation):
            yield from self._paginator.paginate(**parameters)
