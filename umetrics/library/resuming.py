"""Runs of `--fix` that were broken off, by their undo files, and what they left half made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from umetrics.audit.repair.change import Change, Ending, Outcome
from umetrics.audit.repair.undo_file import FOLDER, Undo, read_undo
from umetrics.audit.repair.unfinished import rest_of
from umetrics.errors import AwsError, CredentialsError, StateError, UsageError, WrongAccount
from umetrics.library.repairing import StagesRepairer

STILL_OPEN = frozenset({Ending.FAILED, Ending.SKIPPED, Ending.HALF})


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """One such run: its file, what is left of its changes, and of which nobody can tell."""

    undo: Undo
    rests: tuple[Change, ...]
    untold: tuple[Outcome, ...] = ()

    def settle(self, outcomes: Iterable[Outcome]) -> None:
        """Note in the file what is still half made, now that the others are done.

        Raises `StateError`.
        """
        left = {_name(each.change) for each in outcomes if each.ending in STILL_OPEN}
        open_ = [each for each in self.rests if _name(each) in left]
        self.undo.settle([*open_, *(each.change for each in self.untold)])


def is_half(outcome: Outcome) -> bool:
    """Whether something is left half made by what became of a change."""
    ending = outcome.ending
    return ending is Ending.HALF or (bool(outcome.change.was) and ending in STILL_OPEN)


def broken_off(repairer: StagesRepairer, state_folder: Path) -> list[BrokenOff]:
    """All of them, as far as these credentials lead into their accounts."""
    found = []
    for undo in _unfinished(state_folder / FOLDER):
        with suppress(AwsError, CredentialsError, WrongAccount):  # then it stays as it is
            found.append(_left_by(undo, repairer))
    return found


def _left_by(undo: Undo, repairer: StagesRepairer) -> BrokenOff:
    """Raises what keeps these credentials out of its account altogether."""
    rests, untold = list[Change](), list[Outcome]()
    for each in undo.unfinished:
        change = each.doing
        if not (change.put and change.taken):
            continue  # that was one call
        told = repairer.now(change)
        if isinstance(told, AwsError):
            told.hint = f"{undo.path} has what {change.kind} {change.id} was before"
            untold.append(Outcome(change, Ending.FAILED, told))
        elif (rest := rest_of(change, told, takes_first=each.takes_first)) is not None:
            rests.append(rest)
    return BrokenOff(undo, tuple(rests), tuple(untold))


def _unfinished(folder: Path) -> Iterator[Undo]:
    for path in sorted(folder.glob("*.jsonl")):
        with suppress(UsageError, StateError):  # a damaged one is no reason to repair nothing
            undo = read_undo(path)
            if undo.unfinished:
                yield undo


def _name(change: Change) -> tuple[str, str, str]:
    return change.place.account, change.kind, change.id
