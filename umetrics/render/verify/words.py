"""The sentences that every form of a verdict has in common."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from umetrics.render.phrase import counted
from umetrics.verify.attribution import Judged, Standing, Verdict
from umetrics.verify.catalogue import BY_NAME
from umetrics.verify.compare import Difference
from umetrics.verify.values import Gap

HEADINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.OURS: "disturbed by this tool",
        Standing.UNTOLD: "changed, and no record of our calls is left to tell by whom",
        Standing.OTHERS: "changed by others meanwhile",
        Standing.DOCUMENTED: "changed by us as documented",
    }
)

LONGEST_VALUE = 60
"""Characters of a value in text; JSON has it whole."""


def verdict_text(verdict: Verdict) -> str:
    """The result in one sentence, such as `61 existing resources untouched`."""
    return f"Partial: {_result(verdict)}" if verdict.gaps else _result(verdict)


def _result(verdict: Verdict) -> str:
    if verdict.is_blind:
        return "nothing that others have could be seen."
    if not verdict.compared:
        return "Nothing of others was there to be disturbed."
    existing = counted(verdict.compared, "existing resource")
    told = [
        f"{len(found)} {HEADINGS[standing]}"
        for standing in Standing
        if (found := verdict.of(standing))
    ]
    if not told:
        return f"{existing} untouched."
    return f"{verdict.untouched} of {existing} untouched; {', '.join(told)}."


def thing_text(judged: Judged) -> str:
    """`security group sg-1 changed`."""
    alteration = judged.alteration
    label = BY_NAME[alteration.thing.kind].kind.label
    return f"{label} {alteration.id} {alteration.manner}"


def cause_text(judged: Judged) -> str:
    """Which call of ours names it; empty where none does."""
    return f"named by our call {judged.call}" if judged.call else ""


def difference_text(difference: Difference) -> str:
    """`CidrBlock was "10.0.0.0/16", is "10.1.0.0/16"`, or what a list gained and lost."""
    before, after = difference.before, difference.after
    if before is None:
        return f"{difference.path} has, new: {_short(after)}"
    if after is None:
        return f"{difference.path} lacks: {_short(before)}"
    return f"{difference.path} was {_short(before)}, is {_short(after)}"


def gap_text(gap: Gap) -> str:
    """What was not seen, and why."""
    part = f", {gap.part}" if gap.part else ""
    return f"not seen: {BY_NAME[gap.kind].kind.label}{part}: {gap.reason}"


def unseen_text(gap: Gap) -> str:
    """In a word: `rds-proxy`, or a field of it."""
    return f"{gap.kind} ({gap.part})" if gap.part else gap.kind


def _short(value: str | None) -> str:
    text = value or "nothing"
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
