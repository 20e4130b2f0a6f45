"""What an audit adds up to: counts and findings, of subjects that come one by one and are let go.

Memory holds what is wrong, never what is right. Nothing here judges or reads AWS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from umetrics.audit.baseline import Debt
from umetrics.audit.catalogue import KINDS
from umetrics.audit.tag_policy import TagException
from umetrics.audit.values import (
    GLOBAL,
    WHOLE_ACCOUNT,
    WHOLE_REGION,
    WHOLE_STAGE,
    Finding,
    Place,
    Scope,
    Standing,
    Subject,
    Unseen,
)

if TYPE_CHECKING:
    from umetrics.audit.tag_audit import Audit

OWNER = "Owner"

_NONE: Mapping[str, tuple[TagException, ...]] = MappingProxyType({})


@dataclass(slots=True)
class Count:
    """How many subjects were judged, how many of them fail, and with how many findings."""

    judged: int = 0
    failing: int = 0
    findings: int = 0

    @property
    def score(self) -> float | None:
        """Percent in order, rounded down to a tenth: 100 is said of nothing less.

        None where nothing was judged, which is no merit.
        """
        if not self.judged:
            return None
        return (1000 * (self.judged - self.failing) // self.judged) / 10

    def add(self, findings: int) -> None:
        """One more subject."""
        self.judged += 1
        self.failing += findings > 0
        self.findings += findings


@dataclass(frozen=True, slots=True)
class Excepted:
    """A finding that does not count, and the exception that says so."""

    finding: Finding
    exception: TagException


@dataclass(frozen=True, slots=True)
class TagReport:
    """The verdict on everything that was looked at.

    `findings` count; those `known` from a baseline and those `excepted` do not. `expired` are
    exceptions that hold no more. `by_owner` goes by the value of the tag `Owner`, `by_place` by
    account and region. `missing_resources` are wanted and not there, each as `UserMetrics/dev vpc`.
    `fail_under` is the score, in percent, that is enough.
    """

    scope: Scope
    total: Count = field(default_factory=Count)
    by_kind: Mapping[str, Count] = field(default_factory=dict)
    by_owner: Mapping[str, Count] = field(default_factory=dict)
    by_place: Mapping[str, Count] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
    excepted: tuple[Excepted, ...] = ()
    expired: tuple[TagException, ...] = ()
    implicit: int = 0
    not_judged: int = 0
    missing_resources: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    remarks: tuple[str, ...] = ()
    fail_under: float | None = None

    @property
    def is_clean(self) -> bool:
        """Whether a gate lets it pass: all is in order, and no place was hidden as a whole."""
        return self.is_in_order and not self.blind

    @property
    def is_in_order(self) -> bool:
        """Whether all that was seen is.

        Findings fail it, or with `fail_under` a score below that; missing resources and expired
        exceptions always do. A kind that could not be seen is told, and fails nothing.
        """
        return self.is_enough and not self.missing_resources and not self.expired

    @property
    def is_enough(self) -> bool:
        """Whether there are no findings, or few enough."""
        if self.fail_under is None or self.total.score is None:
            return not self.findings
        return self.total.score >= self.fail_under

    @property
    def blind(self) -> tuple[Place, ...]:
        """Where nothing at all could be seen, be it of a stage only, for whatever reason."""
        places = dict.fromkeys(each.place for each in self.unseen)
        return tuple(place for place in places if self._is_blind(place))

    @property
    def is_denied(self) -> bool:
        """Whether somewhere nothing could be seen for want of a permission."""
        blind = self.blind
        return any(each.denied and each.place in blind for each in self.unseen)

    def _is_blind(self, place: Place) -> bool:
        unseen = {each.kind for each in self.unseen if each.place == place}
        kinds = {kind.name for kind in KINDS if kind.is_global is (place.region == GLOBAL)}
        if unseen & {WHOLE_ACCOUNT, WHOLE_REGION, WHOLE_STAGE}:
            return True
        return kinds <= unseen and str(place) not in self.by_place


class Tally:
    """Takes subjects with their findings, from one thread, and keeps what a report needs.

    `today` decides which of the `exceptions` have expired; those `of_deployments` are in force for
    what belongs to these, instead of the others. The `baseline` is debt that is known.
    """

    def __init__(
        self,
        scope: Scope,
        *,
        today: date,
        exceptions: Iterable[TagException] = (),
        of_deployments: Mapping[str, tuple[TagException, ...]] = _NONE,
        baseline: Collection[Debt] = frozenset(),
    ) -> None:
        shared = tuple(exceptions)
        everywhere = dict.fromkeys(
            each for some in (shared, *of_deployments.values()) for each in some
        )
        self._scope, self._today = scope, today
        self._expired = tuple(each for each in everywhere if each.expires < today)
        self._exceptions, self._of_deployments = shared, of_deployments
        self._baseline = baseline
        self._total = Count()
        self._by_kind: defaultdict[str, Count] = defaultdict(Count)
        self._by_owner: defaultdict[str, Count] = defaultdict(Count)
        self._by_place: defaultdict[str, Count] = defaultdict(Count)
        self._findings: list[Finding] = []
        self._known: list[Finding] = []
        self._excepted: list[Excepted] = []
        self._missing_resources: list[str] = []
        self._implicit = self._not_judged = 0

    def add(self, subject: Subject, findings: Iterable[Finding]) -> None:
        """Count one subject."""
        if not subject.is_judged:
            self._not_judged += 1
            return
        self._implicit += subject.standing is Standing.IMPLICIT
        counting = sum(map(self._counts, findings))
        for count in (
            self._total,
            self._by_kind[subject.kind],
            self._by_owner[subject.tags.get(OWNER, "")],
            self._by_place[str(subject.place)],
        ):
            count.add(counting)

    def _counts(self, finding: Finding) -> bool:
        """File a finding; whether it is one that counts."""
        deployment = finding.subject.deployment
        for exception in self._of_deployments.get(deployment, self._exceptions):
            if exception.expires >= self._today and exception.covers(finding):
                self._excepted.append(Excepted(finding, exception))
                return False
        is_known = bool(self._baseline) and Debt.of(finding) in self._baseline
        (self._known if is_known else self._findings).append(finding)
        return not is_known

    def add_audit(self, deployment: str, audit: Audit) -> None:
        """Count what the audit of one deployment of ours found."""
        for subject, findings in audit.judged:
            self.add(subject, findings)
        self._missing_resources += [f"{deployment} {key}" for key in audit.missing_resources]

    def report(
        self,
        *,
        unseen: Iterable[Unseen] = (),
        remarks: Iterable[str] = (),
        fail_under: float | None = None,
    ) -> TagReport:
        """What it adds up to; findings in the order of places, kinds and ids."""
        return TagReport(
            self._scope,
            self._total,
            dict(sorted(self._by_kind.items())),
            dict(sorted(self._by_owner.items())),
            dict(sorted(self._by_place.items())),
            findings=tuple(sorted(self._findings, key=_position)),
            known=tuple(sorted(self._known, key=_position)),
            excepted=tuple(sorted(self._excepted, key=lambda each: _position(each.finding))),
            expired=self._expired,
            implicit=self._implicit,
            not_judged=self._not_judged,
            missing_resources=tuple(self._missing_resources),
            unseen=tuple(sorted(unseen, key=lambda each: (str(each.place), each.kind))),
            remarks=tuple(remarks),
            fail_under=fail_under,
        )


def _position(finding: Finding) -> tuple[str, str, str]:
    """Findings of one subject stay in the order of the scheme, in which they came."""
    subject = finding.subject
    return str(subject.place), subject.kind, subject.id
