"""What of all that two looks found is ours, and so is not reported, however it changes. Pure.

Ours is what a receipt names by an id that nobody else can have, or carries the identity pair of
this deployment. What both looks saw is judged by the first: something foreign that gets our pair
stays foreign, also where a run has written a receipt because of the pair, and ours that loses it
stays ours. What AWS made beside our VPC goes with the VPC. Another stage is as foreign as any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from umetrics.audit.catalogue.kind import found, text
from umetrics.tags import DEPLOYMENT, RESOURCE
from umetrics.verify.catalogue import BY_NAME
from umetrics.verify.normal import Fact
from umetrics.verify.values import Key, Snapshot, Thing


def ours_of(before: Snapshot, after: Snapshot) -> frozenset[Key]:
    """Kind and id of what is ours: one answer for both looks."""
    owner = _Owner(before, after)
    looks: dict[Key, _Pair] = {
        key: (before.things.get(key), after.things.get(key))
        for key in {**before.things, **after.things}
    }
    ours = {key for key, pair in looks.items() if owner.has(*pair)}
    vpcs = frozenset(id_ for kind, id_ in ours if kind == "vpc")
    beside = {key for key, pair in looks.items() if any(_is_beside(each, vpcs) for each in pair)}
    return frozenset(ours | beside)


def ours_in(snapshot: Snapshot) -> frozenset[Key]:
    """What one look alone shows to be ours."""
    return ours_of(snapshot, snapshot)


def without_guests(thing: Thing, ours: frozenset[str]) -> Thing:
    """The thing without those elements of its list of guests that name something of ours."""
    guests = BY_NAME[thing.kind].guests
    listed = thing.facts.get(guests)
    if not isinstance(listed, list):
        return thing
    kept: list[Fact] = [each for each in listed if ours.isdisjoint(_texts(each))]
    return replace(thing, facts={**thing.facts, guests: kept})


_Pair = tuple[Thing | None, Thing | None]


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose the things of two looks are."""

    before: Snapshot
    after: Snapshot

    def has(self, then: Thing | None, now: Thing | None) -> bool:
        """Whether a thing is ours, as it was and is."""
        if then is None:
            return now is not None and self._is_known(now, self.after)
        if self._is_known(then, self.before):
            return True
        if now is None or _unique(then) != _unique(now):
            return _unique(then) in self.after.receipts
        could_see_tags = (then.kind, _tags_field(then)) not in self.before.unseen_fields
        if could_see_tags and not self._is_named_as_ours(now):
            return False
        return self._is_known(now, self.after)

    def _is_known(self, thing: Thing, look: Snapshot) -> bool:
        return _unique(thing) in look.receipts or self._wears_pair(thing)

    def _wears_pair(self, thing: Thing) -> bool:
        tags = thing.facts.get(_tags_field(thing))
        return (
            isinstance(tags, Mapping)
            and tags.get(DEPLOYMENT) == self.before.deployment
            and RESOURCE in tags
        )

    def _is_named_as_ours(self, thing: Thing) -> bool:
        """Whether it has a path that is this stage's own: a run knows it by that without tags."""
        return f"/umetrics/{self.before.deployment}/" in thing.arn


def _tags_field(thing: Thing) -> str:
    tags = BY_NAME[thing.kind].kind.tags
    return tags if isinstance(tags, str) else ""


def _unique(thing: Thing) -> str:
    kind = BY_NAME[thing.kind].kind
    return text(thing.facts, kind.unique) if kind.unique else thing.id


def _is_beside(thing: Thing | None, vpcs: frozenset[str]) -> bool:
    """Whether AWS made it together with one of these VPCs."""
    if thing is None or not vpcs:
        return False
    kind = BY_NAME[thing.kind].kind
    lies_in = map(str, found(thing.facts, kind.lies_in or "VpcId"))
    return not vpcs.isdisjoint(lies_in) and kind.implicit(thing.facts)


def _texts(element: Fact) -> Iterator[str]:
    values = element.values() if isinstance(element, Mapping) else ()
    return (each for each in values if isinstance(each, str))
