"""What the sandbox does not serve is said, in the protocol of the service that was called.

It is no rule of AWS's, so it has no switch: moto raises, or answers in HTML, and a client sees a
crash that it may take for AWS's and repeat. 400 is what no SDK repeats.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from moto.core.botocore_stubber import BotocoreStubber
from moto.core.responses import ActionResult, BaseResponse

from umetrics.sandbox.strict.rule import Refusal

CODE = "NotImplemented"
STATUS = 400


FORM = "application/x-www-form-urlencoded"
"""What the protocols send that are answered in XML."""

Answer = tuple[int, dict[str, str], str]
"""Status, headers and body."""

NO_MODEL: Answer = (404, {}, "Not yet implemented")
"""moto's answer to a service that it does not have."""


def words(service: str, operation: str) -> str:
    """The message, for a person who reads the client's error."""
    return f"The sandbox does not serve {service} {operation}; AWS does."


def unserved(headers: Mapping[str, Any], body: str | bytes, path: str) -> Answer:
    """The error for a service of which moto has no model: the request tells its protocol."""
    service = _service(headers)
    if _text(headers.get("Content-Type", "")).startswith(FORM):
        return _in_xml(words(service, "".join(parse_qs(_text(body)).get("Action", ()))))
    target = _text(headers.get("X-Amz-Target", ""))
    return _in_json(words(service, target.rpartition(".")[2] or path))


def _in_json(message: str) -> Answer:
    body = json.dumps({"__type": CODE, "message": message})
    return STATUS, {"Content-Type": "application/json", "X-Amzn-ErrorType": CODE}, body


def _in_xml(message: str) -> Answer:
    error = f"<Error><Code>{CODE}</Code><Message>{escape(message)}</Message></Error>"
    return STATUS, {"Content-Type": "text/xml"}, f"<ErrorResponse>{error}</ErrorResponse>"


def _service(headers: Mapping[str, Any]) -> str:
    """As the signature names it."""
    signed = _text(headers.get("Authorization", ""))
    scope = signed.partition("Credential=")[2].split(",")[0].split("/")
    return scope[-2] if len(scope) > 1 else "this service"


def _text(given: str | bytes) -> str:
    return given.decode() if isinstance(given, bytes) else given


@contextmanager
def unserved_is_said() -> Iterator[None]:
    """While entered, moto says what it does not serve, in process as in a server."""
    called, sent = BaseResponse.call_action, BotocoreStubber.process_request
    BaseResponse.call_action = _saying(called)  # type: ignore[assignment,method-assign]
    BotocoreStubber.process_request = _answering(sent)  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseResponse.call_action = called  # type: ignore[method-assign]
        BotocoreStubber.process_request = sent  # type: ignore[method-assign]


def _saying(called: Callable[[BaseResponse], Any]) -> Callable[[BaseResponse], Any]:
    """For the operations that moto lacks of a service that it has."""

    @functools.wraps(called)
    def call_action(response: BaseResponse) -> Any:  # noqa: ANN401  # whatever moto answers
        try:
            return called(response)
        except NotImplementedError as error:
            operation = response._get_action() or response.path  # noqa: SLF001  # moto's only way
            message = f"{words(response.boto3_service_name, operation)} ({error})"
            return response.serialized(ActionResult(Refusal(CODE, message)))

    return call_action


def _answering(sent: Callable[..., Any]) -> Callable[..., Any]:
    """For the services that moto lacks, in process."""

    @functools.wraps(sent)
    def process_request(stubber: BotocoreStubber, request: Any) -> Any:  # noqa: ANN401  # botocore's
        try:
            answer = sent(stubber, request)
        except ModuleNotFoundError:  # moto's extra for this service is not installed
            answer = NO_MODEL
        if answer == NO_MODEL:
            return unserved(request.headers, request.body or "", urlsplit(request.url).path)
        return answer

    return process_request
