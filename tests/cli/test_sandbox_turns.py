"""How the sandbox's server takes calls: one at a time, its own name outside the queue."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from umetrics.sandbox.identity import IDENTITY_PATH
from umetrics.sandbox.options import Options
from umetrics.sandbox.record import Record, read_record, write_record
from umetrics.sandbox.server import OneAtATime, Server

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

RECORD = Record(7, 8, "then", "one", "2026-01-01T00:00:00Z", "5.2.5", Options())
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/s3/aws4_request"}


class Application:
    """A WSGI application that notes whether its turn lasted from the call to the closing."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.moments: list[tuple[str, bool]] = []

    def note(self, moment: str) -> None:
        self.moments.append((moment, self.turn.locked()))

    def __call__(self, _environ: WSGIEnvironment, start_response: StartResponse) -> Application:
        self.note("called")
        start_response("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        self.note("read")
        yield b"answer"

    def close(self) -> None:
        self.note("closed")


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def client(application: Application) -> Client:
    return Client(OneAtATime(application, lambda: RECORD, application.turn))


def test_a_turn_lasts_until_the_answer_is_complete(
    application: Application, client: Client
) -> None:
    assert client.post("/").data == b"answer"
    assert application.moments == [("called", True), ("read", True), ("closed", True)]
    assert not application.turn.locked()


def test_the_instance_is_told_while_a_call_is_in_progress(
    application: Application, client: Client
) -> None:
    with application.turn:
        told = json.loads(client.get(IDENTITY_PATH).data)
    assert told == {"id": "one", "pid": 7, "since": "2026-01-01T00:00:00Z"}
    assert application.moments == []


def test_a_signed_call_to_the_same_path_is_for_aws(client: Client) -> None:
    assert client.get(IDENTITY_PATH, headers=SIGNED).data == b"answer"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, "one")
    yield server
    server.server_close()


def test_a_server_serves_on_while_the_record_is_its_own(server: Server) -> None:
    write_record(server.folder, server.record)
    server.service_actions()
    assert read_record(server.folder) == server.record


def test_a_server_ends_when_another_has_taken_its_place(server: Server) -> None:
    write_record(server.folder, replace(server.record, instance="another"))
    with pytest.raises(SystemExit, match="another server's"):
        server.service_actions()


def test_a_record_that_cannot_be_read_just_now_ends_no_server(server: Server) -> None:
    (server.folder / "sandbox.json").mkdir()
    server.service_actions()
