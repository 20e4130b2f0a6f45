"""What is signed stays between us and AWS: it is not sent in clear text, and never shown.

The SDK sends a request wherever a flag, a variable or a profile says, session token included; here
it leaves this machine through TLS only. What was sent may come back in an error: AWS quotes it when
a signature does not match, a proxy when it finds fault. So tokens are blotted out of the SDK's
errors before anybody reads them. The secret key needs no such care, because it is never sent.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from umetrics.errors import UsageError

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.awsrequest import AWSPreparedRequest

HIDDEN = "(hidden)"

TOKEN_HEADERS = ("X-Amz-Security-Token", "x-amz-sso_bearer_token")

_ISSUED = re.compile(r"""((?:SecretAccessKey|SessionToken)(?:>|"\s*:\s*"))[^<"]+""", re.IGNORECASE)
"""Credentials in an answer that could not be read, which the SDK then quotes."""


def is_clear_text(url: str) -> bool:
    """Whether others could read what is sent to `url`: neither TLS nor this very machine."""
    return urlsplit(url).scheme != "https" and not is_local(url)


def is_local(url: str) -> bool:
    """Whether `url` leads to this machine by its spelling; no name is looked up."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass
class Secrecy:
    """The tokens that one session has sent, so that they can be told from other text."""

    _tokens: set[str] = field(default_factory=set)

    def guard(self, session: Session) -> None:
        """Look at each request of `session`, of clients made from now on, before it is sent.

        The request then raises `UsageError` when it would go out in clear text.
        """
        session.events.register_first("before-send", self._before_sending)

    def _before_sending(self, request: AWSPreparedRequest, **_others: object) -> None:
        for name in TOKEN_HEADERS:
            # A token that was pasted in several lines is quoted with its line breaks escaped.
            self._tokens.update(_text(request.headers.get(name, "")).split())
        if is_clear_text(request.url):
            parts = urlsplit(request.url)
            host = parts.netloc.rpartition("@")[2]  # without a user's name and password
            raise UsageError(
                f"{parts.scheme}://{host} would get signed requests in clear text",
                hint="use an https:// endpoint, or one on this machine (127.0.0.1, localhost); "
                "it may come from --endpoint-url, AWS_ENDPOINT_URL* or the profile",
            )

    def blot(self, error: BaseException) -> None:
        """Take tokens out of the SDK's error, and out of those that it came from, in place.

        In place, because a traceback shows all of them.
        """
        seen: BaseException | None = error
        while seen is not None:
            seen.args = tuple(self._blotted(each) for each in seen.args)
            answer = getattr(seen, "response", None)
            if isinstance(answer, dict) and isinstance(told := answer.get("Error"), dict):
                answer["Error"] = {name: self._blotted(value) for name, value in told.items()}
            seen = seen.__cause__ or seen.__context__

    def _blotted(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        text = _ISSUED.sub(rf"\1{HIDDEN}", value)
        for token in self._tokens:
            text = text.replace(token, HIDDEN)
        return text


def _text(header: str | bytes) -> str:
    return header.decode(errors="replace") if isinstance(header, bytes) else header
