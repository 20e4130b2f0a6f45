"""Whether what the tagging API does not list is still there, and with which tags.

That API lists what has tags, of the services that tell it theirs, a while after they do: that it
lists a resource no more proves nothing. The list of the resource's own kind does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from umetrics.audit.catalogue import KINDS, Kind
from umetrics.audit.ground import Ground
from umetrics.audit.reading import Page, Reading
from umetrics.audit.tag_lookup import Told
from umetrics.audit.values import GLOBAL, Place, Scope, Unseen
from umetrics.errors import AccessDenied, AwsError
from umetrics.patience import Pace

if TYPE_CHECKING:
    from umetrics.aws import Aws

RATE, BURST = 20.0, 100.0
"""Calls a second, and at once: as politely as a scan."""


def told_by_their_lists(aws: Aws, account: str, arns: Iterable[str]) -> dict[str, Told]:
    """The tags of each, None for what is gone; an error for what nobody could tell that of."""
    told: dict[str, Told] = {}
    of_kinds: defaultdict[str, set[str]] = defaultdict(set)
    kinds = {kind.name: kind for kind in KINDS}
    for arn in arns:
        kind = next((each for each in KINDS if each.owns(arn)), None)
        if kind is None:
            told[arn] = _untold("no kind of the catalogue can tell")
        else:
            of_kinds[kind.name].add(arn)
    for name, those in of_kinds.items():
        told |= _of_kind(aws, kinds[name], account, frozenset(those))
    return told


def _of_kind(aws: Aws, kind: Kind, account: str, arns: frozenset[str]) -> dict[str, Told]:
    place = Place(account, GLOBAL if kind.is_global else aws.region)
    ground = Ground(place, aws.identity.partition, Scope.ACCOUNT, "", {})
    reader = aws.reader(kind.service, aws.region, Pace(RATE, BURST, aws.patience))
    pages = [each for each in Reading(kind, ground, reader, arns).pages() if isinstance(each, Page)]
    unseen = next((gap for page in pages for gap in page.unseen), None)
    told: dict[str, Told] = dict.fromkeys(arns, None if unseen is None else _untold_by(unseen))
    return told | {each.arn: each.tags for page in pages for each in page.subjects}


def _untold_by(unseen: Unseen) -> AwsError:
    return _untold(unseen.reason, AccessDenied if unseen.denied else AwsError)


def _untold(reason: str, of: type[AwsError] = AwsError) -> AwsError:
    return of(
        f"the tagging API lists it no more, and whether it is gone is not known: {reason}",
        hint="have it looked at, then run the same command again",
    )
