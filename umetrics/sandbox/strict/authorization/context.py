"""What is known about a request: the keys that conditions and variables of policies refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Context:
    """Keys with one or more values each; names are compared whatever their case, as IAM does."""

    values: Mapping[str, tuple[str, ...]]
    _folded: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        folded = {name.casefold(): values for name, values in self.values.items()}
        object.__setattr__(self, "_folded", folded)

    def __iter__(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        return iter(self.values.items())

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._folded

    def get(self, name: str) -> tuple[str, ...] | None:
        """The values of a key, or None when the request does not have it."""
        return self._folded.get(name.casefold())

    def __or__(self, more: Context) -> Context:
        return Context({**self.values, **more.values})


NOTHING = Context({})


def of(single: Mapping[str, str | None]) -> Context:
    """A context of single values; what is None is not in it."""
    return Context({name: (value,) for name, value in single.items() if value is not None})


def requested_tags(tags: Mapping[str, str]) -> Context:
    """The tags that a request gives, under the keys that policies know them by."""
    return of({f"aws:RequestTag/{key}": value for key, value in tags.items()}) | tag_keys(tags)


def tag_keys(keys: Iterable[str]) -> Context:
    """The keys of the tags that a request gives or takes away; absent when there are none."""
    named = tuple(keys)
    return Context({"aws:TagKeys": named} if named else {})


def resource_tags(tags: Mapping[str, str], *, service: str) -> Context:
    """The tags that a resource has, under AWS's own key and the one of its service."""
    prefixes = ("aws", service)
    return of(
        {f"{each}:ResourceTag/{key}": value for each in prefixes for key, value in tags.items()}
    )
