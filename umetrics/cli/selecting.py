"""The options that choose part of a plan, for all commands that draw one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from umetrics.cli import completion
from umetrics.provision.selection import Selection


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
