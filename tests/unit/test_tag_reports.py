"""Every form of a tag report: as kept in `tag_reports/`, valid, and literal in what it shows."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import fastjsonschema
import pytest

from tests.support.tag_reports import AT, FORMULA, HOME, HOSTILE, RUN, clean_report, full_report
from umetrics.audit.tally import TagReport, Tally
from umetrics.audit.values import Finding, Problem, Scope, Subject
from umetrics.errors import UsageError
from umetrics.render.audit import (
    ReportFormat,
    format_of,
    report_lines,
    report_schema,
    report_text,
)
from umetrics.render.document import dumps
from umetrics.render.line import Look, compose, visible
from umetrics.render.table import MOST_ROWS

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).parent / "tag_reports"
SARIF_SCHEMA = ROOT / ".sarif" / "package" / "lib" / "schemas" / "sarif-2.1.0-rtm.5.json"
REPAIR = "umetrics audit-tags --fix"

FORMS = {
    ReportFormat.JSON: "report.json",
    ReportFormat.JSONL: "report.jsonl",
    ReportFormat.CSV: "report.csv",
    ReportFormat.MARKDOWN: "report.md",
    ReportFormat.JUNIT: "report.xml",
    ReportFormat.SARIF: "report.sarif",
    ReportFormat.GITHUB: "report.github.txt",
}


@pytest.fixture(autouse=True)
def _one_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kept files outlive releases."""
    for module in ("document", "audit.as_sarif"):
        monkeypatch.setattr(f"umetrics.render.{module}.__version__", "1.2.3")


def text(chosen: ReportFormat, report: TagReport | None = None) -> str:
    return report_text(report or full_report(), chosen, RUN, at=AT, repair=REPAIR)


def screen(width: int, at_most: int | None = MOST_ROWS, report: TagReport | None = None) -> str:
    lines = report_lines(report or full_report(), repair=REPAIR, at_most=at_most)
    return compose(lines, Look(width=width))


def kept(name: str) -> str:
    return (KEPT / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize("chosen", FORMS)
def test_each_form_is_as_it_is_kept(chosen: ReportFormat) -> None:
    assert text(chosen) == kept(FORMS[chosen])


@pytest.mark.parametrize("width", [80, 120])
def test_a_screen_is_as_it_is_kept(width: int) -> None:
    assert screen(width) == kept(f"terminal-{width}.txt")


def test_a_pipe_gets_each_finding_whole_in_a_line_with_its_fix() -> None:
    assert screen(80, at_most=None) == kept("pipe.txt")


def test_a_clean_report_is_one_line_besides_what_was_not_judged() -> None:
    assert screen(80, report=clean_report()) == (
        "Every tag is in place: 4 resources, 0 findings.\nNot judged: 1 resource of AWS's own.\n"
    )


def test_a_score_that_is_enough_is_said() -> None:
    first = " ".join(screen(120, report=full_report(fail_under=50)).split())
    assert first.startswith(
        "Enough tags are in place: 7 findings on 4 of 9 resources, score 55.5 %, enough is 50 %, "
        "1 expired exception, 1 gap not seen. "
    )


@pytest.mark.parametrize("chosen", [each for each in FORMS if each is not ReportFormat.JSONL])
def test_a_file_is_written_in_the_form_that_its_name_asks_for(chosen: ReportFormat) -> None:
    path = Path(FORMS[chosen])
    if chosen is ReportFormat.GITHUB:
        with pytest.raises(UsageError, match="does not say how"):
            format_of(path)
    else:
        assert format_of(path) is chosen


@pytest.mark.parametrize("chosen", FORMS)
def test_no_form_sends_a_control_character_that_others_wrote(chosen: ReportFormat) -> None:
    shown = text(chosen)
    assert set(shown) - {"\n", "\r"} == {each for each in shown if each.isprintable()}
    assert not any(line.startswith("::error::forged") for line in shown.splitlines())


FORGED = "::error title=forged::x"
FORGERIES = ("fix: umetrics destroy", "error[U001]: x", "##[error]x")


def forged_report() -> TagReport:
    """Others' tags look like lines of ours, or like commands to a CI system."""
    tally = Tally(Scope.ACCOUNT, today=AT.date())
    for number, forged in enumerate((FORGED, *FORGERIES)):
        tags = {"Owner": forged, forged: f"{'w' * 60} {forged}\n{forged}"}
        subject = Subject("sns-topic", f"t{number}", "", tags, HOME)
        actual = tags[forged]
        tally.add(subject, [Finding(subject, forged, Problem.WRONG_VALUE, "right", actual)])
    return tally.report()


@pytest.mark.parametrize("chosen", [*FORMS, None])
def test_nothing_that_others_wrote_begins_a_line(chosen: ReportFormat | None) -> None:
    shown = screen(80, None, forged_report()) if chosen is None else text(chosen, forged_report())
    begun = [line.lstrip() for line in shown.splitlines()]
    assert len(begun) > 3
    assert not any(line.startswith((FORGED, *FORGERIES)) for line in begun)
    if chosen in {None, ReportFormat.CSV, ReportFormat.MARKDOWN, ReportFormat.JUNIT}:
        assert "##[" not in shown


def test_on_a_terminal_nothing_that_others_wrote_is_a_command() -> None:
    begun = [line.lstrip() for line in screen(80, report=forged_report()).splitlines()]
    assert not any(line.startswith(("::", "##[")) for line in begun)


def test_hostile_text_is_literal_for_every_reader() -> None:
    """What each reader gets is the text itself, or the text with its escapes shown."""
    (row,) = [
        each for each in csv.DictReader(io.StringIO(text(ReportFormat.CSV))) if "[red]" in str(each)
    ]
    assert row["actual"] == visible(HOSTILE)
    assert f"is {visible(HOSTILE)}, wanted dev" in "".join(
        each.get("message", "") for each in junit().iter("failure")
    )
    document = json.loads(text(ReportFormat.JSON))
    assert HOSTILE in {each["actual"] for each in document["findings"]}
    (line,) = [each for each in text(ReportFormat.GITHUB).splitlines() if "forged" in each]
    assert line.startswith("::error title=")
    assert "%250A" in line


def test_a_spreadsheet_sees_no_formula() -> None:
    cells = [cell for row in csv.reader(io.StringIO(text(ReportFormat.CSV))) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_markdown_shows_what_others_wrote_in_code_spans_only() -> None:
    (row,) = [line for line in text(ReportFormat.MARKDOWN).splitlines() if "[red]" in line]
    assert row.count(r"\|") == 1
    assert f"``tag Environment is {visible(HOSTILE)}, wanted dev``".replace("|", r"\|") in row


def test_a_document_is_as_its_schema_says_and_the_schema_as_documented() -> None:
    validate = fastjsonschema.compile(report_schema())
    for report in (full_report(), full_report(fail_under=95), clean_report()):
        validate(json.loads(text(ReportFormat.JSON, report)))
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validate(json.loads(text(ReportFormat.JSON)) | {"findings": [{}]})
    copy = ROOT / "docs" / "tag-audit.schema.json"
    assert copy.read_text(encoding="utf-8") == dumps(report_schema())


def test_a_stream_ends_with_the_sums_of_what_came_before() -> None:
    *events, sums = map(json.loads, text(ReportFormat.JSONL).splitlines())
    document = json.loads(text(ReportFormat.JSON))
    assert {name: document[name] for name in sums} == sums
    assert len([each for each in events if each["event"] == "findings"]) == 7
    assert {each["event"] for each in events} == document.keys() - sums.keys()


@pytest.mark.skipif(not SARIF_SCHEMA.exists(), reason="the SARIF schema comes with `make test`")
def test_sarif_is_valid_by_its_published_schema() -> None:
    validate = fastjsonschema.compile(json.loads(SARIF_SCHEMA.read_text(encoding="utf-8")))
    for report in (full_report(), clean_report()):
        validate(json.loads(text(ReportFormat.SARIF, report)))
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validate({"version": "2.1.0"})


def test_sarif_tells_new_debt_from_old_and_from_what_is_excepted() -> None:
    (run,) = json.loads(text(ReportFormat.SARIF))["runs"]
    states = [(each["baselineState"], "suppressions" in each) for each in run["results"]]
    assert states == [("new", False)] * 7 + [("unchanged", False), ("new", True)]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    prints = [each["partialFingerprints"]["umetrics/v1"] for each in run["results"]]
    assert len(set(prints)) == len(prints)


def junit() -> ET.Element:
    return ET.fromstring(text(ReportFormat.JUNIT))  # noqa: S314  # our own


SUITE = {
    *("id", "package", "name", "hostname", "timestamp"),
    *("tests", "failures", "errors", "skipped", "time"),
}


def test_junit_has_all_that_its_strict_schemas_want_and_nothing_else() -> None:
    """JUnit.xsd of windyroad/JUnit-Schema in our words: no package index ships it."""
    root = junit()
    assert (root.tag, root.attrib) == ("testsuites", {})
    for number, suite in enumerate(root):
        assert suite.tag == "testsuite"
        assert set(suite.attrib) == SUITE
        assert suite.get("id") == str(number)
        first, *cases, out, err = suite
        assert [first.tag, out.tag, err.tag] == ["properties", "system-out", "system-err"]
        for case in cases:
            assert case.tag == "testcase"
            assert set(case.attrib) == {"classname", "name", "time"}
            assert len(case) <= 1
            for each in case:
                wanted = {"failure": {"type", "message"}, "skipped": {"message"}}[each.tag]
                assert set(each.attrib) == wanted


def test_junit_counts_what_it_lists() -> None:
    for suite in junit():
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        for name, tag in (("failures", "failure"), ("skipped", "skipped")):
            assert suite.get(name) == str(len([c for c in cases if c.find(tag) is not None]))


def test_a_terminal_gets_fifty_rows_and_the_number_of_the_rest() -> None:
    report = full_report()
    many = TagReport(report.scope, report.total, findings=report.findings[:1] * 60)
    assert screen(80, report=many).count("spelt") == 50
    assert "\nand 10 more\n" in screen(80, report=many)
    assert screen(80, None, many).count("spelt") == 60


def test_many_gaps_do_not_push_the_rest_off_a_terminal() -> None:
    report = full_report()
    many = TagReport(report.scope, report.total, unseen=report.unseen * 60)
    assert screen(80, report=many).count("? not seen") == 50
    assert screen(80, report=many).endswith("\nand 10 not seen\n")


def test_rows_come_one_by_one_and_not_all_at_once() -> None:
    report = full_report()
    lines = report_lines(
        TagReport(report.scope, report.total, findings=report.findings[:1] * 100_000)
    )
    assert next(lines).text.startswith("Tags are not in place")
    assert next(lines).mark == "!"


def test_what_is_wanted_but_absent_is_said_apart_from_tags() -> None:
    report = clean_report()
    absent = TagReport(
        report.scope, report.total, missing_resources=("Shop/dev vpc", "Shop/dev nat")
    )
    assert screen(80, report=absent) == (
        "Not everything is in order: 4 resources, 0 findings, 2 resources missing.\n"
        "! wanted but not in AWS, of Shop/dev: vpc, nat\n"
        "fix: umetrics audit-tags --fix\n"
    )
