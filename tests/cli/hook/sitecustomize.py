"""Hooks in a process under test: Python finds this file at its start, through PYTHONPATH.

`WATCH=<file>` notes there, a JSON line each, every call that is sent to AWS and every address that
is looked up or connected to. `STRIKE="<what> <moment> <operation>"` does something once, when that
operation is about to be sent (`before-send`) or has been answered (`response-received`): a signal's
name sends it to this very process, `HOLD` says so on stderr and never goes on.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore import handlers

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

WATCH = os.environ.get("WATCH")
STRIKE = os.environ.get("STRIKE")

HELD = b"HELD\n"
AT_MOST = 60
"""Seconds; a test that forgets its process does not leave it behind for ever."""

ADDRESS_EVENTS = {"socket.connect": 1, "socket.getaddrinfo": 0}
"""Which argument is the address: https://docs.python.org/3/library/audit_events.html."""


def note(line: object) -> None:
    with open(str(WATCH), "a", encoding="utf-8") as file:  # noqa: PTH123  # one short append
        file.write(f"{json.dumps(line)}\n")


def watch_calls(request: AWSPreparedRequest, event_name: str, **_others: object) -> None:
    authorization = request.headers.get("Authorization", b"")
    credential = re.search(rb"Credential=([^/]*)/", _bytes(authorization))
    key = credential[1].decode() if credential else ""
    note({"operation": event_name.split(".")[2], "url": request.url, "key": key})


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def watch_addresses(event: str, arguments: tuple[object, ...]) -> None:
    if event in ADDRESS_EVENTS:
        address = arguments[ADDRESS_EVENTS[event]]
        note({"address": address[0] if isinstance(address, tuple) else str(address)})


def striking(what: str) -> Callable[..., None]:
    once = threading.Lock()

    def strike(**_others: object) -> None:
        if not once.acquire(blocking=False):
            return
        if what == "HOLD":
            os.write(sys.stderr.fileno(), HELD)
            threading.Event().wait(AT_MOST)
        else:
            os.kill(os.getpid(), signal.Signals[what])

    return strike


if WATCH:
    handlers.BUILTIN_HANDLERS.append(("before-send", watch_calls))
    sys.addaudithook(watch_addresses)
if STRIKE:
    action, moment, operation = STRIKE.split()
    for service in ("ec2", "iam", "sts"):
        handlers.BUILTIN_HANDLERS.append((f"{moment}.{service}.{operation}", striking(action)))
