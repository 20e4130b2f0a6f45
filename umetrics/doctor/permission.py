"""What the answers come to: which actions are missing, and the one policy that grants them. Pure.

Answers of three sorts are put together, the surer one counts: what AWS itself refused or did in
this run is measured, what IAM's simulator says is simulated. Where neither says anything, it is
not decidable, and nothing is held against anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from umetrics.deployer import DeployerPolicy, Need, Place, granted
from umetrics.deployer.need import EVERYTHING, Guard, Task
from umetrics.doctor.decision import Decided, Decision
from umetrics.doctor.finding import NOT_ALLOWED, Certainty, Check, Finding, Status


@dataclass(frozen=True, slots=True)
class Refusal:
    """An action that may not be done: on what, by which sort of policy, and how one knows."""

    action: str
    resources: tuple[str, ...]
    decision: Decision
    certainty: Certainty = Certainty.SIMULATED


@dataclass(frozen=True, slots=True)
class Measured:
    """What AWS itself showed: actions that it did, or would have done, and that it refused."""

    allowed: frozenset[str] = frozenset()
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Permissions:
    """Of all `asked` actions: those refused, those not decided, those measured to be allowed.

    `keys` are those on which answers depend and that nobody knows; on `doubts` only a deny could
    depend that was not seen. Nothing fails for want of what is `dispensable`: it only lets one know
    more.
    `policy` is what to ask for, None where nothing is missing or no statement helps. `note` says
    why less is known than could be.
    """

    asked: tuple[str, ...]
    refusals: tuple[Refusal, ...] = ()
    undecided: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    measured: frozenset[str] = frozenset()
    dispensable: frozenset[str] = frozenset()
    policy: DeployerPolicy | None = None
    note: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The actions that may not be done, each once."""
        return tuple(sorted({each.action for each in self.refusals}))

    @property
    def forbidden(self) -> tuple[Refusal, ...]:
        """Those against which no statement of the caller's own helps."""
        return tuple(each for each in self.refusals if not each.decision.helped_by_statement)

    @property
    def open(self) -> tuple[str, ...]:
        """The undecided ones without which something would fail."""
        return tuple(each for each in self.undecided if each not in self.dispensable)

    @property
    def certainty(self) -> Certainty:
        """Of the answer as a whole: as sure as its least sure part."""
        if self.undecided:
            return Certainty.UNDECIDABLE
        measured = self.measured | {
            each.action for each in self.refusals if each.certainty is Certainty.MEASURED
        }
        return Certainty.MEASURED if set(self.asked) <= measured else Certainty.SIMULATED


def permissions(
    needs: Sequence[Need],
    answers: Iterable[Decided],
    place: Place,
    name: str,
    *,
    measured: Measured = Measured(),
    note: str = "",
) -> Permissions:
    """What the answers to all questions of `needs` come to; `name` is that of the policy."""
    given = [_corrected(each, measured) for each in answers if not _refuted(each, measured)]
    refused = [each for each in given if each.decision.is_refusal]
    seen = {each.question.action for each in refused}
    besides = tuple(each for each in measured.refused if each.action not in seen)
    open_ = [each for each in given if each.decision is Decision.UNDECIDABLE]
    doubts = {key for each in given if each.decision is Decision.ALLOWED for key in each.keys}
    unanswered = _actions(needs) - {each.question.action for each in given} - measured.allowed
    surely = {each.action for each in measured.refused}
    refusals = tuple(
        sorted((*_told(refused, surely), *besides), key=lambda each: (each.action, each.decision))
    )
    missing = {each.action for each in refusals}
    lacking = _lacking(
        needs, refused, {e.action for e in besides if e.decision.helped_by_statement}
    )
    grants = granted(lacking, place, among=needs) if lacking else ()
    return Permissions(
        tuple(sorted(_actions(needs))),
        refusals,
        tuple(sorted({e.question.action for e in open_} - missing | unanswered - missing)),
        tuple(sorted({key for each in open_ for key in each.keys})),
        tuple(sorted(doubts)),
        measured.allowed,
        frozenset(_actions(needs) - _actions(n for n in needs if n.task is not Task.CHECK)),
        DeployerPolicy(name, grants) if grants else None,
        note,
    )


def _actions(needs: Iterable[Need]) -> set[str]:
    return {action for need in needs for action in need.actions}


def _refuted(answer: Decided, measured: Measured) -> bool:
    """Whether AWS did, or would have done, what the simulator would not say.

    A read shows it for `*` alone, a dry run for whatever the create makes.
    """
    question = answer.question
    wholly = question.resource == EVERYTHING or question.need.guard is Guard.BORN
    did = question.action in measured.allowed
    return wholly and did and answer.decision is not Decision.ALLOWED


def _corrected(answer: Decided, measured: Measured) -> Decided:
    """What AWS itself named as the reason counts more than what the simulator takes for it."""
    for each in measured.refused:
        if each.action == answer.question.action and not each.decision.helped_by_statement:
            return replace(answer, decision=each.decision) if answer.decision.is_refusal else answer
    return answer


def _told(refused: Iterable[Decided], surely: Collection[str]) -> tuple[Refusal, ...]:
    """One for each action and sort of policy, with all resources; `surely` are those measured."""
    by_action: dict[tuple[str, Decision], dict[str, None]] = {}
    for each in refused:
        key = each.question.action, each.decision
        by_action.setdefault(key, {})[each.question.resource] = None
    return tuple(
        Refusal(
            action,
            tuple(resources),
            decision,
            Certainty.MEASURED if action in surely else Certainty.SIMULATED,
        )
        for (action, decision), resources in sorted(by_action.items())
    )


def _lacking(
    needs: Iterable[Need], refused: Iterable[Decided], measured: Collection[str]
) -> tuple[Need, ...]:
    """The needs with only those of their actions and resources that a statement would grant."""
    wanted: dict[int, dict[str, None]] = {}
    by_id: Mapping[int, Need] = {id(need): need for need in needs}
    for each in refused:
        if each.decision.helped_by_statement:
            wanted.setdefault(id(each.question.need), {})[each.question.action] = None
    for key, need in by_id.items():
        for action in need.actions:
            if action in measured:
                wanted.setdefault(key, {})[action] = None
    return tuple(
        replace(need, actions=tuple(wanted[key])) for key, need in by_id.items() if key in wanted
    )


def permission_finding(found: Permissions) -> Finding:
    """The result in one sentence."""
    if not found.missing and not found.undecided:
        text = f"all {len(found.asked)} actions are allowed"
        if sure := found.measured.intersection(found.asked):
            text = f"{text}, {len(sure)} of them measured"
        if found.doubts:
            text = f"{text}; a deny by {', '.join(found.doubts)} would only be met in the run"
        return Finding(Check.PERMISSIONS, Status.OK, text, found.certainty)
    if not found.missing:
        return Finding(Check.PERMISSIONS, Status.UNKNOWN, _undecided(found), Certainty.UNDECIDABLE)
    hint = "ask for the policy below, then run the same command again"
    if found.policy is None:
        hint = "no statement helps against these: ask whoever looks after that policy"
    text = f"{len(found.missing)} of {len(found.asked)} actions are not allowed"
    if not found.dispensable.issuperset(found.missing):
        text = f"{text}; {_undecided(found)}" if found.undecided else text
        return Finding(Check.PERMISSIONS, Status.PROBLEM, text, _surest(found), hint, NOT_ALLOWED)
    text = f"{text}; everything works without them, and less is known beforehand"
    if not found.undecided:
        return Finding(Check.PERMISSIONS, Status.ADVICE, text, _surest(found), hint)
    text = f"{_undecided(found)}; {text}"
    return Finding(Check.PERMISSIONS, Status.UNKNOWN, text, Certainty.UNDECIDABLE, hint)


def _surest(found: Permissions) -> Certainty:
    """As sure as the least sure of the refusals."""
    return max((each.certainty for each in found.refusals), key=list(Certainty).index)


def _undecided(found: Permissions) -> str:
    """How many could not be judged, and why."""
    count, open_ = len(found.asked), len(found.undecided)
    text = f"{open_} of {count} actions could not be judged"
    if open_ == count:
        text = f"none of {count} actions could be judged"
    elif not found.missing:
        text = f"{text}, the others are allowed"
    if found.keys:
        text = f"{text}: policies ask for {', '.join(found.keys)}, which only a real call carries"
    return f"{text}: {found.note}" if found.note else text
