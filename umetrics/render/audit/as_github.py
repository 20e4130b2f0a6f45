"""A tag report as GitHub Actions reads it from a log: an error or warning for each line.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from umetrics.audit.tally import TagReport
from umetrics.render.audit.words import finding_text, fix_text, unseen_text, verdict, whose
from umetrics.render.line import visible


def github_text(report: TagReport) -> str:
    """The verdict, then one command a line; nothing in a tag can begin a line of its own."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: TagReport) -> Iterator[str]:
    yield verdict(report)
    for finding in report.findings:
        place = finding.subject.place
        message = f"{finding_text(finding)} ({place}); fix: {fix_text(finding)}"
        yield _command("error", f"{finding.problem} tag: {whose(finding.subject)}", message)
    for resource in report.missing_resources:
        yield _command("error", "missing resource", f"{resource} is wanted but not in AWS")
    for each in report.expired:
        message = f"the exception {each.pattern} ({each.owner}) expired on {each.expires}"
        yield _command("error", "expired exception", message)
    for unseen in report.unseen:
        yield _command("warning", "not seen", unseen_text(unseen))


def _command(name: str, title: str, message: str) -> str:
    title = _escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{name} title={title}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return visible(text).replace("%", "%25")
