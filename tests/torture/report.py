"""The table of a campaign: on the screen, and between two marks in docs/reliability.md."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.torture.verdict import Verdict

HEAD = (
    "fault class",
    "schedules tried",
    "converged",
    "twins",
    "orphans",
    "foreign changes",
    "seconds",
)

BEGIN, END = "<!-- torture: begin -->", "<!-- torture: end -->"

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "reliability.md"


@dataclass
class Row:
    """What became of one fault class. `total` is how many schedules there are."""

    title: str
    total: int = 0
    tried: int = 0
    converged: int = 0
    twins: int = 0
    orphans: int = 0
    foreign: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> bool:
        """Count one schedule, good or not; one whose fault met no call counts as none."""
        if not verdict.struck:
            self.total -= 1
            return True
        self.tried += verdict.tried
        self.converged += verdict.tried * verdict.converged
        self.twins += verdict.twins
        self.orphans += verdict.orphans
        self.foreign += verdict.foreign
        if not verdict.is_good:
            self.failures.append(f"{self.title}: {verdict.said}")
        return verdict.is_good

    @property
    def is_good(self) -> bool:
        """Something was tried, and nothing went wrong."""
        return self.tried > 0 and not self.failures

    @property
    def cells(self) -> tuple[str, ...]:
        """As the table has them."""
        counts = (self.converged, self.twins, self.orphans, self.foreign, round(self.seconds))
        return (self.title, f"{self.tried} of {self.total}", *map(str, counts))


def table(rows: Sequence[Row]) -> str:
    """As Markdown, in columns that a terminal shows straight, too."""
    lines = [HEAD, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    rule = "|".join("-" * (width + 2) for width in widths)
    text = [
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
    return (
        "\n".join(f"| {line} |" for line in text[:1])
        + f"\n|{rule}|\n"
        + "\n".join(f"| {line} |" for line in text[1:])
    )


def write(rows: Sequence[Row], command: str) -> None:
    """Put the table, the date and the versions between the marks of the document."""
    told = f"""{BEGIN}
`{command}`, {datetime.now(UTC):%Y-%m-%d}: Python {platform.python_version()}, \
moto {version("moto")}, umetrics at {commit()}.

{table(rows)}
{END}"""
    document = DOCUMENT.read_text()
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    DOCUMENT.write_text(pattern.sub(lambda _match: told, document))


def commit() -> str:
    """Of the checkout, and whether it was changed since."""
    asked = ("git", "describe", "--always", "--dirty")
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "an unknown commit"
