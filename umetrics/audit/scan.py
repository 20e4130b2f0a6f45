"""Everything of the kinds of the catalogue, in all the places asked for, as it is found.

It finds, and judges nothing; it keeps nothing either, so an account of any size takes the same
memory. `--scope deployment` needs no scan: the engine's own sweep knows more (`tag_audit.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

from umetrics.audit.breadth import Account, accounts, check, places
from umetrics.audit.catalogue import KINDS, Kind
from umetrics.audit.ground import Ground, Recorded
from umetrics.audit.history import HOMES
from umetrics.audit.opening import TAGGING_API, Opened, opened
from umetrics.audit.organisation import Organisation, ask_organisation
from umetrics.audit.reading import Finished, Page, Reading
from umetrics.audit.values import GLOBAL, Place, Scope, Subject, Unseen
from umetrics.errors import UsageError
from umetrics.patience import Pace
from umetrics.pool import Stream

if TYPE_CHECKING:
    from umetrics.aws import Aws, Reader

DEFAULT_RATE = 20.0
"""Calls a second in one account and region; what EC2 grants for describes in the long run.

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""

BURST = 5
"""Seconds' worth of calls that may be sent at once after a rest: EC2's bucket holds as many."""

WORKERS = 12
"""Kinds that are read at once; each has one page in memory."""

ROOM = 4
"""Pages that wait to be judged."""

PLACES_AT_ONCE = 4
"""Each has a client for every service, of some megabytes in all."""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Where to look, and for what.

    `project` is the value of the Project tag and the first half of our deployments' names;
    `receipts` are by id (a role's is its unique id). `regions` are names, or `all` alone; none
    means the region of the connection. With `role_arns`, the accounts of these roles are looked
    at; without, the account of the credentials. `rate` is calls a second per account and region.
    """

    scope: Scope
    project: str
    receipts: Mapping[str, Recorded] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    role_arns: tuple[str, ...] = ()
    rate: float = DEFAULT_RATE


@dataclass(frozen=True, slots=True)
class Progress:
    """One kind has been looked through in one place, or that place begun: `kind` is empty then.

    It is number `done` of the `total` kinds of the place; `resources` of it were found.
    """

    place: Place
    kind: str
    resources: int
    done: int
    total: int


Event = Subject | Unseen | Progress | Organisation


def scan(aws: Aws, options: ScanOptions) -> Iterator[Event]:
    """Look everywhere at once; subjects, gaps and progress as they come, in no order.

    What an account's organisation requires comes before the first subject of that account.

    Iterate on the main thread: clients are made there, when a place is begun. What is denied,
    unknown or down becomes an `Unseen`. Raises `UsageError` for options that make no sense, and
    `CredentialsError` where not even the account can be told.
    """
    check(options.regions, options.role_arns)
    if options.scope is Scope.DEPLOYMENT:
        raise UsageError("a scan has no scope `deployment`", hint="use --scope project or account")
    if not (options.rate > 0 and isfinite(options.rate)):
        raise UsageError(f"no call at all fits a rate of {options.rate}", hint="use --rate 20")
    return _Scan(aws, options).events()


@dataclass
class _Site:
    """A place under way."""

    readers: Mapping[str, Reader]
    kinds: tuple[Kind, ...]
    done: int = 0


@dataclass
class _Scan:
    aws: Aws
    options: ScanOptions
    stream: Stream[Opened | Page | Finished] = field(default_factory=lambda: Stream(WORKERS, ROOM))
    sites: dict[Place, _Site] = field(default_factory=dict)

    def events(self) -> Iterator[Event]:
        # Sources run from when a place is begun, which is before the stream is first read.
        with closing(self.stream):
            yield from self._events()

    def _events(self) -> Iterator[Event]:
        coming = self._coming()
        yield from self._begin(coming)
        for message in self.stream:
            if isinstance(message, Page):
                yield from message.subjects
                yield from message.unseen
            elif isinstance(message, Opened):
                yield from message.unseen
                self._list(message.ground)
            else:
                yield self._finished(message)
                yield from self._begin(coming)

    def _coming(self) -> Iterator[tuple[Account, Place] | Unseen | Organisation]:
        for account in accounts(self.aws, self.options.role_arns):
            if isinstance(account, Unseen):
                yield account
                continue
            yield ask_organisation(account.aws.tagging, account.id)
            for place in places(account, self.options.regions):
                yield place if isinstance(place, Unseen) else (account, place)

    def _begin(
        self, coming: Iterator[tuple[Account, Place] | Unseen | Organisation]
    ) -> Iterator[Event]:
        """Fill up with places, as far as there are more."""
        while len(self.sites) < PLACES_AT_ONCE and (upcoming := next(coming, None)) is not None:
            if isinstance(upcoming, Unseen | Organisation):
                yield upcoming
                continue
            account, place = upcoming
            self._open(account.aws, place)
            yield Progress(place, "", 0, 0, len(self.sites[place].kinds))

    def _open(self, aws: Aws, place: Place) -> None:
        options, partition = self.options, aws.identity.partition
        ground = Ground(place, partition, options.scope, options.project, options.receipts)
        kinds = tuple(each for each in KINDS if each.is_global is (place.region == GLOBAL))
        region = HOMES.get(partition, aws.region) if place.region == GLOBAL else place.region
        pace = Pace(options.rate, options.rate * BURST, aws.patience)
        readers: dict[str, Reader] = {}
        self.sites[place] = _Site(readers, kinds)
        if place.region != GLOBAL:
            readers["ec2"] = ec2 = aws.reader("ec2", region, pace)
            self.stream.add(opened(ground, ec2, aws.reader(TAGGING_API, region, pace)))
        # That first look is under way while the other clients are made.
        for service in dict.fromkeys(kind.service for kind in kinds):
            if service not in readers:
                readers[service] = aws.reader(service, region, pace)
        if place.region == GLOBAL:
            self._list(ground)

    def _list(self, ground: Ground) -> None:
        site = self.sites[ground.place]
        for kind in site.kinds:
            self.stream.add(Reading(kind, ground, site.readers[kind.service]).pages())

    def _finished(self, message: Finished) -> Progress:
        site = self.sites[message.place]
        site.done += 1
        if site.done == len(site.kinds):
            del self.sites[message.place]
        return Progress(
            message.place, message.kind.name, message.resources, site.done, len(site.kinds)
        )
