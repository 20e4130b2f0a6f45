"""The look: all kinds at once, each page by page, and nothing that is ours.

What cannot be seen becomes a gap with its reason; a look never fails because of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from umetrics.audit.breadth import is_denial
from umetrics.audit.catalogue.kind import Item, Kind, found, text
from umetrics.audit.values import Place
from umetrics.errors import AwsError, CredentialsError, NotFound
from umetrics.pool import each, together
from umetrics.verify.catalogue import BY_NAME, ROWS, Question, Row
from umetrics.verify.normal import facts_of
from umetrics.verify.ownership import Ownership, without_guests
from umetrics.verify.values import Gap, Snapshot, Thing

if TYPE_CHECKING:
    from umetrics.aws import Aws, Reader
    from umetrics.patience import Pace

RATE, BURST = 20.0, 100.0
"""Questions a second in the long run, and at once: what EC2 grants to each describe by itself.

Lists need no such care: none is called more often than it has pages.

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""

ASKED_TOGETHER = 30
"""Questions about single things at once: a client has 40 connections, the lists take some."""

Listed = list[Item] | Gap


def read(aws: Aws) -> dict[str, Listed]:
    """Everything in the region, by row. On the main thread: clients are made here."""
    pace = aws.pace(RATE, BURST)
    calls = [partial(_listed, row, aws.looker(row.kind.service), pace) for row in ROWS]
    return dict(zip(BY_NAME, together(*calls), strict=True))


def snapshot(
    aws: Aws, listed: Mapping[str, Listed], ownership: Ownership, taken_at: str
) -> Snapshot:
    """What was read, without what is ours."""
    identity = aws.identity
    gaps = tuple(each for each in listed.values() if isinstance(each, Gap))
    seen = {name: items for name, items in listed.items() if not isinstance(items, Gap)}
    place = Place(identity.account, aws.region)
    things, ours = _parted(seen, ownership, place, identity.partition)
    return Snapshot(
        deployment=ownership.deployment,
        account=identity.account,
        region=aws.region,
        taken_at=taken_at,
        things={thing.key: thing for thing in things},
        gaps=gaps,
        ours=ours,
    )


def _parted(
    seen: Mapping[str, Sequence[Item]], ownership: Ownership, place: Place, partition: str
) -> tuple[list[Thing], frozenset[tuple[str, str]]]:
    """What others have, and kind and id of what is ours."""
    knowing = ownership.knowing(seen, BY_NAME)
    ours: set[tuple[str, str]] = set()
    foreign: list[tuple[Row, Item]] = []
    for name, items in seen.items():
        row = BY_NAME[name]
        for item in items:
            if knowing.is_ours(row.kind, item):
                ours.add((name, row.kind.id_of(item)))
            else:
                foreign.append((row, item))
    guests = frozenset(id_ for _, id_ in ours)
    things = [
        Thing(
            row.name,
            row.kind.id_of(item),
            row.kind.arn_of(item, place, partition),
            facts_of(row, without_guests(row, item, guests)),
        )
        for row, item in foreign
    ]
    return things, frozenset(ours)


def _listed(row: Row, reader: Reader, pace: Pace) -> Listed:
    listing = row.kind.listing
    try:
        items = [
            item
            for answer in reader.pages(listing.operation, listing.parameters, listing.page_size)
            for item in found(answer, listing.result)
            if not row.kind.gone(item) and text(item, row.kind.id)
        ]
        asked = [(item, question) for item in items for question in row.asked]
        answer = partial(_answer, row.kind, reader, pace)
        answers = each(answer, asked, at_most=ASKED_TOGETHER)
    except (AwsError, CredentialsError) as error:
        return Gap(row.name, error.message, is_denial(error))
    return list(_completed(row, items, answers)) if row.asked else items


def _answer(
    kind: Kind, reader: Reader, pace: Pace, asked: tuple[Item, Question]
) -> Mapping[str, Item] | None:
    """The field that was asked for; None where the thing has gone meanwhile."""
    item, question = asked
    parameters = {**question.parameters, question.parameter: kind.id_of(item)}
    pace.wait()
    try:
        answer = reader.call(question.operation, parameters)
    except NotFound:
        return None
    return {question.result: answer[question.result]}


def _completed(
    row: Row, items: Sequence[Item], answers: Sequence[Mapping[str, Item] | None]
) -> Iterator[Item]:
    """Each thing with its own answers, which come in the order of the questions."""
    count = len(row.asked)
    for number, item in enumerate(items):
        whole = dict(item)
        for answer in answers[number * count : (number + 1) * count]:
            if answer is None:
                break
            whole |= answer
        else:
            yield whole
