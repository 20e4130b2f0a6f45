"""A tag report in every form: for people, pipes, programs, spreadsheets, reviews and CI systems.

    words.py        a finding in words, the same in all of them
    text.py         `report_lines`, for `Screen.show`; the others are texts:
    as_json.py as_csv.py as_markdown.py as_junit.py as_sarif.py as_github.py
    schema.py       the JSON Schema of the document

A tag's value is shown literally everywhere, whatever it holds. Nothing here judges or writes files.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from umetrics.audit.tally import TagReport
from umetrics.outputs import chosen_by_name
from umetrics.render.audit.as_csv import csv_text
from umetrics.render.audit.as_github import github_text
from umetrics.render.audit.as_json import json_text, jsonl_text
from umetrics.render.audit.as_junit import junit_text
from umetrics.render.audit.as_markdown import markdown_text
from umetrics.render.audit.as_sarif import sarif_text
from umetrics.render.audit.schema import report_schema
from umetrics.render.audit.text import report_lines
from umetrics.render.document import Run

__all__ = ["ReportFormat", "format_of", "report_lines", "report_schema", "report_text"]


class ReportFormat(enum.StrEnum):
    """How a tag report is written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "md"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"


SUFFIXES: Mapping[str, ReportFormat] = MappingProxyType(
    {
        ".json": ReportFormat.JSON,
        ".jsonl": ReportFormat.JSONL,
        ".csv": ReportFormat.CSV,
        ".md": ReportFormat.MARKDOWN,
        ".xml": ReportFormat.JUNIT,
        ".sarif": ReportFormat.SARIF,
    }
)


def format_of(path: Path) -> ReportFormat:
    """The format that a file's name asks for; `UsageError` for a name that asks for none."""
    return chosen_by_name(path, SUFFIXES)


def report_text(
    report: TagReport, chosen: ReportFormat, run: Run, *, at: datetime, repair: str = ""
) -> str:
    """The report in a format, for stdout or a file; `repair` is the command that puts it right.

    Raises `KeyError` for text, which goes through the screen as `report_lines`.
    """
    match chosen:
        case ReportFormat.JSON:
            return json_text(report, run, at, repair)
        case ReportFormat.JSONL:
            return jsonl_text(report, run, at, repair)
        case ReportFormat.JUNIT:
            return junit_text(report, at)
        case ReportFormat.SARIF:
            return sarif_text(report, run, at)
        case _:
            return _WRITERS[chosen](report)


_WRITERS = {
    ReportFormat.CSV: csv_text,
    ReportFormat.MARKDOWN: markdown_text,
    ReportFormat.GITHUB: github_text,
}
