"""The options of `audit-tags`: what cannot be meant is refused, the rest is what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from math import inf, nan
from pathlib import Path

import pytest

from tests.support.tag_reports import full_report
from umetrics.audit.baseline import Debt
from umetrics.audit.values import Scope
from umetrics.cli.audit_options import POLITE, Gate, Mending, Reach, refuse_one_file_twice
from umetrics.cli.audit_tags import repair_command
from umetrics.cli.options import Account, Common
from umetrics.errors import UsageError
from umetrics.library.auditing import Breadth

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
WIDE = Scope.ACCOUNT
AUDITOR, READER = (f"arn:aws:iam::12345678901{n}:role/Audit" for n in (1, 2))


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (Reach(regions="all"), "looked for where they live"),
        (Reach(role_arn=[AUDITOR]), "looked for where they live"),
        (Reach(rate=5.0), "looked for where they live"),
        (Reach(WIDE, regions=""), "--regions names none"),
        (Reach(WIDE, regions=" , "), "--regions names none"),
        (Reach(WIDE, rate=0.0), "--rate 0.0 is no number of calls"),
        (Reach(WIDE, rate=-5.0), "--rate -5.0 is no number of calls"),
        (Reach(WIDE, rate=nan), "--rate nan is no number of calls"),
        (Reach(WIDE, rate=inf), "--rate inf is no number of calls"),
        (Reach(WIDE, role_arns_file=Path("absent")), "cannot read absent: No such file"),
    ],
    ids=str,
)
def test_a_reach_that_makes_no_sense_is_refused(reach: Reach, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        _ = reach.breadth
    assert refused.value.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"# none yet\n\n", "names no role"),
        (b"\xff\xfe", "it is not text"),
    ],
)
def test_a_file_that_names_no_role_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "roles.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        _ = Reach(WIDE, role_arns_file=path).breadth


def test_a_reach_is_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "roles.txt"
    path.write_text(f"# ours\n {READER}  # the shop's\n")
    reach = Reach(WIDE, "eu-west-1, us-east-1", [AUDITOR], path, 5.0)
    regions = ("eu-west-1", "us-east-1")
    assert reach.breadth == Breadth(WIDE, regions, (AUDITOR, READER), 5.0)
    assert Reach().breadth == Breadth(Scope.DEPLOYMENT, rate=POLITE)


def test_a_reach_is_repeated_as_it_was_given() -> None:
    reach = Reach(WIDE, "all", [AUDITOR, READER], Path("roles.txt"), 5.0)
    assert reach.arguments == [
        *("--scope", "account", "--regions", "all"),
        *("--role-arn", AUDITOR, "--role-arn", READER),
        *("--role-arns-file", "roles.txt", "--rate", "5"),
    ]
    assert Reach().arguments == []


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (Gate(fail_under=nan), "--fail-under nan is no score"),
        (Gate(baseline=Path("absent.json")), "absent.json"),
    ],
    ids=str,
)
def test_a_gate_that_makes_no_sense_is_refused(gate: Gate, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        gate.measure(NOW)
    assert refused.value.hint


def test_a_baseline_that_is_written_has_what_counts_and_what_was_known(tmp_path: Path) -> None:
    report, path = full_report(), tmp_path / "known.json"
    (text,) = Gate(write_baseline=path).known(report).values()
    path.write_text(text)
    measure = Gate(baseline=path).measure(NOW)
    assert measure.baseline == {Debt.of(each) for each in (*report.findings, *report.known)}
    assert len(json.loads(text)["findings"]) == len(report.findings) + len(report.known)
    assert Gate().known(report) == {}


@pytest.mark.parametrize(
    ("out", "gate", "words"),
    [
        (["k.json"], Gate(baseline=Path("k.json")), "--out and --baseline both name k.json"),
        (["k.json"], Gate(write_baseline=Path("./a/../k.json")), "--out and --write-baseline"),
        (["k.json"], Gate(baseline=Path("link")), "--out and --baseline both name link"),
        (["a/../k.json", "k.json"], Gate(), "--out names k.json twice"),
        (["a.md"], Gate(), "--out and --role-arns-file both name a.md"),
        (["loop.json"], Gate(baseline=Path("loop.json")), "both name loop.json"),
    ],
    ids=str,
)
def test_one_file_is_not_named_for_two_uses_however_it_is_spelt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: list[str], gate: Gate, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").mkdir()
    Path("k.json").write_text("{}")
    Path("link").symlink_to("k.json")
    Path("loop.json").symlink_to("loop.json")
    reach = Reach(role_arns_file=Path("a.md"))
    with pytest.raises(UsageError, match=words) as refused:
        refuse_one_file_twice(list(map(Path, out)), gate, reach)
    assert refused.value.hint


def test_a_baseline_may_be_written_anew_from_what_it_says() -> None:
    gate = Gate(baseline=Path("k.json"), write_baseline=Path("./k.json"))
    refuse_one_file_twice([Path("a.json"), Path("a.csv")], gate, Reach())
    with pytest.raises(UsageError, match="--out and --write-baseline"):
        refuse_one_file_twice([Path("k.json")], gate, Reach())


def test_what_is_missing_is_built_by_a_command_for_each_stage_that_misses_it() -> None:
    missing = ("UserMetrics/dev vpc", "UserMetrics/dev subnet/public-a", "UserMetrics/prod vpc")
    report = replace(full_report(), missing_resources=missing)
    account = Account(profile="team")
    assert repair_command(Common(), account, Reach(), report) == (
        "umetrics up --stage dev --profile team && umetrics up --stage prod --profile team"
    )
    fix = repair_command(
        Common(stage="dev"), Account(), Reach(WIDE, "all", [AUDITOR]), full_report()
    )
    assert fix == (
        f"umetrics audit-tags --stage dev --scope account --regions all --role-arn {AUDITOR} --fix"
    )


@pytest.mark.parametrize(
    ("gate", "forgives"),
    [
        (Gate(), False),
        (Gate(exit_zero=True), True),
        (Gate(write_baseline=Path("known.json")), True),
        (Gate(fail_under=50.0, baseline=Path("known.json")), False),
    ],
    ids=str,
)
def test_findings_are_forgiven_only_where_that_is_said(gate: Gate, forgives: bool) -> None:
    assert gate.forgives is forgives


@pytest.mark.parametrize(
    ("mending", "named"),
    [
        (Mending(overwrite=True), "--overwrite without --fix"),
        (Mending(confirm=0), "--confirm without --fix"),
        (Mending(overwrite=True, confirm=3), "--overwrite and --confirm without --fix"),
    ],
    ids=str,
)
def test_how_to_mend_is_not_said_where_nothing_is_mended(mending: Mending, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        mending.check()
    Mending(fix=True, overwrite=mending.overwrite, confirm=mending.confirm).check()
