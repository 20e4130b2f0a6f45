"""Repairs of tags, and taking them back: whose credentials write where, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from umetrics.audit.history import HOMES
from umetrics.audit.repair.carry import carry_out
from umetrics.audit.repair.change import Change, Ending, Outcome
from umetrics.audit.repair.undo_file import FOLDER, Undo, UndoJournal
from umetrics.audit.scan import DEFAULT_RATE
from umetrics.audit.values import GLOBAL, Place
from umetrics.errors import AwsError, Undone, WrongAccount
from umetrics.patience import Pace
from umetrics.state import utc_now

if TYPE_CHECKING:
    from umetrics.aws import Aws

BUCKET = ":s3:::"

OLD_REGIONS = {None: "us-east-1", "EU": "eu-west-1"}
"""https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html."""


@dataclass(slots=True)
class Repairer:
    """Writes tags with the credentials of `aws`, and where they lead into, with those of roles.

    To be used on the main thread: clients are made there when a place is first written to.
    """

    aws: Aws
    role_arns: tuple[str, ...] = ()
    _places: dict[Place, Aws] = field(default_factory=dict)
    _accounts: dict[str, Aws] = field(default_factory=dict)

    def repair(self, changes: Iterable[Change], journal: UndoJournal) -> Iterator[Outcome]:
        """Carry out, remembering in `journal` what was there before; how each ended, as it ends."""
        located = (self._located(change) for change in changes)
        return carry_out(located, self._at, self.aws.patience, journal)

    def undo(self, undo: Undo) -> Iterator[Outcome]:
        """Take a repair back. What is left of it, if anything, can be taken back by the next run.

        Raises `WrongAccount` for the file of another account, and `Undone` where that is done.
        """
        account = self.aws.identity.account
        if undo.account != account:
            raise WrongAccount(
                f"{undo.path} is of account {undo.account}, these credentials of {account}",
                hint="choose the matching --profile",
            )
        if undo.undone:
            raise Undone(
                f"{undo.path} was taken back at {undo.undone}",
                hint="nothing is left to be undone; `umetrics audit-tags` judges anew",
            )
        return self._undone(undo)

    def _undone(self, undo: Undo) -> Iterator[Outcome]:
        changes = (each.undoing for each in undo.resources)
        is_whole = True
        for outcome in carry_out(changes, self._at, self.aws.patience):
            is_whole = is_whole and outcome.ending not in {Ending.FAILED, Ending.SKIPPED}
            yield outcome
        if is_whole:
            undo.mark(utc_now())

    def journal(self, state_folder: Path) -> UndoJournal:
        """A new one, in which nothing is written yet."""
        return UndoJournal(state_folder / FOLDER, self.aws.identity.arn, utc_now())

    def _at(self, place: Place) -> Aws:
        if place not in self._places:
            account = self._account(place.account)
            home = HOMES.get(account.identity.partition, account.region)
            region = home if place.region == GLOBAL else place.region
            self._places[place] = account.in_region(region)
        return self._places[place]

    def _account(self, account: str) -> Aws:
        if account not in self._accounts:
            roles = [arn for arn in self.role_arns if f"::{account}:" in arn]
            self._accounts[account] = self.aws.assume(roles[0]) if roles else self.aws
        return self._accounts[account]

    def _located(self, change: Change) -> Change:
        """A bucket is listed everywhere, and tagged only where it lies."""
        if BUCKET not in change.arn or change.place.region != GLOBAL:
            return change
        aws = self._at(change.place)
        buckets = aws.reader("s3", aws.region, Pace(DEFAULT_RATE, 1, aws.patience))
        try:
            told = buckets.call("GetBucketLocation", {"Bucket": change.id})["LocationConstraint"]
        except AwsError:  # it went, or may not be asked: tagging it will say so
            return change
        region = OLD_REGIONS.get(told) or str(told)
        return replace(change, place=Place(change.place.account, region))
