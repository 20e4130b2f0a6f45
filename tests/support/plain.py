"""Plain boto3, of any service, in front of the strict stand-in: what any other client would see."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto import mock_aws

from tests.support.strict_account import ONE_TRY, SESSION
from umetrics.sandbox.strict import World, strict

Client = Any
"""A boto3 client. The tests send what its type would forbid, too."""


@functools.cache
def client(service: str, region: str = "us-east-1") -> Client:
    """One for all tests: to make one takes longer than most of them."""
    any_service: Any = SESSION.client
    return any_service(service, region_name=region, config=ONE_TRY)


@contextmanager
def account(service: str, *without: str) -> Iterator[Client]:
    """A client of an empty account under all rules but these; time stands still."""
    with mock_aws(), strict(World(clock=lambda: 0.0), without=without):
        yield client(service)
