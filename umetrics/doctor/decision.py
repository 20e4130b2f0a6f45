"""What IAM's simulator answers, as decisions. Pure.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html. It names keys that a
policy asks for and that were not given. Of those that our calls will not carry either, the answer
holds; of any other (`aws:SourceIp`), a refusal may not be one. That something is allowed is
believed all the same, since any other statement may ask for the key; the key is told.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from umetrics.deployer.need import EVERYTHING
from umetrics.doctor.carried import is_ours_to_know
from umetrics.doctor.question import Batch, Question

Answer = Mapping[str, Any]


class Decision(enum.StrEnum):
    """Whether it may be done, and what says no."""

    ALLOWED = "allowed"
    LACKING = "no policy allows it"
    FORBIDDEN = "a policy denies it explicitly"
    BOUNDED = "the permissions boundary does not allow it"
    ORGANISATION = "a service control policy does not allow it"
    UNDECIDABLE = "not decidable"

    @property
    def is_refusal(self) -> bool:
        """Whether the call would be refused."""
        return self not in {Decision.ALLOWED, Decision.UNDECIDABLE}

    @property
    def helped_by_statement(self) -> bool:
        """Whether one more statement in a policy of the caller's would do."""
        return self is Decision.LACKING


@dataclass(frozen=True, slots=True)
class Decided:
    """A question with its answer; `keys` are those on which it may depend and that nobody knows."""

    question: Question
    decision: Decision
    keys: tuple[str, ...] = ()


VERDICTS = {
    "allowed": Decision.ALLOWED,
    "explicitDeny": Decision.FORBIDDEN,
    "implicitDeny": Decision.LACKING,
}


def decided(batch: Batch, results: Iterable[Answer]) -> Iterator[Decided]:
    """Each question of a batch; one without an answer is not decidable."""
    known = dict(_by_pair(results))
    for question in batch.questions:
        told = known.get((question.action.casefold(), question.resource))
        if told is None:
            yield Decided(question, Decision.UNDECIDABLE)
        else:
            yield Decided(question, *_decision(*told, tags_known=question.tags_known))


def _by_pair(
    results: Iterable[Answer],
) -> Iterator[tuple[tuple[str, str], tuple[Answer, Answer, str]]]:
    """By action and resource; what is said of a resource beside the whole counts for it."""
    for result in results:
        action = str(result.get("EvalActionName")).casefold()
        whole = str(result.get("EvalResourceName") or EVERYTHING)
        yield (action, whole), (result, result, str(result.get("EvalDecision")))
        for each in result.get("ResourceSpecificResults") or ():
            verdict = str(each.get("EvalResourceDecision"))
            yield (action, str(each.get("EvalResourceName"))), (result, each, verdict)


def _decision(
    whole: Answer, part: Answer, verdict: str, *, tags_known: bool
) -> tuple[Decision, tuple[str, ...]]:
    unknown = tuple(
        key
        for key in part.get("MissingContextValues") or ()
        if not is_ours_to_know(key, tags_known=tags_known)
    )
    if verdict == "allowed":
        return Decision.ALLOWED, unknown
    if unknown:
        return Decision.UNDECIDABLE, unknown
    if verdict == "implicitDeny":
        if not whole.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True):
            return Decision.ORGANISATION, ()
        bounds = part.get("PermissionsBoundaryDecisionDetail") or whole.get(
            "PermissionsBoundaryDecisionDetail", {}
        )
        if not bounds.get("AllowedByPermissionsBoundary", True):
            return Decision.BOUNDED, ()
    return VERDICTS.get(verdict, Decision.UNDECIDABLE), ()
