"""The options of `audit-tags`, by what they are about: how far, how strict, and what to repair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.audit.values import Scope
from umetrics.cli.kept_files import is_one
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
            help="What we built; all that belongs to the project; or all of the kinds it knows.",
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
        float | None,
        typer.Option(
            "--rate",
            help="Calls a second in each account and region, at most.",
            show_default=f"{POLITE:g}",
        ),
    ] = None

    @property
    def breadth(self) -> Breadth:
        """As the library has it. Raises `UsageError` for what makes no sense in this scope."""
        from umetrics.library.auditing import Breadth

        regions = tuple(each.strip() for each in (self.regions or "").split(",") if each.strip())
        if self.regions is not None and not regions:
            raise UsageError("--regions names none", hint="name regions with commas, or `all`")
        role_arns = (*(self.role_arn or ()), *self._listed())
        if self.scope is Scope.DEPLOYMENT and (regions or role_arns or self.rate is not None):
            raise UsageError(
                "our own deployments are looked for where they live, and nowhere else",
                hint="--regions, --role-arn and --rate go with --scope project or --scope account",
            )
        rate = POLITE if self.rate is None else self.rate
        if not (rate > 0 and math.isfinite(rate)):
            raise UsageError(f"--rate {rate} is no number of calls a second", hint="try --rate 20")
        return Breadth(self.scope, regions, role_arns, rate)

    @property
    def arguments(self) -> list[str]:
        """The same options, to be typed once more."""
        given = [] if self.scope is Scope.DEPLOYMENT else ["--scope", self.scope.value]
        given += ["--regions", self.regions] if self.regions is not None else []
        given += [word for arn in self.role_arn or () for word in ("--role-arn", arn)]
        given += ["--role-arns-file", str(self.role_arns_file)] if self.role_arns_file else []
        return given + (["--rate", f"{self.rate:g}"] if self.rate is not None else [])

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
        arns = tuple(line for line in lines if line)
        if not arns:
            raise UsageError(
                f"--role-arns-file: {self.role_arns_file} names no role",
                hint="it has one ARN of a role a line; # begins a comment",
            )
        return arns


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
        """As the library has it.

        Raises `UsageError` for a baseline that cannot be read, and a score that is no number.
        """
        from umetrics.audit.baseline import read_baseline
        from umetrics.library.auditing import Measure

        if self.fail_under is not None and math.isnan(self.fail_under):
            raise UsageError("--fail-under nan is no score", hint="use --fail-under 95")
        baseline = read_baseline(self.baseline) if self.baseline else frozenset()
        return Measure(now.date(), baseline, self.fail_under)

    def known(self, report: TagReport) -> dict[Path, str]:
        """The baseline to be written, where one is: what is known by now is all that was found."""
        from umetrics.audit.baseline import baseline_text

        if self.write_baseline is None:
            return {}
        return {self.write_baseline: baseline_text((*report.findings, *report.known))}


def refuse_one_file_twice(out: Sequence[Path], gate: Gate, reach: Reach) -> None:
    """Raise `UsageError` where a file would be written that is read, or written, as another, too.

    However its name is spelt. Only a baseline may be read and written anew in one run.
    """
    named = [("--out", path) for path in out]
    named += [("--write-baseline", gate.write_baseline)] if gate.write_baseline else []
    named += [("--role-arns-file", reach.role_arns_file)] if reach.role_arns_file else []
    if gate.baseline and not is_one(gate.baseline, gate.write_baseline):
        named.append(("--baseline", gate.baseline))
    for number, (option, path) in enumerate(named):
        for first, other in named[:number]:
            if is_one(path, other):
                raise UsageError(
                    f"{first} and {option} both name {path}"
                    if first != option
                    else f"{option} names {path} twice",
                    hint="give each file a name of its own",
                )


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
            help="With --fix --yes: how many are changed that are not ours or another stage's.",
        ),
    ] = None

    def check(self) -> None:
        """Raise `UsageError` for what says how to repair where nothing is to be repaired."""
        named = {"--overwrite": self.overwrite, "--confirm": self.confirm is not None}
        alone = [option for option, is_given in named.items() if is_given and not self.fix]
        if alone:
            raise UsageError(f"{' and '.join(alone)} without --fix", hint="add --fix, which asks")
