"""What later work will need, beside this foundation: asked as well, reported apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from umetrics.deployer import Need, Place
from umetrics.deployer.need import EVERYTHING, Task
from umetrics.doctor.carried import carried
from umetrics.doctor.decision import Decided, Decision
from umetrics.doctor.finding import Certainty, Check, Finding, Status
from umetrics.doctor.question import Question

HINT = "nothing here needs it yet: ask for it before the work that does"


def later(actions: Iterable[str], place: Place) -> Iterator[Question]:
    """A question for each; of a bucket, on one as this stage's are called."""
    for action in actions:
        need = Need(Task.LOOK, (action,), (EVERYTHING,))
        yield Question(action, _resource(action, place), carried(need, place, action), need)


def _resource(action: str, place: Place) -> str:
    if action.casefold() == "s3:createbucket":
        bucket, *_ = place.config.storage.session_buckets
        return place.scope.bucket(bucket.replace("*", "").replace("?", "x"))
    return EVERYTHING


def later_findings(answers: Iterable[Decided]) -> Iterator[Finding]:
    """How each stands. None of them fails anything."""
    for answer in answers:
        action, decision = answer.question.action, answer.decision
        if decision is Decision.ALLOWED:
            yield Finding(Check.ALSO, Status.OK, f"{action} is allowed", Certainty.SIMULATED)
        elif decision is Decision.UNDECIDABLE:
            on = f": policies ask for {', '.join(answer.keys)}" if answer.keys else ""
            text = f"{action} could not be judged{on}"
            yield Finding(Check.ALSO, Status.UNKNOWN, text, Certainty.UNDECIDABLE)
        else:
            text = f"{action} is not allowed: {decision}"
            yield Finding(Check.ALSO, Status.ADVICE, text, Certainty.SIMULATED, HINT)
