"""Options that several commands share, as dataclasses, and how they become parameters.

Typer reads options from a function's parameters. `command` lets a function take a whole dataclass
of options as one parameter, so that a new shared option is one new field here.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from umetrics.cli import completion


class TextFormat(enum.StrEnum):
    """How a command that reports writes its result."""

    TEXT = "text"
    JSON = "json"


class RunFormat(enum.StrEnum):
    """How a command that acts writes its result."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Common:
    """What every command takes."""

    stage: Annotated[
        str | None,
        typer.Option(
            "--stage",
            "-s",
            help="Stage to work on; UMETRICS_STAGE, else dev.",
            autocompletion=completion.stages,
        ),
    ] = None
    config: Annotated[
        Path | None,
        typer.Option("--config", help="umetrics.toml to use; else searched here and above."),
    ] = None
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox",
            envvar="UMETRICS_SANDBOX",
            help="Work on a local AWS instead of a real account.",
        ),
    ] = False
    no_color: Annotated[bool, typer.Option("--no-color", help="Never use colour.")] = False
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the program an error arose.")
    ] = False

    @property
    def arguments(self) -> list[str]:
        """Which stage they name, and where, to be typed once more."""
        given = ["--stage", self.stage] if self.stage else []
        given += ["--config", str(self.config)] if self.config else []
        return given + (["--sandbox"] if self.sandbox else [])


@dataclass(frozen=True, slots=True)
class Account:
    """What commands that talk to AWS take besides."""

    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            help="AWS profile, as the AWS CLI has it.",
            autocompletion=completion.profiles,
        ),
    ] = None
    region: Annotated[
        str | None,
        typer.Option("--region", help="AWS region.", autocompletion=completion.regions),
    ] = None
    endpoint_url: Annotated[
        str | None, typer.Option("--endpoint-url", help="Another address for all AWS calls.")
    ] = None

    @property
    def arguments(self) -> list[str]:
        """The same options, to be typed once more."""
        named = {
            "--profile": self.profile,
            "--region": self.region,
            "--endpoint-url": self.endpoint_url,
        }
        return [word for option, text in named.items() if text for word in (option, text)]


@dataclass(frozen=True, slots=True)
class Consent:
    """How commands that write get their permission."""

    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Never ask: fail where --yes is missing.")
    ] = False


def expanded(function: Callable[..., int]) -> Callable[..., int]:
    """`function` with each dataclass parameter replaced by the dataclass's own fields."""
    hints = get_type_hints(function, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if dataclasses.is_dataclass(hint)}

    @functools.wraps(function)
    def called(**given: object) -> int:
        for name, group in groups.items():
            fields = [field.name for field in dataclasses.fields(group)]
            given[name] = group(**{field: given.pop(field) for field in fields})  # type: ignore[operator]
        return function(**given)

    parameters = list(_parameters(function, hints, groups))
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


def _parameters(
    function: Callable[..., int], hints: dict[str, Any], groups: dict[str, Any]
) -> Iterator[inspect.Parameter]:
    """A command's own options first, then the shared ones."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = inspect.signature(function).parameters
    for name, parameter in own.items():
        if name not in groups:
            yield parameter.replace(kind=keyword, annotation=hints[name])
    for name in own:
        if name in groups:
            annotations = get_type_hints(groups[name], include_extras=True)
            for field in dataclasses.fields(groups[name]):
                annotation = annotations[field.name]
                yield inspect.Parameter(
                    field.name, keyword, default=field.default, annotation=annotation
                )
