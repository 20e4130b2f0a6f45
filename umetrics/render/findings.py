"""The verdict on tags: for a person, for a pipe, for a machine.

The verdict comes first. A terminal gets the first 50 findings, a pipe all of them, a line each and
each line complete in itself, written as they come. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from umetrics.render.document import JsonObject
from umetrics.render.glyph import Glyph
from umetrics.render.line import Line
from umetrics.render.phrase import counted, some_of

if TYPE_CHECKING:
    from umetrics.audit.tag_audit import Audit, Finding, Subject

MISSING_NAMED = 10


def findings_lines(audit: Audit, *, stage: str, at_most: int | None = None) -> Iterator[Line]:
    """The verdict, then the findings: with `at_most` for a terminal, without it for a pipe."""
    yield Line(verdict(audit), "good" if audit.is_clean else "error")
    unjudged = sum(not subject.judged for subject in audit.subjects)
    if unjudged:
        yield Line(f"Not judged: {counted(unjudged, 'resource')} of AWS's own.", "quiet")
    repair = fix(stage)
    for finding in audit.findings[:at_most]:
        text = finding_text(finding)
        if at_most is None:
            text = f"{text}; fix: {repair}"
        yield Line(text, "conflict", mark=Glyph.CONFLICT, verbatim=at_most is None)
    if at_most is not None and len(audit.findings) > at_most:
        yield Line(f"and {len(audit.findings) - at_most} more", "quiet")
    if audit.missing_resources:
        named = some_of(audit.missing_resources, MISSING_NAMED)
        yield Line(f"wanted but not in AWS: {named}", "conflict", mark=Glyph.CONFLICT)
    if audit.findings or audit.missing_resources:
        yield Line(repair, "good", mark="fix:")


def verdict(audit: Audit) -> str:
    """`Every tag is in place: 41 resources, 0 findings.`, or how much is wrong on how many."""
    judged = sum(subject.judged for subject in audit.subjects)
    resources, findings = counted(judged, "resource"), counted(len(audit.findings), "finding")
    absent = len(audit.missing_resources)
    if audit.findings:
        affected = len({finding.subject.id for finding in audit.findings})
        text = f"Tags are not in place: {findings} on {affected} of {resources}"
    else:
        text = f"Every tag is in place: {resources}, {findings}"
    return f"{text}, {counted(absent, 'resource')} missing." if absent else f"{text}."


def finding_text(finding: Finding) -> str:
    """Which resource, which tag, what is wrong with it, what it should be."""
    subject = finding.subject
    whose = f"{subject.kind} {subject.id}" + (f" ({subject.key})" if subject.key else "")
    match finding.problem:
        case "missing":
            wrong = "is missing"
        case "empty":
            wrong = "is empty"
        case _:
            wrong = f"is {finding.actual}"
    return f"{whose}: tag {finding.tag} {wrong}, wanted {finding.expected}"


def fix(stage: str) -> str:
    """The command that repairs every finding of a stage."""
    return f"umetrics up --stage {stage}"


def findings_json(audit: Audit, *, stage: str) -> JsonObject:
    """Everything that was looked at, and each finding with its fix."""
    return {
        "clean": audit.is_clean,
        "summary": {
            "judged": sum(subject.judged for subject in audit.subjects),
            "not_judged": sum(not subject.judged for subject in audit.subjects),
            "findings": len(audit.findings),
            "missing_resources": len(audit.missing_resources),
        },
        "resources": [_subject_json(subject) for subject in audit.subjects],
        "findings": [_finding_json(finding, stage) for finding in audit.findings],
        "missing_resources": list(audit.missing_resources),
    }


def _subject_json(subject: Subject) -> JsonObject:
    return {
        "key": subject.key,
        "kind": subject.kind,
        "id": subject.id,
        "implicit": subject.implicit,
        "judged": subject.judged,
        "tags": dict(subject.tags),
    }


def _finding_json(finding: Finding, stage: str) -> JsonObject:
    return {
        "key": finding.subject.key,
        "kind": finding.subject.kind,
        "id": finding.subject.id,
        "tag": finding.tag,
        "problem": finding.problem,
        "expected": finding.expected,
        "actual": finding.actual,
        "fix": fix(stage),
    }
