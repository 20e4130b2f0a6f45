"""Coverage of umetrics, without the price of measuring pytest, botocore and the emulator beneath.

Python 3.11 tells a tracer of every line of every module; coverage ignores those of others, but each
has cost as much again. So nothing is measured but the bodies of those tests that are asked for, no
fixtures, and no process that a test starts.
"""

from __future__ import annotations

import functools
import pkgutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import Any

from botocore.client import BaseClient
from botocore.session import Session
from coverage.tracer import CTracer

import umetrics


@functools.cache
def leave_the_sdk_unmeasured() -> None:
    """In this process, for good; without effect where nothing is measured."""
    for owner, name in ((BaseClient, "_make_api_call"), (Session, "create_client")):
        setattr(owner, name, _unmeasured(getattr(owner, name)))


def measure_only_what_is_asked() -> Callable[[], AbstractContextManager[None]]:
    """Stop measuring this thread; what is returned measures what it is put around.

    All of umetrics is imported before, measured: modules run their lines once.
    """
    tracer: object = sys.gettrace()
    if not isinstance(tracer, CTracer):
        return nullcontext
    for module in pkgutil.walk_packages(umetrics.__path__, f"{umetrics.__name__}."):
        if not module.name.endswith(".__main__"):
            import_module(module.name)
    of_threads = threading.gettrace()
    _measure_nothing()
    return functools.partial(_measured, tracer, of_threads)


@contextmanager
def _measured(tracer: CTracer, of_threads: Any) -> Iterator[None]:  # noqa: ANN401  # coverage's own
    threading.settrace(of_threads)
    tracer.start()
    try:
        yield
    finally:
        _measure_nothing()


def _measure_nothing() -> None:
    sys.settrace(None)
    threading.settrace(None)  # as a thread has it before anybody asks


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
