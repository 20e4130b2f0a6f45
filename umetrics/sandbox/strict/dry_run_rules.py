"""DryRun asks whether a call would be allowed, and changes nothing: moto honours it here and there.

Actions that have no such parameter (ModifyVpcAttribute, for one) are carried out as ever.
"""

from __future__ import annotations

from typing import Any

from umetrics.sandbox.strict.failure import Failure
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, rule

PRECONDITION_FAILED = 412


@rule(
    "dry-run",
    service="ec2",
    actions=EVERY_ACTION,
    source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: "
    "DryRunOperation, the request would have succeeded, but DryRun was used",
)
def dry_run(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A call with DryRun is answered by an error, status 412, and does nothing."""
    if call.parameter("DryRun", default=False):
        message = "Request would have succeeded, but DryRun flag is set."
        return Failure("DryRunOperation", message, status=PRECONDITION_FAILED)
    return proceed()


RULES: tuple[Rule, ...] = (dry_run,)
