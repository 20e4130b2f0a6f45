"""The tags of resources whose listing does not tell them: a call for each, or for a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from umetrics.audit.catalogue.kind import Item, TagBatch, TagCall, found, tags_in, text
from umetrics.errors import AwsError, NotFound
from umetrics.pool import each as for_each
from umetrics.tags import Tags

if TYPE_CHECKING:
    from umetrics.aws import Reader

T = TypeVar("T")

TOGETHER = 8
"""Calls about single resources that are sent at once for one kind."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource as its listing tells of it, and its ARN."""

    item: Item
    arn: str


Told = Tags | AwsError | None
"""Tags; or why they could not be read; None for what has vanished meanwhile."""


def batches(things: Sequence[T], size: int) -> list[Sequence[T]]:
    """In their order, `size` together."""
    return [things[start : start + size] for start in range(0, len(things), size)]


def look_up(reader: Reader, lookup: TagCall | TagBatch, things: Sequence[Thing]) -> list[Told]:
    """What is told of each, in order; raises `CredentialsError` only."""
    if isinstance(lookup, TagCall):
        return for_each(partial(_alone, reader, lookup), things, at_most=TOGETHER)
    told: dict[str, Told] = {}
    parts = batches([each.arn for each in things], lookup.size)
    for answers in for_each(partial(_together, reader, lookup), parts, at_most=TOGETHER):
        told |= answers
    return [told.get(each.arn) for each in things]


def _alone(reader: Reader, call: TagCall, thing: Thing) -> Told:
    asked = thing.arn if call.value is None else text(thing.item, call.value)
    tags: dict[str, str] = {}
    try:
        for answer in reader.pages(call.operation, {**call.parameters, call.parameter: asked}):
            tags |= tags_in(answer, call.result)
    except NotFound as error:
        return {} if error.aws_code == call.untagged else None
    except AwsError as error:
        return {} if error.aws_code == call.untagged else error
    return tags


def _together(reader: Reader, batch: TagBatch, arns: Sequence[str]) -> Mapping[str, Told]:
    try:
        answer = reader.call(batch.operation, {batch.parameter: list(arns)})
    except NotFound:
        # One that has vanished spoils the whole call.
        if len(arns) == 1:
            return {}
        parts = [_together(reader, batch, [arn]) for arn in arns]
        return {arn: told for part in parts for arn, told in part.items()}
    except AwsError as error:
        return dict.fromkeys(arns, error)
    return {
        text(each, batch.name): tags_in(each, batch.tags) for each in found(answer, batch.result)
    }
