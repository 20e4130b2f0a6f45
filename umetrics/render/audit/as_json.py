"""A tag report for programs: one document, or a line for each finding and each gap, then the sums.

All values stand as they are in AWS; JSON's escapes keep them from being obeyed by a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from umetrics.audit.tag_policy import TagException
from umetrics.audit.tally import Count, TagReport
from umetrics.audit.values import Finding, Unseen
from umetrics.render.audit.words import fix_text
from umetrics.render.document import JsonObject, Run, document, dumps, event_envelope

KIND = "findings"


def json_text(report: TagReport, run: Run, at: datetime, repair: str) -> str:
    """One document, indented."""
    body = {**sums_json(report, repair), **{name: list(rows) for name, rows in _lists(report)}}
    return dumps(document(KIND, body, run, at=at))


def jsonl_text(report: TagReport, run: Run, at: datetime, repair: str) -> str:
    """A line for each entry of each list of the document, and the document without them at last."""
    opening = event_envelope(run, at=at)
    lines: list[Mapping[str, object]] = [
        {**opening, "event": name, **row} for name, rows in _lists(report) for row in rows
    ]
    lines.append(document(KIND, sums_json(report, repair), run, at=at))
    return "".join(json.dumps(line) + "\n" for line in lines)


def _lists(report: TagReport) -> Iterator[tuple[str, Iterator[JsonObject]]]:
    yield "findings", map(finding_json, report.findings)
    yield "known", map(finding_json, report.known)
    yield (
        "excepted",
        (
            {**finding_json(each.finding), "exception": exception_json(each.exception)}
            for each in report.excepted
        ),
    )
    yield "expired", map(exception_json, report.expired)
    yield "unseen", map(_unseen_json, report.unseen)


def sums_json(report: TagReport, repair: str) -> JsonObject:
    """The verdict and everything counted."""
    return {
        "clean": report.is_clean,
        "scope": report.scope.value,
        "fail_under": report.fail_under,
        "repair": repair,
        "summary": {
            **count_json(report.total),
            "implicit": report.implicit,
            "not_judged": report.not_judged,
            "known": len(report.known),
            "excepted": len(report.excepted),
            "expired": len(report.expired),
            "unseen": len(report.unseen),
            "missing_resources": len(report.missing_resources),
        },
        "by_kind": _counts_json(report.by_kind),
        "by_owner": _counts_json(report.by_owner),
        "by_place": _counts_json(report.by_place),
        "missing_resources": list(report.missing_resources),
        "remarks": list(report.remarks),
    }


def count_json(count: Count) -> JsonObject:
    """One row of counts; the score in percent, none where nothing was judged."""
    return {
        "judged": count.judged,
        "failing": count.failing,
        "findings": count.findings,
        "score": count.score,
    }


def _counts_json(counts: Mapping[str, Count]) -> JsonObject:
    return {name: count_json(count) for name, count in counts.items()}


def finding_json(finding: Finding) -> JsonObject:
    """One finding, flat: what it is on, what is wrong, what puts it right."""
    subject = finding.subject
    return {
        "account": subject.place.account,
        "region": subject.place.region,
        "kind": subject.kind,
        "id": subject.id,
        "arn": subject.arn,
        "deployment": subject.deployment,
        "key": subject.key,
        "standing": subject.standing.value,
        "parent": subject.parent,
        "tag": finding.tag,
        "problem": finding.problem.value,
        "expected": finding.expected,
        "allowed": finding.allowed,
        "actual": finding.actual,
        "found": finding.found,
        "fix": fix_text(finding),
    }


def exception_json(exception: TagException) -> JsonObject:
    """An exception as the configuration has it."""
    return {
        "pattern": exception.pattern,
        "reason": exception.reason,
        "owner": exception.owner,
        "expires": exception.expires.isoformat(),
        "tags": list(exception.tags),
    }


def _unseen_json(unseen: Unseen) -> JsonObject:
    return {
        "account": unseen.place.account,
        "region": unseen.place.region,
        "kind": unseen.kind,
        "reason": unseen.reason,
    }
