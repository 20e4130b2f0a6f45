"""Dry runs of Lambda: what AWS's answers mean, and that an endpoint which acts is noticed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from umetrics.aws import Reader
from umetrics.errors import AccessDenied, AwsError, NotFound
from umetrics.patience import Pace, Patience
from umetrics.render.line import Look, compose
from umetrics.render.verify.trials import trial_lines, trials_json, trials_markdown
from umetrics.verify.probe.rehearsing import PACKAGE, PACKAGE_HASH, RATE, Rehearsing
from umetrics.verify.probe.values import Outcome, Trial, exit_code

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:7"


@dataclass
class Lambda:
    """A service with functions, all of which have the same code; `refusal` ends a dry run.

    With `forgets_dry_run` it does what it is asked; `deployed` is somebody else's code, which comes
    while a dry run is under way.
    """

    state: str = "Active"
    last_update: str = "Successful"
    image: str = ""
    refusal: Exception | None = None
    forgets_dry_run: bool = False
    deployed: str = ""
    hash: str = "theirs"
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def get_function(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803  # AWS's name
        if FunctionName == "gone":
            raise NotFound("no such function")
        configuration = {
            "FunctionName": FunctionName,
            "CodeSha256": self.hash,
            "RevisionId": f"revision of {self.hash}",
            "State": self.state,
            "LastUpdateStatus": self.last_update,
        }
        return {"Configuration": configuration, "Code": {"ImageUri": self.image or None}}

    def invoke(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # any parameter
        self._take("invoke", asked)
        return {"StatusCode": 200 if self.forgets_dry_run else 204}

    def update_function_code(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # any parameter
        self._take("update", asked)
        self.hash = PACKAGE_HASH if self.forgets_dry_run else self.deployed or self.hash
        return {}

    def _take(self, what: str, asked: dict[str, Any]) -> None:
        self.sent.append((what, asked))
        if self.refusal is not None:
            self.hash = self.deployed or self.hash
            raise self.refusal


def rehearsing(service: Lambda, *known: str) -> Rehearsing:
    reader: Any = Reader(service)  # type: ignore[arg-type]
    pace = Pace(RATE, RATE, Patience(clock=lambda: 0.0, sleep=lambda _: None))
    items = {name: service.get_function(name)["Configuration"] for name in known}
    return Rehearsing(reader, reader, pace, items)


def outcomes(trials: tuple[Trial, ...]) -> dict[str, Outcome]:
    return {each.about: each.outcome for each in trials}


def test_a_function_that_may_be_called_is_ok_and_nothing_but_dry_runs_is_sent() -> None:
    service = Lambda()
    trials = rehearsing(service, "api").invocations(["api", "worker"])
    assert outcomes(trials) == {"api": Outcome.OK, "worker": Outcome.OK}
    assert [asked["InvocationType"] for _, asked in service.sent] == ["DryRun", "DryRun"]


@pytest.mark.parametrize(
    ("image", "code"), [("", {"ZipFile": PACKAGE}), (IMAGE, {"ImageUri": IMAGE})]
)
def test_code_of_its_own_sort_is_offered_and_not_taken(image: str, code: dict[str, Any]) -> None:
    service = Lambda(image=image)
    (trial,) = rehearsing(service).updates(["api"])
    assert (trial.outcome, trial.reason) == (Outcome.OK, "code hash and revision as before")
    assert service.sent == [("update", {"FunctionName": "api", **code, "DryRun": True})]


@pytest.mark.parametrize(
    ("state", "last_update"),
    [("Pending", "InProgress"), ("Inactive", "Successful"), ("Active", "InProgress")],
)
def test_a_function_that_is_not_settled_is_left_alone_and_not_judged(
    state: str, last_update: str
) -> None:
    service = Lambda(state, last_update)
    trials = rehearsing(service, "api").invocations(["api"])
    trials += rehearsing(service, "api").updates(["api"])
    assert [each.outcome for each in trials] == [Outcome.UNKNOWN] * 2
    assert service.sent == []
    assert exit_code(trials) == 0


@pytest.mark.parametrize(
    ("refusal", "outcome", "code"),
    [
        (AccessDenied("lambda:X is not allowed"), Outcome.DENIED, 4),
        (AwsError("too large", aws_code="CodeStorageExceededException"), Outcome.FAILED, 3),
        (AwsError("busy", aws_code="ResourceConflictException"), Outcome.UNKNOWN, 0),
    ],
)
def test_a_refusal_is_told_as_what_it_means(
    refusal: Exception, outcome: Outcome, code: int
) -> None:
    service = Lambda(refusal=refusal)
    trials = rehearsing(service).invocations(["api"]) + rehearsing(service).updates(["api"])
    assert [each.outcome for each in trials] == [outcome] * 2
    assert exit_code(trials) == code


def test_a_function_that_is_not_there_has_failed() -> None:
    (trial,) = rehearsing(Lambda()).updates(["gone"])
    assert (trial.outcome, trial.reason) == (Outcome.FAILED, "there is no such function")


def test_an_endpoint_that_does_not_know_dry_runs_is_noticed_at_the_first_function() -> None:
    ran, overwritten = Lambda(forgets_dry_run=True), Lambda(forgets_dry_run=True)
    trials = rehearsing(ran).invocations(["api", "worker"])
    assert outcomes(trials) == {"api": Outcome.DISTURBED}
    assert len(ran.sent) == 1
    trials = rehearsing(overwritten).updates(["api", "worker"])
    assert outcomes(trials) == {"api": Outcome.DISTURBED}
    assert len(overwritten.sent) == 1
    assert exit_code(trials) == 7


def test_what_somebody_deploys_meanwhile_is_not_blamed_on_a_refused_dry_run() -> None:
    busy = AwsError("busy", aws_code="ResourceConflictException")
    (trial,) = rehearsing(Lambda(deployed="newer", refusal=busy)).updates(["api"])
    assert trial.outcome is Outcome.UNKNOWN
    assert "by no call of ours: CodeSha256 was theirs, is newer" in trial.reason


@dataclass
class Redeploying(Lambda):
    """Ignores DryRun: all that an update of this image changes there is one field."""

    answers: list[dict[str, Any]] = field(default_factory=list)

    def get_function(self, FunctionName: str) -> dict[str, Any]:  # noqa: ARG002, N803  # AWS's
        return self.answers[min(len(self.sent), 1)]


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("Configuration", "CodeSha256", "redeployed"),
        ("Configuration", "RevisionId", "2"),
        ("Configuration", "LastModified", "2026-11-22T00:00:01Z"),
        ("Configuration", "LastUpdateStatus", "InProgress"),
        ("Code", "ImageUri", f"{IMAGE}0"),
        ("Code", "ResolvedImageUri", "orders@sha256:other"),
    ],
)
@pytest.mark.parametrize("image", ["", IMAGE])
def test_whatever_changes_during_a_dry_run_is_an_alarm_and_ends_the_trials(
    image: str, part: str, name: str, value: str
) -> None:
    before = Lambda(image=image).get_function("api")
    after = {**before, part: {**before[part], name: value}}
    service = Redeploying(answers=[before, after])
    (trial,) = rehearsing(service).updates(["api", "worker"])
    assert trial.outcome is Outcome.DISTURBED
    assert f"{name} was" in trial.reason
    assert "stop using it" in trial.reason
    assert exit_code((trial,)) == 7


def test_the_gravest_outcome_counts_and_what_others_wrote_is_literal() -> None:
    trials = tuple(Trial("invoke", "api", each, "\x1b[31mred") for each in Outcome)
    assert exit_code(trials) == 7
    assert exit_code(trials[2:]) == 4
    assert exit_code(()) == 0
    told = compose(trial_lines(trials), Look())
    assert "invoke api: denied: \\x1b[31mred" in told
    assert "changing nothing" not in told
    assert "changing nothing" in compose(trial_lines(trials[1:]), Look())
    assert "\x1b" not in told + trials_markdown(trials)
    assert len(trials_json(trials)) == len(trials)
    assert (trials_markdown(()), list(trial_lines(()))) == ("", [])
