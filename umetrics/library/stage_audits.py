"""What only the blueprints of stages know, put together with what a scan has found.

A scan goes by what is there. That something is not there, or lacks a tag that follows from where
it was built, shows only where one knows what was wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from umetrics.audit.breadth import ALL_REGIONS, is_denial
from umetrics.audit.tag_audit import Audit
from umetrics.audit.tally import Tally
from umetrics.audit.values import WHOLE_STAGE, Finding, Home, Place, Subject, Unseen
from umetrics.errors import AwsError, CredentialsError, WrongAccount
from umetrics.library.foundation import Foundation

Known = tuple[Place, str, str]
"""Account and region, kind, id."""


def built(audits: Sequence[tuple[Foundation, Audit]]) -> list[tuple[Foundation, Audit]]:
    """Those of stages of which anything is there, or recorded."""
    return [(stage, audit) for stage, audit in audits if audit.subjects or stage.store.read()]


def home_of(stage: Foundation) -> Home:
    """Where a stage lives, by its state file; else where its credentials would build it."""
    state, deployment = stage.store.read(), stage.config.deployment
    if state is not None:
        return Home(deployment, Place(state.account, state.region))
    aws = stage.connected(read_only=True)
    return Home(deployment, Place(stage.config.account or aws.identity.account, aws.region))


def elsewhere(stage: Foundation, error: WrongAccount) -> Unseen:
    """That a stage was left out, as it lives in another account or region, and the way there."""
    aws, config = stage.connected(read_only=True), stage.config
    place = Place(config.account or aws.identity.account, aws.region)
    reason = f"{config.deployment}: {error.message}; to see it use --stage {config.stage}"
    return Unseen(place, "deployment", f"{reason}, and {error.hint}")


@dataclass(slots=True)
class StageAudits:
    """Audits of stages, of which each subject is counted once, whoever found it."""

    missing: list[tuple[str, Audit]] = field(default_factory=list)
    judged: dict[Known, tuple[Subject, tuple[Finding, ...]]] = field(default_factory=dict)
    unseen: list[Unseen] = field(default_factory=list)

    @classmethod
    def of(cls, stages: Sequence[Foundation], regions: Collection[str]) -> StageAudits:
        """Of those stages that live in one of these regions, or anywhere without any.

        One that is asked for alone counts even where nothing of it is there; raises `WrongAccount`
        where that one lives elsewhere.
        """
        made, audits = cls(), []
        for stage in stages:
            aws = stage.connected(read_only=True)
            if regions and ALL_REGIONS not in regions and aws.region not in regions:
                continue
            try:
                audits.append((stage, stage.audit()))
            except WrongAccount as error:
                if len(stages) == 1:
                    raise
                made.unseen.append(elsewhere(stage, error))
            except (AwsError, CredentialsError) as error:
                place = Place(aws.identity.account, aws.region)
                reason = f"{stage.config.deployment}: {error.message}"
                made.unseen.append(Unseen(place, WHOLE_STAGE, reason, is_denial(error)))
        for stage, audit in built(audits) or (audits if len(stages) == 1 else []):
            made.missing.append((stage.config.deployment, replace(audit, judged=())))
            for subject, findings in audit.judged:
                made.judged[_known(subject)] = (subject, findings)
        return made

    def known(self, scanned: Subject) -> Subject:
        """What a scan has found, with what its blueprint knows of it."""
        mine, _ = self.judged.get(_known(scanned), (scanned, ()))
        return replace(
            scanned,
            standing=mine.standing,
            key=mine.key,
            parent=mine.parent,
            deployment=mine.deployment,
            region=mine.region,
        )

    def completed(self, scanned: Subject, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings on it, and what only the blueprint has against it; not to be told again."""
        _, findings = self.judged.pop(_known(scanned), (scanned, ()))
        tags = {each.tag for each in found}
        others = (each for each in findings if each.tag not in tags)
        return (*found, *(replace(each, subject=scanned) for each in others))

    def add_rest(self, tally: Tally) -> None:
        """Count what no scan has found, and what is missing."""
        for subject, findings in self.judged.values():
            tally.add(subject, findings)
        for deployment, audit in self.missing:
            tally.add_audit(deployment, audit)


def _known(subject: Subject) -> Known:
    return subject.place, subject.kind, subject.id
