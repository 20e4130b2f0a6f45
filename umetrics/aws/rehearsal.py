"""Calls that ask AWS whether they would work, and do nothing: told by what is about to be sent.

Whether AWS then does nothing is AWS's to keep. An operation that is not known here never counts as
a rehearsal, whatever it carries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

Request = Mapping[str, Any]
"""As the SDK has put it together: `headers`, and a `body` that is a form, or bytes."""


def _form(request: Request) -> bool:
    body = request.get("body")
    return isinstance(body, Mapping) and body.get("DryRun") in {"true", True}


def _invocation(request: Request) -> bool:
    """Without the header, a function would be run."""
    headers: Mapping[str, Any] = request.get("headers", {})
    return headers.get("X-Amz-Invocation-Type") == "DryRun"


def _document(request: Request) -> bool:
    body = request.get("body")
    try:
        told = json.loads(body) if isinstance(body, str | bytes) else None
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("DryRun") is True


OPERATIONS: Mapping[str, Callable[[Request], bool]] = {
    "lambda:Invoke": _invocation,
    "lambda:UpdateFunctionCode": _document,
}
"""Besides EC2's, all of which take DryRun alike.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html and
https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
"""


def is_rehearsal(operation: str, request: Request) -> bool:
    """Whether `service:Operation`, sent like this, is to do nothing."""
    known = _form if operation.startswith("ec2:") else OPERATIONS.get(operation)
    return known is not None and known(request)
