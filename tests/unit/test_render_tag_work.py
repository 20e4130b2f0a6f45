"""How repairs of tags and cost allocation keys are told: at 80 columns, and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from umetrics.audit.cost_tags.activation import Report
from umetrics.audit.cost_tags.state import KEYS, KeyState, Status
from umetrics.audit.repair.change import Change, Ending, Outcome
from umetrics.audit.repair.plan import LeftOut, Reason, RepairPlan
from umetrics.audit.values import Finding, Place, Problem, Subject
from umetrics.errors import AccessDenied
from umetrics.render.cost_tags import cost_tags_json, cost_tags_lines
from umetrics.render.line import Look, compose
from umetrics.render.repair import (
    change_json,
    ending_lines,
    endings_json,
    repair_json,
    repair_lines,
)

HERE = Place("123456789012", "us-east-1")
LOOK = Look()


def change(number: int, *, is_ours: bool = True, value: str = "a@b.example") -> Change:
    tags, after = {"Onwer": value}, {"Owner": value, "Onwer": None}
    return Change("subnet", f"subnet-{number}", "", HERE, tags, after, is_ours=is_ours)


def left_out() -> LeftOut:
    subject = Subject("s3-bucket", "logs", "arn:aws:s3:::logs", {}, HERE)
    return LeftOut(Finding(subject, "Owner", Problem.MISSING), Reason.NO_VALUE)


def test_changes_that_are_alike_are_one_line_with_their_number() -> None:
    plan = RepairPlan((*map(change, range(4)), change(9, is_ours=False)), (left_out(),))
    assert compose(repair_lines(plan), LOOK) == (
        "~ set Owner to a@b.example, remove Onwer: 5 resources\n"
        "  subnet subnet-0, subnet subnet-1, subnet subnet-2 and 2 more\n"
        "= left out, no right value is known: 1 finding: Owner of s3-bucket logs\n"
        "5 resources to change, 1 of them not ours; 1 finding left out.\n"
    )


def test_what_another_stage_of_ours_has_is_called_by_that_and_not_foreign() -> None:
    of_prod = replace(change(1, is_ours=False), deployment="UserMetrics/prod")
    shown = compose(repair_lines(RepairPlan((of_prod,), ())), LOOK)
    assert "subnet subnet-1 (of UserMetrics/prod)\n" in shown
    assert shown.endswith("1 resource to change, 1 of them another stage's.\n")
    both = RepairPlan((of_prod, change(2, is_ours=False)), ())
    shown = compose(repair_lines(both), LOOK)
    assert "2 of them not ours or another stage's" in shown
    told = [(each["ours"], each["to_be_counted"]) for each in map(change_json, both.changes)]
    assert told == [(True, True), (False, True)]


def test_what_a_tag_holds_is_shown_and_obeyed_by_nothing() -> None:
    plan = RepairPlan((change(1, value="[red]=1+1\x1b[31m"),), ())
    assert "set Owner to [red]=1+1\\x1b[31m, remove" in compose(repair_lines(plan), LOOK)
    told = json.dumps(repair_json(plan))
    assert "\\u001b" in told
    assert "\x1b" not in told


def test_an_ending_counts_names_and_explains_the_first_failure() -> None:
    denied = AccessDenied("ec2:CreateTags: no", operation="ec2:CreateTags")
    outcomes = [
        Outcome(change(1), Ending.DONE),
        Outcome(change(2), Ending.VANISHED),
        Outcome(change(3), Ending.ELSEWISE),
        Outcome(change(4), Ending.FAILED, denied),
    ]
    assert compose(ending_lines(outcomes, seconds=2.0), LOOK) == (
        "Failed: 1 changed, 1 no longer there, 1 changed by somebody else since, 1 failed\n"
        "in 2.0 s.\n"
        "= no longer there: subnet subnet-2\n"
        "= changed by somebody else since: subnet subnet-3\n"
        "Run the same command again: it does what is left.\n"
        "error[U031]: ec2:CreateTags: no\n"
        "  where: ec2:CreateTags\n"
    )
    told = endings_json(outcomes, seconds=2.0, undo_files={"123456789012": "undo.jsonl"})
    assert json.loads(json.dumps(told))["outcomes"][3]["error"] == "ec2:CreateTags: no"


def report(*statuses: Status) -> Report:
    due = datetime(2026, 3, 15, 12, tzinfo=UTC)
    return Report(
        tuple(
            KeyState(key, status, due if status is Status.ACTIVATING else None)
            for key, status in zip(KEYS, statuses, strict=True)
        )
    )


def test_keys_are_told_with_what_they_wait_for_and_what_is_next() -> None:
    active, waiting = Status.ACTIVE, Status.ACTIVATING
    shown = report(active, active, waiting, Status.INACTIVE, active, Status.UNUSED, active)
    assert compose(cost_tags_lines(shown, options="--stage dev"), LOOK) == (
        "Cost allocation tags: 4 of 6 needed keys active; 1 inactive, 1 activating.\n"
        "key          state\n"
        "Project      active\n"
        "Component    active\n"
        "Function     activating  AWS goes by it from 2026-03-15T12:00:00Z on\n"
        "Environment  inactive    can be activated\n"
        "CostCenter   active\n"
        "DataType     unused      nothing of ours carries it\n"
        "Owner        active\n"
        "next: umetrics cost-tags activate --stage dev\n"
    )
    assert cost_tags_json(shown)["complete"] is False
