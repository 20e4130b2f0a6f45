"""The values of the state file: what was made, what is being made, and how one becomes the other.

Pure: each change gives a new `State`, and the very same one when there is nothing to change. When
and how a state reaches the disk is `store.py`, how it looks there is `document.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from umetrics.state.clock import parse_utc

V = TypeVar("V", "Receipt", "Intent")

LINEAGE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A UUID in its usual spelling."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A resource of ours: its key, kind and unchangeable AWS id.

    The id of a role or policy is its unique id, so that a name that somebody else has taken is not
    mistaken for ours.
    `members` names the elements that we put on a resource and that carry no mark of ours (attached
    roles): a set, kept sorted. `made` is the UTC time at which the run that wrote this created it,
    empty once a later run has seen it in AWS. `attributes` are what later work asks for beside
    the id: the zone of a subnet. Raises `ValueError` when key, kind, id or an attribute is empty or
    `made` is no such time.
    """

    key: str
    kind: str
    id: str
    arn: str = ""
    members: tuple[str, ...] = ()
    made: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        named = (self.key, self.kind, self.id, *self.attributes, *self.attributes.values())
        if not all((*named, *self.members)):
            raise ValueError(f"a receipt has a key, a kind and an id: {self!r}")
        if self.made:
            parse_utc(self.made)
        object.__setattr__(self, "members", tuple(sorted(set(self.members))))
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))


@dataclass(frozen=True, slots=True)
class Intent:
    """A create call that may be under way, journalled before it is sent.

    `token` is the idempotency token of this very call (empty for an API without one), `since` a
    UTC time ending in Z. Raises `ValueError` when key or kind is empty or `since` is no such time.
    """

    key: str
    kind: str
    token: str
    since: str

    def __post_init__(self) -> None:
        if not (self.key and self.kind):
            raise ValueError(f"an intent has a key and a kind: {self!r}")
        parse_utc(self.since)


@dataclass(frozen=True, slots=True)
class State:
    """All that is remembered of one deployment in one account and region.

    `lineage` is a UUID given at birth, `serial` grows by one with each change on disk,
    `written_by` is the version of umetrics that wrote it. `shared` is what others own and we use:
    told to later work, and by no means ours. The mappings go by key, are copied and cannot be
    changed. Raises `ValueError` for a state that could not be read back.
    """

    deployment: str
    account: str
    region: str
    lineage: str
    serial: int
    written_by: str
    receipts: Mapping[str, Receipt] = field(default_factory=dict)
    intents: Mapping[str, Intent] = field(default_factory=dict)
    shared: Mapping[str, Receipt] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = self.deployment and self.account and self.region and self.written_by
        if not (named and LINEAGE.fullmatch(self.lineage) and self.serial >= 0):
            raise ValueError(f"a state has a deployment, account, region and lineage: {self!r}")
        object.__setattr__(self, "receipts", _by_key(self.receipts))
        object.__setattr__(self, "intents", _by_key(self.intents))
        object.__setattr__(self, "shared", _by_key(self.shared))

    def intended(self, intent: Intent) -> State:
        """With `intent` in the journal."""
        if self.intents.get(intent.key) == intent:
            return self
        return replace(self, intents={**self.intents, intent.key: intent})

    def recorded(self, receipt: Receipt) -> State:
        """With `receipt`, and the intent that led to it struck out."""
        if self.receipts.get(receipt.key) == receipt and receipt.key not in self.intents:
            return self
        return replace(
            self,
            receipts={**self.receipts, receipt.key: receipt},
            intents=_without(self.intents, receipt.key),
        )

    def forgotten(self, key: str) -> State:
        """Without receipt and intent of `key`."""
        if key not in self.receipts and key not in self.intents:
            return self
        return replace(
            self, receipts=_without(self.receipts, key), intents=_without(self.intents, key)
        )

    def abandoned(self, key: str) -> State:
        """Without the intent of `key`; a receipt stays."""
        if key not in self.intents:
            return self
        return replace(self, intents=_without(self.intents, key))

    def with_receipts(self, receipts: Mapping[str, Receipt]) -> State:
        """With these receipts instead of its own; the journal stays."""
        if dict(self.receipts) == dict(receipts):
            return self
        return replace(self, receipts=receipts)

    def sharing(self, shared: Mapping[str, Receipt]) -> State:
        """With these as what others own and we use."""
        if dict(self.shared) == dict(shared):
            return self
        return replace(self, shared=shared)


def _by_key(values: Mapping[str, V]) -> Mapping[str, V]:
    for key, value in values.items():
        if value.key != key:
            raise ValueError(f"{value!r} stands under the key {key!r}")
    return MappingProxyType(dict(values))


def _without(values: Mapping[str, V], key: str) -> Mapping[str, V]:
    return {each: value for each, value in values.items() if each != key}
