"""The options of `audit-tags`, by what they are about: how far, how strict, and what to repair."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.audit.values import Scope
from umetrics.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from umetrics.audit.tally import TagReport
    from umetrics.library.auditing import Breadth, Measure

POLITE = 20.0
"""Calls a second in an account and region; EC2 grants as many in the long run."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far to look."""

    scope: Annotated[
        Scope,
        typer.Option(
            "--scope",
            help="What we built; all that belongs to the project; or all in the account.",
        ),
    ] = Scope.DEPLOYMENT
    regions: Annotated[
        str | None,
        typer.Option("--regions", metavar="all|LIST", help="Regions to look at, with commas."),
    ] = None
    role_arn: Annotated[
        list[str] | None,
        typer.Option("--role-arn", metavar="ARN", help="Look as this role; one per account."),
    ] = None
    role_arns_file: Annotated[
        Path | None,
        typer.Option("--role-arns-file", help="A file with such ARNs, one a line."),
    ] = None
    rate: Annotated[
        float, typer.Option("--rate", help="Calls a second in each account and region, at most.")
    ] = POLITE

    @property
    def breadth(self) -> Breadth:
        """As the library has it. Raises `UsageError` for what makes no sense in this scope."""
        from umetrics.library.auditing import Breadth

        regions = tuple(each.strip() for each in (self.regions or "").split(",") if each.strip())
        role_arns = (*(self.role_arn or ()), *self._listed())
        if self.scope is Scope.DEPLOYMENT and (regions or role_arns):
            raise UsageError(
                "our own deployments are looked for where they live, and nowhere else",
                hint="--regions and --role-arn go with --scope project or --scope account",
            )
        return Breadth(self.scope, regions, role_arns, self.rate)

    def _listed(self) -> tuple[str, ...]:
        if self.role_arns_file is None:
            return ()
        try:
            text = self.role_arns_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise UsageError(
                f"cannot read {self.role_arns_file}: {reason}",
                hint="it has one ARN of a role a line; # begins a comment",
            ) from error
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        return tuple(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class Gate:
    """What fails the command."""

    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Findings in this file do not count."),
    ] = None
    write_baseline: Annotated[
        Path | None,
        typer.Option("--write-baseline", metavar="FILE", help="Write all findings to this file."),
    ] = None
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", min=0, max=100, help="The score, in percent, that is enough."),
    ] = None
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 also with findings.")] = (
        False
    )

    @property
    def forgives(self) -> bool:
        """Whether findings do not fail the command."""
        return self.exit_zero or self.write_baseline is not None

    def measure(self, now: datetime) -> Measure:
        """As the library has it. Raises `UsageError` for a baseline that cannot be read."""
        from umetrics.audit.baseline import read_baseline
        from umetrics.library.auditing import Measure

        baseline = read_baseline(self.baseline) if self.baseline else frozenset()
        return Measure(now.date(), baseline, self.fail_under)

    def known(self, report: TagReport) -> dict[Path, str]:
        """The baseline to be written, where one is: what is known by now is all that was found."""
        from umetrics.audit.baseline import baseline_text

        if self.write_baseline is None:
            return {}
        return {self.write_baseline: baseline_text((*report.findings, *report.known))}


@dataclass(frozen=True, slots=True)
class Mending:
    """What to repair."""

    fix: Annotated[bool, typer.Option("--fix", help="Put right what can be, after a question.")] = (
        False
    )
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="With --fix: also wrong values and forbidden keys."),
    ] = False
    confirm: Annotated[
        int | None,
        typer.Option(
            "--confirm",
            metavar="NUMBER",
            help="With --fix --yes: how many resources are changed that are not ours.",
        ),
    ] = None
