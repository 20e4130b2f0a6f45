"""A tag report as SARIF 2.1.0, for code scanning: a rule for each problem, a result for a finding.

Known debt is `unchanged`, what is excepted is suppressed with its reason, and what could not be
seen is a notification of the run.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from umetrics import __version__
from umetrics.audit.baseline import Debt
from umetrics.audit.tally import TagReport
from umetrics.audit.values import Finding, Problem
from umetrics.render.audit.words import finding_text, fix_text, unseen_text
from umetrics.render.document import JsonObject, Run, dumps, moment
from umetrics.render.line import visible

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

RULES = {
    Problem.MISSING: "A required tag is missing",
    Problem.EMPTY: "A required tag is empty",
    Problem.WRONG_VALUE: "A tag has a value that is not allowed",
    Problem.WRONG_CASE: "A required tag is there in another case, or with blanks around it",
    Problem.MISSPELT: "A required tag is there, but misspelt",
    Problem.FORBIDDEN: "A tag is forbidden",
}


def sarif_text(report: TagReport, run: Run, at: datetime) -> str:
    """One log with one run."""
    results: list[JsonObject] = [
        *(_result(each, "new") for each in report.findings),
        *(_result(each, "unchanged") for each in report.known),
    ]
    for each in report.excepted:
        exception = each.exception
        reason = f"{exception.reason} ({exception.owner}, until {exception.expires})"
        suppression: JsonObject = {"kind": "external", "justification": visible(reason)}
        results.append({**_result(each.finding, "new"), "suppressions": [suppression]})
    log: JsonObject = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "automationDetails": {"id": f"umetrics/audit-tags/{report.scope}/"},
                "invocations": [_invocation(report, at)],
                "results": [*results],
                "properties": {"run_id": run.id, "score": report.total.score},
            }
        ],
    }
    return dumps(log)


def _driver() -> JsonObject:
    return {
        "name": "umetrics",
        "version": __version__,
        "rules": [
            {"id": _rule_id(problem), "shortDescription": {"text": text}}
            for problem, text in RULES.items()
        ],
    }


def _rule_id(problem: Problem) -> str:
    return f"tag-{problem.value.replace(' ', '-')}"


def _invocation(report: TagReport, at: datetime) -> JsonObject:
    return {
        "executionSuccessful": True,
        "endTimeUtc": moment(at),
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": visible(text)}}
            for level, text in _notifications(report)
        ],
    }


def _notifications(report: TagReport) -> Iterator[tuple[str, str]]:
    yield from (("warning", unseen_text(each)) for each in report.unseen)
    for missing in report.missing_resources:
        yield "error", f"{missing} is wanted but not in AWS"
    for each in report.expired:
        yield "error", f"the exception {each.pattern} ({each.owner}) expired on {each.expires}"
    yield from (("note", each) for each in report.remarks)


def _result(finding: Finding, state: str) -> JsonObject:
    text = f"{finding_text(finding)}; fix: {fix_text(finding)}"
    return {
        "ruleId": _rule_id(finding.problem),
        "ruleIndex": list(RULES).index(finding.problem),
        "level": "error",
        "baselineState": state,
        "message": {"text": visible(text)},
        "locations": [_location(finding)],
        "partialFingerprints": {"umetrics/v1": _fingerprint(finding)},
    }


def _location(finding: Finding) -> JsonObject:
    """A resource as a path: code scanning takes no result that lies in no file."""
    subject = finding.subject
    parts = ("aws", subject.place.account, subject.place.region, subject.kind, subject.id)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": "/".join(quote(part, safe="") for part in parts)},
            "region": {"startLine": 1},
        },
        "logicalLocations": [
            {
                "name": visible(subject.id),
                "fullyQualifiedName": visible(subject.arn or "/".join(parts)),
                "kind": "resource",
            }
        ],
    }


def _fingerprint(finding: Finding) -> str:
    """The same in every run, as long as it is the same debt."""
    return hashlib.sha256(repr(Debt.of(finding)).encode()).hexdigest()
