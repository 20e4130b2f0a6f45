"""A thing as AWS describes it, as facts: comparable, ordered, and without secrets. Pure.

AWS promises no order of most lists, so facts have one of their own. Policies are kept as a hash of
what they mean: one that is merely written in another way is the same.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeAlias

from umetrics.audit.catalogue.kind import TAG_KEYS, Item
from umetrics.errors import UmetricsError
from umetrics.provision.policy_document import PolicyDocument
from umetrics.verify.catalogue import Row

Fact: TypeAlias = "Mapping[str, Fact] | list[Fact] | str | int | float | bool | None"

DOCUMENTS = frozenset({"AssumeRolePolicyDocument", "Document", "PolicyDocument"})
"""Fields that hold an IAM policy, whatever they are part of."""

TAG_LISTS = frozenset({"TagList", "TagSet", "Tags"})

HASH_LENGTH = 16
"""Hexadecimal digits that are kept: two documents in 10^9 accounts would not meet."""


def new_salt() -> str:
    """What the hashes of one snapshot, and of looks that are compared with it, begin with."""
    return secrets.token_hex(16)


def facts_of(row: Row, item: Item, salt: str) -> Mapping[str, Fact]:
    """All that is compared of a thing: no field of the ignore list, and secrets only as a hash."""
    leaving = {*row.volatile, "ResponseMetadata"}
    return {
        name: _fact(row, name, item[name], leaving, salt)
        for name in sorted(item)
        if name not in leaving and item[name] is not None
    }


def _fact(row: Row, path: str, value: Item, leaving: Collection[str], salt: str) -> Fact:
    told = _told(row, path, value, leaving, salt)
    return digest(salt, canonical(told)) if path in row.secret else told


def _told(row: Row, path: str, value: Item, leaving: Collection[str], salt: str) -> Fact:
    name = path.rpartition(".")[2]
    if name in DOCUMENTS:
        return _meaning(value, salt)
    if isinstance(value, Mapping):
        return {
            key: _fact(row, f"{path}.{key}", each, leaving, salt)
            for key, each in sorted(value.items())
            if f"{path}.{key}" not in leaving and each is not None
        }
    if isinstance(value, list | tuple):
        if name in TAG_LISTS and all(isinstance(each, Mapping) for each in value):
            return _tags(value)
        elements = [_told(row, path, each, leaving, salt) for each in value]
        return elements if path in row.ordered else sorted(elements, key=canonical)
    return _plain(value)


def _plain(value: Item) -> Fact:
    if isinstance(value, str | int | float):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _tags(listed: Collection[Item]) -> Fact:
    """By key, so that one tag is one difference; what has no key, as a whole."""
    return {
        str(next((tag[key] for key in TAG_KEYS if key in tag), canonical(tag))): str(
            tag.get("Value", "")
        )
        for tag in listed
    }


def _meaning(document: Item, salt: str) -> Fact:
    """The hash of what a policy says; of its text, where that is no policy."""
    try:
        heading, statements = PolicyDocument.from_text(document).meaning
    except UmetricsError:
        return digest(salt, canonical(document))
    return digest(salt, canonical([heading, sorted(sorted(each) for each in statements)]))


def canonical(value: object) -> str:
    """One text for equal values."""
    return json.dumps(value, sort_keys=True, default=str)


def digest(salt: str, text: str) -> str:
    """`sha256:` and the first digits."""
    key, content = (each.encode(errors="surrogatepass") for each in (salt, text))
    hashed = hmac.digest(key, content, "sha256").hex()
    return f"sha256:{hashed[:HASH_LENGTH]}"
