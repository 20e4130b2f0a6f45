"""Audits of tags: stage by stage as their blueprints want it, or far beyond them, by a scan.

One judge and one tally serve both; what is done about the findings is `repairing.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from umetrics.audit.baseline import Debt
from umetrics.audit.findings import judge
from umetrics.audit.ground import Recorded
from umetrics.audit.organisation import ask_organisation
from umetrics.audit.scan import DEFAULT_RATE, Progress, ScanOptions, scan
from umetrics.audit.tag_policy import TagPolicy, policy_of
from umetrics.audit.tally import TagReport, Tally
from umetrics.audit.values import Scope, Unseen
from umetrics.library.foundation import Foundation
from umetrics.refusals import refuse_another_account
from umetrics.tags import required_tags


@dataclass(frozen=True, slots=True)
class Measure:
    """What findings are measured by: known debt, the score that is enough (percent), the day."""

    today: date
    baseline: frozenset[Debt] = frozenset()
    fail_under: float | None = None

    def tally(self, scope: Scope, policy: TagPolicy) -> Tally:
        """An empty one."""
        return Tally(scope, today=self.today, exceptions=policy.exceptions, baseline=self.baseline)


def report_on_stages(stages: Sequence[Foundation], measure: Measure) -> TagReport:
    """The verdict on the stages of which anything is there; on the first, where there is none.

    The exceptions of the first one's configuration count for all.
    """
    audits = [(stage, stage.audit()) for stage in stages]
    built = [(stage, audit) for stage, audit in audits if audit.subjects or stage.store.read()]
    tally = measure.tally(Scope.DEPLOYMENT, policy_of(stages[0].config.tags, {}))
    for stage, audit in built or audits[:1]:
        tally.add_audit(stage.config.deployment, audit)
    return tally.report(fail_under=measure.fail_under)


@dataclass(frozen=True, slots=True)
class Breadth:
    """How far to look; the fields are those of `ScanOptions`."""

    scope: Scope
    regions: tuple[str, ...] = ()
    role_arns: tuple[str, ...] = ()
    rate: float = DEFAULT_RATE


def report_on_places(
    stages: Sequence[Foundation],
    breadth: Breadth,
    measure: Measure,
    notify: Callable[[Progress], None],
) -> TagReport:
    """The verdict on everything that a scan finds, through the connection of the first stage.

    What is ours is judged by the stage that it belongs to; `stages` are all that are known.
    """
    aws, config = stages[0].connected(read_only=True), stages[0].config
    if not breadth.role_arns:
        refuse_another_account(config, aws.identity, aws.region, None, stages[0].store.path)
    organisation = ask_organisation(aws.tagging)
    policy = policy_of(config.tags, _required(stages), organisation.rules)
    tally = measure.tally(breadth.scope, policy)
    unseen = []
    for event in scan(aws, _options(stages, breadth)):
        if isinstance(event, Progress):
            notify(event)
        elif isinstance(event, Unseen):
            unseen.append(event)
        else:
            tally.add(event, judge(event, policy))
    remarks = [organisation.remark] if organisation.remark else []
    return tally.report(unseen=unseen, remarks=remarks, fail_under=measure.fail_under)


def _required(stages: Sequence[Foundation]) -> dict[str, dict[str, str]]:
    """By deployment, what everything of it must carry."""
    configs = [stage.config for stage in stages]
    return {
        config.deployment: required_tags(
            config.stage, config.owner, project=config.project, environment=config.environment
        )
        for config in configs
    }


def _options(stages: Sequence[Foundation], breadth: Breadth) -> ScanOptions:
    states = [state for stage in stages if (state := stage.store.read())]
    receipts = {
        receipt.id: Recorded(state.deployment, receipt.key, state.account, state.region)
        for state in states
        for receipt in state.receipts.values()
    }
    return ScanOptions(
        breadth.scope,
        stages[0].config.project,
        receipts,
        breadth.regions,
        breadth.role_arns,
        breadth.rate,
    )
