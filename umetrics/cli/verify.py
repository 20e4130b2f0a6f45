"""`umetrics verify`: is all that others have as it was, and can they still work? Writes nothing."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.options import Account, Common
from umetrics.cli.session import Session
from umetrics.errors import UsageError
from umetrics.render.phrase import counted

if TYPE_CHECKING:
    from umetrics.audit.history import History
    from umetrics.verify.attribution import Verdict
    from umetrics.verify.values import Snapshot


class VerdictFormat(enum.StrEnum):
    """How a verdict is written."""

    TEXT = "text"
    JSON = "json"
    MD = "md"


def verify(
    common: Common,
    account: Account,
    *,
    before: Annotated[
        Path | None,
        typer.Option("--before", help="Compare with this snapshot; else with that of the last up."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Only take a snapshot, and keep it in this file.")
    ] = None,
    format_: Annotated[
        VerdictFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = VerdictFormat.TEXT,
) -> int:
    """Prove that what existed in the account was not disturbed.

    `up` looks at all that others have before it writes; this compares.

    Examples:

        umetrics verify --stage dev

        umetrics verify --format md >> "$GITHUB_STEP_SUMMARY"

        umetrics verify --save before.json

        umetrics verify --before before.json
    """
    session = Session(common, account)
    if save is not None:
        if before is not None:
            raise UsageError(
                "--save takes a snapshot, --before compares with one: give one of them"
            )
        return _save(session, save)
    snapshot = _before(session, before)
    if snapshot is None:
        return 0
    from umetrics.library.verifying import authors, verdict_since

    verdict = verdict_since(session.foundation, snapshot)
    _show(session, verdict, authors(session.foundation, verdict), format_)
    return verdict.exit_code


def _save(session: Session, path: Path) -> int:
    from umetrics.library.verifying import take_snapshot
    from umetrics.verify.snapshot_file import read_snapshot, write_snapshot

    read_snapshot(path)  # what is no snapshot is not overwritten
    snapshot = take_snapshot(session.foundation)
    write_snapshot(path.absolute(), snapshot)
    things = counted(len(snapshot.things), "existing resource")
    session.screen.result(f"Kept {things} in {path}.")
    for gap in snapshot.gaps:
        session.screen.say(f"not seen: {gap.kind}: {gap.reason}", "warning")
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


def _show(session: Session, verdict: Verdict, history: History, chosen: VerdictFormat) -> None:
    if chosen is VerdictFormat.JSON:
        from umetrics.render.verify.as_json import verdict_json

        session.show_document("verdict", verdict_json(verdict, history))
    elif chosen is VerdictFormat.MD:
        from umetrics.render.verify.as_markdown import verdict_markdown

        session.screen.show_data(verdict_markdown(verdict, history))
    else:
        from umetrics.render.verify.text import verdict_lines

        session.screen.show(verdict_lines(verdict, history))
