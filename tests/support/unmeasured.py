"""Coverage of umetrics, without the price of measuring botocore and the emulator beneath it.

Python 3.11 tells a tracer of every line of every module; coverage ignores those of others, but each
has cost as much again. What umetrics hangs on botocore's events is measured by the tests that
start processes of their own.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

from botocore.client import BaseClient
from botocore.session import Session
from coverage.tracer import CTracer


@functools.cache
def leave_the_sdk_unmeasured() -> None:
    """In this process, for good; without effect where nothing is measured."""
    for owner, name in ((BaseClient, "_make_api_call"), (Session, "create_client")):
        setattr(owner, name, _unmeasured(getattr(owner, name)))


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
