"""moto's models of the services other than the one that is called: some rules look further."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend

from umetrics.sandbox.strict.rule import Call

HOME = "us-east-1"
"""The region where what is one for all regions of the partition is listed, and logged."""


def backend_in(call: Call, service: str, place: str) -> Any:  # noqa: ANN401  # a model of moto's
    """The model of a service in the caller's account, in a region or a partition."""
    backend: Any = get_backend  # an overload for each service: here it may be any of them
    return backend(service)[call.response.current_account][place]
