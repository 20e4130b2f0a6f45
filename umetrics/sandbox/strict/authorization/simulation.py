"""IAM's policy simulator: SimulatePrincipalPolicy, SimulateCustomPolicy and their context keys.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html. moto has none
of it. Nothing is called: what no context entry says is not known. There is a result for each action
on each resource; keys that were missing are named in it and, as the page says, beside the resource.
Policies of resources and of organizations are not simulated.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.authorization import principal as principals
from umetrics.sandbox.strict.authorization.context import NOTHING, Context
from umetrics.sandbox.strict.authorization.demand import EVERYTHING, principal_keys
from umetrics.sandbox.strict.authorization.evaluation import (
    Decision,
    Match,
    Policies,
    Question,
    context_keys,
    decide,
    missing_keys,
)
from umetrics.sandbox.strict.authorization.policy import Policy, Position, parse
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule

PAGE = "IAM API reference, SimulatePrincipalPolicy, GetContextKeysForPrincipalPolicy"

PAGE_SIZE = 100

_ENTITY = re.compile(r"arn:[\w-]+:iam::\d{12}:(?P<kind>user|group|role)/(?:\S*/)?(?P<name>[^/\s]+)")

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")

FIRST_PAGE = base64.urlsafe_b64encode(b"0").decode()


@rule(
    "policy-simulator",
    service="iam",
    actions=("simulate_principal_policy", "simulate_custom_policy"),
    source=PAGE,
)
def simulate(call: Call, _proceed: Proceed) -> ActionResult:
    """Each action on each resource is decided as if the principal had asked, in pages."""
    policies, known = _simulated(call)
    for entry in call.parameter("ContextEntries") or ():
        known |= Context({entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues") or ())})
    asked = itertools.product(_actions(call), _resources(call))
    results = [_result(Question(*each, known), policies) for each in asked]
    return _page(call, results)


@rule(
    "policy-context-keys",
    service="iam",
    actions=("get_context_keys_for_principal_policy", "get_context_keys_for_custom_policy"),
    source=PAGE,
)
def needed_keys(call: Call, _proceed: Proceed) -> ActionResult:
    """The keys that the policies refer to."""
    policies, _ = _simulated(call)
    return ActionResult({"ContextKeyNames": list(context_keys(_all(policies)))})


def _simulated(call: Call) -> tuple[Policies, Context]:
    """The policies of the principal and those given besides; what is known of the principal."""
    source = call.parameter("PolicySourceArn")
    policies, known = _entity(call, source) if source else (Policies(), NOTHING)
    given = _given(call, "PolicyInputList")
    bounds = _given(call, "PermissionsBoundaryPolicyInputList")
    return (
        replace(
            policies,
            identity=(*policies.identity, *given),
            boundary=bounds[0] if bounds else policies.boundary,
        ),
        known,
    )


def _entity(call: Call, arn: str) -> tuple[Policies, Context]:
    """A user, a group or a role, by the ARN that it really has."""
    found = _ENTITY.fullmatch(arn)
    if found is None:
        refuse(
            "InvalidInput",
            f"Invalid Entity Arn: {arn} does not clearly define entity type and name.",
        )
    name, kind = found["name"], found["kind"]
    principal = None
    if kind == "group":
        if policies := principals.group(call.backend, arn):
            return policies, NOTHING
    elif arn == principals.administrator(call).arn:
        principal = principals.administrator(call)
    elif kind == "role":
        principal = principals.role(call.backend, arn)
    else:
        principal = principals.user(call.backend, name)
    if principal is None or principal.entity != arn:
        refuse("NoSuchEntity", f"The {kind} with name {name} cannot be found.")
    return principal.policies, principal_keys(principal)


def _given(call: Call, parameter: str) -> tuple[Policy, ...]:
    """Policies in the request itself; AWS calls them by their place in it."""
    texts = call.parameter(parameter) or ()
    try:
        return tuple(parse(text, f"{parameter}.{n}", "none") for n, text in enumerate(texts, 1))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        refuse("InvalidInput", f"Invalid policy in {parameter}: {error}")


def _actions(call: Call) -> Sequence[str]:
    names: Sequence[str] = call.parameter("ActionNames") or ()
    for name in names:
        if not _ACTION.fullmatch(name):
            refuse("InvalidInput", f"Invalid Action Name: {name}")
    return names


def _resources(call: Call) -> Sequence[str]:
    arns: Sequence[str] = call.parameter("ResourceArns") or (EVERYTHING,)
    for arn in arns:
        if arn != EVERYTHING and not arn.startswith("arn:"):
            refuse("InvalidInput", f"ResourceNames are not in a valid ARN format: {arn}.")
    return arns


def _result(question: Question, policies: Policies) -> dict[str, Any]:
    decision = decide(question, policies)
    shared = {
        "EvalResourceName": question.resource,
        "MatchedStatements": [_statement(each) for each in decision.matched],
        "MissingContextValues": list(missing_keys(_all(policies), question.context)),
        **_boundary(decision),
    }
    result = {
        **shared,
        "EvalActionName": question.action,
        "EvalDecision": decision.verdict.value,
    }
    if question.resource != EVERYTHING:
        specific = {**shared, "EvalResourceDecision": decision.verdict.value}
        result["ResourceSpecificResults"] = [specific]
    return result


def _boundary(decision: Decision) -> dict[str, Any]:
    if decision.within_boundary is None:
        return {}
    detail = {"AllowedByPermissionsBoundary": decision.within_boundary}
    return {"PermissionsBoundaryDecisionDetail": detail}


def _statement(match: Match) -> dict[str, Any]:
    return {
        "SourcePolicyId": match.policy.name,
        "SourcePolicyType": match.policy.kind,
        "StartPosition": _position(match.statement.start),
        "EndPosition": _position(match.statement.end),
    }


def _position(place: Position) -> dict[str, int]:
    return {"Line": place.line, "Column": place.column}


def _all(policies: Policies) -> list[Policy]:
    return [policy for _, given in policies.by_source for policy in given]


def _page(call: Call, results: Sequence[dict[str, Any]]) -> ActionResult:
    """MaxItems results at most, and a Marker when there are more."""
    start = _opened(call.parameter("Marker") or FIRST_PAGE)
    end = start + int(call.parameter("MaxItems") or PAGE_SIZE)
    answer = {"EvaluationResults": results[start:end], "IsTruncated": end < len(results)}
    if end < len(results):
        answer["Marker"] = base64.urlsafe_b64encode(str(end).encode()).decode()
    return ActionResult(answer)


def _opened(marker: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(marker))
    except (binascii.Error, ValueError):
        refuse("InvalidInput", f"Invalid Marker: {marker}")


RULES: tuple[Rule, ...] = (simulate, needed_keys)
