"""`umetrics init`: one commented umetrics.toml, where there is none yet. Asks AWS nothing."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from umetrics.cli import completion
from umetrics.cli.options import Common
from umetrics.cli.session import screen_for
from umetrics.config.reading import FILE, read
from umetrics.config.template import template
from umetrics.errors import ConfigurationError, Problem, WouldOverwrite


@dataclass(frozen=True, slots=True)
class Given:
    """Settings to be filled in, by their keys."""

    project: Annotated[
        str | None, typer.Option(help="The Project tag, and part of every name.")
    ] = None
    owner: Annotated[str | None, typer.Option(help="The Owner tag: an e-mail address.")] = None
    account: Annotated[str | None, typer.Option(help="The only AWS account to work in.")] = None
    region: Annotated[
        str | None,
        typer.Option(help="The AWS region to work in.", autocompletion=completion.regions),
    ] = None
    profile: Annotated[
        str | None, typer.Option(help="The AWS profile.", autocompletion=completion.profiles)
    ] = None

    @property
    def settings(self) -> dict[str, str]:
        """Those that were named."""
        named = dataclasses.asdict(self)
        return {key: text for key, text in named.items() if text is not None}


def init(
    common: Common,
    given: Given,
    stdout: Annotated[
        bool, typer.Option("--stdout", help="Print the text instead of writing the file.")
    ] = False,
) -> int:
    """Write an umetrics.toml that explains every setting.

    Examples:

        umetrics init --owner team@example.org --region us-east-1

        umetrics init --stdout

    What is not given keeps its default. The file goes into the current folder, or where --config
    says, and never replaces another one.
    """
    text = template(given.settings)
    screen = screen_for(common)
    if stdout:
        screen.show_data(text)
        return 0
    path = Path.cwd() / (common.config or Path(FILE)).expanduser()
    superseded = _counting_in(path.parent)
    _create(path, text)
    screen.result(f"Wrote {path}.")
    if common.config is None and superseded is not None:
        screen.say(
            f"{superseded} counts no more here, nor does the state folder beside it.", "warning"
        )
    named = f" --config {common.config}" if common.config else ""
    screen.say(f"Look through it, then: umetrics plan --stage dev{named}")
    return 0


def _counting_in(folder: Path) -> Path | None:
    """The file that counts for commands in this folder; None also for one that cannot be read."""
    with suppress(ConfigurationError):
        return read(None, folder).source
    return None


def _create(path: Path, text: str) -> None:
    """Raises `WouldOverwrite`, and `ConfigurationError` where no file can be written."""
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError as error:
        raise WouldOverwrite(
            f"{path} is there already",
            hint="move it away, or print a new one beside it: umetrics init --stdout > new.toml",
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with file:
            file.write(text)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigurationError:
    reason = (error.strerror or str(error)).lower()
    problem = Problem(path.name, reason, "a new file in a folder that can be written")
    return ConfigurationError(
        str(path), [problem], hint="run it in another folder, or name a file with --config"
    )
