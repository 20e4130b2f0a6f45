"""The one map from what happens to the sign that stands for it, and the words that go with it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

from umetrics.provision.plan import Action
from umetrics.render.line import Style


class Glyph(enum.StrEnum):
    """Signs in the margin; all ASCII, so they are the same everywhere."""

    CREATE = "+"
    CHANGE = "~"
    DESTROY = "-"
    CONFLICT = "!"
    UNCHANGED = "="
    ADOPTED = "<"


STYLES: Mapping[Glyph, Style] = MappingProxyType(
    {
        Glyph.CREATE: "create",
        Glyph.CHANGE: "change",
        Glyph.DESTROY: "destroy",
        Glyph.CONFLICT: "conflict",
        Glyph.UNCHANGED: "quiet",
        Glyph.ADOPTED: "change",
    }
)

GLYPHS: Mapping[Action, Glyph] = MappingProxyType(
    {
        Action.CREATE: Glyph.CREATE,
        Action.UPDATE: Glyph.CHANGE,
        Action.DELETE: Glyph.DESTROY,
        Action.CONFLICT: Glyph.CONFLICT,
        Action.NONE: Glyph.UNCHANGED,
    }
)

UNDER_WAY: Mapping[Action, str] = MappingProxyType(
    {
        Action.CREATE: "creating",
        Action.UPDATE: "changing",
        Action.DELETE: "destroying",
        Action.CONFLICT: "refusing",
        Action.NONE: "keeping",
    }
)

FINISHED: Mapping[Action, str] = MappingProxyType(
    {
        Action.CREATE: "created",
        Action.UPDATE: "changed",
        Action.DELETE: "destroyed",
        Action.CONFLICT: "refused",
        Action.NONE: "unchanged",
    }
)
