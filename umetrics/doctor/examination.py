"""The checks put together: who we are, then everything else at once. Reads, and rehearses.

Nothing that one check cannot see keeps another from being made: what is not known is said to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from umetrics.deployer import Mode, Need, Place, in_production
from umetrics.doctor.attempt import unread
from umetrics.doctor.caller import Caller, caller_of, identity_finding
from umetrics.doctor.decision import Decided, Decision
from umetrics.doctor.finding import NOT_CLEAN, Certainty, Check, Finding, Status, Unread
from umetrics.doctor.judgement import clock_finding, judged
from umetrics.doctor.later import later, later_findings
from umetrics.doctor.permission import (
    Measured,
    Permissions,
    Refusal,
    permission_finding,
    permissions,
)
from umetrics.doctor.question import Known, batches, questions
from umetrics.doctor.quota import added_by
from umetrics.doctor.reading import Account
from umetrics.doctor.rehearsal import Rehearsed, rehearsed
from umetrics.doctor.report import Report
from umetrics.doctor.simulator import real_caller, simulated, with_foreign
from umetrics.doctor.surroundings import Surroundings
from umetrics.errors import AwsError, CredentialsError, Refused, UmetricsError
from umetrics.pool import aside, both

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.provision.plan import Plan

APPLYING = frozenset({Mode.APPLY, Mode.ALL})
"""The modes for which it matters whether there is room, and a plan."""

SERVICES = {"tagging": "tag"}
"""By what the SDK calls a service, what policies call it."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Who was simulated, what came of it, and why some of it came to nothing."""

    caller: Caller
    decided: tuple[Decided, ...]
    why: Unread | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What is to be examined: may `needs` be done at `place`, and is there room for the plan?

    `draw` draws the plan, and raises what stands against it. `name` is that of the policy to ask
    for, `known` what stands, `also` actions of later work, `recorded` ids that receipts name.
    """

    aws: Aws
    place: Place
    mode: Mode
    needs: tuple[Need, ...]
    name: str
    draw: Callable[[], Plan]
    known: Known = field(default_factory=Known)
    also: tuple[str, ...] = ()
    recorded: frozenset[str] = frozenset()

    def report(self) -> Report:
        """All checks."""
        self.aws.log.succeeded.clear()  # what was allowed once may not be so any more
        caller = caller_of(self.aws.identity.arn)
        if self.mode not in APPLYING:
            answers = self._answers(caller)
            return self._composed(answers, Rehearsed(), ())
        production = in_production(self.place.config)
        answers, (seen, rehearsal, plan) = aside(
            lambda: self._answers(caller), lambda: self._look(production=production)
        )
        added = None if isinstance(plan, UmetricsError) else added_by(plan)
        surrounding = judged(seen, self.place.config, added, production=production)
        found = (_plan_finding(plan), *surrounding)
        return self._composed(answers, rehearsal, found, _denials(seen, plan))

    def _look(self, *, production: bool) -> tuple[Surroundings, Rehearsed, Plan | UmetricsError]:
        """Clients are made on this thread, and the plan may make some more."""
        account = Account(self.aws, self.place.config, production, self.recorded)
        _ = self.aws.rehearsing
        (seen, rehearsal), plan = aside(
            lambda: both(account.read, lambda: rehearsed(self.aws, self.needs, self.place)),
            self._plan,
        )
        return seen, rehearsal, plan

    def _plan(self) -> Plan | UmetricsError:
        try:
            return self.draw()
        except UmetricsError as error:
            return error
        except KeyError as error:
            return AwsError(unread(error).reason)

    def _answers(self, caller: Caller) -> Answers:
        real = real_caller(self.aws, caller)
        known = with_foreign(self.aws, self.known, self.place)
        asked = batches(questions(self.needs, self.place, known))
        # IAM refuses a whole call for one action that it does not know.
        apart = tuple(chain.from_iterable(batches([each]) for each in later(self.also, self.place)))
        decided, why = simulated(self.aws, real, asked, apart)
        return Answers(real, decided, why)

    def _composed(
        self,
        answers: Answers,
        rehearsal: Rehearsed,
        found: Iterable[Finding],
        denials: Sequence[Unread] = (),
    ) -> Report:
        mine = {id(need) for need in self.needs}
        ours = [each for each in answers.decided if id(each.question.need) in mine]
        others = [each for each in answers.decided if id(each.question.need) not in mine]
        judged_ = permissions(
            self.needs,
            ours,
            self.place,
            self.name,
            measured=self._measured(rehearsal, (*denials, *_only(answers.why))),
            note=answers.why.reason if answers.why else "",
        )
        return Report(
            self.mode.value,
            (
                identity_finding(answers.caller),
                clock_finding(self.aws.log.clock_offset),
                *self._permission_findings(judged_, answers, rehearsal),
                *later_findings(others),
                *found,
            ),
            judged_,
        )

    def _permission_findings(
        self, found: Permissions, answers: Answers, rehearsal: Rehearsed
    ) -> Iterator[Finding]:
        yield from rehearsal.findings
        finding = permission_finding(found)
        if finding.status is Status.UNKNOWN and answers.why is not None:
            finding = replace(finding, certainty=answers.why.certainty)
        if answers.why is not None and answers.why.of_credentials:
            code = CredentialsError.exit_code
            finding = replace(finding, status=Status.PROBLEM, exit_code=code)
        yield finding
        for action, why in rehearsal.unread:
            yield why.finding(Check.PERMISSIONS, f"the dry run of {action}")

    def _measured(self, rehearsal: Rehearsed, denials: Iterable[Unread]) -> Measured:
        """What AWS did and refused in this run, of what is needed."""
        needed = {action for need in self.needs for action in need.actions}
        did = {_action(each) for each in self.aws.log.succeeded} & needed
        refused = {
            each.denied: Refusal(
                each.denied,
                (),
                Decision.FORBIDDEN if each.explicit else Decision.LACKING,
                Certainty.MEASURED,
            )
            for each in denials
            if each.denied in needed and each.denied not in did
        }
        return Measured(
            rehearsal.measured.allowed | did,
            (*rehearsal.measured.refused, *refused.values()),
        )


def _only(why: Unread | None) -> tuple[Unread, ...]:
    return () if why is None else (why,)


def _action(operation: str) -> str:
    service, _, name = operation.partition(":")
    return f"{SERVICES.get(service, service)}:{name}"


def _plan_finding(plan: Plan | UmetricsError) -> Finding:
    if isinstance(plan, UmetricsError):
        if isinstance(plan, AwsError | CredentialsError):
            why = unread(plan)
            text, code = f"no plan could be drawn: {why.reason}", plan.exit_code
            return Finding(Check.PLAN, Status.PROBLEM, text, why.certainty, plan.hint, code)
        first, *_ = plan.message.splitlines()
        code = plan.exit_code if isinstance(plan, Refused) else NOT_CLEAN
        return Finding(Check.PLAN, Status.PROBLEM, first, hint=plan.hint, exit_code=code)
    if plan.conflicts:
        reasons = "; ".join(f"{step.key}: {step.reason}" for step in plan.conflicts)
        hint = "`umetrics plan` shows all of it"
        return Finding(Check.PLAN, Status.PROBLEM, reasons, hint=hint, exit_code=Refused.exit_code)
    count = len(plan.changes)
    text = f"{count} to create or change" if count else "nothing is to be done"
    return Finding(Check.PLAN, Status.OK, text)


def _denials(seen: Surroundings, plan: Plan | UmetricsError) -> tuple[Unread, ...]:
    """Reads that were refused."""
    told = (
        *(each for _, each in seen.unread_neighbours),
        *seen.used.values(),
        *seen.limits.values(),
        *(seen.nat_by_zone, seen.zones, seen.active_cost_keys, seen.trails, seen.web_acls),
        *((unread(plan),) if isinstance(plan, AwsError) else ()),
    )
    return tuple(each for each in told if isinstance(each, Unread) and each.denied)
