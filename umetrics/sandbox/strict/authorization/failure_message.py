"""The encoded authorization failure message of EC2, which DecodeAuthorizationMessage decodes.

What is in it is what AWS's CLI reference shows for `sts decode-authorization-message`. On AWS only
AWS can read it; here it is merely packed.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import TypedDict

from umetrics.sandbox.strict.authorization.context import Context
from umetrics.sandbox.strict.authorization.evaluation import Decision, Match, Question, Verdict
from umetrics.sandbox.strict.authorization.principal import Principal


class Items(TypedDict):
    """How the message writes lists."""

    items: list[object]


def encoded(question: Question, decision: Decision, principal: Principal) -> str:
    """The message that tells why a request was refused."""
    said = json.dumps(_content(question, decision, principal), separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(said.encode(), 9)).decode().rstrip("=")


def decoded(message: str) -> str:
    """The JSON text in a message; `ValueError` when it is none of ours, or not whole."""
    try:
        packed = base64.b64decode(message + "=" * (-len(message) % 4), b"-_", validate=True)
        said = zlib.decompress(packed).decode()
    except (binascii.Error, zlib.error) as error:
        raise ValueError("not an encoded message") from error
    json.loads(said)
    return said


def _content(question: Question, decision: Decision, principal: Principal) -> dict[str, object]:
    who = {"id": principal.id, "arn": principal.arn}
    if principal.name is not None:
        who["name"] = principal.name
    return {
        "allowed": False,
        "explicitDeny": decision.verdict is Verdict.EXPLICIT_DENY,
        "matchedStatements": {"items": [_statement(each, principal) for each in decision.matched]},
        "failures": {"items": []},
        "context": {
            "principal": who,
            "action": question.action,
            "resource": question.resource,
            "conditions": _conditions(question.context),
        },
    }


def _statement(match: Match, principal: Principal) -> dict[str, object]:
    statement = match.statement
    return {
        "statementId": statement.sid,
        "effect": "DENY" if statement.denies else "ALLOW",
        "principals": _values((principal.id,)),
        "principalGroups": {"items": []},
        "actions": _values(statement.actions),
        "resources": _values(statement.resources),
        "conditions": {
            "items": [
                {"key": each.key, "values": _values(each.values)} for each in statement.conditions
            ]
        },
    }


def _conditions(context: Context) -> Items:
    return {"items": [{"key": key, "values": _values(values)} for key, values in context]}


def _values(texts: tuple[str, ...]) -> Items:
    return {"items": [{"value": text} for text in texts]}
