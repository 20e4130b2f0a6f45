"""Drawing a plan as the options ask for it: `--prune`, and the part that `--target` chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli import completion
from umetrics.plan_file import Circumstances
from umetrics.provision.selection import Selection, select
from umetrics.render.phrase import counted

if TYPE_CHECKING:
    from umetrics.foundation import Foundation, View
    from umetrics.provision.plan import Plan


@dataclass(frozen=True, slots=True)
class Part:
    """What a person chose; both may be given several times."""

    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="KEY|KIND",
            help="Only this, and what it needs: a key, a glob ('subnet/*') or a kind (role).",
            autocompletion=completion.keys,
        ),
    ] = None
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude",
            metavar="KEY|KIND",
            help="Everything but this.",
            autocompletion=completion.keys,
        ),
    ] = None

    @property
    def selection(self) -> Selection:
        """As provisioning has it."""
        return Selection(tuple(self.target or ()), tuple(self.exclude or ()))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plan, and what is to be said with it."""

    plan: Plan
    warnings: tuple[str, ...]
    is_part: bool = False


def draw(foundation: Foundation, view: View, *, prune: bool, selection: Selection) -> Drawn:
    """The plan of `up`, or the part of it that was chosen."""
    part = part_of(foundation.plan(view, prune=prune), selection)
    return Drawn(part.plan, (*foundation.config.warnings, *part.warnings), part.is_part)


def circumstances(foundation: Foundation, view: View) -> Circumstances:
    """What a plan is drawn for, to be kept with it or held against a kept one."""
    aws = foundation.aws
    return Circumstances.of(
        foundation.config, view.identity.account, aws.region, sandbox=aws.is_sandbox
    )


def part_of(whole: Plan, selection: Selection) -> Drawn:
    """What was chosen of a plan, with a warning unless that is all of it."""
    part = select(whole, selection)
    left_out = len(whole.steps) - len(part.steps)
    if not left_out:
        return Drawn(part, ())
    undone = len(whole.changes) + len(whole.conflicts) - len(part.changes) - len(part.conflicts)
    warning = (
        f"only part of the deployment was chosen: {counted(left_out, 'resource')} left out, "
        f"{undone} of them with something to do; the price is that of the part"
    )
    return Drawn(part, (warning,), is_part=True)
