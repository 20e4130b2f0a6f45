"""Configuration: `umetrics.toml`, environment variables and flags, to one frozen `Config`.

    reading.py      find and parse the file
    kind.py         what sorts of values there are        rules.py   which of them are allowed
    nested.py       kinds of settings that are tables     tagging.py  the table [tags]
    setting.py      what is declared about a setting      values.py  all settings, and `Config`
    outputs.py      names for ids, and the table [outputs]
    table.py        the settings collected                validation.py  what is wrong, all at once
    loading.py      which value counts

It never asks AWS: whether a group or a role exists is for those who look.
"""

from umetrics.config.loading import known_stages, load, shared_tags
from umetrics.config.network import Network
from umetrics.config.table import SETTINGS, Entry, entries
from umetrics.config.tagging import Tagging
from umetrics.config.values import (
    Config,
    Database,
    Iam,
    Logs,
    Metrics,
    Registry,
    Search,
    Secrets,
    Storage,
)

__all__ = [
    "SETTINGS",
    "Config",
    "Database",
    "Entry",
    "Iam",
    "Logs",
    "Metrics",
    "Network",
    "Registry",
    "Search",
    "Secrets",
    "Storage",
    "Tagging",
    "entries",
    "known_stages",
    "load",
    "shared_tags",
]
