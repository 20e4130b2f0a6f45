"""What came of trials, in words, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from umetrics.render.audit.as_markdown import section
from umetrics.render.document import Json
from umetrics.render.glyph import Glyph
from umetrics.render.line import Line, Style
from umetrics.verify.probe.values import Outcome, Trial, is_over

STYLES: Mapping[Outcome, Style] = MappingProxyType(
    {
        Outcome.DISTURBED: "error",
        Outcome.UNSEEN: "error",
        Outcome.FAILED: "error",
        Outcome.DENIED: "error",
        Outcome.UNKNOWN: "warning",
        Outcome.OK: "good",
    }
)
GLYPHS: Mapping[Outcome, Glyph] = MappingProxyType(
    {
        Outcome.DISTURBED: Glyph.CONFLICT,
        Outcome.UNSEEN: Glyph.CONFLICT,
        Outcome.FAILED: Glyph.DESTROY,
        Outcome.DENIED: Glyph.DESTROY,
        Outcome.UNKNOWN: Glyph.CONFLICT,
        Outcome.OK: Glyph.UNCHANGED,
    }
)


def trial_text(trial: Trial) -> str:
    """`invoke orders-api: ok: these credentials may call it`."""
    reason = f": {trial.reason}" if trial.reason else ""
    return f"{trial.what} {trial.about}: {trial.outcome}{reason}"


def trial_lines(trials: Sequence[Trial]) -> Iterator[Line]:
    """A line each, in the order in which they were made."""
    if trials:
        yield Line()
        yield Line(
            "Tried:" if is_over(trials) else "Tried, running nothing and changing nothing:",
            "strong",
        )
    for trial in trials:
        yield Line(trial_text(trial), STYLES[trial.outcome], mark=GLYPHS[trial.outcome])


def trials_json(trials: Sequence[Trial]) -> list[Json]:
    """All of them."""
    return [
        {
            "what": each.what,
            "about": each.about,
            "outcome": each.outcome.value,
            "reason": each.reason,
        }
        for each in trials
    ]


def trials_markdown(trials: Sequence[Trial]) -> str:
    """A table, if there were any."""
    rows = ((each.what, each.about, each.outcome.value, each.reason) for each in trials)
    lines = ["## Trials", *section(("What", "Of", "Outcome", "Reason"), rows)]
    return "\n" + "\n".join(lines) + "\n" if trials else ""
