"""A tag report as JUnit XML: a suite for each kind, a case for each resource that is not in order.

The resources that are in order are one case together: nothing was kept of them but their number.
Valid for the strict readers, too, which want attributes that mean nothing here (time, hostname):
https://github.com/windyroad/JUnit-Schema, https://github.com/jenkinsci/xunit-plugin (junit-10.xsd).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import groupby

from umetrics.audit.tally import TagReport
from umetrics.audit.values import Finding
from umetrics.render.audit.words import fix_text, unseen_text, whose, wrong_text
from umetrics.render.line import visible
from umetrics.render.phrase import counted


@dataclass(frozen=True, slots=True)
class Case:
    """One test case: failed where there is a `failure`, skipped where there is an `excuse`."""

    group: str
    name: str
    problem: str = ""
    failure: str = ""
    detail: str = ""
    excuse: str = ""


def junit_text(report: TagReport, at: datetime) -> str:
    """The whole file."""
    suites = {kind: list(_of_kind(kind, report)) for kind in report.by_kind}
    suites["not of one kind"] = list(_of_none(report))
    written = (
        _suite(number, name, cases, at)
        for number, (name, cases) in enumerate(
            (name, cases) for name, cases in suites.items() if cases
        )
    )
    heading = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{heading}\n<testsuites>\n{''.join(written)}</testsuites>\n"


def _of_kind(kind: str, report: TagReport) -> Iterator[Case]:
    of_kind = (finding for finding in report.findings if finding.subject.kind == kind)
    for _, group in groupby(of_kind, lambda each: (each.subject.place, each.subject.id)):
        findings = list(group)
        yield Case(
            kind,
            _named(findings[0]),
            ", ".join(dict.fromkeys(each.problem for each in findings)),
            "; ".join(map(wrong_text, findings)),
            "fix: " + "; ".join(map(fix_text, findings)),
        )
    count = report.by_kind[kind]
    if in_order := count.judged - count.failing:
        yield Case(kind, f"{counted(in_order, 'resource')} in order")
    for finding in report.known:
        if finding.subject.kind == kind:
            yield Case(kind, _named(finding), excuse=f"in the baseline: {wrong_text(finding)}")
    for each in report.excepted:
        if each.finding.subject.kind == kind:
            who = f"{each.exception.owner} until {each.exception.expires}"
            reason = f"excepted by {who}: {each.exception.reason}: {wrong_text(each.finding)}"
            yield Case(kind, _named(each.finding), excuse=reason)


def _of_none(report: TagReport) -> Iterator[Case]:
    for key in report.missing_resources:
        yield Case("resource", key, "missing", "wanted but not in AWS")
    for each in report.expired:
        text = f"expired on {each.expires}"
        yield Case("exception", each.pattern, "expired", text, f"{each.owner}: {each.reason}")
    for unseen in report.unseen:
        name = f"{unseen.kind or 'everything'} in {unseen.place}"
        yield Case("unseen", name, excuse=unseen_text(unseen))


def _named(finding: Finding) -> str:
    return f"{whose(finding.subject)} in {finding.subject.place}"


def _suite(number: int, name: str, cases: list[Case], at: datetime) -> str:
    counts = {
        "tests": len(cases),
        "failures": sum(bool(case.failure) for case in cases),
        "errors": 0,
        "skipped": sum(bool(case.excuse) for case in cases),
        "time": 0,
    }
    attributes: dict[str, str | int] = {
        "id": number,
        "package": "umetrics.tags",
        "name": name,
        "hostname": "localhost",
        "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        **counts,
    }
    content = "".join(map(_case, cases))
    return (
        f"  <testsuite{_attributes(attributes)}>\n    <properties/>\n{content}"
        "    <system-out/>\n    <system-err/>\n  </testsuite>\n"
    )


def _case(case: Case) -> str:
    opening: dict[str, str | int] = {
        "classname": f"umetrics.tags.{case.group}",
        "name": case.name,
        "time": 0,
    }
    content = ""
    if case.failure:
        attributes = _attributes({"type": case.problem, "message": case.failure})
        content = f"<failure{attributes}>{_xml(case.detail)}</failure>"
    elif case.excuse:
        content = f"<skipped{_attributes({'message': case.excuse})}/>"
    return f"    <testcase{_attributes(opening)}>{content}</testcase>\n"


def _attributes(values: Mapping[str, str | int]) -> str:
    return "".join(f' {name}="{_xml(str(value))}"' for name, value in values.items())


def _xml(text: str) -> str:
    """XML has no way at all to say most control characters: they are shown as escapes."""
    return escape(visible(text))
