"""What stands between AWS and its clients: distance, and connections that break.

Around the server's application and outside its turns, so that a slow answer holds up nobody else.
Only signed requests are calls to AWS; others (who are you, empty the account) go through untouched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Trouble:
    """WSGI middleware; `latency` in seconds, `flaky` the fraction of connections that break.

    A connection breaks before the call is carried out or, as often, after that: a client cannot
    tell which. Both are a `ConnectionError` to the server, which closes and answers nothing.
    """

    application: WSGIApplication
    latency: float
    flaky: float
    chance: Random
    sleep: Callable[[float], None] = time.sleep

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass one request on, if nothing happens to it."""
        if "HTTP_AUTHORIZATION" not in environ:
            return self.application(environ, start_response)
        if self.latency:
            self.sleep(self.latency)
        breaks = self.chance.random() < self.flaky
        if breaks and self.chance.random() < HALF:
            raise ConnectionResetError("the sandbox is flaky: not carried out")
        answer = self.application(environ, start_response)
        if breaks:
            raise ConnectionResetError("the sandbox is flaky: carried out, answer lost")
        return answer
