"""IAM's decision: an explicit deny, else an allow by all that must allow, else an implicit deny.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, within
one account and without service control policies, resource policies and VPC endpoint policies.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from umetrics.sandbox.strict.authorization.context import Context
from umetrics.sandbox.strict.authorization.policy import Policy, Statement


class Verdict(Enum):
    """In the words of the policy simulator."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class Source(Enum):
    """The types of policy that decide, as AWS's messages call them."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"


@dataclass(frozen=True, slots=True)
class Question:
    """May this be done to that, by a request of which so much is known?"""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True, slots=True)
class Policies:
    """What speaks about a principal: grants by any of `identity`, within every limit there is."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: Policy | None = None

    @property
    def by_source(self) -> tuple[tuple[Source, tuple[Policy, ...]], ...]:
        """All there are; each of these must allow."""
        limits = ((Source.BOUNDARY, self.boundary), (Source.SESSION, self.session))
        return (
            (Source.IDENTITY, self.identity),
            *((source, (policy,)) for source, policy in limits if policy is not None),
        )


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that decides, and the policy in which it stands."""

    policy: Policy
    statement: Statement


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, the statements that it rests on, and which policies said no.

    `refused_by` is None when allowed; `within_boundary` is None when there is no boundary.
    """

    verdict: Verdict
    matched: tuple[Match, ...] = ()
    refused_by: Source | None = None
    within_boundary: bool | None = None

    @property
    def allowed(self) -> bool:
        """Whether it may be done."""
        return self.verdict is Verdict.ALLOWED


def decide(question: Question, policies: Policies) -> Decision:
    """What IAM answers to one question."""
    speaking = {
        source: [match for policy in given for match in _speaking(question, policy)]
        for source, given in policies.by_source
    }
    boundary = speaking.get(Source.BOUNDARY)
    within = None if boundary is None else _permit(boundary)
    for source, matches in speaking.items():
        if denials := tuple(match for match in matches if match.statement.denies):
            return Decision(Verdict.EXPLICIT_DENY, denials, source, within)
    for source, matches in speaking.items():
        if not matches:
            granted = tuple(speaking[Source.IDENTITY])
            return Decision(Verdict.IMPLICIT_DENY, granted, source, within)
    return Decision(Verdict.ALLOWED, tuple(speaking[Source.IDENTITY]), None, within)


def missing_keys(policies: Iterable[Policy], context: Context) -> tuple[str, ...]:
    """The keys that any statement refers to and the request lacks, whatever action is asked for.

    That the action does not narrow them is AWS's way: boto/boto3#3111.
    """
    return tuple(key for key in context_keys(policies) if key not in context)


def context_keys(policies: Iterable[Policy]) -> tuple[str, ...]:
    """Every key that the policies refer to, once and in order."""
    keys = (key for policy in policies for each in policy.statements for key in each.context_keys())
    return tuple(dict.fromkeys(keys))


def _speaking(question: Question, policy: Policy) -> list[Match]:
    return [
        Match(policy, each)
        for each in policy.statements
        if each.applies(question.action, question.resource, question.context)
    ]


def _permit(matches: Sequence[Match]) -> bool:
    return bool(matches) and not any(match.statement.denies for match in matches)
