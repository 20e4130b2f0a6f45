"""Errors that AWS sends with an HTTP status of their own; moto says 400 to every EC2 error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.rule import Refusal

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE
    from moto.core.responses import ActionContext


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
