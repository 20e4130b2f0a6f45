"""Precedence: which of several values counts, and the configuration of a stage made from them.

Flag, then `UMETRICS_*`, then the file ([stages.<stage>] before the top level), then other
programs' variables (`AWS_REGION`), then the default. An empty environment variable is as good as
none. Whatever is wrong is raised at once, in one `ConfigurationError`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from umetrics.config.kind import Judged, Value, near
from umetrics.config.outputs import OUTPUTS, is_name, setting_of
from umetrics.config.reading import STAGES, Document, TomlTable, read
from umetrics.config.rules import ENVIRONMENTS
from umetrics.config.setting import Scope, Setting
from umetrics.config.table import SETTINGS, Files, build, default_of
from umetrics.config.tagging import Tagging
from umetrics.config.validation import problems_between, problems_in
from umetrics.config.values import Config
from umetrics.errors import ConfigurationError, Problem, StageUnknown, UsageError

DEFAULT = "default"
DEFAULT_STAGE = "dev"
STATE_FOLDER = "state"
TAGS = "tags"

_NONE: Mapping[str, str] = MappingProxyType({})
_NO_FLAGS: Mapping[str, object] = MappingProxyType({})


def load(
    stage: str | None,
    *,
    path: Path | None = None,
    flags: Mapping[str, object] = _NO_FLAGS,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Config:
    """The configuration of a stage.

    Without a stage it is `UMETRICS_STAGE`, else dev. `path` is a file to use instead of looking
    for one; `flags` maps keys (`region`, `network.cidr`) to what the command line says, as text or
    as the value that is meant; the environment and folder are the process's own unless given.
    Raises `ConfigurationError` with every problem, `UsageError` for a folder that is not there, and
    `StageUnknown`.
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="name the one of umetrics.toml")
    folder = (folder or Path.cwd()).resolve()
    document = read(path, folder)
    sources = _Sources(document, flags, os.environ if environment is None else environment)
    return _resolved(sources, stage, folder)


def defaults(stage: str, flags: Mapping[str, object] = _NO_FLAGS) -> Config:
    """The configuration of a stage of which no file and no environment variable says anything.

    Raises as `load` does, for flags that are wrong.
    """
    return _resolved(_Sources(Document(), flags, _NONE), stage, Path.cwd())


def _resolved(sources: _Sources, stage: str | None, folder: Path) -> Config:
    document = sources.document
    chosen = sources.stage(stage)
    problems = problems_in(document) + _unknown_flags(sources.flags)
    if chosen.raw not in _stages_of(document) and not problems:
        raise _stage_unknown(chosen, _stages_of(document))
    values, origins, wrong = _selected(sources, chosen)
    problems += [each for each in wrong if each not in problems]
    problems += problems_between(values, origins)
    if problems:
        raise ConfigurationError(
            str(document.source or "the configuration"),
            problems,
            hint="docs/configuration.md lists every key and what it may be",
        )
    home = document.source.parent if document.source else folder
    return build(values, origins, Files(document.source, home / STATE_FOLDER))


def known_stages(path: Path | None = None, folder: Path | None = None) -> tuple[str, ...]:
    """dev, staging and prod, then the stages that the configuration adds, in its order.

    Raises `ConfigurationError` when the file cannot be read.
    """
    return _stages_of(read(path, (folder or Path.cwd()).resolve()))


def shared_tags(config: Config) -> Tagging:
    """The table [tags] of a configuration without what its stage says otherwise.

    By it is judged what belongs to no stage.
    """
    document = read(config.source, config.source.parent) if config.source else Document()
    own, common = document.stages().get(config.stage, {}).get(TAGS), document.content.get(TAGS)
    shared: dict[str, Any] = {}
    for setting in SETTINGS.values():
        where = document.where((STAGES, config.stage, TAGS), setting.name)
        if setting.table != TAGS or not isinstance(own, dict) or setting.name not in own:
            continue
        if config.origins.get(setting.key) != where:
            continue
        if isinstance(common, dict) and setting.name in common:
            origin = document.where((TAGS,), setting.name)
            shared[setting.name] = setting.kind.judge(common[setting.name], origin).value
        else:
            shared[setting.name] = default_of(setting, config.project, config.stage)
    return replace(config.tags, **shared)


@dataclass(frozen=True, slots=True)
class _Text:
    raw: str
    origin: str


@dataclass(frozen=True, slots=True)
class _Sources:
    """All places where a value may stand."""

    document: Document
    flags: Mapping[str, object]
    environment: Mapping[str, str]

    def stage(self, flag: str | None) -> _Text:
        setting = SETTINGS["stage"]
        if flag is not None:
            return _Text(flag, f"flag {setting.flag}")
        found = self._variable(setting.variable)
        return found or _Text(DEFAULT_STAGE, DEFAULT)

    def choice(self, setting: Setting, stage: str) -> tuple[Judged, str]:
        """The value that counts, judged, and its origin."""
        if setting.key in self.flags:
            raw, origin = self.flags[setting.key], f"flag {setting.flag}"
            return setting.kind.judge(_understood(setting, raw), origin), origin
        if (text := self._variable(setting.variable)) is not None:
            return setting.kind.judge(_understood(setting, text.raw), text.origin), text.origin
        for tables, content in self._tables(setting, stage):
            if setting.name in content:
                where = self.document.where(tables, setting.name)
                return setting.kind.judge(content[setting.name], where), where
        for name in setting.fallbacks:
            if (fallback := self._variable(name)) is not None:
                return setting.kind.judge(fallback.raw, fallback.origin), fallback.origin
        return Judged(None), DEFAULT

    def names(self, stage: str) -> tuple[str, ...]:
        """The well-formed names of [outputs], whether for all stages or for this one."""
        tables = (self.document.content, self.document.stages().get(stage, {}))
        found = [table for each in tables if isinstance(table := each.get(OUTPUTS), dict)]
        return tuple(dict.fromkeys(name for table in found for name in table if is_name(name)))

    def _variable(self, name: str) -> _Text | None:
        value = self.environment.get(name, "")
        return _Text(value, f"environment {name}") if value else None

    def _tables(self, setting: Setting, stage: str) -> Iterator[tuple[tuple[str, ...], TomlTable]]:
        """Where in the file a setting may stand, the one that counts more first."""
        inner = (setting.table,) if setting.table else ()
        of_stage = self.document.stages().get(stage, {})
        for base, content in (((STAGES, stage), of_stage), ((), self.document.content)):
            table = content.get(setting.table) if setting.table else content
            if isinstance(table, dict):
                yield (*base, *inner), table


def _understood(setting: Setting, raw: object) -> object:
    """What TOML would have given for it."""
    if isinstance(raw, str):
        return setting.kind.understand(raw)
    return list(raw) if isinstance(raw, tuple) else raw


def _selected(
    sources: _Sources, stage: _Text
) -> tuple[dict[str, Value], dict[str, str], list[Problem]]:
    """The value that counts and its origin, by key; wrong values are missing, with a problem each.

    A configuration with problems is never built, so nobody meets the gaps.
    """
    values: dict[str, Value] = {"stage": stage.raw}
    origins = {"stage": stage.origin}
    problems: list[Problem] = []
    named = {each.key: each for each in map(setting_of, sources.names(stage.raw))}
    for key, setting in {**SETTINGS, **named}.items():
        if key not in origins:
            judged, origins[key] = sources.choice(setting, stage.raw)
            problems += judged.problems
            if not judged.problems:
                values[key] = judged.value
    _fill_in(values, origins)
    return values, origins, problems


def _fill_in(values: dict[str, Value], origins: dict[str, str]) -> None:
    """Give every setting that nobody set its default; some follow from others."""
    stage = str(values["stage"])
    if stage in ENVIRONMENTS:
        values["environment"] = stage
        if origins["environment"] == DEFAULT:
            origins["environment"] = "stage"
    unset = [key for key, origin in origins.items() if origin == DEFAULT and key != "stage"]
    project = str(values.get("project") or SETTINGS["project"].default)
    for key in unset:
        values[key] = default_of(SETTINGS[key], project, stage)
    if "protected" in unset:
        values["protected"] = values.get("environment") == "prod"


def _stages_of(document: Document) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ENVIRONMENTS, *document.stages())))


def _stage_unknown(chosen: _Text, known: tuple[str, ...]) -> StageUnknown:
    meant = near(chosen.raw, known)
    question = f"did you mean {meant}? " if meant else ""
    return StageUnknown(
        f"there is no stage {chosen.raw!r} ({chosen.origin}); known: {', '.join(known)}",
        hint=f"{question}a stage of another name needs a table [stages.<name>] in umetrics.toml "
        "that sets `environment`",
    )


def _unknown_flags(flags: Mapping[str, object]) -> list[Problem]:
    settable = [key for key, each in SETTINGS.items() if each.scope is Scope.ANYWHERE]
    unknown = [key for key in flags if key not in settable]
    return [
        Problem(
            f"flag --{key}",
            "an unknown setting",
            "a key of umetrics.toml",
            near(str(key), settable),
        )
        for key in unknown
    ]
