"""The look: all kinds at once, each page by page.

What cannot be seen becomes a gap with its reason; a look never fails because of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from umetrics.audit.breadth import is_denial
from umetrics.audit.catalogue.kind import Item, Listing, found, text
from umetrics.audit.values import Place
from umetrics.errors import AwsError, CredentialsError
from umetrics.pool import both, together
from umetrics.verify.asking import Asking
from umetrics.verify.catalogue import BY_NAME, ROWS, Beside, Row
from umetrics.verify.normal import facts_of
from umetrics.verify.values import Gap, Snapshot, Thing

if TYPE_CHECKING:
    from umetrics.aws import Aws, Reader
    from umetrics.patience import Pace

BURST = 100.0
"""Questions that may be asked at once after a rest: what EC2 grants to each describe by itself.

Lists need no such care: none is called more often than it has pages.

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """What was seen of a kind, and what could not be."""

    items: Sequence[Item] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def unseen(self) -> Gap | None:
        """Why nothing of the kind was seen; None where it was."""
        return next((gap for gap in self.gaps if not gap.part), None)


def read(aws: Aws) -> dict[str, Listed]:
    """Everything in the region, by row. On the main thread: clients are made here."""
    paces = {
        question.operation: aws.pace(question.rate, BURST) for row in ROWS for question in row.asked
    }
    calls = [partial(_listed, row, aws.looker(row.kind.service), paces) for row in ROWS]
    return dict(zip(BY_NAME, together(*calls), strict=True))


def snapshot(
    aws: Aws, listed: Mapping[str, Listed], deployment: str, taken_at: str, salt: str
) -> Snapshot:
    """What was read, as it is kept and compared."""
    identity = aws.identity
    place = Place(identity.account, aws.region)
    things = (
        Thing(
            name,
            BY_NAME[name].kind.id_of(item),
            BY_NAME[name].kind.arn_of(item, place, identity.partition),
            facts_of(BY_NAME[name], item, salt),
        )
        for name, each in listed.items()
        if each.unseen is None
        for item in each.items
    )
    return Snapshot(
        deployment=deployment,
        account=identity.account,
        region=aws.region,
        taken_at=taken_at,
        salt=salt,
        things={thing.key: thing for thing in things},
        gaps=tuple(gap for each in listed.values() for gap in each.gaps),
    )


def _listed(row: Row, reader: Reader, paces: Mapping[str, Pace]) -> Listed:
    if row.beside is None:
        return _things(row, reader, paces)
    listed, (told, gaps) = both(
        partial(_things, row, reader, paces), partial(_beside, row, row.beside, reader)
    )
    whole = [{**item, **told.get(text(item, row.kind.unique), {})} for item in listed.items]
    return Listed(whole, (*listed.gaps, *gaps))


def _things(row: Row, reader: Reader, paces: Mapping[str, Pace]) -> Listed:
    listing = row.kind.listing
    try:
        items = [
            item
            for item in _elements(reader, listing)
            if not row.kind.gone(item) and text(item, row.kind.id)
        ]
    except (AwsError, CredentialsError) as error:
        return Listed(gaps=(Gap(row.name, error.message, is_denial(error)),))
    if not row.asked:
        return Listed(items)
    asking = Asking(row, reader, paces)
    whole = asking.completed(items)
    return Listed(whole, tuple(asking.gaps.values()))


def _beside(row: Row, beside: Beside, reader: Reader) -> tuple[dict[str, Item], tuple[Gap, ...]]:
    """Further fields by unique id; what may not be listed is a gap for each of them."""
    try:
        told = {
            text(item, row.kind.unique): {
                name: item[name] for name in beside.fields if name in item
            }
            for item in _elements(reader, beside.listing)
        }
    except (AwsError, CredentialsError) as error:
        denied = is_denial(error)
        return {}, tuple(Gap(row.name, error.message, denied, name) for name in beside.fields)
    return told, ()


def _elements(reader: Reader, listing: Listing) -> Iterator[Item]:
    for answer in reader.pages(listing.operation, listing.parameters, listing.page_size):
        yield from found(answer, listing.result)
