"""Judging calls by the policies of whoever makes them, and telling callers who they are.

A request passes here on its way into moto, whatever the service. What neither moto nor a rule
serves is said to be unserved without being judged.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.authorization.demand import Demand, common_keys
from umetrics.sandbox.strict.authorization.evaluation import Question, decide
from umetrics.sandbox.strict.authorization.failure_message import decoded
from umetrics.sandbox.strict.authorization.principal import Principal, caller, entity_id
from umetrics.sandbox.strict.authorization.refusal import refused, unknown_key
from umetrics.sandbox.strict.authorization.service_demands import demands
from umetrics.sandbox.strict.failure import Failure
from umetrics.sandbox.strict.rule import (
    EVERY_ACTION,
    EVERY_SERVICE,
    Call,
    Proceed,
    Rule,
    refuse,
    rule,
)

NEEDS_NO_PERMISSION = frozenset({"get_caller_identity", "get_session_token"})
"""Of STS: allowed even where a policy denies them."""

NEW_ENTITIES = {"create_user": ("User", "AIDA"), "create_group": ("Group", "AGPA")}
"""Where the answer has it, and what its unique id begins with."""


@rule(
    "authorization",
    service=EVERY_SERVICE,
    actions=EVERY_ACTION,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic"
    ".html, and the Service Authorization Reference",
)
def authorization(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A call that the caller's policies do not allow, in all that it demands, is refused."""
    principal = caller(call)
    if principal is None:
        return unknown_key(call)
    if principal.is_administrator or _needs_no_permission(call):
        return proceed()
    return _refusal(call, principal) or proceed()


def _needs_no_permission(call: Call) -> bool:
    return call.response.service_name == "sts" and call.action in NEEDS_NO_PERMISSION


def _refusal(call: Call, principal: Principal) -> Failure | None:
    service, operation = call.response.boto3_service_name, call.response._get_action()  # noqa: SLF001  # moto's only way
    for demand in demands(call, service, operation, principal):
        if failure := _judged(call, demand, principal):
            return failure
    return None


def _judged(call: Call, demand: Demand, principal: Principal) -> Failure | None:
    keys = common_keys(call, principal) | demand.keys
    question = Question(demand.action, demand.resource, keys)
    decision = decide(question, principal.policies)
    if decision.allowed:
        return None
    return refused(call, demand, question, decision, principal)


@rule(
    "caller-identity",
    service="sts",
    actions="get_caller_identity",
    source="STS API reference, GetCallerIdentity; forms of ARNs and ids: IAM user guide, "
    "reference_identifiers",
)
def caller_identity(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The caller has an ARN of a form that AWS issues: a user's with its path, or a session's."""
    principal = caller(call)
    if principal is None:
        return unknown_key(call)
    answer = proceed()
    answer.result.update(Arn=principal.arn, UserId=principal.id)
    return answer


@rule(
    "unique-ids",
    service="iam",
    actions=tuple(NEW_ENTITIES),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
    "#identifiers-unique-ids",
)
def unique_ids(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The id of a user begins with AIDA, that of a group with AGPA; moto's begin with anything."""
    answer = proceed()
    kind, prefix = NEW_ENTITIES[call.action]
    answer.result[kind].id = entity_id(prefix)
    return answer


@rule(
    "decode-authorization-message",
    service="sts",
    actions="decode_authorization_message",
    source="STS API reference, DecodeAuthorizationMessage; form: AWS CLI reference, the same",
)
def decode_authorization_message(call: Call, _proceed: Proceed) -> ActionResult:
    """An encoded message is decoded; one that is cut short or foreign is refused."""
    try:
        said = decoded(call.parameter("EncodedMessage") or "")
    except ValueError:
        refuse("InvalidAuthorizationMessageException", "The authorization message is not valid.")
    return ActionResult({"DecodedMessage": said})


RULES: tuple[Rule, ...] = (
    authorization,
    caller_identity,
    unique_ids,
    decode_authorization_message,
)
