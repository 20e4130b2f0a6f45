"""What `up` checks before its first write: may the steps of this very plan be done? Writes nothing.

Only what the plan changes, and only what it has not shown to be allowed by reading it. IAM's
simulator alone, in one round; where it says nothing of these credentials, dry runs. What the steps
come to only after a failure, or against a rival, is asked as well, and stops nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.deployer import Place
from umetrics.doctor.caller import caller_of
from umetrics.doctor.finding import Certainty
from umetrics.doctor.permission import Permissions, permissions
from umetrics.doctor.question import Known, batches, concerning, questions
from umetrics.doctor.rehearsal import Rehearsed, rehearsed
from umetrics.doctor.simulator import real_caller, simulated, with_foreign
from umetrics.doctor.step_needs import contingent_of, lambda_roles_of, needs_of
from umetrics.provision.plan import Plan

if TYPE_CHECKING:
    from umetrics.aws import Aws


@dataclass(frozen=True, slots=True)
class Passage:
    """What the check came to."""

    permissions: Permissions
    rehearsal: Rehearsed = field(default_factory=Rehearsed)
    contingent: tuple[str, ...] = ()
    """What is not allowed and would be needed only after a failure, or against a rival."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What stops nothing and is good to know."""
        return tuple(filter(None, (self._unknown, self._contingent)))

    @property
    def _contingent(self) -> str:
        if not self.contingent:
            return ""
        return (
            f"not allowed: {', '.join(self.contingent)}. This plan needs none of it unless "
            "something fails midway, another run makes the same, or more is there than was seen. "
            "Going on."
        )

    @property
    def _unknown(self) -> str:
        """Why less is known than could be; empty where all is."""
        found = self.permissions
        if found.certainty is not Certainty.UNDECIDABLE:
            keys = ", ".join(found.doubts)
            return f"a deny by {keys} could not be checked beforehand. Going on." if keys else ""
        count = f"{len(found.undecided)} of {len(found.asked)} permissions"
        why = found.note or f"policies ask for {', '.join(found.keys) or 'more'}"
        return f"{count} could not be checked beforehand: {why}. Going on."


def passage(aws: Aws, plan: Plan, place: Place, name: str, known: Known) -> Passage:
    """Whether the plan may be carried out; to be called on the main thread."""
    place = replace(place, lambda_roles=lambda_roles_of(plan))
    needs = concerning(needs_of(plan, place.config), place)
    besides = concerning(contingent_of(plan, place.config), place)
    caller = real_caller(aws, caller_of(aws.identity.arn))
    known = with_foreign(aws, known, place)
    answers, why = simulated(aws, caller, batches(questions((*needs, *besides), place, known)))
    rehearsal = rehearsed(aws, needs, place) if why else Rehearsed()
    mine = {id(each) for each in needs}
    found = permissions(
        needs,
        [each for each in answers if id(each.question.need) in mine],
        place,
        name,
        measured=rehearsal.measured,
        note=why.reason if why else "",
    )
    refused = {
        each.question.action
        for each in answers
        if id(each.question.need) not in mine and each.decision.is_refusal
    }
    return Passage(found, rehearsal, tuple(sorted(refused.difference(found.asked))))
