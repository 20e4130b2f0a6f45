"""Errors that AWS sends with an HTTP status of their own; moto says 400 to every EC2 error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.rule import Refusal

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE
    from moto.core.responses import ActionContext


COMMON_ERRORS = (
    "AccessDenied",
    "AccessDeniedException",
    "InvalidClientTokenId",
    "NotImplemented",  # what no AWS says: unserved.py
    "ThrottlingException",
    "UnrecognizedClientException",
)
"""Codes that any service may answer, so that no service model has them: moto would warn of each.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""


def described(error: Exception) -> tuple[str, str]:
    """The code and the message of an error; moto keeps those of its older services elsewhere."""
    code = getattr(error, "error_type", None) or getattr(error, "code", type(error).__name__)
    return str(code), str(getattr(error, "message", error))


class Failure(ActionResult):
    """What a rule answers instead of raising a `Refusal`, where the status matters.

    To be given by the outermost rules only: the others look into answers, and expect a success.
    """

    def __init__(self, code: str, message: str, *, status: int) -> None:
        super().__init__(Refusal(code, message))
        self._status = status

    def execute_result(self, context: ActionContext) -> TYPE_RESPONSE:
        """The error in the protocol of the service, with our status."""
        _, headers, body = super().execute_result(context)
        return self._status, headers, body
