"""What a shell may offer for a word that is being typed: from files of this machine, never AWS.

A completer answers in the middle of somebody's prompt, so it never fails and never speaks: what
cannot be read offers nothing. It runs in folders whose files nobody vouches for, and shells expand
what they are offered (zsh evaluates it), so only words of harmless characters are offered.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import typer

from umetrics.cli.session import SANDBOX_FOLDER
from umetrics.config import known_stages, load
from umetrics.config.rules import ENVIRONMENTS
from umetrics.errors import UmetricsError
from umetrics.state import StateStore

VARIABLE = "_UMETRICS_COMPLETE"
"""Set by the shell functions of typer when they ask."""

HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.@+=,-]*", re.ASCII)

Completer = Callable[[typer.Context], list[str]]


def begin_completing(environment: Mapping[str, str]) -> list[str]:
    """The words before the unfinished one, without the program's name; none when no shell asks.

    When one does, typer cannot import rich from now on: that takes half as long as all the rest,
    and only strips markup from help texts that have none.
    """
    if not environment.get(VARIABLE):
        return []
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # how Python forbids an import
    line = environment.get("COMP_WORDS") or environment.get("_TYPER_COMPLETE_ARGS", "")
    return re.split(r"\s+", line)[1:-1]


def quiet(find: Callable[[typer.Context], Iterable[str]]) -> Completer:
    """A completer that offers what was found before something went wrong, once and in order."""

    def complete(context: typer.Context) -> list[str]:
        found: dict[str, None] = {}
        with suppress(UmetricsError, OSError, ValueError):
            for word in find(context):
                found[word] = None
        return [word for word in found if HARMLESS.fullmatch(word)]

    return complete


@quiet
def stages(context: typer.Context) -> Iterator[str]:
    """Those of the configuration, and those that have a state file."""
    yield from ENVIRONMENTS
    yield from known_stages(_configuration(context))
    yield from (path.stem for path in sorted(_state_folder(context).glob("*.json")))


@quiet
def keys(context: typer.Context) -> Iterator[str]:
    """What is recorded for the stage that was named."""
    stage = context.params.get("stage") or os.environ.get("UMETRICS_STAGE") or "dev"
    state = StateStore(_state_folder(context), str(stage)).read()
    yield from sorted(state.receipts) if state else ()


@quiet
def profiles(_context: typer.Context) -> Iterator[str]:
    """The profiles of the AWS CLI."""
    yield from _shared_configuration()


@quiet
def regions(_context: typer.Context) -> Iterator[str]:
    """The regions that profiles of the AWS CLI name."""
    yield from filter(None, _shared_configuration().values())


def _configuration(context: typer.Context) -> Path | None:
    named = context.params.get("config")
    return Path(named) if named else None


def _state_folder(context: typer.Context) -> Path:
    folder = load("dev", path=_configuration(context)).state_folder
    return folder / SANDBOX_FOLDER if context.params.get("sandbox") else folder


def _shared_configuration() -> dict[str, str]:
    """Profile -> its region, empty where it names none, as ~/.aws has them."""
    from configparser import Error, RawConfigParser

    found: dict[str, str] = {}
    for variable, name, heading in (
        ("AWS_CONFIG_FILE", "~/.aws/config", re.compile(r"(?:profile\s+)?(\S+)")),
        ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", re.compile(r"(\S+)")),
    ):
        parser = RawConfigParser(strict=False)
        with suppress(Error):
            parser.read(Path(os.environ.get(variable) or name).expanduser(), encoding="utf-8")
        for section in parser.sections():
            if (profile := heading.fullmatch(section)) is not None:
                region = parser.get(section, "region", fallback="")
                found[profile[1]] = found.get(profile[1]) or region
    return found
