"""Repairs of tags, and taking them back: whose credentials write where, and what is remembered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from umetrics.audit.history import HOMES
from umetrics.audit.repair.batch import way_of
from umetrics.audit.repair.carry import carry_out
from umetrics.audit.repair.change import Change, Ending, Outcome
from umetrics.audit.repair.tagging import TAGGERS
from umetrics.audit.repair.undo_file import FOLDER, Undo, UndoJournal
from umetrics.audit.scan import DEFAULT_RATE
from umetrics.audit.tag_lookup import Told
from umetrics.audit.values import GLOBAL, Place, Scope
from umetrics.errors import AwsError, Undone, WrongAccount
from umetrics.patience import Pace, Patience
from umetrics.state import utc_now

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.library.auditing import Breadth
    from umetrics.library.foundation import Foundation

BUCKET = ":s3:::"

TAKEN_BACK = frozenset({Ending.DONE, Ending.ALREADY, Ending.VANISHED})
"""Of what is gone, nothing is left to be taken back."""

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
    _accounts: dict[str, Aws | AwsError] = field(default_factory=dict)

    def repair(
        self, changes: Sequence[Change], journal: UndoJournal, patience: Patience | None = None
    ) -> Iterator[Outcome]:
        """Carry out, remembering in `journal` what was there before; how each ended, as it ends.

        Raises `WrongAccount`, before anything is begun, for what lies in an account into which
        neither these credentials nor one of the roles leads.
        """
        self.refuse_other_accounts(changes)
        located = (self._located(change) for change in changes)
        return carry_out(located, self._at, patience or self.aws.patience, journal)

    def now(self, change: Change) -> Told:
        """The tags of its resource as they are now, or why they cannot be told.

        Raises `WrongAccount` as `repair` does.
        """
        way = way_of(change.id, change.arn)
        if way is None:
            return None
        tagger = TAGGERS[way](self._at(change.place))
        try:
            return tagger.tags([change])[tagger.name(change)]
        except AwsError as error:
            return error

    def role_of(self, account: str) -> str:
        """The role that leads into an account; empty where none does."""
        return next((arn for arn in self.role_arns if f"::{account}:" in arn), "")

    def reaches(self, account: str) -> bool:
        """Whether these credentials, or one of the roles, are for an account."""
        return self.role_of(account) != "" or account == self.aws.identity.account

    def refuse_other_accounts(self, changes: Iterable[Change]) -> None:
        """Raise `WrongAccount` for what lies where nothing may be written by this one."""
        for account in sorted({change.place.account for change in changes}):
            with suppress(AwsError):  # who is not let in has nothing written there either
                self._account(account)

    def undo(self, undo: Undo) -> Iterator[Outcome]:
        """Take a repair back. What is left of it, if anything, can be taken back by the next run.

        Raises `WrongAccount` for the file of an account into which neither these credentials nor
        one of the roles leads, `Undone` where that is done, and `AwsError` where the role may not
        be assumed.
        """
        if not self.reaches(undo.account):
            account = self.aws.identity.account
            raise WrongAccount(
                f"{undo.path} is of account {undo.account}, these credentials of {account}",
                hint=f"choose the matching --profile, or name a role of {undo.account} by "
                "--role-arn",
            )
        if undo.undone:
            raise Undone(
                f"{undo.path} was taken back at {undo.undone}",
                hint="nothing is left to be undone; `umetrics audit-tags` judges anew",
            )
        self._account(undo.account)
        return self._undone(undo)

    def _undone(self, undo: Undo) -> Iterator[Outcome]:
        changes = (each.undoing for each in undo.resources)
        is_whole = True
        for outcome in carry_out(changes, self._at, self.aws.patience):
            is_whole = is_whole and outcome.ending in TAKEN_BACK
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
        """AWS in an account, entered once. Raises `AwsError` where a role may not be assumed."""
        if account not in self._accounts:
            self._accounts[account] = self._entered(account)
        aws = self._accounts[account]
        if isinstance(aws, AwsError):
            raise aws
        return aws

    def _entered(self, account: str) -> Aws | AwsError:
        role = self.role_of(account)
        try:
            aws = self.aws.assume(role) if role else self.aws
            entered = aws.identity.account
        except AwsError as error:
            return error
        if entered != account:
            raise WrongAccount(
                f"tags were to be changed in account {account}, and these credentials are for "
                f"{entered}",
                hint=f"choose the matching --profile, or name a role of {account} by --role-arn",
            )
        return aws

    def _located(self, change: Change) -> Change:
        """A bucket is listed everywhere, and tagged only where it lies."""
        if BUCKET not in change.arn or change.place.region != GLOBAL:
            return change
        try:
            aws = self._at(change.place)
            buckets = aws.reader("s3", aws.region, Pace(DEFAULT_RATE, 1, aws.patience))
            told = buckets.call("GetBucketLocation", {"Bucket": change.id})["LocationConstraint"]
        except AwsError:  # it went, or may not be asked: the repair itself will say so
            return change
        region = OLD_REGIONS.get(told) or str(told)
        return replace(change, place=Place(change.place.account, region))


@dataclass(slots=True)
class StagesRepairer:
    """Writes each tag with the connection that has seen its resource.

    That is the one of its stage; in a wider `breadth` that of the first stage or of a role, where
    one of these leads into the account.
    """

    stages: Sequence[Foundation]
    breadth: Breadth

    def repair(self, changes: Sequence[Change], journal: UndoJournal) -> Iterator[Outcome]:
        """Carry out as `Repairer` does; to be stopped by the first stage's `stopping`.

        Raises `WrongAccount` before anything is written anywhere.
        """
        patience = self.lead.aws.patience
        shares = self._shares(changes)
        for repairer, share in shares:
            repairer.refuse_other_accounts(share)
        return (
            outcome
            for repairer, share in shares
            for outcome in repairer.repair(share, journal, patience)
        )

    def now(self, change: Change) -> Told:
        """As `Repairer` tells it, by whoever would write."""
        ((repairer, share),) = self._shares([change])
        return repairer.now(*share)

    @property
    def lead(self) -> Repairer:
        """The one of the first stage."""
        return Repairer(self.stages[0].connected(read_only=False), self.breadth.role_arns)

    def _shares(self, changes: Sequence[Change]) -> list[tuple[Repairer, list[Change]]]:
        """Who writes what. Stages with the same credentials share their calls."""
        lead = self.lead
        writers = {lead.aws.identity.arn: lead}
        shares: defaultdict[str, list[Change]] = defaultdict(list)
        of_stages = {stage.config.deployment: stage for stage in self.stages}
        is_wide = self.breadth.scope is not Scope.DEPLOYMENT
        for change in changes:
            stage, writer = of_stages.get(change.deployment), lead
            if stage is not None and not (is_wide and lead.reaches(change.place.account)):
                writer = Repairer(stage.connected(read_only=False))
            arn = writer.aws.identity.arn
            writers.setdefault(arn, writer)
            shares[arn].append(change)
        return [(writers[arn], share) for arn, share in shares.items()]
