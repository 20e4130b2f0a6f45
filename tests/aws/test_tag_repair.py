"""Repairs of tags on an account that fails as AWS does, and what they leave to be taken back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.support.deployments import Line
from tests.support.plain import client
from tests.support.tagged import (
    ACCOUNT,
    AT,
    GLOBALLY,
    GRANT,
    OWNER,
    RENAMED,
    carried,
    change,
    endings,
    gateway_tags,
    gateways,
    mapped,
    refusing,
    role,
    role_tags,
    topic_tags,
    topics,
    undone,
)
from umetrics.audit.repair.batch import Way
from umetrics.audit.repair.carry import carry_out
from umetrics.audit.repair.change import Ending, Values
from umetrics.audit.repair.undo_file import UndoJournal
from umetrics.errors import AccessDenied
from umetrics.tags import MAXIMUM_TAGS, Tags

if TYPE_CHECKING:
    from umetrics.aws.services import ResourceTagging


@pytest.fixture
def journal(tmp_path: Path) -> UndoJournal:
    return UndoJournal(tmp_path / "state" / "undo", "arn:aws:iam::1:user/u", AT)


def test_two_thousand_resources_take_two_calls_and_two_more_take_them_back(
    connection: Line, journal: UndoJournal
) -> None:
    have = {"Project": "UserMetrics", "Owner": "a@b.example", "CostCenter": "Observability"}
    lacking = [("Owner",), ("Project",), ("Owner", "CostCenter")]
    before = [
        {key: value for key, value in have.items() if key not in lacking[number % 3]}
        for number in range(2000)
    ]
    ids = gateways(before)
    changes = [
        change(id, tags, {key: have[key] for key in have if key not in tags})
        for id, tags in zip(ids, before, strict=True)
    ]
    outcomes = carried(connection, changes, journal)
    assert set(endings(outcomes).values()) == {Ending.DONE}
    assert gateway_tags(ids) == [have] * 2000
    assert connection.wire.writes == ["CreateTags"] * ceil(2000 / Way.EC2.most_at_once)

    back = undone(connection, journal.paths[ACCOUNT])
    assert set(endings(back).values()) == {Ending.DONE}
    assert gateway_tags(ids) == before
    assert connection.wire.writes == ["DeleteTags"] * 3  # one for each set of keys that go


def test_a_rename_keeps_the_value_and_the_key_is_never_missing(
    connection: Line, journal: UndoJournal
) -> None:
    (id,) = gateways([{"Onwer": "a@b.example", "theirs": "x"}])
    tags = {"Onwer": "a@b.example", "theirs": "x"}
    carried(connection, [change(id, tags, RENAMED)], journal)
    assert connection.wire.writes == ["CreateTags", "DeleteTags"]
    assert gateway_tags([id]) == [{"Owner": "a@b.example", "theirs": "x"}]
    undone(connection, journal.paths[ACCOUNT])
    assert gateway_tags([id]) == [tags]


@pytest.mark.parametrize("value", ["a@b.example", "chosen by somebody"])
def test_a_role_keeps_one_spelling_at_a_time(
    connection: Line, journal: UndoJournal, value: str
) -> None:
    tags = {"owner": value}
    arn = role("web", tags)
    after: Values = {"owner": None, "Owner": "a@b.example"}
    carried(connection, [change("AROA", tags, after, arn=arn, place=GLOBALLY)], journal)
    # First what it has already: who may not tag finds out before anything is gone.
    assert connection.wire.writes == ["TagRole", "UntagRole", "TagRole"]
    assert role_tags("web") == {"Owner": "a@b.example"}
    undone(connection, journal.paths[ACCOUNT])
    assert role_tags("web") == tags


def test_on_a_full_resource_the_wrong_key_goes_before_the_right_one_comes_and_back(
    connection: Line, journal: UndoJournal
) -> None:
    tags = {**{f"key-{number}": "" for number in range(MAXIMUM_TAGS - 1)}, "Onwer": "a@b.example"}
    (id,) = gateways([tags])
    carried(connection, [change(id, tags, RENAMED)], journal)
    assert connection.wire.writes == ["CreateTags", "DeleteTags", "CreateTags"]
    assert gateway_tags([id])[0]["Owner"] == "a@b.example"
    undone(connection, journal.paths[ACCOUNT])
    assert gateway_tags([id]) == [tags]


def test_policies_are_tagged_one_by_one(connection: Line, journal: UndoJournal) -> None:
    arn = client("iam").create_policy(PolicyName="p", PolicyDocument=GRANT)["Policy"]["Arn"]
    outcomes = carried(connection, [change("ANPA", {}, OWNER, arn=arn, place=GLOBALLY)], journal)
    assert endings(outcomes) == {"ANPA": Ending.DONE}
    assert mapped(client("iam").list_policy_tags(PolicyArn=arn)["Tags"]) == OWNER
    undone(connection, journal.paths[ACCOUNT])
    assert client("iam").list_policy_tags(PolicyArn=arn)["Tags"] == []


def test_budgets_are_tagged_one_by_one(connection: Line, journal: UndoJournal) -> None:
    budgets, arn = client("budgets"), f"arn:aws:budgets::{ACCOUNT}:budget/monthly"
    budgets.create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": "monthly",
            "BudgetLimit": {"Amount": "10", "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
        },
        ResourceTags=[{"Key": "Onwer", "Value": "a@b.example"}],
    )

    def now() -> dict[str, str]:
        return mapped(budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"])

    tags, gone = {"Onwer": "a@b.example"}, arn.replace("monthly", "gone")
    changes = [change(each, tags, RENAMED, arn=each, place=GLOBALLY) for each in (arn, gone)]
    outcomes = carried(connection, changes, journal)
    assert endings(outcomes) == {arn: Ending.DONE, gone: Ending.VANISHED}
    assert now() == OWNER
    undone(connection, journal.paths[ACCOUNT])
    assert now() == tags


def test_other_services_are_tagged_twenty_at_a_time(connection: Line, journal: UndoJournal) -> None:
    names = [f"topic-{number:02}" for number in range(45)]
    arns = topics(*names, tags={"a": "b"})
    outcomes = carried(
        connection, [change(arn, {"a": "b"}, OWNER, arn=arn) for arn in arns], journal
    )
    assert set(endings(outcomes).values()) == {Ending.DONE}
    assert connection.wire.writes == ["TagResources"] * ceil(45 / Way.TAGGING_API.most_at_once)
    assert topic_tags(arns[44]) == {"a": "b", **OWNER}
    undone(connection, journal.paths[ACCOUNT])
    assert topic_tags(arns[44]) == {"a": "b"}


def test_what_changed_or_went_since_the_scan_is_counted_and_left_alone(connection: Line) -> None:
    tags: list[Tags] = [{}, {"Owner": "a@b.example"}, {"Owner": "somebody@else.example"}]
    same, already, elsewise = gateways(tags)
    gone = "igw-0123456789abcdef0"
    outcomes = carried(
        connection, [change(id, {}, OWNER) for id in (same, already, elsewise, gone)]
    )
    assert endings(outcomes) == {
        same: Ending.DONE,
        already: Ending.ALREADY,
        elsewise: Ending.ELSEWISE,
        gone: Ending.VANISHED,
    }
    assert gateway_tags([elsewise]) == [{"Owner": "somebody@else.example"}]


def test_of_thousands_the_vanished_cost_a_call_or_two_each(connection: Line) -> None:
    ids = gateways([{}] * 998)
    gone = ["igw-0123456789abcdef0", "igw-0123456789abcdef1"]
    outcomes = carried(connection, [change(id, {}, OWNER) for id in (*ids, *gone)])
    assert {id for id, ending in endings(outcomes).items() if ending is Ending.VANISHED} == {*gone}
    assert gateway_tags(ids) == [OWNER] * 998
    assert len(connection.wire.writes) <= 1 + 2 * len(gone)


def test_a_resource_that_aws_refuses_without_naming_it_is_found_by_halves(
    connection: Line,
) -> None:
    ids = gateways([{}] * 64)
    connection.wire.fault = refusing(
        "CreateTags", "TagLimitExceeded", "too many tags", times=99, blames=ids[17]
    )
    outcomes = carried(connection, [change(id, {}, OWNER) for id in ids])
    assert {id for id, each in endings(outcomes).items() if each is Ending.FAILED} == {ids[17]}
    assert gateway_tags(ids).count(OWNER) == 63
    assert len(connection.wire.writes) <= 1 + 2 * 6


def test_a_role_that_went_is_counted(connection: Line) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/gone"
    outcomes = carried(connection, [change("AROA", {}, OWNER, arn=arn, place=GLOBALLY)])
    assert endings(outcomes) == {"AROA": Ending.VANISHED}
    assert connection.wire.writes == []


def test_a_topic_that_went_is_counted(connection: Line) -> None:
    (arn,) = topics("gone", tags={"a": "b"})
    client("sns").delete_topic(TopicArn=arn)
    outcomes = carried(connection, [change(arn, {"a": "b"}, OWNER, arn=arn)])
    assert endings(outcomes) == {arn: Ending.VANISHED}


def test_what_the_tagging_api_lists_no_more_is_gone_only_when_its_own_service_says_so(
    connection: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = {"a": "b"}
    there, gone = topics("there", "gone", tags=tags)
    client("sns").delete_topic(TopicArn=gone)
    stray = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:a"
    tagging = Forgetful(connection.aws.tagging)
    monkeypatch.setitem(vars(connection.aws), "tagging", tagging)
    changes = [change(arn, tags, OWNER, arn=arn) for arn in (there, gone, stray)]
    outcomes = carried(connection, changes)
    assert endings(outcomes) == {there: Ending.DONE, gone: Ending.VANISHED, stray: Ending.FAILED}
    assert topic_tags(there) == {**tags, **OWNER}
    (error,) = (each.error for each in outcomes if each.error)
    assert "whether it is gone is not known" in error.message

    connection.wire.fault = refusing("ListTopics", "AccessDenied", times=9)
    outcomes = carried(connection, [change(gone, tags, OWNER, arn=gone)])
    assert endings(outcomes) == {gone: Ending.FAILED}
    assert isinstance(outcomes[0].error, AccessDenied)


class Forgetful:
    """The tagging API, where it lists nothing."""

    def __init__(self, tagging: ResourceTagging) -> None:
        self._tagging = tagging

    def __getattr__(self, name: str) -> object:
        return getattr(self._tagging, name)

    def get_resources(self, **_asked: object) -> dict[str, object]:
        return {"ResourceTagMappingList": []}


class Flaky:
    """The tagging API, where it answers 200 and fails some resources beneath."""

    def __init__(self, tagging: ResourceTagging, arn: str, code: str, times: int) -> None:
        self._tagging, self._arn, self._code, self._left = tagging, arn, code, times
        self.asked: list[list[str]] = []

    def get_resources(self, **asked: object) -> dict[str, object]:
        return self._tagging.get_resources(**asked)

    def tag_resources(self, **asked: object) -> dict[str, object]:
        arns = list(cast("list[str]", asked["ResourceARNList"]))
        self.asked.append(arns)
        if self._arn not in arns or not self._left:
            return self._tagging.tag_resources(**asked)
        self._left -= 1
        others = [arn for arn in arns if arn != self._arn]
        if others:
            self._tagging.tag_resources(**{**asked, "ResourceARNList": others})
        failure = {"StatusCode": 400, "ErrorCode": self._code, "ErrorMessage": "no"}
        return {"FailedResourcesMap": {self._arn: failure}}

    def untag_resources(self, **asked: object) -> dict[str, object]:
        return self._tagging.untag_resources(**asked)


@pytest.fixture
def tagging(connection: Line, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Flaky]:
    def spoil(arn: str, code: str, times: int) -> Flaky:
        flaky = Flaky(connection.aws.tagging, arn, code, times)
        monkeypatch.setitem(vars(connection.aws), "tagging", flaky)
        return flaky

    return spoil


@pytest.mark.parametrize("code", ["ThrottledException", "InternalServiceException"])
def test_only_the_part_of_a_batch_that_failed_is_sent_again(
    connection: Line, tagging: Callable[..., Flaky], code: str
) -> None:
    arns = topics("a", "b", "c", tags={"a": "b"})
    flaky = tagging(arns[1], code, 2)
    outcomes = carried(connection, [change(arn, {"a": "b"}, OWNER, arn=arn) for arn in arns])
    assert set(endings(outcomes).values()) == {Ending.DONE}
    assert flaky.asked == [arns, [arns[1]], [arns[1]]]
    assert connection.clock.slept >= 2
    assert [topic_tags(arn) for arn in arns] == [{"a": "b", **OWNER}] * 3


def test_what_fails_for_good_within_a_batch_fails_alone_with_the_words_of_aws(
    connection: Line, tagging: Callable[..., Flaky]
) -> None:
    arns = topics("a", "b", "c", tags={"Onwer": "a@b.example"})
    tagging(arns[1], "AccessDeniedException", 99)
    tags = {"Onwer": "a@b.example"}
    outcomes = carried(connection, [change(arn, tags, RENAMED, arn=arn) for arn in arns])
    assert endings(outcomes) == {
        arns[0]: Ending.DONE,
        arns[1]: Ending.FAILED,
        arns[2]: Ending.DONE,
    }
    (failed,) = (each.error for each in outcomes if each.error)
    assert isinstance(failed, AccessDenied)
    # What did not get the right key keeps the wrong one.
    assert [topic_tags(arn) for arn in arns] == [OWNER, tags, OWNER]


def test_a_denied_call_is_not_tried_in_parts_and_other_ways_go_on(connection: Line) -> None:
    ids = gateways([{}] * 10)
    arn = role("web", {})
    connection.wire.fault = refusing("CreateTags", "UnauthorizedOperation", times=99)
    changes = [change(id, {}, OWNER) for id in ids]
    outcomes = carried(connection, [*changes, change("AROA", {}, OWNER, arn=arn, place=GLOBALLY)])
    assert connection.wire.writes == ["CreateTags", "TagRole"]
    assert endings(outcomes) == {**dict.fromkeys(ids, Ending.FAILED), "AROA": Ending.DONE}


def test_a_throttled_call_is_sent_again_until_it_passes(connection: Line) -> None:
    ids = gateways([{}] * 3)
    # More often than the SDK itself would try.
    connection.wire.fault = refusing("CreateTags", "RequestLimitExceeded", times=13)
    outcomes = carried(connection, [change(id, {}, OWNER) for id in ids])
    assert set(endings(outcomes).values()) == {Ending.DONE}


def test_what_a_run_that_died_left_is_done_by_the_next_and_both_can_be_taken_back(
    connection: Line, tmp_path: Path
) -> None:
    ids = gateways([{}] * 1500)
    changes = [change(id, {}, OWNER) for id in ids]
    first = UndoJournal(tmp_path, "u", AT)
    connection.wire.calls.clear()
    patience = connection.aws.patience
    run = carry_out(changes, lambda _place: connection.aws, patience, first)
    assert len(list(islice(run, 1000))) == 1000  # and nobody ever asks for more
    second = UndoJournal(tmp_path, "u", AT)
    outcomes = carried(connection, changes, second)
    assert list(endings(outcomes).values()).count(Ending.ALREADY) == 1000
    assert gateway_tags(ids) == [OWNER] * 1500
    assert first.paths[ACCOUNT] != second.paths[ACCOUNT]
    for journal in (first, second):
        undone(connection, journal.paths[ACCOUNT])
    assert gateway_tags(ids) == [{}] * 1500


def test_a_run_that_is_told_to_stop_begins_nothing_more(connection: Line) -> None:
    ids = gateways([{}] * 1500)
    patience = connection.aws.patience
    endings: list[Ending] = []
    changes = [change(id, {}, OWNER) for id in ids]
    for outcome in carry_out(changes, lambda _place: connection.aws, patience):
        endings.append(outcome.ending)
        patience.stopping.set()
    assert endings == [Ending.DONE] * 1000 + [Ending.SKIPPED] * 500
