"""Settings written into the configuration file in use, or into a new one.

Only what leaves a configuration that every stage can be read from, and in which the settings count,
is written; and that is done at once: the old file is there until the new one is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from umetrics.config import Config, known_stages, load
from umetrics.config.editing import Assigned, edited
from umetrics.config.loading import DEFAULT
from umetrics.config.reading import FILE, STAGES, Document, read
from umetrics.config.template import template
from umetrics.errors import ConfigurationError, Problem, UsageError, WouldOverwrite
from umetrics.state.disk import sync_folder


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A file as it is, None where there is none, and as it shall be.

    `changes` are the keys that will say something else, with what they said and will say, none
    when all counts as it is. `place` is how messages name where that stands.
    """

    path: Path
    place: str
    before: str | None
    after: str
    changes: Mapping[str, tuple[Assigned, Assigned]]

    def write(self) -> None:
        """Put the new text in the place of the old one; the file's mode stays.

        Raises `WouldOverwrite` when the file has changed meanwhile, and `ConfigurationError` when
        it cannot be written.
        """
        target = self.path.resolve()  # a link stays a link
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        if _text(target) != self.before:
            raise WouldOverwrite(
                f"{self.path} has changed meanwhile; it was left alone",
                hint="run the same command again",
            )
        try:
            with temporary.open("x", encoding="utf-8", newline="") as file:
                file.write(self.after)
                file.flush()
                os.fsync(file.fileno())
            if self.before is not None:
                shutil.copymode(target, temporary)
            temporary.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            reason = (error.strerror or str(error)).lower()
            problem = Problem(self.path.name, reason, "a file in a folder that can be written")
            raise ConfigurationError(
                str(self.path), [problem], hint="nothing was written"
            ) from error


def rewriting(
    config: Config, table: str, values: Mapping[str, Assigned], *, for_stage: bool
) -> Rewriting:
    """What has to change so that keys of one table say this, for one stage or for all.

    None takes a key out. Raises `ConfigurationError` where the file would then be wrong, and
    `UsageError` where something else counts more than the file.
    """
    keys = {f"{table}.{name}": value for name, value in values.items()}
    path = config.source or Path.cwd() / FILE
    before = _text(path)
    if all(_said(config, key) == value for key, value in keys.items()):
        origin = next(config.origins[key] for key, value in keys.items() if value is not None)
        return Rewriting(path, origin, before, before or "", {})
    document = read(config.source, path.parent) if config.source else Document()
    tables = (STAGES, config.stage, table) if for_stage else (table,)
    text = template({}) if before is None else before
    after = edited(text, (*document.heading, *tables), values)
    said = _content(document, tables)
    changes = {
        name: (said.get(name), value) for name, value in values.items() if said.get(name) != value
    }
    result = Rewriting(path, document.where(tables), before, after, changes)
    _insist_that_it_counts(result, config.stage, keys)
    return result


def _content(document: Document, tables: Sequence[str]) -> dict[str, Assigned]:
    """What a table of a document says, lists as tuples."""
    content: Any = document.content
    for name in tables:
        content = content.get(name, {})
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in content.items()
    }


def _said(config: Config, key: str) -> Assigned:
    """None where only the default speaks."""
    if config.origins[key] == DEFAULT:
        return None
    value: Assigned = attrgetter(key)(config)
    return value


def _insist_that_it_counts(result: Rewriting, stage: str, values: Mapping[str, Assigned]) -> None:
    """Read the new text as every stage would, from a copy."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / result.path.name
        copy.write_text(result.after, encoding="utf-8", newline="")
        try:
            config = {each: load(each, path=copy) for each in known_stages(copy)}[stage]
        except ConfigurationError as error:
            hint = f"nothing was written: this is what {result.path.name} would say then"
            raise ConfigurationError(str(result.path), error.problems, hint=hint) from error
    for key, value in values.items():
        if _said(config, key) != value:
            raise UsageError(
                f"{config.origins[key]} counts for stage {stage}, whatever {result.place} says",
                hint=f"take `{key.rpartition('.')[2]}` out there, or name the stage with --stage",
            )


def _text(path: Path) -> str | None:
    """With its line breaks as they are; None where there is no file."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
