"""What a row of the catalogue says: how a kind of resource is listed, and where its tags are.

Rows are data in the words of AWS's API reference, so that a test can hold each of them against the
SDK's own service models. Nothing here calls AWS: that is `audit/reading.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from umetrics.audit.values import Place

Item = Any
"""One thing as AWS describes it, or its mere name where a list tells no more."""

Parameters = Mapping[str, object]

TAG_KEYS = ("Key", "key", "TagKey")
TAG_VALUES = ("Value", "value", "TagValue")


def found(item: Item, path: str) -> Iterator[Any]:
    """All values at a path like `Reservations.Instances`, through lists; '' is the item itself."""
    if not path:
        yield item
        return
    name, _, rest = path.partition(".")
    value = item.get(name) if isinstance(item, Mapping) else None
    if value is None:
        return
    for each in value if isinstance(value, list) else (value,):
        yield from found(each, rest) if rest else (each,)


def text(item: Item, path: str) -> str:
    """The first value at a path, or ''."""
    return str(next(found(item, path), ""))


def tags_in(answer: Item, path: str) -> dict[str, str]:
    """The tags at a path, in any of the shapes in which AWS's services tell them."""
    told = answer
    for name in path.split("."):
        told = told.get(name) or {}
    if isinstance(told, Mapping):
        return dict(told)
    key = next(name for name in TAG_KEYS if name in told[0])
    value = TAG_VALUES[TAG_KEYS.index(key)]
    return {tag[key]: tag.get(value, "") for tag in told}


@dataclass(frozen=True, slots=True)
class Describing:
    """A second call that describes up to `size` of what a list only names; `value` is the path."""

    operation: str
    parameter: str
    result: str
    size: int
    value: str = ""
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """The call that lists a kind, and the path of the resources in its answer.

    `page_size` is the largest that AWS allows (0: AWS's own choice). Where a list is of one parent
    only, `parents` lists these, and `parameter` names one. A value `{account}` in the parameters
    stands for the account's number.
    """

    operation: str
    result: str
    page_size: int = 0
    parameters: Parameters = field(default_factory=dict)
    parents: Listing | None = None
    parameter: str = ""
    describing: Describing | None = None


@dataclass(frozen=True, slots=True)
class TagCall:
    """Tags that take a call for each resource.

    `value` is the path of what the call is asked with (None: the ARN), `untagged` the error code
    by which a service says that there are no tags.
    """

    operation: str
    parameter: str
    result: str
    value: str | None = None
    parameters: Parameters = field(default_factory=dict)
    untagged: str = ""


@dataclass(frozen=True, slots=True)
class TagBatch:
    """Tags of up to `size` resources, by ARN, in one call; `name` is the path of each one's ARN."""

    operation: str
    parameter: str
    result: str
    size: int
    name: str
    tags: str = "Tags"


def never(_item: Item) -> bool:
    """What no resource of a kind is."""
    return False


@dataclass(frozen=True, slots=True)
class Kind:
    """A row: a kind of resource that can carry tags.

    `name` is for machines, `label` for people, `service` the SDK's name. `id` is a path; with
    `after`, the id is what follows the last such character there. `arn` is the ARN as a pattern of
    `{partition}`, `{region}`, `{account}` and `{id}`: or `{name}`, an id that may hold colons and
    slashes, or `{path}`, which is without its first slash in the ARN. Where AWS tells the ARN,
    `arn_at` is its path, and `*` may stand in the pattern for what cannot be known. `tags` is the
    path of tags in the listing, or the call that tells them.

    `unique` is the path of the id that receipts keep, where it is another one. `lies_in` is the
    path of the VPC or group that it is in, `joins` that of a second one, `owner` that of the
    account; what another account shares with us is that one's to tag. `gone` tells what is deleted
    but still listed, `implicit` what AWS makes together with a VPC, `is_aws` what is AWS's own.
    """

    name: str
    label: str
    service: str
    listing: Listing
    id: str
    arn: str
    tags: str | TagCall | TagBatch = "Tags"
    after: str = ""
    arn_at: str = ""
    unique: str = ""
    lies_in: str = ""
    joins: str = ""
    owner: str = "OwnerId"
    is_global: bool = False
    gone: Callable[[Item], bool] = never
    implicit: Callable[[Item], bool] = never
    is_aws: Callable[[Item], bool] = never

    def id_of(self, item: Item) -> str:
        """What its owner calls it."""
        whole = text(item, self.id)
        return whole.rpartition(self.after)[2] if self.after else whole

    def homes(self, item: Item) -> Iterator[Any]:
        """The VPCs or groups that it is in."""
        return (each for path in (self.lies_in, self.joins) if path for each in found(item, path))

    def arn_of(self, item: Item, place: Place, partition: str) -> str:
        """Its ARN."""
        if self.arn_at:
            return text(item, self.arn_at)
        id_ = self.id_of(item)
        return self.arn.format(
            partition=partition,
            region=place.region,
            account=place.account,
            id=id_,
            name=id_,
            path=id_.removeprefix("/"),
        )

    def owns(self, arn: str) -> bool:
        """Whether an ARN is of this kind."""
        return bool(_pattern(self.arn).fullmatch(arn))

    @property
    def tells_tags(self) -> bool:
        """Whether its listing does."""
        return isinstance(self.tags, str)


PLACEHOLDERS = {"{name}": ".+", "{path}": ".+", "*": ".*"}
"""What stands for more than one word of an ARN; all others for one."""


@cache
def _pattern(arn: str) -> re.Pattern[str]:
    words = re.split(r"(\{\w+\}|\*)", arn)
    return re.compile(
        "".join(
            PLACEHOLDERS.get(word, "[^:/]+") if number % 2 else re.escape(word)
            for number, word in enumerate(words)
        )
    )


def state_is(path: str, *states: str) -> Callable[[Item], bool]:
    """Whether the value at a path is one of these, in any case."""
    wanted = frozenset(states)
    return lambda item: text(item, path).lower() in wanted
