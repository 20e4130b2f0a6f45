"""Part of a plan: what somebody pointed at, and what that cannot do without. Pure.

A pattern is a key (`nat-gateway`), a glob on keys (`subnet/*`) or what people call a kind (`role`,
`security group`). Nothing is decided anew: the steps that stay are those of the whole plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

from umetrics.errors import UsageError, listed
from umetrics.provision.diff import compare
from umetrics.provision.model import Resource, Yielding
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.references import mentions

Steps = Mapping[str, Step]


@dataclass(frozen=True, slots=True)
class Selection:
    """Patterns of what is wanted (everything, where there are none), and of what is not."""

    targets: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing was chosen and nothing left out."""
        return not self.targets and not self.excluded


@dataclass(frozen=True, slots=True)
class Wish:
    """How a plan is asked for.

    `prune` also deletes what is ours but no longer wanted, `prune_rules` removes the rules that
    others put on our security groups.
    """

    prune: bool = False
    prune_rules: bool = False
    selection: Selection = field(default_factory=Selection)


def select(plan: Plan, selection: Selection) -> Plan:
    """The steps that `selection` means, with all that they need and that is yet to be done.

    Raises `UsageError` for a pattern that matches nothing, and when what stays needs what is
    excluded.
    """
    if selection.is_everything or not plan.steps:
        return plan
    _refuse_idle_patterns(plan, selection)
    steps = {step.key: step for step in plan.steps}
    excluded = {key for key, step in steps.items() if _is_meant(step, selection.excluded)}
    targets = selection.targets or ("*",)
    chosen = [key for key, step in steps.items() if _is_meant(step, targets)]
    kept = _with_needs([key for key in chosen if key not in excluded], steps)
    _refuse_gaps(kept, excluded, steps)
    part = [replace(step, requires=step.requires & kept) for step in plan.steps if step.key in kept]
    going = frozenset(step.id for step in part if step.action is Action.DELETE)
    return replace(
        plan,
        steps=tuple(step if step.key in chosen else _letting_go(step, going) for step in part),
        orphans=tuple(
            orphan
            for orphan in plan.orphans
            if _fits(orphan.key, targets) and not _fits(orphan.key, selection.excluded)
        ),
    )


def _is_meant(step: Step, patterns: Iterable[str]) -> bool:
    return _fits(step.key, patterns) or any(
        pattern.lower() == step.kind.label.lower() for pattern in patterns
    )


def _fits(key: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)


def _refuse_idle_patterns(plan: Plan, selection: Selection) -> None:
    patterns = (*selection.targets, *selection.excluded)
    orphans = {orphan.key for orphan in plan.orphans}
    idle = [
        each
        for each in patterns
        if not any(_is_meant(step, (each,)) for step in plan.steps)
        and not any(_fits(orphan, (each,)) for orphan in orphans)
    ]
    if not idle:
        return
    names = {step.key for step in plan.steps} | {step.kind.label for step in plan.steps}
    known = sorted(names | orphans)
    close = [match for each in idle for match in get_close_matches(each, known, n=1)]
    meant = " or ".join(dict.fromkeys(close)) if close else f"one of: {', '.join(known)}"
    raise UsageError(
        f"nothing in this plan is called {', '.join(map(repr, idle))}",
        hint=f"name a key, a glob such as 'subnet/*', or a kind; did you mean {meant}?",
    )


def _with_needs(chosen: Iterable[str], steps: Steps) -> frozenset[str]:
    """The keys, and all that must happen first; what is there already needs nothing more."""
    kept: set[str] = set()
    pending = list(chosen)
    while pending:
        key = pending.pop()
        if key not in kept:
            kept.add(key)
            pending += _needs(steps[key], steps)
    return frozenset(kept)


def _needs(step: Step, steps: Steps) -> frozenset[str]:
    """What a step cannot do without, which is less than what it waits for in the whole plan.

    A delete waits for all changes, but needs only those of what goes as well, of what still names
    its id, and of its own kind: that may be its successor.
    """
    if step.action is Action.NONE:
        return frozenset()
    if step.action is not Action.DELETE or step.found is None:
        return step.requires
    ids = {found.id for found in (step.found, *step.dying)}
    return frozenset(
        key
        for key in step.requires
        if (other := steps[key]).action is Action.DELETE
        or other.kind == step.kind
        or (other.found is not None and ids & mentions(other.found.spec))
    )


def _letting_go(step: Step, going: frozenset[str]) -> Step:
    """A delete that nobody chose: where it can stay, it only lets go of the ids that go."""
    found = step.found
    if step.action is not Action.DELETE or found is None or not isinstance(found.spec, Yielding):
        return step
    specs = found.spec.letting_go(going)
    if specs is None:
        return step
    found, desired = replace(found, spec=specs[0]), Resource(step.key, specs[1], found.tags)
    difference = compare(desired, found)
    return replace(step, action=Action.UPDATE, desired=desired, found=found, difference=difference)


def _refuse_gaps(kept: Iterable[str], excluded: Iterable[str], steps: Steps) -> None:
    acting = {key for key in excluded if steps[key].action is not Action.NONE}
    gaps = [
        f"{key} ({steps[key].action}) needs {need} ({steps[need].action})"
        for key in sorted(set(kept) - acting)
        for need in sorted(_needs(steps[key], steps) & acting)
    ]
    if gaps:
        raise UsageError(
            f"what stays of the plan needs what is excluded:{listed(gaps)}",
            hint="exclude the former as well, or leave the latter in",
        )
