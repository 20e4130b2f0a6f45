"""`umetrics tags undo`: take back what `audit-tags --fix` has changed, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from umetrics.audit.repair.change import Ending
from umetrics.cli.consent import agreed
from umetrics.cli.mending import mended
from umetrics.cli.options import Account, Common, Consent, TextFormat
from umetrics.cli.session import Session
from umetrics.render.phrase import counted
from umetrics.render.repair import ending_lines, endings_json, repair_lines

DECLINED = 1
NOT_CLEAN = 3


def undo(
    common: Common,
    account: Account,
    consent: Consent,
    *,
    file: Annotated[Path, typer.Argument(help="The undo file that the repair has named.")],
    role_arn: Annotated[
        str | None,
        typer.Option("--role-arn", metavar="ARN", help="Write as this role of the file's account."),
    ] = None,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Put tags back as they were before a repair.

    Examples:

        umetrics tags undo state/undo/2026-03-01T093000Z-123456789012.jsonl

        umetrics tags undo --yes FILE

        umetrics tags undo FILE --role-arn arn:aws:iam::123456789012:role/Audit

    A resource whose tags somebody has changed since is left alone, and named.
    """
    from umetrics.audit.breadth import check
    from umetrics.audit.repair.plan import RepairPlan
    from umetrics.audit.repair.undo_file import read_undo
    from umetrics.library.repairing import Repairer

    roles = (role_arn,) if role_arn is not None else ()
    check((), roles)
    kept = read_undo(file)
    session = Session(common, account)
    outcomes = Repairer(session.foundation.connected(read_only=False), roles).undo(kept)
    plan = RepairPlan(tuple(each.undoing for each in kept.resources), ())
    if format_ is TextFormat.TEXT:
        session.screen.show(repair_lines(plan))
    elif not consent.yes:
        session.screen.tell(repair_lines(plan))
    number = counted(len(plan.changes), "resource")
    if not agreed(
        session.screen,
        f"Put the tags of {number} back to what they were before {kept.at}?",
        consent,
        details=lambda: session.screen.tell(repair_lines(plan, at_most=None)),
    ):
        session.screen.say("Nothing was changed.")
        return DECLINED
    result = mended(session, outcomes, plan.changes)
    if format_ is TextFormat.JSON:
        body = endings_json(result.outcomes, seconds=result.seconds, undo_files={})
        session.show_document("tags-undo", body)
    else:
        session.screen.show(ending_lines(result.outcomes, seconds=result.seconds))
    if result.broken is not None:
        raise result.broken
    is_left = any(each.ending is Ending.ELSEWISE for each in result.outcomes)
    return result.exit_code or (NOT_CLEAN if is_left else 0)
