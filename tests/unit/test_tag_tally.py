"""What an audit adds up to, what counts, and what a gate makes of it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.support.tag_reports import BUCKET, HOME, KNOWN, LEGACY, clean_report, full_report
from umetrics.audit.baseline import Debt, baseline_text, read_baseline
from umetrics.audit.catalogue import KINDS
from umetrics.audit.tag_audit import Audit
from umetrics.audit.tag_policy import TagException
from umetrics.audit.tally import Count, Tally
from umetrics.audit.values import (
    WHOLE_ACCOUNT,
    WHOLE_REGION,
    Finding,
    Place,
    Problem,
    Scope,
    Subject,
    Unseen,
)
from umetrics.errors import UsageError
from umetrics.render.audit.words import verdict

TODAY = date(2026, 3, 1)
WRONG = Finding(BUCKET, "Owner", Problem.MISSING)


def tally(*exceptions: TagException, baseline: frozenset[Debt] = frozenset()) -> Tally:
    made = Tally(Scope.ACCOUNT, today=TODAY, exceptions=exceptions, baseline=baseline)
    made.add(BUCKET, [WRONG])
    return made


def exception(expires: date, pattern: str = "logs") -> TagException:
    return TagException(pattern, "r", "o", expires)


def test_counts_are_kept_in_all_and_by_kind_owner_and_place() -> None:
    report = full_report()
    assert report.total == Count(judged=9, failing=4, findings=7)
    assert report.by_kind["s3-bucket"] == Count(judged=2, failing=1, findings=1)
    assert report.by_owner["team@example.org"] == Count(judged=5, failing=1, findings=2)
    assert report.by_place["111122223333/global"] == Count(judged=1, failing=1, findings=3)
    assert (report.implicit, report.not_judged) == (1, 1)


def test_a_score_is_rounded_down_so_that_a_hundred_is_a_hundred() -> None:
    assert Count().score is None
    assert Count(3, 0).score == 100.0
    assert Count(20_000, 1).score == 99.9
    assert Count(3, 1).score == 66.6


def test_an_exception_holds_through_its_last_day_and_fails_after_it() -> None:
    report = tally(exception(TODAY)).report()
    assert report.is_clean
    assert [each.finding for each in report.excepted] == [WRONG]
    assert report.total == Count(1, 0, 0)
    late = tally(exception(date(2026, 2, 28))).report()
    assert (late.findings, len(late.expired)) == ((WRONG,), 1)


def test_an_expired_exception_fails_even_where_nothing_needs_it_any_more() -> None:
    empty = Tally(Scope.ACCOUNT, today=TODAY, exceptions=[exception(date(2026, 1, 1), "gone")])
    assert not empty.report().is_clean


def test_only_new_debt_counts_beside_a_baseline() -> None:
    report = tally(baseline=frozenset({Debt.of(WRONG)})).report()
    assert report.is_clean
    assert report.known == (WRONG,)
    other = replace(WRONG, problem=Problem.EMPTY)
    assert not tally(baseline=frozenset({Debt.of(other)})).report().is_clean


@pytest.mark.parametrize(("fail_under", "clean"), [(None, False), (55.5, True), (55.6, False)])
def test_a_score_that_is_enough_lets_findings_pass(
    fail_under: float | None, *, clean: bool
) -> None:
    report = replace(full_report(fail_under=fail_under), expired=())
    assert report.is_clean is clean


def test_what_is_missing_fails_whatever_the_score_and_what_is_unseen_does_not() -> None:
    assert not replace(clean_report(), missing_resources=("a b",), fail_under=1.0).is_clean
    assert replace(clean_report(), unseen=full_report().unseen).is_clean


def test_a_place_of_which_nothing_was_seen_is_not_clean_and_one_with_a_gap_is() -> None:
    denied = tuple(
        Unseen(HOME, kind.name, "AccessDenied", denied=True) for kind in KINDS if not kind.is_global
    )
    blind = Tally(Scope.ACCOUNT, today=TODAY).report(unseen=denied)
    assert (blind.blind, blind.is_denied, blind.is_clean) == ((HOME,), True, False)
    assert verdict(blind).startswith("Not allowed to look: 0 resources, 0 findings, ")
    partly = Tally(Scope.ACCOUNT, today=TODAY).report(unseen=denied[1:])
    assert partly.is_clean
    assert verdict(partly).startswith("Nothing was judged: 0 resources, 0 findings, ")
    down = [replace(each, denied=False) for each in denied]
    failed = Tally(Scope.ACCOUNT, today=TODAY).report(unseen=down)
    assert (failed.blind, failed.is_denied, failed.is_clean) == ((HOME,), False, False)
    assert verdict(failed).startswith("Not able to look: 0 resources, 0 findings, ")
    off = Unseen(HOME, WHOLE_REGION, "not enabled in this account")
    assert Tally(Scope.ACCOUNT, today=TODAY).report(unseen=[off]).blind == (HOME,)
    away = Unseen(Place("210987654321", "every region"), WHOLE_ACCOUNT, "no", denied=True)
    assert not Tally(Scope.ACCOUNT, today=TODAY).report(unseen=[away]).is_clean


def test_only_a_verdict_without_gaps_says_that_every_tag_is_in_place() -> None:
    seen = clean_report()
    assert verdict(seen) == "Every tag is in place: 4 resources, 0 findings."
    gap = replace(seen, unseen=full_report().unseen)
    assert verdict(gap) == (
        "Every tag that was seen is in place: 4 resources, 0 findings, 1 gap not seen."
    )
    expired = replace(seen, expired=(exception(date(2026, 1, 1)),))
    assert verdict(expired) == (
        "Not everything is in order: 4 resources, 0 findings, 1 expired exception."
    )


def test_exceptions_of_a_deployment_count_for_it_and_for_no_other() -> None:
    ours = replace(BUCKET, deployment="UserMetrics/prod")
    of_prod = {"UserMetrics/prod": (exception(TODAY),)}
    made = Tally(Scope.PROJECT, today=TODAY, of_deployments=of_prod)
    made.add(ours, [replace(WRONG, subject=ours)])
    made.add(BUCKET, [WRONG])
    report = made.report()
    assert (report.findings, len(report.excepted)) == ((WRONG,), 1)


def test_the_audit_of_a_deployment_is_counted_with_what_it_misses() -> None:
    made = tally()
    made.add_audit("UserMetrics/dev", Audit(((LEGACY, (KNOWN,)),), ("vpc",)))
    report = made.report()
    assert report.findings == (KNOWN, WRONG)
    assert report.missing_resources == ("UserMetrics/dev vpc",)


def test_what_is_in_order_is_not_kept() -> None:
    made = Tally(Scope.ACCOUNT, today=TODAY)
    fine = Subject("subnet", "subnet-1", "", {"Owner": "a@b.cd"}, HOME)
    before = sys.getrefcount(fine)
    for _ in range(1000):
        made.add(fine, ())
    assert sys.getrefcount(fine) == before


def test_a_baseline_is_read_as_it_was_written_and_says_no_value(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    findings = full_report().findings
    path.write_text(baseline_text(findings), encoding="utf-8")
    assert read_baseline(path) == {Debt.of(each) for each in findings}
    assert "HYPERLINK" not in path.read_text(encoding="utf-8")
    assert baseline_text(reversed(findings)) == baseline_text(findings)


GOOD = json.loads(baseline_text([WRONG]))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not json"),
        ("[" * 100_000, "not json"),
        ("[]", "no baseline"),
        (json.dumps(GOOD | {"kind": "plan"}), "no baseline"),
        (json.dumps(GOOD | {"schema_version": 2}), "schema version 2"),
        (json.dumps(GOOD | {"findings": None}), "not as umetrics writes"),
        (json.dumps(GOOD | {"findings": [{}]}), "not as umetrics writes"),
        (json.dumps(GOOD | {"findings": [GOOD["findings"][0] | {"id": 1}]}), "not as umetrics"),
        (None, "no such file"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_baseline_is_refused_with_the_reason(
    tmp_path: Path, content: str | None, reason: str
) -> None:
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=f"(?i){reason}") as refused:
        read_baseline(path)
    assert "--write-baseline" in refused.value.hint
