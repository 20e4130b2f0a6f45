"""A finding in words: whose tag, what is wrong with it, what it should be, what puts it right.

Every format says the same with these; none of them escapes anything, which each format does itself.
"""

from __future__ import annotations

from umetrics.audit.tally import TagReport
from umetrics.audit.values import Finding, Problem, Standing, Subject, Unseen
from umetrics.render.phrase import counted

NOBODY = "(no Owner)"


def verdict(report: TagReport) -> str:
    """`Every tag is in place: 41 resources, 0 findings.`, or how much is wrong on how many.

    Where it would sound better than it is, it says what is missing, expired or not seen.
    """
    total = report.total
    resources, findings = counted(total.judged, "resource"), counted(total.findings, "finding")
    if not total.findings:
        text = f"{_good_opening(report)}: {resources}, {findings}"
    else:
        opening = "Enough tags are in place" if report.is_enough else "Tags are not in place"
        text = f"{opening}: {findings} on {total.failing} of {resources}, score {total.score} %"
        if report.fail_under is not None:
            text += f", enough is {report.fail_under:g} %"
    if report.missing_resources:
        text += f", {counted(len(report.missing_resources), 'resource')} missing"
    if report.expired and report.is_enough:
        text += f", {counted(len(report.expired), 'expired exception')}"
    if report.unseen and report.is_enough:
        text += f", {counted(len(report.unseen), 'gap')} not seen"
    return f"{text}."


def _good_opening(report: TagReport) -> str:
    if report.missing_resources or report.expired:
        return "Not everything is in order"
    if report.blind:
        return "Not allowed to look" if report.is_denied else "Not able to look"
    if not report.total.judged:
        return "Nothing was judged"
    return "Every tag that was seen is in place" if report.unseen else "Every tag is in place"


def whose(subject: Subject) -> str:
    """`vpc vpc-1 (vpc)`, `security-group sg-1 (implicit, with vpc)`, `s3-bucket logs`."""
    notes = []
    if subject.standing is Standing.IMPLICIT:
        notes.append(f"implicit, with {subject.key or subject.parent}")
    elif subject.key:
        notes.append(subject.key)
    return f"{subject.kind} {subject.id}" + "".join(f" ({each})" for each in notes)


def finding_text(finding: Finding) -> str:
    """Which resource, which tag, what is wrong with it, what it should be."""
    return f"{whose(finding.subject)}: {wrong_text(finding)}"


def wrong_text(finding: Finding) -> str:
    """The same without the resource."""
    tag = f"tag {finding.tag}"
    wanted = f"wanted {finding.expected or finding.allowed}"
    match finding.problem:
        case Problem.MISSING:
            return f"{tag} is missing, {wanted}"
        case Problem.EMPTY:
            return f"{tag} is empty, {wanted}"
        case Problem.WRONG_VALUE:
            return f"{tag} is {finding.actual}, {wanted}"
        case Problem.WRONG_CASE | Problem.MISSPELT:
            # In quotes, since a blank at the end may be all that is wrong.
            spelt = f'{tag} is spelt "{finding.found}"'
            is_right = finding.expected == finding.actual
            return spelt if is_right else f"{spelt}, its value is {finding.actual}, {wanted}"
        case Problem.FORBIDDEN:
            return f"{tag} is forbidden, its value is {finding.actual}"


def fix_text(finding: Finding) -> str:
    """What puts it right: `set Owner to team@example.org`, `rename "owner" to Owner`."""
    value = finding.expected or finding.allowed
    match finding.problem:
        case Problem.FORBIDDEN:
            return f"remove {finding.tag}"
        case Problem.WRONG_CASE | Problem.MISSPELT:
            renamed = f'rename "{finding.found}" to {finding.tag}'
            return renamed if value == finding.actual else f"{renamed} and set it to {value}"
        case _:
            return f"set {finding.tag} to {value}"


def unseen_text(unseen: Unseen) -> str:
    """`not seen: sqs-queue in 111122223333/us-east-1: AccessDenied`."""
    what = f"{unseen.kind} in {unseen.place}" if unseen.kind else str(unseen.place)
    return f"not seen: {what}: {unseen.reason}"
