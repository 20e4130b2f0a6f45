"""References between resources: which keys a wanted spec names, which ids an observed one does.

Pure, and for any value: specs are frozen dataclasses, in which sets and tuples may hold others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar, cast

from umetrics.provision.model import Ids, Ref

T = TypeVar("T")


def references(value: object) -> frozenset[str]:
    """All keys that a spec (or any value inside one) refers to."""
    if isinstance(value, Ref):
        return frozenset({str(value)})
    return frozenset(key for part in _inside(value) for key in references(part))


def mentions(value: object) -> frozenset[str]:
    """All strings inside a spec: in an observed one, these include the ids that it depends on."""
    if isinstance(value, str):
        return frozenset({str(value)})
    return frozenset(text for part in _inside(value) for text in mentions(part))


def resolve(value: T, ids: Ids) -> T:
    """The same value with each `Ref` whose key is in `ids` replaced by the id."""
    resolved: Any = value
    if isinstance(value, Ref):
        resolved = ids.get(value, value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [each for each in dataclasses.fields(value) if each.init]
        changed = {each.name: resolve(getattr(value, each.name), ids) for each in fields}
        resolved = dataclasses.replace(value, **changed)
    elif isinstance(value, frozenset):
        resolved = frozenset(resolve(part, ids) for part in value)
    elif isinstance(value, tuple):
        resolved = tuple(resolve(part, ids) for part in value)
    return cast("T", resolved)


def _inside(value: object) -> Iterator[object]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for each in dataclasses.fields(value):
            yield getattr(value, each.name)
    elif isinstance(value, frozenset | tuple):
        yield from value
