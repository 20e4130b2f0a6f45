"""`umetrics state`: the state file shown, written anew from what AWS shows, and unlocked.

None of it changes anything in AWS.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated

import typer

from umetrics.cli.options import Account, Common, TextFormat
from umetrics.cli.session import Session
from umetrics.errors import StateError
from umetrics.render.phrase import some_of
from umetrics.render.receipts import receipt_lines
from umetrics.state import State, to_json

FormatOption = Annotated[
    TextFormat, typer.Option("--format", "-f", help="How to write the result.")
]

NAMED = 5
"""Keys that are named; of more it is said how many."""


def show(common: Common, format_: FormatOption = TextFormat.TEXT) -> int:
    """Show the state file: where it is, whose it is, and every receipt.

    Examples:

        umetrics state show --stage dev

        umetrics state show --format json
    """
    session = Session(common)
    state = session.store.read()
    if state is None:
        raise StateError(
            f"there is no state file at {session.store.path}",
            hint=f"`umetrics up --stage {session.config.stage}` writes one, also for a "
            "foundation that is already there",
        )
    if format_ is TextFormat.JSON:
        session.show_document("state", {"state": json.loads(to_json(state))}, state)
        return 0
    about = (
        f"file     {session.store.path}",
        f"account  {state.account}, {state.region}",
        f"lineage  {state.lineage}, serial {state.serial}, written by {state.written_by}",
    )
    for line in about:
        session.screen.result(line)
    session.screen.show(
        receipt_lines(state.deployment, state.receipts.values(), state.shared.values())
    )
    for intent in state.intents.values():
        session.screen.result(f"unfinished: {intent.key}, since {intent.since}", "warning")
    return 0


def rebuild(common: Common, account: Account, format_: FormatOption = TextFormat.TEXT) -> int:
    """Write the state file anew from what AWS shows.

    Examples:

        umetrics state rebuild --stage dev

        umetrics state rebuild --stage dev --format json

    The old file is kept as .bak. What it knows still counts: ids of resources that lost their
    tags, and unfinished creates. One that cannot be read is kept as .unreadable. To have tags
    alone count, move the old file away first.
    """
    session = Session(common, account)
    before, after = session.foundation.rebuild()
    news = _news(before, after)
    if format_ is TextFormat.JSON:
        body = {"state": json.loads(to_json(after)), "news": news}
        session.show_document("state", body, after)
        return 0
    session.screen.show(
        receipt_lines(after.deployment, after.receipts.values(), after.shared.values())
    )
    for what, found in news.items():
        if found:
            session.screen.result(f"{what}: {some_of(found, NAMED)}")
    if before is not None and not any(news.values()):
        session.screen.result("AWS shows what was recorded.", "good")
    return 0


def _news(before: State | None, after: State) -> dict[str, list[str]]:
    """Keys that AWS shows and the old state did not, or with another id, or the other way round."""
    old = {key: receipt.id for key, receipt in before.receipts.items()} if before else {}
    new = {key: receipt.id for key, receipt in after.receipts.items()}
    return {
        "new": sorted(new.keys() - old.keys()),
        "replaced": sorted(key for key in new.keys() & old.keys() if new[key] != old[key]),
        "gone": sorted(old.keys() - new.keys()),
    }


def unlock(
    common: Common,
    id_: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Clear the lock with this id only.")
    ] = None,
    format_: FormatOption = TextFormat.TEXT,
) -> int:
    """Clear what a run that was killed left in the stage's lock; show who holds it.

    Examples:

        umetrics state unlock --stage dev

        umetrics state unlock 2d7b1c9e-8a3f-4f0e-9c55-0b6c1f1d7a42

    A lock ends with its process. While that lives, nothing is cleared, and the exit code is 5.
    """
    session = Session(common)
    left = session.lock("state unlock").clear(id_)
    if format_ is TextFormat.JSON:
        session.show_document("lock", {"cleared": dataclasses.asdict(left) if left else None})
        return 0
    stage = session.config.stage
    if left is None:
        session.screen.result(f"Nobody holds the lock of stage {stage}.")
        return 0
    session.screen.result(
        f"Nobody holds the lock of stage {stage} any more. Cleared: {left.who}, process "
        f"{left.pid}, running `{left.command}` since {left.since} (lock id {left.id})."
    )
    return 0
