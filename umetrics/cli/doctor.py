"""`umetrics doctor`: can this very configuration be applied, and what to ask for if not?"""

from __future__ import annotations

import re
from typing import Annotated

import typer

from umetrics.cli.options import Account, Common, TextFormat
from umetrics.cli.session import Session
from umetrics.deployer import Mode
from umetrics.errors import UsageError

ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")


def doctor(
    common: Common,
    account: Account,
    mode: Annotated[
        Mode, typer.Option("--mode", help="What these credentials are to be able to do.")
    ] = Mode.APPLY,
    also: Annotated[
        str | None,
        typer.Option(
            "--also", metavar="ACTIONS", help="Ask of these, too: a,b. Else of [doctor] also."
        ),
    ] = None,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Tell whether this configuration can be applied, and what to ask for if not.

    Identity, account, clock, permissions, quotas, addresses, zones, the
    organisation's tag policy, cost tags. Changes nothing. Exit code 4 where a
    permission is missing, 6 in a wrong account or against a conflict, 3 for any
    other problem. What cannot be told is said to be so, and fails nothing.

    Examples:

        umetrics doctor --stage dev

        umetrics doctor --mode destroy --format json

        umetrics doctor --also s3:CreateBucket,lambda:CreateFunction
    """
    asked = None if also is None else _actions(also)
    session = Session(common, account)
    from umetrics.library.checking import examined
    from umetrics.render.doctor import doctor_json, doctor_lines, policy_text

    report = examined(session.foundation, mode, also=asked)
    if format_ is TextFormat.JSON:
        session.show_document("doctor", doctor_json(report))
        return report.exit_code
    session.screen.show(doctor_lines(report))
    if text := policy_text(report):
        session.screen.show_data(text)
    return report.exit_code


def _actions(text: str) -> tuple[str, ...]:
    named = tuple(filter(None, (each.strip() for each in text.split(","))))
    for each in named:
        if not ACTION.fullmatch(each):
            raise UsageError(
                f"{each!r} is no action", hint="an action looks like s3:CreateBucket; no wildcards"
            )
    return named
