"""One GET of an address: does it answer, and with which status?

No credentials and no cookies are sent, certificates are verified, the body is not read, and no
redirect is followed to another host, to another port or away from TLS.
"""

from __future__ import annotations

import http.client
import urllib.request
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit

from umetrics import __version__
from umetrics.errors import UsageError
from umetrics.verify.probe.values import Outcome, Trial

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from typing import IO

HEALTH = "health"
TIMEOUT = 10.0
"""Seconds, for the connection and for each part of the answer: a health check is no slower."""

PORTS = {"http": 80, "https": 443}
SUCCESS, REDIRECTION, ERROR = 200, 300, 400


def checked_url(url: str, *, only_here: bool) -> str:
    """The address, if it can be asked; `only_here` where only this machine may be.

    Raises `UsageError`.
    """
    hint = "give an address such as https://orders.example.com/health"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is no address: {error}", hint=hint) from error
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise UsageError(f"{url!r} is no address of http or https", hint=hint)
    if any(character <= " " or character == "\x7f" for character in url) or not url.isascii():
        raise UsageError(f"{url!r} has characters that an address cannot have", hint=hint)
    if parts.username is not None:
        raise UsageError(
            "--health-url: an address with a user or password in it would send them",
            hint="give an address that answers without; no credentials are sent",
        )
    if only_here and not _is_here(parts.hostname):
        raise UsageError(
            f"{parts.hostname} is another machine, and a sandbox run never leaves this one",
            hint="give an address on 127.0.0.1, or leave --sandbox out",
        )
    return url


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def health(url: str, *, directly: bool) -> Trial:
    """Ask a `checked_url`; `directly` passes by the proxies that the environment names."""
    proxies = urllib.request.ProxyHandler({} if directly else None)
    opener = urllib.request.OpenerDirector()
    for handler in (
        proxies,
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        _SameHost(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    asked = urllib.request.Request(  # noqa: S310  # `checked_url` lets http and https through only
        url, headers={"User-Agent": f"umetrics/{__version__}"}
    )
    opener.addheaders = []
    try:
        with opener.open(asked, timeout=TIMEOUT) as answer:
            return _judged(url, answer.status, answer.reason)
    except HTTPError as error:
        with error:
            return _judged(url, error.code, str(error.reason))
    except URLError as error:
        return _unanswered(url, error.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _unanswered(url, error)


def _unanswered(url: str, why: BaseException | str) -> Trial:
    told = getattr(why, "strerror", None) or str(why) or repr(why)
    return Trial(HEALTH, url, Outcome.FAILED, f"no answer: {told}")


def _judged(url: str, status: int, reason: str) -> Trial:
    told = f"{status} {reason}".strip()
    if SUCCESS <= status < REDIRECTION:
        return Trial(HEALTH, url, Outcome.OK, told)
    if REDIRECTION <= status < ERROR:
        return Trial(HEALTH, url, Outcome.UNKNOWN, f"{told}: the redirect was not followed")
    return Trial(HEALTH, url, Outcome.FAILED, told)


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows what stays where it was asked; all else ends as the redirect that it is."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _stays(urlsplit(req.full_url), urlsplit(newurl)):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _stays(here: SplitResult, there: SplitResult) -> bool:
    if there.hostname != here.hostname or there.username is not None:
        return False
    ports = tuple(each.port or PORTS.get(each.scheme, 0) for each in (here, there))
    if here.scheme == there.scheme:
        return ports[0] == ports[1]
    return (here.scheme, there.scheme) == ("http", "https") and ports == (80, 443)
