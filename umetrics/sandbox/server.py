"""The sandbox's server process: moto under strict rules and behind one lock, on 127.0.0.1.

Imported by `entry.py` alone. The server ends itself when its record is removed or replaced, so that
none is left behind for ever. Its world lives in memory and ends with it. Parts of moto that call
back into the server while they answer (Lambda functions run in Docker) do not work here: the lock
is held.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import gc
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random
from types import FrameType
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer
from werkzeug.test import Client
from werkzeug.wrappers import Response

from umetrics.errors import SandboxError
from umetrics.sandbox.application import application
from umetrics.sandbox.identity import IDENTITY_PATH, LOOPBACK, birth
from umetrics.sandbox.options import ADMINISTRATOR, NUMBERS, SWITCHES, Options
from umetrics.sandbox.quickening import quicken
from umetrics.sandbox.record import Record, read_record, remove_record, write_record
from umetrics.sandbox.strict import RULES, Settings, World, strict
from umetrics.sandbox.strict.authorization.principal import make_user
from umetrics.sandbox.trouble import Trouble

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

RECORD_CHECK_EVERY = 1.0
"""Seconds; how long a server whose record is gone may live on."""

FIRST_CALLS = (
    ("ec2", "DescribeVpcs", "2016-11-15"),
    ("iam", "ListRoles", "2010-05-08"),
    ("sts", "GetCallerIdentity", "2011-06-15"),
)
"""Service, action and API version; EC2's first answer costs half a second, the others a tenth."""

WARMED_SCOPE = ADMINISTRATOR + "/20200101/us-east-1/{}/aws4_request"
"""What is read of a signature: it tells who calls, service and region."""

TELLING_STATUS = ("5", "-")
"""Only server errors are worth a log line: refusals are part of AWS's normal talk."""


@dataclass(frozen=True, slots=True)
class OneAtATime:
    """WSGI middleware: moto's worlds are not thread-safe, so calls are answered in turn.

    Who we are is told outside the turn, and only to unsigned requests: signed, the same path is a
    call to an S3 bucket of that name.
    """

    application: WSGIApplication
    record: Callable[[], Record]
    turn: threading.Lock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request when its turn has come."""
        if environ.get("PATH_INFO") == IDENTITY_PATH and "HTTP_AUTHORIZATION" not in environ:
            return self._identity()(environ, start_response)
        with self.turn:
            answer = self.application(environ, start_response)
            try:
                return list(answer)
            finally:
                close = getattr(answer, "close", None)
                if close is not None:
                    close()

    def _identity(self) -> Response:
        record = self.record()
        told = {"id": record.instance, "pid": record.pid, "since": record.since}
        return Response(json.dumps(told), mimetype="application/json")


class RequestHandler(MotoRequestHandler):
    """moto's own, but silent about what went well, and really gone when a connection breaks."""

    def connection_dropped(
        self, error: BaseException, environ: WSGIEnvironment | None = None
    ) -> None:
        """Close it: werkzeug would wait for the next request, and the client for its answer."""
        super().connection_dropped(error, environ)
        self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Only answers that tell of trouble are worth a line."""
        if str(code).startswith(TELLING_STATUS):
            super().log_request(code, size)


class Server(ThreadedWSGIServer):
    """Listens from its construction on; `serve_forever` ends with `SystemExit`."""

    def __init__(self, folder: Path, instance: str, options: Options | None = None) -> None:
        options = options or Options()
        self.calls = OneAtATime(application(), lambda: self.record, threading.Lock())
        reached = Trouble(self.calls, options.latency, options.flaky, _chance(options))
        super().__init__(LOOPBACK, 0, reached, handler=RequestHandler)
        self.folder = folder
        self.record = Record(
            pid=os.getpid(),
            port=self.server_port,
            born=birth(os.getpid()),
            instance=instance,
            since=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            version=version("moto"),
            options=options,
        )
        self._next_check = 0.0

    def service_actions(self) -> None:
        """Called by the serving loop about twice a second."""
        super().service_actions()
        now = time.monotonic()
        if now < self._next_check:
            return
        self._next_check = now + RECORD_CHECK_EVERY
        with contextlib.suppress(SandboxError):  # cannot be read just now: no reason to end
            recorded = read_record(self.folder)
            if recorded is None or recorded.instance != self.record.instance:
                sys.exit("the record is gone or another server's: ending")


def make_first_calls(application: WSGIApplication) -> None:
    """Have moto load what nearly every command needs, before a command asks for it."""
    client = Client(application)
    for service, action, api_version in FIRST_CALLS:
        client.post(
            "/",
            data={"Action": action, "Version": api_version},
            headers={
                "Authorization": f"AWS4-HMAC-SHA256 Credential={WARMED_SCOPE.format(service)}"
            },
        ).close()


def serve(folder: Path, instance: str, options: Options) -> None:
    """Announce the server and answer until it is told to end, or its record goes."""
    require_rules(options.without)
    quicken()
    with strict(world_of(options), without=options.without):
        if options.caller:
            make_user(options.caller)
        _serve(Server(folder, instance, options))


def require_rules(names: Iterable[str]) -> None:
    """End, naming the rule that was meant, when a name is no rule's."""
    known = [rule.name for rule in RULES]
    for name in names:
        if name not in known:
            meant = difflib.get_close_matches(name, known, n=1) or sorted(known)
            sys.exit(f"no strict rule is called {name!r}; there is: {', '.join(meant)}")


def world_of(options: Options) -> World:
    """What the rules go by."""
    return World(
        Settings(
            nat_pending=options.nat,
            nat_deleting=options.nat,
            eventual=options.eventual,
            day=options.day,
            linked_account=options.linked,
            throttle=options.throttle,
            caller=options.caller,
        )
    )


def _chance(options: Options) -> Random:
    """Whose seed is in the log, so that an unlucky run can be told from another."""
    seed = secrets.randbits(32)
    if options.flaky:
        sys.stderr.write(f"flaky with seed {seed}\n")
        sys.stderr.flush()
    return Random(seed)  # noqa: S311  # chance, not secrecy


def _serve(server: Server) -> None:
    if not server.record.born:
        sys.exit("neither /proc nor ps tells when this process was started")
    signal.signal(signal.SIGTERM, _end)
    try:
        write_record(server.folder, server.record)
        # In the background, as the command that started us has work of its own to do first; a
        # daemon, as it must not hold up our end.
        threading.Thread(target=make_first_calls, args=(server.calls,), daemon=True).start()
        server.serve_forever()
    finally:
        server.server_close()
        with contextlib.suppress(SandboxError):
            remove_record(server.folder, server.record)
        gc.freeze()  # else Python spends most of a second on sorting out moto's last objects


def _end(_signal_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> None:
    """Parse what the parent passes on; nobody else calls this."""
    parser = argparse.ArgumentParser(prog="python -m umetrics.sandbox.entry", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the record goes")
    parser.add_argument("--instance", required=True, help="what this server calls itself")
    for name in NUMBERS:
        parser.add_argument(f"--{name}", type=float, default=getattr(Options(), name))
    for name in SWITCHES:
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--without", action="append", default=[], help="a rule to leave out")
    parser.add_argument("--as", dest="caller", default="", help="the IAM user that callers are")
    given = vars(parser.parse_args())
    folder, instance = given.pop("folder"), given.pop("instance")
    serve(folder, instance, Options(**{**given, "without": tuple(given["without"])}))
