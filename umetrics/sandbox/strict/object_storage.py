"""S3's requests, which moto does not answer by operation as it does those of all other services.

Right before it acts, when it knows the action, moto asks an authenticator of its own: there the
rules of every service stand. They can refuse; what they proceed to is that authenticator.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from moto.core.utils import camelcase_to_underscores
from moto.s3.exceptions import S3ClientError
from moto.s3.responses import S3Response

from umetrics.sandbox.strict.failure import Failure
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Rule

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE
    from moto.core.responses import ActionResult

    from umetrics.sandbox.strict.world import World


class Refused(S3ClientError):
    """What takes a failure through moto's code to where answers are written."""

    def __init__(self, failure: Failure) -> None:
        super().__init__("Refused", "a rule refused the request")
        self.failure = failure


def guard(rules: Sequence[Rule], world: World, taken_back: ExitStack) -> None:
    """Have each request to S3 pass through the rules that stand around every action."""
    around = [rule for rule in rules if EVERY_ACTION in rule.actions]
    authenticate = S3Response._authenticate_and_authorize_s3_action  # noqa: SLF001  # the only place
    serialized = S3Response.serialized

    def authenticated(
        self: S3Response, bucket_name: str | None = None, key_name: str | None = None
    ) -> None:
        method = functools.partial(authenticate, self, bucket_name, key_name)
        call = Call(camelcase_to_underscores(self._get_action()), self, None, world)
        for rule in reversed(around):
            method = functools.partial(rule.around, call, method)
        if isinstance(failure := method(), Failure):
            raise Refused(failure)

    def written(self: S3Response, result: ActionResult) -> TYPE_RESPONSE:
        said = result.result
        return serialized(self, said.failure if isinstance(said, Refused) else result)

    for name, before, instead in (
        ("_authenticate_and_authorize_s3_action", authenticate, authenticated),
        ("serialized", serialized, written),
    ):
        setattr(S3Response, name, instead)
        taken_back.callback(setattr, S3Response, name, before)
