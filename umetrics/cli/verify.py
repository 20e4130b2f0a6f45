"""`umetrics verify`: is all that others have as it was, and can they still work? Writes nothing."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.kept_files import refuse_existing_file, refuse_names_of_stage
from umetrics.cli.options import Account, Common
from umetrics.cli.session import Session
from umetrics.cli.verify_options import Trying
from umetrics.errors import UsageError
from umetrics.render.phrase import counted

if TYPE_CHECKING:
    from umetrics.audit.history import History
    from umetrics.library.reaching import Reach
    from umetrics.verify.attribution import Verdict
    from umetrics.verify.probe.values import Trial
    from umetrics.verify.values import Snapshot

NOT_CLEAN = 3
GRAVITY = (7, NOT_CLEAN, 4)
"""Disturbed, a check that is not clean, a permission that a check would have needed."""


class VerdictFormat(enum.StrEnum):
    """How a verdict is written."""

    TEXT = "text"
    JSON = "json"
    MD = "md"


def verify(
    common: Common,
    account: Account,
    trying: Trying,
    *,
    before: Annotated[
        Path | None,
        typer.Option("--before", help="Compare with this snapshot; else with that of the last up."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", help="Only take a snapshot, and keep it in this new file."),
    ] = None,
    format_: Annotated[
        VerdictFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = VerdictFormat.TEXT,
) -> int:
    """Prove that what existed in the account was not disturbed.

    `up` looks at all that others have before it writes; this compares. It also follows the way
    from Lambda functions, and from our own tasks, to the database.

    Examples:

        umetrics verify --stage dev

        umetrics verify --format md >> "$GITHUB_STEP_SUMMARY"

        umetrics verify --save before.json

        umetrics verify --before before.json

        umetrics verify --invoke dry-run --update-code dry-run

        umetrics verify --health-url https://shop.example.com/health
    """
    session = Session(common, account)
    if save is not None:
        if before is not None:
            raise UsageError(
                "--save takes a snapshot, --before compares with one: give one of them"
            )
        if trying.is_asked:
            raise UsageError(
                "--save takes a snapshot and nothing else",
                hint="leave --invoke, --update-code and --health-url to the comparison",
            )
        return _save(session, save)
    from umetrics.library.probing import probe
    from umetrics.library.reaching import reach
    from umetrics.library.verifying import authors, look_around, verdict_since

    trials = trying.checked(is_sandbox=common.sandbox)
    snapshot, foundation = _before(session, before), session.foundation
    listed = look_around(foundation)
    verdict = verdict_since(foundation, snapshot, listed) if snapshot else None
    history = authors(foundation, verdict) if verdict else None
    found = Findings(verdict, history, reach(foundation, listed), probe(foundation, trials, listed))
    _show(session, found, format_)
    return found.exit_code


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is shown; without a snapshot no verdict."""

    verdict: Verdict | None
    history: History | None
    reach: Reach
    trials: tuple[Trial, ...]

    @property
    def exit_code(self) -> int:
        """The gravest: 7 before 3 before 4."""
        from umetrics.verify.probe.values import exit_code

        codes = {
            self.verdict.exit_code if self.verdict else 0,
            NOT_CLEAN if self.reach.is_broken else 0,
            exit_code(self.trials),
        }
        return next((code for code in GRAVITY if code in codes), 0)


def _save(session: Session, path: Path) -> int:
    from umetrics.library.verifying import take_snapshot
    from umetrics.render.verify.words import gap_text
    from umetrics.verify.ownership import ours_in
    from umetrics.verify.snapshot_file import write_snapshot

    refuse_existing_file(path)
    refuse_names_of_stage(session, path)
    snapshot = take_snapshot(session.foundation)
    write_snapshot(path.absolute(), snapshot)
    foreign = snapshot.things.keys() - ours_in(snapshot)
    things = counted(len(foreign), "existing resource")
    session.screen.result(f"{'Partial: kept' if snapshot.gaps else 'Kept'} {things} in {path}.")
    for gap in snapshot.gaps:
        session.screen.say(gap_text(gap), "warning")
    return 0


def _before(session: Session, path: Path | None) -> Snapshot | None:
    from umetrics.library.verifying import last_snapshot
    from umetrics.verify.snapshot_file import snapshot_in

    if path is not None:
        return snapshot_in(path)
    last = last_snapshot(session.foundation)
    if last is None:
        session.screen.say(
            "No run has written anything yet, so there is nothing to compare with. "
            "`umetrics verify --save FILE` takes a snapshot by hand."
        )
    return last


def _show(session: Session, findings: Findings, chosen: VerdictFormat) -> None:
    """The verdict, then the ways, then what was tried."""
    from umetrics.audit.history import History
    from umetrics.render.verify import as_json, as_markdown, text, trials, ways

    verdict, history = findings.verdict, findings.history or History()
    if chosen is VerdictFormat.JSON:
        told = {"verdict": as_json.verdict_json(verdict, history) if verdict else None}
        body = {
            **told,
            "reach": ways.reach_json(findings.reach),
            "trials": trials.trials_json(findings.trials),
        }
        session.show_document("verification", body)
    elif chosen is VerdictFormat.MD:
        told_md = as_markdown.verdict_markdown(verdict, history) + "\n" if verdict else ""
        told_md += ways.reach_markdown(findings.reach)
        session.screen.show_data(told_md + trials.trials_markdown(findings.trials))
    else:
        session.screen.show(text.verdict_lines(verdict, history) if verdict else ())
        session.screen.show(ways.reach_lines(findings.reach))
        session.screen.show(trials.trial_lines(findings.trials))
