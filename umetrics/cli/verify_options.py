"""Options of `verify` that ask for trials, none of which is made otherwise."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from umetrics.library.probing import Trials


class Rehearsal(enum.StrEnum):
    """The only way in which functions are touched at all."""

    DRY_RUN = "dry-run"


@dataclass(frozen=True, slots=True)
class Trying:
    """What is tried besides what is looked at."""

    invoke: Annotated[
        Rehearsal | None,
        typer.Option("--invoke", help="May functions be called? Never runs one."),
    ] = None
    update_code: Annotated[
        Rehearsal | None,
        typer.Option("--update-code", help="Would code be taken? Never changes any."),
    ] = None
    health_url: Annotated[
        list[str] | None,
        typer.Option("--health-url", metavar="URL", help="Does it answer a GET? Repeatable."),
    ] = None

    @property
    def is_asked(self) -> bool:
        """Whether anything is to be tried."""
        return bool(self.invoke or self.update_code or self.health_url)

    def checked(self, *, is_sandbox: bool) -> Trials:
        """As the library has them. Raises `UsageError` before anything is asked of anybody."""
        from umetrics.library.probing import Trials
        from umetrics.verify.probe.health import checked_url

        urls = tuple(checked_url(each, only_here=is_sandbox) for each in self.health_url or ())
        return Trials(
            invoke=self.invoke is not None,
            update_code=self.update_code is not None,
            health_urls=urls,
        )
