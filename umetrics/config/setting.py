"""What is declared about a setting beside its type: what it may be, what it means, where it stands.

A setting is declared once, as the annotation of its field in `values.py`; files, environment
variables, flags, messages and the documentation all follow from that one line.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from umetrics.config.kind import Kind, Value


class Scope(enum.Enum):
    """Where a setting may be given."""

    ANYWHERE = "flag, environment, file, and for each stage"
    STAGE_TABLE = "in [stages.<stage>] only"
    RUN = "flag or environment variable only"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    A default that is `named` holds {P}, {p} and {S} for the project, the project in lower case and
    the stage. `key` (`network.cidr`) is filled in from the field unless given, and always are
    `default` and `path`, the attributes that lead from a `Config` to the value.
    `unset` says in words what holds when nobody sets it, where the default cannot say so itself.
    `fallbacks` are other programs' environment variables, asked last.
    """

    kind: Kind
    meaning: str
    named: str | tuple[str, ...] | None = None
    unset: str = ""
    scope: Scope = Scope.ANYWHERE
    fallbacks: tuple[str, ...] = ()
    key: str = ""
    default: Value = None
    path: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table it stands in; empty for the top level."""
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Its key within the table."""
        return self.key.rpartition(".")[2]

    @property
    def variable(self) -> str:
        """Its environment variable; empty where it may not come from one."""
        if self.scope is Scope.STAGE_TABLE:
            return ""
        return f"UMETRICS_{self.key.replace('.', '_').upper()}"

    @property
    def flag(self) -> str:
        """How a message names its flag."""
        return f"--{self.key.replace('.', '-').replace('_', '-')}"
