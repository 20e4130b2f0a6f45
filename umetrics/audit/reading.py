"""One kind of resource in one place: its pages, their descriptions, their tags.

A page is read, told and forgotten. What cannot be read is told as well, and ends only the kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from umetrics.audit.breadth import is_denial
from umetrics.audit.catalogue.kind import (
    Describing,
    Item,
    Kind,
    Listing,
    Parameters,
    TagBatch,
    TagCall,
    found,
    tags_in,
    text,
)
from umetrics.audit.ground import Ground
from umetrics.audit.tag_lookup import TOGETHER, Thing, batches, look_up
from umetrics.audit.values import Place, Subject, Unseen
from umetrics.errors import AccessDenied, AwsError, CredentialsError, NotFound
from umetrics.pool import each as for_each
from umetrics.tags import Tags

if TYPE_CHECKING:
    from umetrics.aws import Reader


@dataclass(frozen=True, slots=True)
class Page:
    """What one call brought."""

    subjects: tuple[Subject, ...]
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """There is no more of a kind in a place; `resources` are in scope."""

    place: Place
    kind: Kind
    resources: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind, the place to look in, and who asks there, `only` about some ARNs or about all."""

    kind: Kind
    ground: Ground
    reader: Reader
    only: Collection[str] | None = None

    def pages(self) -> Iterator[Page | Finished]:
        """Everything of the kind, a page at a time, and that it is finished."""
        resources = 0
        try:
            for items in self._listed(self.kind.listing):
                page = self._page(items)
                resources += len(page.subjects)
                yield page
        except (AwsError, CredentialsError) as error:
            yield Page((), (self._unseen(error.message, denied=is_denial(error)),))
        yield Finished(self.ground.place, self.kind, resources)

    def _unseen(self, reason: str, *, denied: bool = False) -> Unseen:
        return Unseen(self.ground.place, self.kind.name, reason, denied)

    def _listed(self, listing: Listing) -> Iterator[list[Item]]:
        account = self.ground.place.account
        fixed = {
            name: account if value == "{account}" else value
            for name, value in listing.parameters.items()
        }
        if listing.parents is None:
            yield from self._pages_of(listing, fixed, {})
            return
        for parents in self._listed(listing.parents):
            for parent in parents:
                yield from self._pages_of(listing, fixed, {listing.parameter: parent})

    def _pages_of(
        self, listing: Listing, fixed: Parameters, parent: Parameters
    ) -> Iterator[list[Item]]:
        parameters = {**fixed, **parent}
        try:
            for answer in self.reader.pages(listing.operation, parameters, listing.page_size):
                items = list(found(answer, listing.result))
                if listing.describing is None:
                    yield items
                else:
                    yield self._described(listing.describing, items, parent)
        except NotFound:
            if not parent:
                raise

    def _described(
        self, describing: Describing, items: Sequence[Item], parent: Parameters
    ) -> list[Item]:
        describe = partial(self._descriptions, describing, parent)
        described = for_each(describe, batches(items, describing.size), at_most=TOGETHER)
        return [item for batch in described for item in batch]

    def _descriptions(
        self, describing: Describing, parent: Parameters, items: Sequence[Item]
    ) -> Sequence[Item]:
        names = [text(item, describing.value) for item in items]
        asked = names[0] if describing.size == 1 else names
        parameters = {**describing.parameters, **parent, describing.parameter: asked}
        try:
            answer = self.reader.call(describing.operation, parameters)
        except NotFound:
            return []
        except AccessDenied:
            # A policy of the resource's own may hide it, and must not hide the others.
            if describing.size == 1:
                return items
            raise
        return list(found(answer, describing.result))

    def _page(self, items: Sequence[Item]) -> Page:
        place, partition = self.ground.place, self.ground.partition
        present = (each for each in items if self.ground.is_present(self.kind, each))
        named = [Thing(item, self.kind.arn_of(item, place, partition)) for item in present]
        things = [each for each in named if self.only is None or each.arn in self.only]
        if isinstance(self.kind.tags, str):
            path = self.kind.tags
            told = ((each, tags_in(each.item, path)) for each in things)
            return Page(tuple(self._in_scope(told)))
        return self._asked(self.kind.tags, things)

    def _asked(self, lookup: TagCall | TagBatch, things: Sequence[Thing]) -> Page:
        """The page, with tags that take further calls.

        Raises `AccessDenied` when every single one was refused: so will be those of later pages.
        """
        asked = [
            each for each in things if self.ground.is_worth_asking(self.kind, each.item, each.arn)
        ]
        told = list(zip(asked, look_up(self.reader, lookup, asked), strict=True))
        refused = [(each, tags) for each, tags in told if isinstance(tags, AwsError)]
        if refused and len(refused) == len(told) and isinstance(refused[0][1], AccessDenied):
            raise refused[0][1]
        known = [(each, tags) for each, tags in told if not isinstance(tags, AwsError | None)]
        known += [(each, {}) for each in things if self.kind.is_aws(each.item)]
        return Page(tuple(self._in_scope(known)), tuple(self._untold(refused, len(told))))

    def _untold(self, refused: Sequence[tuple[Thing, AwsError]], asked: int) -> Iterator[Unseen]:
        if refused:
            first, error = refused[0]
            name = self.kind.id_of(first.item)
            reason = f"the tags of {len(refused)} of {asked}, {name} first: {error.message}"
            yield self._unseen(reason)

    def _in_scope(self, told: Iterable[tuple[Thing, Tags]]) -> Iterator[Subject]:
        for thing, tags in told:
            subject = self.ground.subject(self.kind, thing.item, thing.arn, tags)
            if self.ground.is_in_scope(self.kind, thing.item, subject):
                yield subject
