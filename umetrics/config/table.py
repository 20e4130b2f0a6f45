"""The table of all settings, collected from the fields of `values.py`, and `Config` made from one.

Nothing here reads files or judges values: `build` gets values that are right.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, TypeVar, get_args, get_origin, get_type_hints

from umetrics.config.kind import Value
from umetrics.config.outputs import OUTPUTS
from umetrics.config.setting import Setting
from umetrics.config.values import Config

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of `umetrics config show`."""

    key: str
    value: Value
    origin: str


@dataclass(frozen=True, slots=True)
class Files:
    """What a configuration knows about the disk."""

    source: Path | None
    state_folder: Path


def _declared(owner: type, outer: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The settings of a class and of the classes of its fields, in order."""
    hints = get_type_hints(owner, include_extras=True)
    for each in dataclasses.fields(owner):
        hint = hints[each.name]
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            yield from _declared(hint, (each.name,))
        elif get_origin(hint) is Annotated:
            setting: Setting = get_args(hint)[1]
            default = None if each.default is dataclasses.MISSING else each.default
            path = (*outer, each.name)
            key = setting.key or ".".join(path)
            yield dataclasses.replace(setting, key=key, default=default, path=path)


SETTINGS: Mapping[str, Setting] = MappingProxyType({each.key: each for each in _declared(Config)})
"""Every setting by its dotted key, in the order in which people should read them."""

TABLES = (*dict.fromkeys(each.table for each in SETTINGS.values() if each.table), OUTPUTS)
"""The names of the tables, without [stages]."""


def default_of(setting: Setting, project: str, stage: str) -> Value:
    """What holds when nobody sets it; the one place where {P}, {p} and {S} are filled in."""
    if setting.named is None:
        return setting.default
    if isinstance(setting.named, str):
        return _filled(setting.named, project, stage)
    return tuple(_filled(each, project, stage) for each in setting.named)


def _filled(name: str, project: str, stage: str) -> str:
    return name.format(P=project, p=project.lower(), S=stage)


def build(values: Mapping[str, Value], origins: Mapping[str, str], files: Files) -> Config:
    """The configuration from a value for every key of `SETTINGS`, and for names of [outputs]."""
    fields: dict[str, object] = {
        "state_folder": files.state_folder,
        "source": files.source,
        "origins": MappingProxyType(dict(origins)),
        "outputs": tuple(
            (key.removeprefix(f"{OUTPUTS}."), value)
            for key, value in values.items()
            if key not in SETTINGS
        ),
    }
    tables: dict[str, dict[str, object]] = {}
    for setting in SETTINGS.values():
        *outer, name = setting.path
        place = tables.setdefault(outer[0], {}) if outer else fields
        place[name] = values[setting.key]
    classes = get_type_hints(Config)
    for name, inner in tables.items():
        fields[name] = _made(classes[name], inner)
    return _made(Config, fields)


def _made(maker: Callable[..., T], fields: Mapping[str, object]) -> T:
    return maker(**fields)


def entries(config: Config) -> tuple[Entry, ...]:
    """Every setting, then every name of [outputs], with its value and where that came from."""
    settings = {
        key: attrgetter(".".join(setting.path))(config) for key, setting in SETTINGS.items()
    }
    named = {f"{OUTPUTS}.{name}": source for name, source in config.outputs}
    return tuple(
        Entry(key, value, config.origins[key]) for key, value in {**settings, **named}.items()
    )
