"""IAM's simulator without IAM: the strict account's own decision on statements that tests give."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator

from tests.support.principals import document
from umetrics.deployer import Grant
from umetrics.doctor.decision import Decided, Decision
from umetrics.doctor.question import Question
from umetrics.sandbox.strict.authorization.context import Context
from umetrics.sandbox.strict.authorization.evaluation import Policies, decide
from umetrics.sandbox.strict.authorization.evaluation import Question as Asked
from umetrics.sandbox.strict.authorization.policy import parse


def answers(asked: Iterable[Question], grants: Iterable[Grant]) -> Iterator[Decided]:
    """What a principal with these statements is told.

    Nothing but the statements that have an action decides on it; so the same question is decided
    once for however many policies in which these are the same.
    """
    by_action: dict[str, list[str]] = {}
    for grant in grants:
        for action in grant.actions:
            bare = {**grant.statement, "Action": [action], "Sid": ""}
            by_action.setdefault(action, []).append(json.dumps(bare))
    for question in asked:
        allowed = _allowed(question, tuple(sorted(by_action.get(question.action, ()))))
        yield Decided(question, Decision.ALLOWED if allowed else Decision.LACKING)


@functools.lru_cache(maxsize=4096)
def _allowed(question: Question, statements: tuple[str, ...]) -> bool:
    policy = parse(document(*map(json.loads, statements)), "p", "user")
    context = Context(dict(question.carried.entries))
    asked = Asked(question.action, question.resource, context)
    return bool(statements) and decide(asked, Policies((policy,))).allowed
