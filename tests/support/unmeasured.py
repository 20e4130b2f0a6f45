"""Coverage of umetrics, without the price of measuring botocore and the emulator beneath it.

Python 3.11 tells a tracer of every line of every module; coverage ignores those of others, but each
has cost as much again. What umetrics hangs on botocore's events is measured by the tests that
start processes of their own.
"""

from __future__ import annotations

import functools
import sys

from botocore.client import BaseClient
from coverage.tracer import CTracer


@functools.cache
def leave_the_sdk_unmeasured() -> None:
    """In this process, for good; without effect where nothing is measured."""
    called = BaseClient._make_api_call  # type: ignore[attr-defined]

    @functools.wraps(called)
    def unmeasured(*arguments: object) -> object:
        tracer: object = sys.gettrace()
        if not isinstance(tracer, CTracer):
            return called(*arguments)
        sys.settrace(None)
        try:
            return called(*arguments)
        finally:
            tracer.start()  # sys.settrace would have it miss that this function returns

    BaseClient._make_api_call = unmeasured  # type: ignore[attr-defined]
