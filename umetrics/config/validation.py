"""Everything that can be said against a document, and against values that must fit together.

All stages of a document are judged, whichever is asked for, so that a slip in [stages.prod] shows
before the day of its first use. Rules about single values are in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from umetrics.config.contradictions import problems_of_tagging
from umetrics.config.kind import Value, near, shown
from umetrics.config.outputs import OUTPUTS, problems_with
from umetrics.config.reading import STAGES, Document, TomlTable
from umetrics.config.rules import ENVIRONMENTS, STAGE
from umetrics.config.setting import Scope, Setting
from umetrics.config.sharing import problems_of_sharing
from umetrics.config.table import SETTINGS, TABLES
from umetrics.errors import ConfigurationError, Problem
from umetrics.provision.addresses import plan_addresses

ADDRESS_KEYS = (
    "network.cidr",
    "network.public_prefix",
    "network.private_prefix",
    "network.zones",
)


def problems_in(document: Document) -> list[Problem]:
    """Every problem in a document, in the order in which it is written."""
    return [*_in_top(document), *_in_stages(document)]


def problems_between(values: Mapping[str, Value], origins: Mapping[str, str]) -> list[Problem]:
    """What values say against each other; `values` lacks those that are wrong by themselves."""
    found = (*problems_of_sharing(values, origins), *problems_of_tagging(values, origins))
    return [*(_located(problem, origins) for problem in found), *_of_addresses(values, origins)]


def _of_addresses(values: Mapping[str, Value], origins: Mapping[str, str]) -> list[Problem]:
    """What the addresses of a network of our own say against each other."""
    if values.get("network.vpc_id") or any(problems_of_sharing(values, origins)):
        return []
    match [values.get(key) for key in ADDRESS_KEYS]:
        case [str() as cidr, int() as public, int() as private, int() as zones]:
            try:
                plan_addresses(cidr, public_prefix=public, private_prefix=private, zones=zones)
            except ConfigurationError as error:
                return [_located(problem, origins) for problem in error.problems]
    return []


def _located(problem: Problem, origins: Mapping[str, str]) -> Problem:
    """The problem with a dotted key, said of the place where the value came from."""
    origin = origins[problem.where]
    where = f"{problem.where} (default)" if origin == "default" else origin
    return Problem(where, problem.found, problem.allowed, problem.suggestion)


def _in_top(document: Document) -> Iterator[Problem]:
    content = {key: raw for key, raw in document.content.items() if key != STAGES}
    yield from _in_section(document, (), content)


def _in_stages(document: Document) -> Iterator[Problem]:
    stages = document.content.get(STAGES, {})
    if not isinstance(stages, dict):
        where = document.where((STAGES,))
        yield Problem(where, shown(stages), "tables [stages.<stage>]")
        return
    for stage, content in stages.items():
        where = document.where((STAGES, stage))
        if STAGE.judge(stage, where).problems:
            yield Problem(where, f"the stage {shown(stage)}", STAGE.allowed)
        if not isinstance(content, dict):
            yield Problem(where, shown(content), f"a table [{STAGES}.{stage}]")
            continue
        yield from _in_section(document, (STAGES, stage), content)
        yield from _in_environment(document, stage, content)


def _in_environment(document: Document, stage: str, content: TomlTable) -> Iterator[Problem]:
    """Whether a stage says which of the three environments it is."""
    environment = content.get("environment")
    where = document.where((STAGES, stage), "environment")
    if stage not in ENVIRONMENTS and environment is None:
        yield Problem(where, "nothing", "dev, staging or prod", near(stage, ENVIRONMENTS))
    if stage in ENVIRONMENTS and environment in set(ENVIRONMENTS) - {stage}:
        yield Problem(where, shown(environment), f"{shown(stage)}: that stage is an environment")


def _in_section(document: Document, base: tuple[str, ...], content: TomlTable) -> Iterator[Problem]:
    """The top level, or one [stages.<stage>]: settings, and tables of settings."""
    for name, raw in content.items():
        setting = _at_top(name, raw)
        if setting is not None:
            yield from _in_value(document.where(base, name), setting, raw, base)
        elif name not in TABLES:
            yield _unknown(document, base, name, raw)
        elif not isinstance(raw, dict):
            yield Problem(document.where(base, name), shown(raw), f"a table [{name}]")
        else:
            yield from _in_table(document, base, name, raw)


def _at_top(name: str, raw: object) -> Setting | None:
    """The setting of that name outside tables; [stage.dev] is none, but a slip for [stages]."""
    setting = SETTINGS.get(name)
    if setting is None or setting.table or (setting.scope is Scope.RUN and isinstance(raw, dict)):
        return None
    return setting


def _in_table(
    document: Document, base: tuple[str, ...], table: str, content: TomlTable
) -> Iterator[Problem]:
    for name, raw in content.items():
        setting = SETTINGS.get(f"{table}.{name}")
        if table == OUTPUTS:
            yield from problems_with(name, raw, document.where((*base, table), name))
        elif setting is None:
            yield _unknown(document, (*base, table), name, raw)
        else:
            yield from _in_value(document.where((*base, table), name), setting, raw, base)


def _in_value(
    where: str, setting: Setting, raw: object, base: tuple[str, ...]
) -> Iterator[Problem]:
    if setting.scope is Scope.RUN:
        allowed = f"{setting.flag} or {setting.variable}, not in a file"
        yield Problem(where, shown(raw), allowed)
    elif setting.scope is Scope.STAGE_TABLE and not base:
        yield Problem(where, "one for all stages", f"{setting.name} in [{STAGES}.<stage>] only")
    else:
        yield from setting.kind.judge(raw, where).problems


def _unknown(document: Document, tables: tuple[str, ...], name: str, raw: object) -> Problem:
    in_stage = tables[:1] == (STAGES,)
    section = tables[2:] if in_stage else tables
    known = _known(section[0] if section else "", in_stage=in_stage)
    # The very name in another table is likelier meant than a name that only looks like it.
    suggestion = _elsewhere(name) or near(name, known)
    if isinstance(raw, dict):
        where = document.where((*tables, name))
        suggestion = f"[{suggestion}]" if suggestion in (*TABLES, STAGES) else suggestion
        return Problem(where, "an unknown table", ", ".join(known), suggestion)
    return Problem(document.where(tables, name), "an unknown key", ", ".join(known), suggestion)


def _known(table: str, *, in_stage: bool) -> list[str]:
    """What may stand in a table; the empty name is the top level, or that of a stage."""
    outside = {Scope.RUN} if in_stage else {Scope.RUN, Scope.STAGE_TABLE}
    names = [
        setting.name
        for setting in SETTINGS.values()
        if setting.table == table and setting.scope not in outside
    ]
    if table:
        return names
    return [*names, *TABLES] if in_stage else [*names, *TABLES, STAGES]


def _elsewhere(name: str) -> str:
    """The same key in another table, where it may have been meant."""
    for setting in SETTINGS.values():
        if setting.name == name and setting.scope is Scope.ANYWHERE:
            return f"[{setting.table}] {name}" if setting.table else f"{name} at the top level"
    return ""
