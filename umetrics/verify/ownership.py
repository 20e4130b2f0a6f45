"""What of all that is found is ours, and so is not reported, however it changes. Pure.

Ours is what carries the identity pair of this deployment, what a receipt names by an id that nobody
else can have, and what AWS made beside our VPC. Another stage is as foreign as anybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from umetrics.audit.catalogue.kind import Item, Kind, found, tags_in, text
from umetrics.tags import DEPLOYMENT, RESOURCE
from umetrics.verify.catalogue import Row


@dataclass(frozen=True, slots=True)
class Ownership:
    """The deployment, the ids in its receipts, and the ids of its VPCs among what was found."""

    deployment: str
    receipts: frozenset[str]
    vpcs: frozenset[str] = frozenset()

    def knowing(self, listed: Mapping[str, Iterable[Item]], rows: Mapping[str, Row]) -> Ownership:
        """The same, with those VPCs that are ours."""
        row = rows["vpc"]
        ours = (each for each in listed.get("vpc", ()) if self.is_ours(row.kind, each))
        return replace(self, vpcs=frozenset(row.kind.id_of(each) for each in ours))

    def is_ours(self, kind: Kind, item: Item) -> bool:
        """Whether a thing is."""
        tags = _tags(item, kind)
        if tags.get(DEPLOYMENT) == self.deployment and RESOURCE in tags:
            return True
        if text(item, kind.unique or kind.id) in self.receipts:
            return True
        return kind.implicit(item) and any(
            str(vpc) in self.vpcs for vpc in found(item, kind.lies_in or "VpcId")
        )


def _tags(item: Item, kind: Kind) -> Mapping[str, str]:
    """None where they are told in no shape of AWS's: then nothing says that it is ours."""
    if not isinstance(kind.tags, str) or not item.get(kind.tags):
        return {}
    try:
        return tags_in(item, kind.tags)
    except (AttributeError, KeyError, StopIteration, TypeError, ValueError):
        return {}


def without_guests(row: Row, item: Item, ours: frozenset[str]) -> Item:
    """The thing without those elements of its list of guests that name something of ours."""
    if not row.guests or not isinstance(item.get(row.guests), list):
        return item
    kept = [each for each in item[row.guests] if not ours.intersection(_texts(each))]
    return {**item, row.guests: kept}


def _texts(item: Item) -> Iterator[str]:
    values = item.values() if isinstance(item, Mapping) else ()
    return (value for value in values if isinstance(value, str))
