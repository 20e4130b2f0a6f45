"""Coverage of umetrics, without the price of measuring pytest, botocore and the emulator beneath.

Python 3.11 tells a tracer of every line of every module; coverage ignores those of others, but each
has cost as much again. What umetrics hangs on botocore's events is measured by the tests that
start processes of their own.
"""

from __future__ import annotations

import functools
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

from botocore.client import BaseClient
from botocore.session import Session
from coverage.tracer import CTracer

import umetrics


@functools.cache
def leave_the_sdk_unmeasured() -> None:
    """In this process, for good; without effect where nothing is measured."""
    for owner, name in ((BaseClient, "_make_api_call"), (Session, "create_client")):
        setattr(owner, name, _unmeasured(getattr(owner, name)))


@contextmanager
def the_tests_unmeasured() -> Iterator[None]:
    """While pytest reads and rewrites them; what they import of umetrics is measured before."""
    tracer: object = sys.gettrace()
    if not isinstance(tracer, CTracer):
        yield
        return
    for module in pkgutil.walk_packages(umetrics.__path__, f"{umetrics.__name__}."):
        if not module.name.endswith(".__main__"):
            import_module(module.name)
    with _paused(tracer):
        yield


@contextmanager
def _paused(tracer: CTracer) -> Iterator[None]:
    sys.settrace(None)
    try:
        yield
    finally:
        tracer.start()  # sys.settrace would have it miss that this function returns


def _unmeasured(called: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(called)
    def unmeasured(*arguments: object, **named: object) -> object:
        tracer: object = sys.gettrace()
        if not isinstance(tracer, CTracer):
            return called(*arguments, **named)
        sys.settrace(None)
        try:
            return called(*arguments, **named)
        finally:
            tracer.start()  # sys.settrace would have it miss that this function returns

    return unmeasured
