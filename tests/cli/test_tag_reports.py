"""`audit-tags` as pipelines call it: files of every form, what counts, and the exit code."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import fastjsonschema

from tests.cli.command_line import Home

AUDIT = ("audit-tags", "--stage", "dev")
ONE_KEY_MORE = "Project,Environment,ManagedBy,CostCenter,Owner,DataClass"
NAMES = ("tags.json", "tags.jsonl", "tags.csv", "tags.md", "tags.xml", "tags.sarif")


def test_one_run_writes_every_form_and_all_agree(built: Home, tmp_path: Path) -> None:
    files = [tmp_path / name for name in NAMES]
    options = [text for path in files for text in ("-o", str(path))]
    done = built.sandboxed(*AUDIT, *options, UMETRICS_TAGS_REQUIRED=ONE_KEY_MORE)
    assert done.code == 3, done
    assert done.result == ""
    document, _, table, text, junit, sarif = (path.read_text(encoding="utf-8") for path in files)
    findings = json.loads(document)["findings"]
    assert {(each["tag"], each["problem"]) for each in findings} == {("DataClass", "missing")}
    assert len(findings) == json.loads(document)["summary"]["judged"] == 40
    assert len(list(csv.DictReader(table.splitlines()))) == 40
    assert text.count("`tag DataClass is missing") == 40
    assert len(ET.fromstring(junit).findall(".//failure")) == 40  # noqa: S314  # our own
    assert len(json.loads(sarif)["runs"][0]["results"]) == 40


def test_what_is_printed_is_as_the_printed_schema_says(built: Home) -> None:
    schema = built.sandboxed(*AUDIT, "--schema")
    validate = fastjsonschema.compile(json.loads(schema.result))
    validate(built.sandboxed(*AUDIT, "--format", "json").document)


def test_a_baseline_lets_known_debt_pass_and_an_expired_exception_does_not(
    built: Home, tmp_path: Path
) -> None:
    known = str(tmp_path / "known.json")
    written = built.sandboxed(
        *AUDIT, "--write-baseline", known, UMETRICS_TAGS_REQUIRED=ONE_KEY_MORE
    )
    assert written.code == 0, written
    beside = built.sandboxed(*AUDIT, "--baseline", known, UMETRICS_TAGS_REQUIRED=ONE_KEY_MORE)
    assert beside.code == 0, beside
    assert "Not counted: 40 findings in the baseline." in beside.result
    exception = '{ "vpc-*" = { reason = "r", owner = "ops", expires = 2020-01-31 } }'
    expired = built.sandboxed(*AUDIT, UMETRICS_TAGS_EXCEPTIONS=exception)
    assert expired.code == 3, expired
    assert "exception vpc-* expired on 2020-01-31 (ops: r)" in expired.result
