"""A first `umetrics.toml`: every setting with what it is for, what it may be, and its default.

Pure: text from the table of settings, so that a new setting is in it by being declared. Where the
text goes is the caller's business.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from umetrics.config.kind import Value, in_toml
from umetrics.config.loading import defaults
from umetrics.config.setting import Scope, Setting
from umetrics.config.table import SETTINGS, TABLES, entries

WIDTH = 80
"""Columns, of comments."""

SHOWN_STAGES = ("dev", "prod")
"""One that is not protected and one that is; settings in which they differ belong to a stage."""

PLACEHOLDER = '"..."'
"""Stands where nothing could be written that means the same as leaving the setting out."""

OPENING = f"""\
# umetrics.toml: what umetrics builds on AWS, and where.
#
# Nothing here has to be set. A key behind a # shows what holds without it: take
# the # away to change it, and put something in place of {PLACEHOLDER}.
# Flags and UMETRICS_* variables count more than this file. What holds in the
# end, and where it comes from, says `umetrics config show`.
"""

OUTPUTS_TABLE = """
# Names of your own for ids, beside those that `umetrics output` has anyway:
#     grafana_role = "role/grafana.arn"

[outputs]
"""

STAGES_OPENING = """
# Every key and table above may also stand under a stage, and counts for that
# stage only: `account = "123456789012"`, or `network.cidr = "10.20.0.0/24"`.
# One more stage is one more table. It must set `environment`.
"""


def template(given: Mapping[str, str]) -> str:
    """The text of a configuration that sets what is `given`, by key, and else only explains.

    Raises `ConfigurationError` for a value that is not allowed, and for a key that no flag sets.
    """
    of_stage = {stage: _values(stage, given) for stage in SHOWN_STAGES}
    explained = of_stage[SHOWN_STAGES[0]]
    for_stages = {key for key in explained if len({each[key] for each in of_stage.values()}) > 1}
    lines = OPENING.splitlines()
    for table in ("", *TABLES):
        keys = [key for key in explained if SETTINGS[key].table == table and key not in for_stages]
        if table and keys:
            lines += ["", f"[{table}]"]
        for key in keys:
            setting, value = SETTINGS[key], explained[key]
            lines += ["", *_explanation(setting, value)]
            lines.append(_assignment(setting.name, value, mark="" if key in given else "#"))
    lines += (OUTPUTS_TABLE + STAGES_OPENING).splitlines()
    for stage, values in of_stage.items():
        lines += ["", f"[stages.{stage}]"]
        for key in (each for each in values if each in for_stages):
            if values is explained:
                lines += ["", *_explanation(SETTINGS[key], values[key])]
            lines.append(_assignment(key, values[key], mark="#"))
    return "\n".join(lines) + "\n"


def _values(stage: str, given: Mapping[str, str]) -> dict[str, Value]:
    """What holds in a stage, of all that may stand in a file."""
    return {
        each.key: each.value
        for each in entries(defaults(stage, given))
        if SETTINGS[each.key].scope is not Scope.RUN
    }


def _explanation(setting: Setting, value: Value) -> Iterator[str]:
    """What it is for and what it may be; what holds without it, where no value says so."""
    texts = [setting.meaning[:1].upper() + setting.meaning[1:], f"Allowed: {setting.kind.allowed}"]
    if setting.unset and value in (None, ()):
        texts.append(f"Without it: {setting.unset}")
    for text in texts:
        yield from textwrap.wrap(
            f"{text}.",
            WIDTH,
            initial_indent="# ",
            subsequent_indent="# ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _assignment(name: str, value: Value, *, mark: str) -> str:
    return f"{mark}{name} = {PLACEHOLDER if value is None else in_toml(value)}"
