"""A verdict in words: the result first, what is not as it was, and nothing that others wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from umetrics.audit.history import History, LastChange
from umetrics.render.line import Look, compose
from umetrics.render.verify.as_json import verdict_json
from umetrics.render.verify.as_markdown import verdict_markdown
from umetrics.render.verify.text import MOST_SHOWN, summary_line, verdict_lines
from umetrics.verify.attribution import Judged, Standing, Verdict
from umetrics.verify.compare import Alteration, Difference, Manner
from umetrics.verify.values import Gap, Thing

HOSTILE = "\x1b[31mred | `x`\n"
GROUP = Thing("security-group", "sg-1", "arn:sg-1", {})
CHANGED = Alteration(GROUP, Manner.CHANGED, (Difference("Description", '"a"', f'"{HOSTILE}"'),))
GONE = Alteration(replace(GROUP, kind="vpc", id="vpc-1"), Manner.GONE)
ALICE = History(
    {CHANGED.key: LastChange("ModifyX", "arn:alice", datetime(2026, 3, 14, tzinfo=UTC))}
)
CLEAN = Verdict("2026-03-14T12:00:00Z", 61, (), ())
DIRTY = replace(
    CLEAN,
    judged=(
        Judged(CHANGED, Standing.OTHERS),
        Judged(GONE, Standing.OURS, "ec2:DeleteVpc"),
    ),
    gaps=(Gap("rds-proxy", "rds:DescribeDBProxies: AccessDenied", denied=True),),
)


def text(verdict: Verdict) -> str:
    return compose(verdict_lines(verdict, ALICE), Look())


def test_untouched_is_one_line() -> None:
    assert text(CLEAN) == "Since 2026-03-14T12:00:00Z: 61 existing resources untouched.\n"
    assert summary_line(CLEAN).text == "61 existing resources untouched."
    nothing = replace(CLEAN, compared=0)
    assert summary_line(nothing).text == "Nothing of others was there to be disturbed."


def test_what_is_not_as_it_was_is_told_the_gravest_first_and_literally() -> None:
    told = text(DIRTY)
    assert told.index("vpc-1 gone") < told.index("security group sg-1 changed")
    assert "named by our call ec2:DeleteVpc" in told
    assert 'Description was "a", is "\\x1b[31mred' in told
    assert "ModifyX, 2026-03-14T00:00:00Z, by arn:alice" in told
    assert "! not seen: RDS proxy: rds:DescribeDBProxies: AccessDenied" in told
    assert "\x1b" not in told
    summary = summary_line(DIRTY)
    assert summary.text == (
        "Partial: 59 of 61 existing resources untouched; 1 disturbed by this tool, 1 changed by "
        "others meanwhile. Not seen: rds-proxy."
    )
    assert summary.style == "error"


def test_what_was_not_wholly_seen_is_labelled_partial_in_every_form() -> None:
    gap = Gap("lambda-function", "lambda:ListTags is not allowed", denied=True, part="Tags")
    partial = replace(CLEAN, gaps=(gap,))
    summary = summary_line(partial)
    assert summary.text == (
        "Partial: 61 existing resources untouched. Not seen: lambda-function (Tags)."
    )
    assert summary.style == "warning"
    reason = "not seen: Lambda function, Tags: lambda:ListTags is not allowed"
    assert f"! {reason}" in text(partial)
    assert f"`{reason}`" in verdict_markdown(partial, ALICE)
    assert "✅" not in verdict_markdown(partial, ALICE)
    told = verdict_json(partial)
    assert told["partial"] is True
    assert told["not_seen"] == [
        {
            "kind": "lambda-function",
            "part": "Tags",
            "reason": "lambda:ListTags is not allowed",
            "denied": True,
        }
    ]


def test_a_terminal_is_not_flooded() -> None:
    many = tuple(replace(each, alteration=CHANGED) for each in DIRTY.judged[:1] * (MOST_SHOWN + 7))
    assert "and 7 more; --format json has all" in text(replace(CLEAN, judged=many))


def test_markdown_keeps_what_others_wrote_in_code_spans() -> None:
    told = verdict_markdown(DIRTY, ALICE)
    assert "❌ Since 2026-03-14T12:00:00Z: Partial: 59 of 61" in told
    assert "| `security group sg-1 changed` | `changed by others meanwhile` |" in told
    assert "\x1b" not in told
    assert all(line.count("\n") == 0 for line in told.splitlines())


def test_json_says_all_and_names_the_fields_that_are_not_compared() -> None:
    whole = verdict_json(replace(DIRTY, judged=DIRTY.judged[1:]), ALICE)
    assert whole["disturbed"] is True
    assert whole["summary"] == {
        "compared": 61,
        "untouched": 60,
        "ours": 1,
        "untold": 0,
        "others": 0,
        "documented": 0,
    }
    assert {
        "kind": "iam-role",
        "field": "RoleLastUsed",
        "reason": "moves on whenever the role is used",
    } in whole["ignored"]  # type: ignore[operator]
