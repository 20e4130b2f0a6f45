"""Rules that look first and then let the call act: nobody acts in between."""

from __future__ import annotations

import functools
from typing import Any

from umetrics.sandbox.strict.rule import Around, Call, Proceed


def alone(around: Around) -> Around:
    """Let one call at a time through a rule, so that what it saw still holds when moto acts."""

    @functools.wraps(around)
    def locked(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        with call.world.lock:
            return around(call, proceed)

    return locked
