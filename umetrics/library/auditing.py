"""Audits of tags: stage by stage as their blueprints want it, or far beyond them, by a scan.

One judge and one tally serve both; what is done about the findings is `repairing.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from umetrics.audit.baseline import Debt
from umetrics.audit.findings import judge
from umetrics.audit.ground import Recorded
from umetrics.audit.organisation import Organisation
from umetrics.audit.scan import DEFAULT_RATE, Progress, ScanOptions, scan
from umetrics.audit.tag_audit import Audit
from umetrics.audit.tag_policy import Rule, TagPolicy, policy_of
from umetrics.audit.tally import TagReport, Tally
from umetrics.audit.values import Finding, Scope, Subject, Unseen
from umetrics.config import shared_tags
from umetrics.errors import CredentialsError, WrongAccount
from umetrics.library.foundation import Foundation
from umetrics.library.stage_audits import StageAudits, built, elsewhere
from umetrics.refusals import refuse_another_account
from umetrics.tags import required_tags


@dataclass(frozen=True, slots=True)
class Measure:
    """What findings are measured by: known debt, the score that is enough (percent), the day."""

    today: date
    baseline: frozenset[Debt] = frozenset()
    fail_under: float | None = None

    def tally(self, scope: Scope, policies: Policies) -> Tally:
        """An empty one."""
        return Tally(
            scope,
            today=self.today,
            exceptions=() if scope is Scope.DEPLOYMENT else policies.shared.exceptions,
            of_deployments={name: each.exceptions for name, each in policies.own.items()},
            baseline=self.baseline,
        )


@dataclass(frozen=True, slots=True)
class Policies:
    """What belongs to a deployment of ours is judged by its `own` policy, all else by `shared`."""

    shared: TagPolicy
    own: Mapping[str, TagPolicy]

    @classmethod
    def of(cls, stages: Sequence[Foundation], organisation: Iterable[Rule] = ()) -> Policies:
        """Those of all stages that are known, with what the organisation requires besides."""
        rules, required = tuple(organisation), _required(stages)
        shared = policy_of(shared_tags(stages[0].config), required, rules)
        own = {
            stage.config.deployment: policy_of(stage.config.tags, required, rules)
            for stage in stages
        }
        return cls(shared, own)

    def judge(self, subject: Subject) -> tuple[Finding, ...]:
        """Everything that is wrong with its tags."""
        return judge(subject, self.own.get(subject.deployment, self.shared))


def report_on_stages(stages: Sequence[Foundation], measure: Measure) -> TagReport:
    """The verdict on the stages of which anything is there; on the first, where there is none.

    A stage of several that lives in another account or region is a gap; raises `WrongAccount` where
    no other is left.
    """
    audits: list[tuple[Foundation, Audit]] = []
    apart: list[tuple[Foundation, WrongAccount]] = []
    for stage in stages:
        try:
            audits.append((stage, stage.audit()))
        except WrongAccount as error:
            apart.append((stage, error))
    if apart and not audits:
        raise apart[0][1]
    unseen = [elsewhere(stage, error) for stage, error in apart]
    tally = measure.tally(Scope.DEPLOYMENT, Policies.of(stages))
    for stage, audit in built(audits) or audits[:1]:
        tally.add_audit(stage.config.deployment, audit)
    return tally.report(unseen=unseen, fail_under=measure.fail_under)


@dataclass(frozen=True, slots=True)
class Breadth:
    """How far to look; the fields are those of `ScanOptions`."""

    scope: Scope
    regions: tuple[str, ...] = ()
    role_arns: tuple[str, ...] = ()
    rate: float = DEFAULT_RATE


def is_at_home(stage: Foundation) -> bool:
    """Whether its credentials can be had and are for the account that it belongs to."""
    try:
        aws = stage.connected(read_only=True)
        refuse_another_account(stage.config, aws.identity, aws.region, None, stage.store.path)
    except (WrongAccount, CredentialsError):
        return False
    return True


def report_on_places(
    stages: Sequence[Foundation],
    breadth: Breadth,
    measure: Measure,
    notify: Callable[[Progress], None],
    asked: Sequence[Foundation] | None = None,
) -> TagReport:
    """The verdict on everything that a scan finds, through the connection of the first stage.

    What is ours is judged by the stage that it belongs to; `stages` are all that are known. Those
    `asked` for (all, unless given) are judged as `report_on_stages` would, too: only their
    blueprints know what is missing. Not so with roles, which lead into other accounts.
    """
    aws, config = stages[0].connected(read_only=True), stages[0].config
    if not breadth.role_arns:
        refuse_another_account(config, aws.identity, aws.region, None, stages[0].store.path)
    options = _options(stages, breadth)
    plain = Policies.of(stages)
    of_accounts: dict[str, Policies] = {}
    tally, unseen, remarks = measure.tally(breadth.scope, plain), [], []
    events = scan(aws, options)
    told = StageAudits.of(() if breadth.role_arns else asked or stages, breadth.regions)
    for event in events:
        match event:
            case Progress():
                notify(event)
            case Unseen():
                unseen.append(event)
            case Organisation():
                of_accounts[event.account] = Policies.of(stages, event.rules)
                if event.remark:
                    whose = f"{event.account}: " if breadth.role_arns else ""
                    remarks.append(f"{whose}{event.remark}")
            case Subject():
                subject = told.known(event)
                found = of_accounts.get(event.place.account, plain).judge(subject)
                tally.add(subject, told.completed(subject, found))
    told.add_rest(tally)
    unseen += told.unseen
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
    recorded = [
        (receipt.id, Recorded(state.deployment, receipt.key, state.account, state.region))
        for state in states
        for receipt in state.receipts.values()
    ]
    # A group and its rules have one id: what proves something comes last, and counts.
    receipts = dict(sorted(recorded, key=lambda pair: bool(pair[1].kind)))
    return ScanOptions(
        breadth.scope,
        stages[0].config.project,
        receipts,
        breadth.regions,
        breadth.role_arns,
        breadth.rate,
    )
