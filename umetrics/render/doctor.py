"""What `doctor` found, in words and as JSON: the result, each check, and what to ask for.

What others wrote (names of VPCs, messages of AWS) is text, and shown as such.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from umetrics.doctor import Certainty, Check, Finding, Permissions, Report, Status
from umetrics.provision.policy_document import LONGEST_MANAGED
from umetrics.render.document import JsonObject
from umetrics.render.line import Line, Style
from umetrics.render.phrase import counted, some_of

INDENT = 2

MARKS: Mapping[Status, str] = MappingProxyType(
    {Status.OK: "=", Status.PROBLEM: "!", Status.ADVICE: "~", Status.UNKNOWN: "?"}
)
STYLES: Mapping[Status, Style] = MappingProxyType(
    {
        Status.OK: "good",
        Status.PROBLEM: "error",
        Status.ADVICE: "warning",
        Status.UNKNOWN: "quiet",
    }
)


def doctor_lines(report: Report) -> Iterator[Line]:
    """All of it, but for the policy to ask for."""
    yield Line(summary(report), "error" if report.problems else "good")
    alarms = [each for each in report.findings if each.alarm]
    for alarm in alarms:
        yield from _lines(alarm)
    for check in Check:
        for finding in report.of(check):
            if not finding.alarm:
                yield from _lines(finding)
        if check is Check.PERMISSIONS and report.permissions is not None:
            yield from _permission_lines(report.permissions)
    yield Line(
        "Measured: AWS was asked that very thing. Simulated: IAM's simulator says so, which does "
        f"not know every policy.{'' if alarms else ' Nothing was changed.'}",
        "quiet",
    )
    if report.permissions is not None and report.permissions.policy is not None:
        policy = report.permissions.policy
        yield Line("Ask for this policy, beside those that you have:", "strong")
        if policy.length > LONGEST_MANAGED:
            text = (
                f"It is longer than the {LONGEST_MANAGED:,} characters that IAM takes at once: "
                f"`umetrics policy --mode {report.mode}` prints all that is needed, split."
            )
            yield Line(text, "warning")


def summary(report: Report) -> str:
    """Whether it can be applied, as far as that is known; and how much could not be told."""
    unknown = sum(each.status is Status.UNKNOWN for each in report.findings)
    partial = f" {counted(unknown, 'check')} could not be made." if unknown else ""
    whether = "be applied" if report.mode in {"apply", "all"} else f"be used for {report.mode}"
    found = report.permissions
    if not report.problems and found is not None and found.open:
        count = f"{len(found.open)} of {counted(len(found.asked), 'permission')}"
        return (
            f"Nothing found that keeps this from working, but {count} could not be judged: "
            f"whether it can {whether} is not known.{partial}"
        )
    if not report.problems:
        return f"Nothing found that keeps this from working: it can {whether}.{partial}"
    return f"{counted(len(report.problems), 'problem')}: it cannot {whether} like this.{partial}"


def _lines(finding: Finding) -> Iterator[Line]:
    sure = "" if finding.certainty is Certainty.MEASURED else f" ({finding.certainty})"
    text = f"{finding.check}: {finding.text}{sure}"
    yield Line(text, STYLES[finding.status], mark=MARKS[finding.status])
    if finding.hint:
        yield Line(finding.hint, "good", mark="hint:", indent=INDENT)


def _permission_lines(found: Permissions) -> Iterator[Line]:
    """Every action that is missing, and those that nobody can judge."""
    for refusal in found.refusals:
        on = f" on {some_of(refusal.resources)}" if refusal.resources else ""
        text = f"{refusal.action}{on}: {refusal.decision} ({refusal.certainty})"
        yield Line(text, mark="-", indent=INDENT)
    if found.undecided and (found.open or len(found.undecided) < len(found.asked)):
        because = f" ({found.note})" if found.note else ""
        text = f"not decidable{because}: {', '.join(found.undecided)}"
        yield Line(text, "quiet", indent=INDENT)


def policy_text(report: Report) -> str:
    """The policy to ask for, and nothing else; empty where there is none."""
    found = report.permissions
    return f"{found.policy.text}\n" if found and found.policy else ""


def doctor_json(report: Report) -> JsonObject:
    """Everything that `doctor_lines` says, and the policy."""
    return {
        "mode": report.mode,
        "clean": not report.problems,
        "partial": report.is_partial,
        "exit_code": report.exit_code,
        "findings": [
            {
                "check": each.check.value,
                "status": each.status.value,
                "certainty": each.certainty.value,
                "text": each.text,
                "hint": each.hint,
                "alarm": each.alarm,
            }
            for each in report.findings
        ],
        "permissions": _permissions_json(report.permissions) if report.permissions else None,
    }


def _permissions_json(found: Permissions) -> JsonObject:
    return {
        "asked": list(found.asked),
        "missing": [
            {
                "action": each.action,
                "resources": list(each.resources),
                "denied_by": each.decision.value,
                "certainty": each.certainty.value,
            }
            for each in found.refusals
        ],
        "measured": sorted(set(found.asked) & found.measured),
        "undecided": list(found.undecided),
        "undecided_for": list(found.keys),
        "unless_denied_by": list(found.doubts),
        "note": found.note,
        "policy": json.loads(found.policy.text) if found.policy else None,
    }
