"""A verdict as Markdown, for a pull request or a change record.

What others wrote stands in code spans, where it is neither markup nor a mention of anybody.
"""

from __future__ import annotations

from umetrics.audit.history import History
from umetrics.render.audit.as_markdown import section
from umetrics.render.verify.text import author_text
from umetrics.render.verify.words import (
    HEADINGS,
    cause_text,
    difference_text,
    gap_text,
    thing_text,
    verdict_text,
)
from umetrics.verify.attribution import Judged, Verdict


def verdict_markdown(verdict: Verdict, history: History) -> str:
    """A heading, the verdict, and a table of what is not as it was."""
    lines = [
        "## Existing resources",
        "",
        f"{_mark(verdict)} Since {verdict.since}: {verdict_text(verdict)}",
        *section(
            ("Resource", "Verdict", "What", "Who"),
            (_row(each, history) for each in verdict.judged),
        ),
        *section(("Not seen",), ((gap_text(gap),) for gap in verdict.gaps)),
    ]
    return "\n".join(lines) + "\n"


def _mark(verdict: Verdict) -> str:
    if verdict.exit_code:
        return "❌"
    return "⚠️" if verdict.gaps else "✅"


def _row(judged: Judged, history: History) -> tuple[str, ...]:
    what = "; ".join(difference_text(each) for each in judged.alteration.differences)
    return thing_text(judged), HEADINGS[judged.standing], what, _who(judged, history)


def _who(judged: Judged, history: History) -> str:
    change = history.changes.get(judged.alteration.key)
    return author_text(change) if change else cause_text(judged)
