"""From findings to changes, and from changes to as few calls as AWS allows."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import pytest

from umetrics.audit.repair.batch import Way, batches, way_of
from umetrics.audit.repair.change import Change, Ending, narrowed
from umetrics.audit.repair.plan import LeftOut, Reason, RepairPlan, plan_repair
from umetrics.audit.values import GLOBAL, Finding, Home, Place, Problem, Standing, Subject
from umetrics.tags import MAXIMUM_TAGS, Tags

HERE = Place("123456789012", "us-east-1")
DEV = Home("UserMetrics/dev", HERE)
ROLE = "arn:aws:iam::123456789012:role/a/path/web"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:web"


def subject(
    tags: Tags | None = None,
    *,
    id: str = "vpc-0123456789abcdef0",
    arn: str = "",
    standing: Standing = Standing.OURS,
) -> Subject:
    return Subject("a kind", id, arn, tags or {}, HERE, standing)


def missing(of: Subject, tag: str = "Owner", expected: str = "a@b.example") -> Finding:
    return Finding(of, tag, Problem.MISSING, expected)


def after(plan: RepairPlan) -> list[dict[str, str | None]]:
    return [dict(change.after) for change in plan.changes]


def reasons(plan: RepairPlan) -> list[Reason]:
    return [each.reason for each in plan.left_out]


def test_all_findings_of_a_resource_become_one_change() -> None:
    one, other = subject({"Project": " "}), subject(id="subnet-0123456789abcdef0")
    plan = plan_repair(
        [missing(one), missing(other), Finding(one, "Project", Problem.EMPTY, "UserMetrics", " ")]
    )
    assert after(plan) == [
        {"Owner": "a@b.example", "Project": "UserMetrics"},
        {"Owner": "a@b.example"},
    ]
    assert plan.changes[0].before == {"Owner": None, "Project": " "}


@pytest.mark.parametrize("problem", [Problem.WRONG_CASE, Problem.MISSPELT])
def test_a_near_miss_is_renamed(problem: Problem) -> None:
    of = subject({"Onwer": "c@d.example"})
    plan = plan_repair([Finding(of, "Owner", problem, "c@d.example", "c@d.example", "Onwer")])
    assert after(plan) == [{"Owner": "c@d.example", "Onwer": None}]


@pytest.mark.parametrize(
    ("problem", "changed"),
    [(Problem.WRONG_VALUE, {"Owner": "a@b.example"}), (Problem.FORBIDDEN, {"Owner": None})],
)
def test_a_value_that_somebody_chose_is_lost_only_with_overwrite(
    problem: Problem, changed: dict[str, str | None]
) -> None:
    finding = Finding(subject({"Owner": "nobody"}), "Owner", problem, "a@b.example", "nobody")
    kept = plan_repair([finding])
    assert kept == RepairPlan((), (LeftOut(finding, Reason.OVERWRITES),))
    assert after(plan_repair([finding], overwrite=True)) == [changed]


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (missing(subject(standing=Standing.AWS)), Reason.OF_AWS),
        (missing(subject(), "aws:owner"), Reason.OF_AWS),
        (missing(subject(), expected=""), Reason.NO_VALUE),
        (missing(subject(), expected="nobody!"), Reason.INVALID),
        (missing(subject(id="a thing without an ARN")), Reason.NO_WAY),
    ],
)
def test_what_cannot_be_put_right_is_left_out_with_the_reason(
    finding: Finding, reason: Reason
) -> None:
    plan = plan_repair([finding], overwrite=True)
    assert plan.changes == ()
    assert reasons(plan) == [reason]


def test_a_resource_is_never_given_more_tags_than_aws_allows() -> None:
    others = {f"key-{number}": "" for number in range(MAXIMUM_TAGS)}
    full = subject({**others, "aws:cloudformation:stack-name": "s"})
    plan = plan_repair([missing(full), missing(full, "Project", "UserMetrics")])
    assert plan.changes == ()
    assert reasons(plan) == [Reason.FULL, Reason.FULL]

    del others["key-0"]
    room_for_one = subject({**others, "aws:cloudformation:stack-name": "s"})
    assert len(plan_repair([missing(room_for_one)]).changes) == 1


def full(**tags: str) -> Subject:
    others = {f"key-{number}": "" for number in range(MAXIMUM_TAGS - len(tags))}
    return subject({**others, **tags})


def test_on_a_full_resource_all_that_needs_no_room_is_put_right() -> None:
    of = full(Onwer="a@b.example", Project=" ", Environment="x")
    needs_room = missing(of, "CostCenter", "Observability")
    plan = plan_repair(
        [
            needs_room,
            Finding(of, "Owner", Problem.MISSPELT, "a@b.example", "a@b.example", "Onwer"),
            Finding(of, "Project", Problem.EMPTY, "UserMetrics", " "),
            Finding(of, "Environment", Problem.WRONG_VALUE, "dev", "x"),
        ],
        overwrite=True,
    )
    (change,) = plan.changes
    assert change.after == {
        "Onwer": None,
        "Owner": "a@b.example",
        "Project": "UserMetrics",
        "Environment": "dev",
    }
    assert change.takes_first
    assert plan.left_out == (LeftOut(needs_room, Reason.FULL),)


def test_on_a_full_resource_a_forbidden_key_makes_room_for_one_that_is_missing() -> None:
    of = full()
    lacking = [missing(of), missing(of, "Project", "UserMetrics")]
    forbidden = Finding(of, "key-0", Problem.FORBIDDEN, actual="")
    plan = plan_repair([*lacking, forbidden], overwrite=True)
    assert after(plan) == [{"key-0": None, "Owner": "a@b.example"}]
    assert plan.left_out == (LeftOut(lacking[1], Reason.FULL),)
    assert reasons(plan_repair([*lacking, forbidden])) == [
        Reason.OVERWRITES,
        Reason.FULL,
        Reason.FULL,
    ]


def test_a_change_to_what_has_become_full_is_sent_the_other_way_round() -> None:
    renamed: dict[str, str | None] = {"Owner": "x", "Onwer": None}
    change = Change("vpc", "vpc-0123456789abcdef0", "", HERE, {"Onwer": "x"}, renamed)
    (batch,) = batches([change])
    now = narrowed(change, full(Onwer="x").tags)
    assert isinstance(now, Change)
    assert (batch.suits(change), batch.suits(now)) == (True, False)
    (again,) = batches([now])
    assert again.suits(now)


@pytest.mark.parametrize("problem", [Problem.WRONG_CASE, Problem.MISSPELT])
def test_a_near_miss_with_a_wrong_value_loses_it_only_with_overwrite(problem: Problem) -> None:
    of = subject({"costcenter": "Marketing"})
    finding = Finding(of, "CostCenter", problem, "Observability", "Marketing", "costcenter")
    assert plan_repair([finding]) == RepairPlan((), (LeftOut(finding, Reason.OVERWRITES),))
    overwritten = plan_repair([finding], overwrite=True)
    assert after(overwritten) == [{"CostCenter": "Observability", "costcenter": None}]


@pytest.mark.parametrize(("arn", "first"), [(ROLE, True), (FUNCTION, False)])
def test_where_both_spellings_are_one_key_the_wrong_one_goes_first(arn: str, first: bool) -> None:
    change = Change("role", "AROA", arn, HERE, {"owner": "x"}, {"owner": None, "Owner": "x"})
    assert change.takes_first is first


def test_changes_to_what_belongs_to_others_are_told_apart() -> None:
    plan = plan_repair(
        [
            missing(subject(standing=standing, id=f"vpc-0123456789abcde{number}"))
            for number, standing in enumerate((Standing.OURS, Standing.IMPLICIT, Standing.FOREIGN))
        ]
    )
    assert [change.id[-1] for change in plan.foreign] == ["2"]


def test_of_another_deployment_than_those_asked_for_nothing_is_ours() -> None:
    asked, other = (
        replace(subject(id=f"vpc-0123456789abcdef{number}"), deployment=f"UserMetrics/{stage}")
        for number, stage in enumerate(("dev", "prod"))
    )
    plan = plan_repair([missing(asked), missing(other)], homes={DEV})
    assert [change.id for change in plan.foreign] == [other.id]


@pytest.mark.parametrize(
    ("place", "region", "elsewhere"),
    [
        (HERE, "", None),
        (replace(HERE, region=GLOBAL), "us-east-1", None),
        (replace(HERE, region="eu-west-1"), "", "123456789012/eu-west-1"),
        (replace(HERE, account="999999999999"), "", "999999999999/us-east-1"),
        (replace(HERE, region=GLOBAL), "eu-west-1", "123456789012/eu-west-1"),
        (replace(HERE, region=GLOBAL), "", "123456789012/global"),
    ],
)
def test_a_deployment_of_the_same_name_in_another_place_is_another_one(
    place: Place, region: str, elsewhere: str | None
) -> None:
    of = replace(subject(), place=place, deployment="UserMetrics/dev", region=region)
    (change,) = plan_repair([missing(of)], homes={DEV}).changes
    assert (change.is_ours, change.elsewhere) == (elsewhere is None, elsewhere or "")


@pytest.mark.parametrize(
    ("id", "arn", "way"),
    [
        ("sgr-0123456789abcdef0", "", Way.EC2),
        ("x", "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1", Way.EC2),
        ("AROA", ROLE, Way.ROLE),
        ("ANPA", "arn:aws:iam::123456789012:policy/web", Way.POLICY),
        ("web", "arn:aws:iam::123456789012:instance-profile/web", None),
        ("web", FUNCTION, Way.TAGGING_API),
        ("web", "", None),
    ],
)
def test_the_way_follows_from_id_and_arn(id: str, arn: str, way: Way | None) -> None:
    assert way_of(id, arn) is way


def lacking(number: int, *keys: str, have: Tags) -> Change:
    tags = {key: value for key, value in have.items() if key not in keys}
    put: dict[str, str | None] = {key: have[key] for key in keys}
    return Change("vpc", f"vpc-{number:017x}", "", HERE, tags, put)


def test_resources_that_lack_different_tags_share_calls_where_that_changes_nothing() -> None:
    have = {"Project": "UserMetrics", "Owner": "a@b.example", "Environment": "dev"}
    lacks = [("Project",), ("Owner",), ("Environment", "Owner"), ("Project", "Environment")]
    changes = [lacking(number, *lacks[number % 4], have=have) for number in range(2000)]
    made = list(batches(changes))
    assert len(made) == ceil(2000 / Way.EC2.most_at_once)
    assert sorted(change.id for batch in made for change in batch.changes) == sorted(
        change.id for change in changes
    )
    for batch in made:
        for change in batch.changes:
            assert {**change.tags, **batch.put} == {**change.tags, **change.put}


def test_a_tag_that_a_resource_has_otherwise_or_not_at_all_is_never_put_on_it() -> None:
    have = {"Project": "UserMetrics", "Owner": "a@b.example"}
    ours = lacking(1, "Project", "Owner", have=have)
    theirs = lacking(2, "Project", have={**have, "Owner": "c@d.example"})
    without = lacking(3, "Project", have={"Project": "UserMetrics"})
    made = list(batches([ours, theirs, without]))
    assert [(dict(batch.put), len(batch.changes)) for batch in made] == [
        (have, 1),
        ({"Project": "UserMetrics"}, 2),
    ]


def test_places_ways_and_keys_that_go_are_kept_apart() -> None:
    put: dict[str, str | None] = {"Owner": "a@b.example"}
    elsewhere = Place("123456789012", "eu-west-1")
    made = list(
        batches(
            [
                Change("vpc", "vpc-0123456789abcdef0", "", HERE, {}, put),
                Change("vpc", "vpc-0123456789abcdef1", "", elsewhere, {}, put),
                Change("vpc", "vpc-0123456789abcdef2", "", HERE, {"x": ""}, {**put, "x": None}),
                Change("function", "web", FUNCTION, HERE, {}, put),
            ]
        )
    )
    assert len(made) == 4


def test_no_call_takes_more_than_aws_allows() -> None:
    arns = [f"{FUNCTION}-{number}" for number in range(45)]
    made = batches(Change("f", arn, arn, HERE, {}, {"Owner": "a@b.example"}) for arn in arns)
    assert [len(batch.changes) for batch in made] == [20, 20, 5]


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (None, Ending.VANISHED),
        ({"Owner": "x", "new": "tag"}, Ending.ALREADY),
        ({"Onwer": "x"}, {"Owner": "x", "Onwer": None}),
        ({"Owner": "x", "Onwer": "x"}, {"Onwer": None}),
        ({"Onwer": "y"}, Ending.ELSEWISE),
        ({"Owner": "y", "Onwer": "x"}, Ending.ELSEWISE),
    ],
)
def test_what_is_left_of_a_change_follows_from_the_tags_as_they_are_now(
    now: Tags | None, left: Ending | dict[str, str | None]
) -> None:
    change = Change("vpc", "vpc-1", "", HERE, {"Onwer": "x"}, {"Owner": "x", "Onwer": None})
    told = narrowed(change, now)
    assert (dict(told.after) if isinstance(told, Change) else told) == left


@pytest.mark.parametrize(("arn", "is_lost"), [(ROLE, True), (FUNCTION, False)])
def test_a_key_that_came_meanwhile_in_another_case_is_not_written_over(
    arn: str, is_lost: bool
) -> None:
    change = Change("role", "AROA", arn, HERE, {}, {"Owner": "x"})
    assert (narrowed(change, {"owner": "theirs"}) is Ending.ELSEWISE) is is_lost
