"""All that was found, and what it comes to. Values only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from umetrics.doctor.finding import Certainty, Check, Finding, Status
from umetrics.doctor.permission import Permissions


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in the order of `Check`; `permissions` is None where nothing was asked of them.

    `mode` is what the permissions are for.
    """

    mode: str
    findings: tuple[Finding, ...]
    permissions: Permissions | None = None

    def __post_init__(self) -> None:
        order = list(Check)
        ordered = sorted(self.findings, key=lambda each: order.index(each.check))
        object.__setattr__(self, "findings", tuple(ordered))

    def of(self, check: Check) -> Iterator[Finding]:
        """Those of one check."""
        return (each for each in self.findings if each.check is check)

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What keeps the configuration from being applied."""
        return tuple(each for each in self.findings if each.fails)

    @property
    def is_partial(self) -> bool:
        """Whether anything could not be told."""
        return any(each.status is Status.UNKNOWN for each in self.findings)

    @property
    def exit_code(self) -> int:
        """Of the gravest problem: 6 a safety rule, 4 a permission, 3 anything else; 0 without."""
        return max((each.exit_code for each in self.problems), default=0)

    def how_many(self, certainty: Certainty) -> int:
        """Findings that are known in this way."""
        return sum(each.certainty is certainty for each in self.findings)
