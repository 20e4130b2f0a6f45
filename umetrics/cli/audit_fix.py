"""`umetrics audit-tags --fix`: what the audit found, put right, after a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from umetrics.audit.repair.change import Ending
from umetrics.audit.repair.plan import plan_repair
from umetrics.cli.mending import may_repair, mended
from umetrics.library.repairing import Repairer
from umetrics.render.audit import ReportFormat
from umetrics.render.repair import ending_lines, endings_json, repair_json, repair_lines

if TYPE_CHECKING:
    from umetrics.audit.tally import TagReport
    from umetrics.cli.audit_options import Mending
    from umetrics.cli.options import Consent
    from umetrics.cli.session import Session
    from umetrics.library.auditing import Breadth

DECLINED = 1
NOT_CLEAN = 3


def fix(
    session: Session,
    report: TagReport,
    breadth: Breadth,
    mending: Mending,
    consent: Consent,
    format_: ReportFormat | None,
) -> int:
    """The plan, a question, the changes; 3 where something is left that the plan leaves out.

    What stands in a baseline is repaired as well; what is excepted is not.
    """
    plan = plan_repair((*report.findings, *report.known), overwrite=mending.overwrite)
    is_text = format_ is not ReportFormat.JSON
    if is_text:
        session.screen.show(repair_lines(plan))
    if plan.changes and not may_repair(session, plan, consent, mending.confirm):
        session.screen.say("Nothing was changed.")
        return DECLINED
    repairer = Repairer(session.foundation.connected(read_only=False), breadth.role_arns)
    journal = repairer.journal(session.state_folder)
    result = mended(session, repairer.repair(plan.changes, journal), len(plan.changes))
    files = {account: str(path) for account, path in journal.paths.items()}
    if is_text:
        session.screen.show(ending_lines(result.outcomes, seconds=result.seconds))
        for path in files.values():
            session.screen.result(f"To take it back: umetrics tags undo {path}", "quiet")
    else:
        endings = endings_json(result.outcomes, seconds=result.seconds, undo_files=files)
        session.show_document("tags-fix", {**repair_json(plan), **endings})
    elsewise = any(each.ending is Ending.ELSEWISE for each in result.outcomes)
    is_left = plan.left_out or elsewise or report.missing_resources or report.expired
    return result.exit_code or (NOT_CLEAN if is_left else 0)
