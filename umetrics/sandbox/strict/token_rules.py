"""Client tokens: who asks twice with one token, because an answer was lost, gets one thing.

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html. Tokens are kept per
account and region, and as long as the account lives; AWS forgets them at some time it does not say.
"""

from __future__ import annotations

from typing import Any

from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule

ACTIONS = ("create_nat_gateway", "create_route_table", "create_vpc_endpoint")
NOT_COMPARED = {"ClientToken", "DryRun"}


@rule(
    "client-tokens",
    service="ec2",
    actions=ACTIONS,
    source="EC2 developer guide, Ensuring idempotency: IdempotentParameterMismatch",
)
def tokens(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The same token and parameters: the first one again, as it is now. Others: a mismatch."""
    token = call.parameter("ClientToken")
    if not token:
        return proceed()
    asked = {
        name: value
        for name, value in call.response._get_params().items()  # noqa: SLF001  # moto's only way
        if name not in NOT_COMPARED
    }
    used = call.world.tokens(call.backend)
    if (call.action, token) not in used:
        answer = proceed()
        answer.result["ClientToken"] = token
        used[call.action, token] = (asked, answer)
        return answer
    before, answer = used[call.action, token]
    if asked != before:
        refuse(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in "
            "previous request(s).",
        )
    return answer


RULES: tuple[Rule, ...] = (tokens,)
