"""`audit-tags` as pipelines call it: files of every form, and far beyond one deployment."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import fastjsonschema

from tests.cli.command_line import Home

ONE_KEY_MORE = "Project,Environment,ManagedBy,CostCenter,Owner,DataClass"
NAMES = ("tags.json", "tags.jsonl", "tags.csv", "tags.md", "tags.xml", "tags.sarif")


def test_one_run_writes_every_form_and_all_agree(built: Home, bare: Home, tmp_path: Path) -> None:
    files = [tmp_path / name for name in NAMES]
    options = ["--format", "json", *(text for path in files for text in ("-o", str(path)))]
    audit = ("audit-tags", "--stage", "dev")
    done = built.sandboxed(*audit, *options, UMETRICS_TAGS_REQUIRED=ONE_KEY_MORE)
    assert done.code == 3, done
    document, _, table, text, junit, sarif = (path.read_text(encoding="utf-8") for path in files)
    assert done.document == json.loads(document)
    fastjsonschema.compile(bare.run("audit-tags", "--schema").document)(done.document)
    findings = done.document["findings"]
    assert {(each["tag"], each["problem"]) for each in findings} == {("DataClass", "missing")}
    assert len(findings) == done.document["summary"]["judged"] == 40
    assert len(list(csv.DictReader(table.splitlines()))) == 40
    assert text.count("`tag DataClass is missing") == 40
    assert len(ET.fromstring(junit).findall(".//failure")) == 40  # noqa: S314  # our own
    assert len(json.loads(sarif)["runs"][0]["results"]) == 40


def test_a_wide_audit_tells_how_far_it_is_and_what_it_could_not_see(
    built: Home, tmp_path: Path
) -> None:
    path = tmp_path / "tags.csv"
    done = built.sandboxed("audit-tags", "--scope", "project", "-o", str(path), "--format", "text")
    assert done.code == 0, done
    assert "Every tag that was seen is in place: " in done.result
    assert "not seen: grafana-workspace in 123456789012/us-east-1: " in done.result
    assert "123456789012/us-east-1: looking at " in done.talk
    assert "123456789012/global: done" in done.talk
    assert f"Wrote {path}." in " ".join(done.talk.split())
