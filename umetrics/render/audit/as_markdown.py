"""A tag report as Markdown, for a pull request or a job summary (GitHub's dialect).

What others wrote stands in code spans, where it is neither markup nor a mention of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from umetrics.audit.tally import Count, TagReport
from umetrics.render.audit.words import NOBODY, fix_text, unseen_text, verdict, whose, wrong_text
from umetrics.render.line import visible
from umetrics.render.phrase import counted


def markdown_text(report: TagReport) -> str:
    """A heading, the verdict, and tables of what there is."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: TagReport) -> Iterator[str]:
    yield "## Tags"
    yield ""
    yield f"{'✅' if report.is_clean else '❌'} {verdict(report)}"
    yield from section(
        ("Resource", "Place", "Finding", "Fix"),
        (
            (whose(each.subject), str(each.subject.place), wrong_text(each), fix_text(each))
            for each in report.findings
        ),
    )
    for name, counts in (
        ("Kind", report.by_kind),
        ("Owner", report.by_owner),
        ("Place", report.by_place),
    ):
        yield from section((name, "Judged", "Failing", "Score"), _counts(counts))
    yield from section(("Wanted but not in AWS",), ((each,) for each in report.missing_resources))
    yield from section(
        ("Expired exception", "Expired on", "Owner", "Reason"),
        ((e.pattern, e.expires.isoformat(), e.owner, e.reason) for e in report.expired),
    )
    yield from section(("Not seen",), ((unseen_text(each),) for each in report.unseen))
    yield from section(("Remark",), ((each,) for each in report.remarks))
    beside = {
        counted(len(report.known), "finding") + " in the baseline": report.known,
        counted(len(report.excepted), "excepted finding"): report.excepted,
        counted(report.not_judged, "resource") + " of AWS's own": report.not_judged,
    }
    if told := [words for words, count in beside.items() if count]:
        yield from ("", f"Not counted: {', '.join(told)}.")


def _counts(counts: Mapping[str, Count]) -> Iterator[tuple[str, ...]]:
    for name, each in counts.items() if len(counts) > 1 else ():
        yield name or NOBODY, str(each.judged), str(each.failing), f"{each.score} %"


def section(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table, if it has rows."""
    texts = [f"| {' | '.join(map(code, row))} |" for row in rows]
    if texts:
        yield from ("", f"| {' | '.join(header)} |", f"|{'---|' * len(header)}", *texts)


def code(text: str) -> str:
    """The text as a code span in a table: fenced by more backticks than it holds, bars escaped."""
    shown = visible(text).replace("|", r"\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    padding = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{padding}{shown}{padding}{fence}" if shown else ""
