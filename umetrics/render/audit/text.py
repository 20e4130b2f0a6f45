"""A tag report for people: the result first, then what is wrong, then where it is wrong most.

A terminal gets 50 rows of each table, a pipe all of them, a line each and each line complete in
itself, written as they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from umetrics.audit.tally import Count, TagReport
from umetrics.render.audit.words import NOBODY, finding_text, fix_text, unseen_text, verdict
from umetrics.render.glyph import Glyph
from umetrics.render.line import Line, visible
from umetrics.render.phrase import counted, some_of
from umetrics.render.table import table_lines

MISSING_NAMED = 10


def report_lines(
    report: TagReport, *, repair: str = "", at_most: int | None = None
) -> Iterator[Line]:
    """All of it: with `at_most` rows for a terminal, without it for a pipe.

    `repair` is the command that would put it right.
    """
    yield Line(verdict(report), "good" if report.is_clean else "error")
    yield from _beside(report)
    yield from _findings(report, at_most)
    yield from _missing(report)
    yield from _unseen(report, at_most)
    if report.findings:
        yield from _counts("KIND", report.by_kind, at_most)
        yield from _counts("OWNER", report.by_owner, at_most)
        yield from _counts("PLACE", report.by_place, at_most)
        yield Line()
    if repair and (report.findings or report.missing_resources):
        yield Line(repair, "good", mark="fix:", verbatim=True)


def _beside(report: TagReport) -> Iterator[Line]:
    """What the verdict leaves out, and why."""
    if report.not_judged:
        yield Line(f"Not judged: {counted(report.not_judged, 'resource')} of AWS's own.", "quiet")
    if report.known:
        yield Line(
            f"Not counted: {counted(len(report.known), 'finding')} in the baseline.", "quiet"
        )
    if report.excepted:
        yield Line(f"Not counted: {counted(len(report.excepted), 'excepted finding')}.", "quiet")
    for each in report.expired:
        text = f"exception {each.pattern} expired on {each.expires} ({each.owner}: {each.reason})"
        yield Line(text, "conflict", mark=Glyph.CONFLICT)
    for remark in report.remarks:
        yield Line(remark, "quiet")


def _findings(report: TagReport, at_most: int | None) -> Iterator[Line]:
    several = len(report.by_place) > 1
    for finding in report.findings[:at_most]:
        text = finding_text(finding)
        if several:
            text = f"{finding.subject.place} {text}"
        if at_most is None:
            text = f"{text}; fix: {fix_text(finding)}"
        yield Line(text, "conflict", mark=Glyph.CONFLICT, verbatim=at_most is None)
    yield from _rest(len(report.findings), at_most, "more")


def _missing(report: TagReport) -> Iterator[Line]:
    named = (each.split(" ", 1) for each in report.missing_resources)
    for deployment, group in groupby(named, lambda pair: pair[0]):
        keys = some_of([key for _, key in group], MISSING_NAMED)
        text = f"wanted but not in AWS, of {deployment}: {keys}"
        yield Line(text, "conflict", mark=Glyph.CONFLICT)


def _unseen(report: TagReport, at_most: int | None) -> Iterator[Line]:
    for unseen in report.unseen[:at_most]:
        yield Line(unseen_text(unseen), "warning", mark="?", verbatim=at_most is None)
    yield from _rest(len(report.unseen), at_most, "not seen")


def _rest(count: int, at_most: int | None, words: str) -> Iterator[Line]:
    if at_most is not None and count > at_most:
        yield Line(f"and {count - at_most} {words}", "quiet")


def _counts(name: str, counts: Mapping[str, Count], at_most: int | None) -> Iterator[Line]:
    """A table, the worst first; none where it would only repeat the verdict.

    What others wrote comes last in a row: at its beginning it could pass for a line of ours.
    """
    if len(counts) > 1:
        worst_first = sorted(counts.items(), key=lambda item: (-item[1].failing, item[0]))
        rows = [
            (str(each.judged), str(each.failing), f"{each.score} %", visible(label) or NOBODY)
            for label, each in worst_first
        ]
        yield Line()
        table = table_lines(("JUDGED", "FAILING", "SCORE", name), rows, at_most=at_most)
        yield from (replace(line, verbatim=at_most is None) for line in table)
