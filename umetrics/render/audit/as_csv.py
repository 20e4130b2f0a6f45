"""A tag report for a spreadsheet: a row for each finding, those that do not count marked as such.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, which it shows as
text; control characters are shown as escapes. Otherwise values are as they are in AWS.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from umetrics.audit.tally import TagReport
from umetrics.render.audit.as_json import finding_json
from umetrics.render.document import JsonObject
from umetrics.render.line import visible

FORMULA_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With their full-width forms, which some spreadsheets take for the same."""

COLUMNS = (
    "status",
    "account",
    "region",
    "kind",
    "id",
    "arn",
    "deployment",
    "key",
    "standing",
    "parent",
    "tag",
    "problem",
    "expected",
    "allowed",
    "actual",
    "found",
    "fix",
)


def csv_text(report: TagReport) -> str:
    """A header and the rows, lines ending as RFC 4180 has them."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for status, finding in _rows(report):
        row = {"status": status, **finding}
        writer.writerow(cell(str(row[column])) for column in COLUMNS)
    return text.getvalue()


def _rows(report: TagReport) -> Iterator[tuple[str, JsonObject]]:
    yield from (("counts", finding_json(each)) for each in report.findings)
    yield from (("in the baseline", finding_json(each)) for each in report.known)
    yield from (("excepted", finding_json(each.finding)) for each in report.excepted)


def cell(text: str) -> str:
    """The text as a spreadsheet shows it literally."""
    shown = visible(text)
    return f"'{shown}" if shown.lstrip().startswith(FORMULA_SIGNS) else shown
