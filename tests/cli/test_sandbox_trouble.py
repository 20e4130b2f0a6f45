"""Latency and broken connections: outside the turns, and by chance with a seed."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ConnectionClosedError
from werkzeug.test import Client

from tests.cli.command_line import Home
from umetrics.sandbox import Options
from umetrics.sandbox.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/ec2/aws4_request"}


class Application:
    """A WSGI application that counts what it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.calls += 1
        start_response("200 OK", [])
        return [b"answer"]


def troubled(
    application: Application, *, latency: float = 0, flaky: float = 0, seed: int = 1
) -> tuple[Client, list[float]]:
    """A client of it, and how long it had to wait."""
    waits: list[float] = []
    chance = Random(seed)  # noqa: S311  # chance, not secrecy
    return Client(Trouble(application, latency, flaky, chance, waits.append)), waits


def test_every_call_waits_for_its_answer() -> None:
    client, waits = troubled(Application(), latency=0.06)
    assert client.post("/", headers=SIGNED).data == b"answer"
    assert waits == [0.06]


def test_requests_that_are_no_calls_are_left_alone() -> None:
    client, waits = troubled(Application(), latency=0.06, flaky=1)
    assert client.get("/umetrics-sandbox").data == b"answer"
    assert waits == []


def test_connections_break_before_and_after_acting_and_the_same_way_with_the_same_seed() -> None:
    stories: list[list[bool]] = []
    for _ in range(2):
        application = Application()
        client, _waits = troubled(application, flaky=1)
        stories.append([])
        for _ in range(20):
            before = application.calls
            with pytest.raises(ConnectionResetError):
                client.post("/", headers=SIGNED)
            stories[-1].append(application.calls > before)
    assert stories[0] == stories[1]
    assert set(stories[0]) == {True, False}


def test_as_many_connections_break_as_were_asked_for() -> None:
    application = Application()
    client, _waits = troubled(application, flaky=0.2)
    broken = 0
    for _ in range(1000):
        try:
            client.post("/", headers=SIGNED)
        except ConnectionResetError:
            broken += 1
    assert 150 < broken < 250


def test_a_client_of_a_flaky_sandbox_gets_no_answer_and_the_seed_is_in_the_log(
    lone: Home,
) -> None:
    lone.sandbox.start(Options(flaky=1.0))
    with pytest.raises(ConnectionClosedError):
        lone.outsider.ec2.describe_vpcs()
    assert "flaky with seed " in lone.sandbox.log.read_text()
    assert lone.sandbox.status() is not None
