"""`umetrics audit-tags`: is everything tagged as finance and security expect? Writes nothing."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.options import Account, Common, TextFormat
from umetrics.cli.session import Session
from umetrics.config import known_stages
from umetrics.render.findings import findings_json, findings_lines

if TYPE_CHECKING:
    from umetrics.audit.tag_audit import Audit

NOT_CLEAN = 3
ROWS_ON_A_TERMINAL = 50


def audit(
    common: Common,
    account: Account,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Judge the tags of everything that was built.

    Without a stage, every stage of which anything is there is judged.

    Examples:

        umetrics audit-tags --stage dev

        umetrics audit-tags --format json
    """
    audits = list(_audits(common, account))
    session = audits[0][0]
    at_most = ROWS_ON_A_TERMINAL if session.screen.terminal else None
    if format_ is TextFormat.JSON:
        judged = [findings_json(verdict, stage=each.config.stage) for each, verdict in audits]
        session.show_document("findings", {"stages": judged})
    else:
        for each, verdict in audits:
            if len(audits) > 1:
                session.screen.result(f"{each.config.deployment}:", "strong")
            session.screen.show(findings_lines(verdict, stage=each.config.stage, at_most=at_most))
    return 0 if all(verdict.is_clean for _, verdict in audits) else NOT_CLEAN


def _audits(common: Common, account: Account) -> Iterator[tuple[Session, Audit]]:
    """The stage asked for; else each stage of which anything is there, or the default one."""
    named = common.stage or os.environ.get("UMETRICS_STAGE")
    stages = [named] if named else list(known_stages(common.config))
    seen: list[tuple[Session, Audit]] = []
    for stage in stages:
        session = Session(dataclasses.replace(common, stage=stage), account)
        seen.append((session, session.foundation.audit()))
    built = [each for each in seen if each[1].subjects or each[0].store.read()]
    yield from built or seen[:1]
