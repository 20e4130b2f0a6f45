"""How a run ended: counts and seconds, failures with their causes, what was not begun and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from umetrics.errors import AwsError, UmetricsError
from umetrics.provision.events import Done, Failed, Outcome, Skipped
from umetrics.provision.plan import Action
from umetrics.render.error import error_lines, place
from umetrics.render.glyph import FINISHED, STYLES, Glyph
from umetrics.render.line import Line
from umetrics.render.phrase import duration, some_of

MOST_FAILURES = 10
WRITING = (Action.CREATE, Action.UPDATE, Action.DELETE)
"""What is counted, in the order of a plan's summary."""


def summary_lines(outcomes: Sequence[Outcome], *, seconds: float) -> Iterator[Line]:
    """The result, then the first failure in full and the others shortly, then what was skipped."""
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    skipped = [outcome for outcome in outcomes if isinstance(outcome, Skipped)]
    yield _result(outcomes, failures, skipped, seconds)
    if failures or skipped:
        yield Line("Run the same command again to resume.")
    yield from _failure_lines(failures)
    yield from _skipped_lines(skipped)


def _result(
    outcomes: Sequence[Outcome], failures: list[Failed], skipped: list[Skipped], seconds: float
) -> Line:
    done = Counter(outcome.action for outcome in outcomes if isinstance(outcome, Done))
    counts = [f"{done[action]} {FINISHED[action]}" for action in WRITING]
    if not failures and not skipped:
        return Line(f"Done: {', '.join(counts)} in {duration(seconds)}.", "good")
    if failures:
        counts.append(f"{len(failures)} failed")
    if skipped:
        counts.append(f"{len(skipped)} skipped")
    word = "Failed" if failures else "Interrupted"
    return Line(f"{word}: {', '.join(counts)} in {duration(seconds)}.", "error")


def _failure_lines(failures: list[Failed]) -> Iterator[Line]:
    for number, failure in enumerate(failures[:MOST_FAILURES]):
        yield Line()
        yield Line(
            f"{failure.key} ({failure.label}) failed after {duration(failure.seconds)}",
            STYLES[Glyph.CONFLICT],
            mark=Glyph.CONFLICT,
        )
        yield from error_lines(failure.error) if number == 0 else _short(failure.error)
    if len(failures) > MOST_FAILURES:
        yield Line(f"and {len(failures) - MOST_FAILURES} more failed", "quiet")


def _short(error: UmetricsError) -> Iterator[Line]:
    where = place(error) if isinstance(error, AwsError) else ""
    text = f"{error.message} ({where})" if where else error.message
    yield Line(text, "error", mark=f"error[{error.code}]:")


def _skipped_lines(skipped: list[Skipped]) -> Iterator[Line]:
    if not skipped:
        return
    because = {outcome.key: outcome.because for outcome in skipped}
    by_cause: dict[str, list[str]] = defaultdict(list)
    for outcome in skipped:
        by_cause[_root(outcome.key, because)].append(outcome.key)
    yield Line()
    for cause, keys in by_cause.items():
        reason = f"because {cause} failed" if cause else "because the run was interrupted"
        yield Line(
            f"{len(keys)} skipped {reason}: {some_of(keys, MOST_FAILURES)}",
            mark=Glyph.CONFLICT,
            style=STYLES[Glyph.CONFLICT],
        )


def _root(key: str, because: dict[str, str]) -> str:
    """The step that failed: a skipped step may be to blame only because it was skipped itself."""
    cause = because[key]
    while cause in because:
        cause = because[cause]
    return cause
