"""An address that is asked whether it answers: what it gets to see, and where it cannot lead to."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.impostor import certificate_in, impostor
from umetrics.errors import UsageError
from umetrics.verify.probe.health import checked_url, health
from umetrics.verify.probe.values import Outcome, Trial

LOOPBACK = "127.0.0.1"


@dataclass
class Site:
    """Where it listens, and what was asked."""

    url: str
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def site(status: int = 200, location: str = "") -> Iterator[Site]:
    """Answers with one status, and from `/moved` with another place."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.asked.append((self.command, self.path, dict(self.headers)))
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", location)
            else:
                self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        there = Site(f"http://{LOOPBACK}:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
            thread.join()


def asked(url: str) -> Trial:
    return health(checked_url(url, only_here=True), directly=True)


def test_an_address_that_answers_is_told_with_its_status_and_gets_no_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text(f"machine {LOOPBACK} login ana password hunter2\n")
    with site() as there:
        trial = asked(f"{there.url}/health?deep=1")
    assert (trial.outcome, trial.reason) == (Outcome.OK, "200 OK")
    ((method, path, headers),) = there.asked
    assert (method, path) == ("GET", "/health?deep=1")
    harmless = {"accept-encoding", "connection", "host", "user-agent"}
    assert {name.lower() for name in headers} <= harmless


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(204, Outcome.OK), (404, Outcome.FAILED), (503, Outcome.FAILED), (304, Outcome.UNKNOWN)],
)
def test_a_status_is_judged(status: int, outcome: Outcome) -> None:
    with site(status) as there:
        trial = asked(there.url)
    assert trial.outcome is outcome
    assert trial.reason.startswith(f"{status} ")


def test_a_redirect_is_followed_where_it_stays_and_nowhere_else() -> None:
    with site(location="/health") as there:
        assert asked(f"{there.url}/moved").reason == "200 OK"
        assert [path for _, path, _ in there.asked] == ["/moved", "/health"]
    with site() as other:
        leads = [
            f"{other.url}/health",  # the same host, but another port of it
            other.url.replace(LOOPBACK, "localhost"),
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            f"http://ana:hunter2@{LOOPBACK}/",
        ]
        for location in leads:
            with site(location=location) as there:
                trial = asked(f"{there.url}/moved")
            assert trial.outcome is Outcome.UNKNOWN
            assert trial.reason.startswith("302 Found")
            assert trial.reason.endswith(": the redirect was not followed")
        assert other.asked == []


def test_who_leads_in_circles_is_not_followed_for_ever() -> None:
    with site(location="/moved") as there:
        trial = asked(f"{there.url}/moved")
        assert len(there.asked) < 20
    assert trial.outcome is Outcome.UNKNOWN


def test_a_certificate_that_nobody_vouches_for_is_no_answer(tmp_path: Path) -> None:
    with impostor(certificate=certificate_in(tmp_path)) as there:
        trial = asked(there.url)
    assert trial.outcome is Outcome.FAILED
    assert "CERTIFICATE_VERIFY_FAILED" in trial.reason
    assert there.requests == []


def test_where_nobody_listens_there_is_no_answer() -> None:
    trial = asked("http://127.0.0.1:9/")
    assert trial.outcome is Outcome.FAILED
    assert trial.reason.startswith("no answer: ")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "orders.example.com/health",
        "file:///etc/passwd",
        "ftp://orders.example.com/",
        "http://",
        "http://[::1",
        "http://orders.example.com:99999/",
        "http://orders.example.com:0/",
        "https://ana:hunter2@orders.example.com/",
        "https://ana@orders.example.com/",
        "https://orders.example.com/a b",
        "https://orders.example.com/\r\nX-Injected: 1",
        "https://örders.example.com/",
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_url(url, only_here=False)
    assert "hunter2" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "url", ["https://orders.example.com/", "http://10.0.0.1/", "http://localhost.evil.test/"]
)
def test_a_sandbox_run_asks_this_machine_only(url: str) -> None:
    assert checked_url(url, only_here=False) == url
    with pytest.raises(UsageError, match="never leaves this one"):
        checked_url(url, only_here=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/"])
def test_this_machine_has_several_names(url: str) -> None:
    assert checked_url(url, only_here=True) == url
