"""docs/verify.md has the ignore list that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from umetrics.verify.catalogue import ROWS

PAGE = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")


def test_every_field_that_is_not_compared_is_documented_with_its_reason() -> None:
    documented = re.findall(r"^\| `([a-z-]+)` \| `([\w.]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    assert documented == [(row.name, *each) for row in ROWS for each in row.volatile.items()]
