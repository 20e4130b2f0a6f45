"""What doctor asks of IAM, and what it makes of the answers: what is missing, as a policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.simulated import answers
from umetrics.config import load
from umetrics.deployer import Grant, Mode, Place, arn, grants, needs, wanted_kinds
from umetrics.deployer.need import Guard, Task, ec2
from umetrics.doctor.caller import Kind, caller_of, identity_finding
from umetrics.doctor.decision import Decided, Decision, decided
from umetrics.doctor.finding import Certainty, Status
from umetrics.doctor.gate import Passage
from umetrics.doctor.permission import (
    Measured,
    Permissions,
    Refusal,
    permission_finding,
    permissions,
)
from umetrics.doctor.planned import TEMPLATES, Planned, carrying, planned_by
from umetrics.doctor.question import Batch, Known, Question, batches, concerning, questions
from umetrics.doctor.report import Report
from umetrics.provision.blueprint import Facts, blueprint
from umetrics.provision.diff import compare
from umetrics.provision.model import Found, Part
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.resources import KINDS
from umetrics.provision.resources.parameter import Parameter
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.scope import Scope
from umetrics.render.doctor import summary

ACCOUNT = "123456789012"
SCOPE = Scope("aws", "us-east-1", ACCOUNT)
EVERYTHING = (
    "[flow_logs]\nenabled = true\n[budget]\nenabled = true\n"
    '[lambda]\nroles = ["application-lambda"]\n'
)
BOUNDED = f'{EVERYTHING}[iam]\npermissions_boundary = "arn:aws:iam::{ACCOUNT}:policy/boundary"\n'
LENT = '[network]\nvpc_id = "vpc-0123456789abcdef0"\nnat = "per-zone"\n'
VPCS = f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/*"
UNASKED = frozenset({"iam:SimulatePrincipalPolicy"})
"""What is told by trying."""


class Wanted:
    """What a mode needs of one configuration, and what is asked for that."""

    def __init__(self, folder: Path, text: str, mode: Mode) -> None:
        path = folder / "umetrics.toml"
        path.write_text(text)
        config = load("dev", path=path, environment={})
        roles, published = frozenset(config.lambda_roles), frozenset({"/umetrics/dev/*"})
        self.place = Place(SCOPE, config, roles, published)
        self.kinds = wanted_kinds(config) | {Parameter}
        self.needs = concerning(needs(mode, config, self.kinds), self.place)
        self.policy = grants(mode, self.place, self.kinds)
        self.questions = tuple(questions(self.needs, self.place, Known()))

    def found(self, granted: Iterable[Grant], **more: Any) -> Permissions:  # noqa: ANN401
        measured = more.pop("measured", Measured(UNASKED))
        told = answers(self.questions, granted)
        return permissions(self.needs, told, self.place, "missing", measured=measured, **more)

    def without(self, action: str, sid: str = "") -> list[Grant]:
        """The policy without an action: in every statement, or in one."""
        left = (
            replace(each, actions=tuple(a for a in each.actions if a != action))
            if sid in {"", each.sid}
            else each
            for each in self.policy
        )
        return [each for each in left if each.actions]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    "text", ["", EVERYTHING, BOUNDED, LENT], ids=["", "all", "bounded", "lent"]
)
def test_whoever_has_the_printed_policy_lacks_nothing(
    tmp_path: Path, text: str, mode: Mode
) -> None:
    wanted = Wanted(tmp_path, text, mode)
    found = wanted.found(wanted.policy)
    assert (found.missing, found.undecided, found.policy) == ((), (), None)
    assert permission_finding(found).status is Status.OK


def test_of_a_policy_without_one_action_exactly_that_is_named_and_the_policy_to_ask_for_mends_it(
    tmp_path: Path,
) -> None:
    wanted = Wanted(tmp_path, EVERYTHING, Mode.ALL)
    actions = {action for grant in wanted.policy for action in grant.actions} - UNASKED
    assert len(actions) > 80
    for action in actions:
        left = wanted.without(action)
        found = wanted.found(left)
        assert found.missing == (action,)
        assert found.policy is not None
        assert {a for grant in found.policy.grants for a in grant.actions} == {action}
        assert wanted.found([*left, *found.policy.grants]).missing == ()


def test_what_is_missing_under_one_guard_alone_is_named_with_its_condition(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, EVERYTHING, Mode.ALL)
    tagging = [each for each in wanted.policy if "ec2:CreateTags" in each.actions]
    assert len(tagging) == 5
    for grant in tagging:
        found = wanted.found(wanted.without("ec2:CreateTags", grant.sid))
        assert found.policy is not None
        (asked,) = found.policy.grants
        assert (asked.actions, asked.condition) == (("ec2:CreateTags",), grant.condition)
        assert set(asked.resources) <= set(grant.resources)


def test_a_create_that_a_policy_does_not_know_yet_lacks_its_tags(tmp_path: Path) -> None:
    """Printed before flow logs were configured: what tags within a create names the creates."""
    before, now = (Wanted(tmp_path, text, Mode.APPLY) for text in ("", EVERYTHING))
    found = now.found(before.policy)
    assert {"ec2:CreateFlowLogs", "ec2:CreateTags", "iam:PassRole"} <= set(found.missing)


def test_what_a_company_demands_of_tags_and_regions_is_carried(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, "", Mode.APPLY)
    theirs = [
        replace(
            each,
            condition={
                **each.condition,
                "StringLike": {"aws:RequestedRegion": "us-east-1"},
                "Bool": {"aws:SecureTransport": "true"},
            },
        )
        for each in wanted.policy
    ]
    assert wanted.found(theirs).missing == ()


@pytest.mark.parametrize("mode", Mode)
def test_each_action_is_asked_with_the_region_of_its_own_service(
    tmp_path: Path, mode: Mode
) -> None:
    """One need may have actions of EC2, IAM and more."""
    wanted = Wanted(tmp_path, EVERYTHING, mode)
    place = replace(wanted.place, scope=Scope("aws", "eu-west-1", ACCOUNT))
    for question in questions(wanted.needs, place, Known()):
        service, given = question.action.partition(":")[0], dict(question.carried.entries)
        home = "us-east-1" if service in {"iam", "budgets", "ce"} else "eu-west-1"
        assert given["aws:RequestedRegion"] == (home,), question.action
        assert ("ec2:Region" in given) is (service == "ec2"), question.action


def test_as_few_calls_as_keys_allow(tmp_path: Path) -> None:
    asked = batches(Wanted(tmp_path, "", Mode.APPLY).questions)
    assert len(asked) <= 25
    for batch in asked:
        assert len(batch.actions) * max(1, len(batch.resources)) <= 1000


def test_real_arns_take_the_place_of_made_up_ones(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, EVERYTHING, Mode.APPLY)
    real = f"arn:aws:iam::{ACCOUNT}:role/service-role/application-lambda"
    known = Known(lambda_roles={"application-lambda": real})
    asked = list(questions(wanted.needs, wanted.place, known))
    attaching = {each.resource for each in asked if each.action == "iam:AttachRolePolicy"}
    assert attaching == {real}


def test_tags_that_nobody_read_of_what_others_have_are_not_taken_to_be_absent(
    tmp_path: Path,
) -> None:
    wanted = Wanted(tmp_path, f'{LENT}[lambda]\nroles = ["orders"]\n', Mode.APPLY)
    lent = f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/vpc-0123456789abcdef0"
    foreign = {lent, f"arn:aws:iam::{ACCOUNT}:role/orders"}
    known = Known(foreign_tags={"vpc-0123456789abcdef0": {"team": "a"}, "orders": {"team": "b"}})
    for given, decision in (
        (Known(), Decision.UNDECIDABLE),
        (known, Decision.LACKING),
    ):
        theirs = [
            each
            for each in questions(wanted.needs, wanted.place, given)
            if each.resource in foreign
        ]
        assert {each.resource for each in theirs} == foreign
        for batch in batches(theirs):
            told = decided(batch, [_lacks_a_tag(each) for each in batch.questions])
            assert {each.decision for each in told} == {decision}
    asked = questions(wanted.needs, wanted.place, known)
    carried = {e.resource: dict(e.carried.entries) for e in asked if e.resource in foreign}
    assert {each["aws:ResourceTag/team"] for each in carried.values()} == {("a",), ("b",)}


PLACED = Facts(SCOPE, ("use1-az1", "use1-az2"))


def planned(folder: Path, lacking: Mapping[str, str]) -> Planned:
    """Where all stands but one subnet, and some things lack a tag."""
    wanted = blueprint(Wanted(folder, EVERYTHING, Mode.APPLY).place.config, PLACED)
    steps = []
    for each in wanted.resources:
        short = dict(each.tags), dict(each.part_tags)
        if gone := lacking.get(each.key):
            short[0].pop(gone, None)
            short[1].pop(gone, None)
        parts = (Part("part", "id", short[1]),) if each.part_tags else ()
        found = Found("id", each.spec, short[0], parts=parts)
        difference = compare(each, found)
        action = Action.NONE if difference.is_empty else Action.UPDATE
        if each.key == "subnet/private-a":
            step = Step(each.key, KINDS[Subnet], Action.CREATE, each)
        else:
            step = Step(each.key, KINDS[type(each.spec)], action, each, found, difference)
        steps.append(step)
    return planned_by(Plan(wanted.deployment, tuple(steps)))


def test_what_is_put_right_carries_the_tags_that_were_lacking(tmp_path: Path) -> None:
    told = planned(
        tmp_path,
        {
            "subnet/public-b": "Owner",
            "subnet/private-b": "Project",
            "role/grafana": "CostCenter",
            "rules/umami": "Owner",
        },
    )
    wanted = Wanted(tmp_path, EVERYTHING, Mode.APPLY)
    asked = questions(wanted.needs, wanted.place, Known(planned=told))
    carried = {
        (each.action, each.need.resources[0] if len(each.need.resources) == 1 else ""): dict(
            each.carried.entries
        )
        for each in asked
        if each.need.guard in {Guard.OURS, Guard.NONE}
    }
    assert carried["ec2:CreateTags", ec2("subnet")]["aws:TagKeys"] == ("Owner",)
    assert carried["iam:TagRole", arn.ROLES]["aws:TagKeys"] == ("CostCenter",)
    assert carried["iam:TagRole", arn.ROLES]["aws:RequestTag/CostCenter"] == ("Observability",)
    for action, template in (
        ("ec2:CreateTags", ec2("security-group-rule")),
        ("ec2:CreateTags", ec2("vpc")),
        ("iam:TagPolicy", arn.POLICIES),
    ):
        assert {"Owner", "Project"} < set(carried[action, template]["aws:TagKeys"])


def test_what_is_made_is_asked_about_with_the_tags_of_the_first_of_its_own_kind(
    tmp_path: Path,
) -> None:
    """By default with the names that the blueprint gives; with a plan, with what it makes."""
    wanted = Wanted(tmp_path, BOUNDED, Mode.APPLY)
    first = {
        TEMPLATES[type(each.spec)]: carrying(each)
        for each in reversed(blueprint(wanted.place.config, PLACED).resources)
    }
    making = {"iam:CreateRole", "iam:CreatePolicy", "logs:CreateLogGroup", "budgets:TagResource"}
    seen = set()
    for each in wanted.questions:
        if each.need.guard in {Guard.BORN, Guard.AT_BIRTH} or each.action in making:
            (template,) = each.need.resources
            assert requested(each) == first[template]
            seen.add(template)
    assert seen == {TEMPLATES[kind] for kind in wanted.kinds - {Parameter}}
    assert TEMPLATES.keys() == KINDS.keys()

    told = planned(tmp_path, {})
    names = {
        requested(each)["Name"]
        for each in questions(wanted.needs, wanted.place, Known(planned=told))
        if each.need.resources == (ec2("subnet"),) and each.need.guard is Guard.BORN
    }
    assert names == {"UserMetrics-dev-subnet-private-a"}


def requested(question: Question) -> dict[str, str]:
    """The tags in the request."""
    start = "aws:RequestTag/"
    given = dict(question.carried.entries)
    tags = {key.removeprefix(start): each[0] for key, each in given.items() if start in key}
    assert set(tags) == set(given["aws:TagKeys"])
    return tags


def test_what_aws_made_beside_the_vpc_gets_all_tags_from_up_and_the_lacking_from_a_repair(
    tmp_path: Path,
) -> None:
    wanted = Wanted(tmp_path, "", Mode.ALL)
    keys = {
        each.need.task: dict(each.carried.entries)["aws:TagKeys"]
        for each in wanted.questions
        if each.need.guard is Guard.MARKED and each.action == "ec2:CreateTags"
    }
    assert keys[Task.MEND] == ("Owner",)
    assert {"Name", "Owner", "Project"} < set(keys[Task.BUILD])


def _lacks_a_tag(question: Question) -> dict[str, Any]:
    return {
        "EvalActionName": question.action,
        "EvalResourceName": question.resource,
        "EvalDecision": "implicitDeny",
        "MissingContextValues": ["aws:ResourceTag/department"],
    }


def result(verdict: str, **more: object) -> dict[str, Any]:
    return {
        "EvalActionName": "ec2:CreateVpc",
        "EvalResourceName": VPCS,
        "EvalDecision": verdict,
        **more,
    }


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        (result("allowed"), Decision.ALLOWED),
        (result("implicitDeny"), Decision.LACKING),
        (result("explicitDeny"), Decision.FORBIDDEN),
        (result("implicitDeny", MissingContextValues=["aws:ResourceTag/x"]), Decision.LACKING),
        (result("implicitDeny", MissingContextValues=["aws:SourceIp"]), Decision.UNDECIDABLE),
        (result("allowed", MissingContextValues=["aws:SourceIp"]), Decision.ALLOWED),
        (
            result(
                "implicitDeny",
                PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": False},
            ),
            Decision.BOUNDED,
        ),
        (
            result("implicitDeny", OrganizationsDecisionDetail={"AllowedByOrganizations": False}),
            Decision.ORGANISATION,
        ),
        (
            result(
                "implicitDeny",
                EvalResourceName="*",
                ResourceSpecificResults=[
                    {
                        "EvalResourceName": VPCS,
                        "EvalResourceDecision": "allowed",
                    }
                ],
            ),
            Decision.ALLOWED,
        ),
        (result("allowed", EvalActionName="ec2:DeleteVpc"), Decision.UNDECIDABLE),
        ({}, Decision.UNDECIDABLE),
        ({"EvalActionName": "ec2:CreateVpc", "EvalResourceName": VPCS}, Decision.UNDECIDABLE),
        (result("", EvalResourceName="*", ResourceSpecificResults=[{}]), Decision.UNDECIDABLE),
    ],
)
def test_the_simulators_answers_are_told_apart(
    tmp_path: Path, answer: dict[str, Any], decision: Decision
) -> None:
    question = next(each for each in Wanted(tmp_path, "", Mode.APPLY).questions if is_vpc(each))
    (told,) = decided(Batch(question.carried, (question,)), [answer])
    assert told.decision is decision


def test_that_something_is_allowed_is_believed_and_a_key_that_a_deny_may_ask_for_is_named(
    tmp_path: Path,
) -> None:
    wanted = Wanted(tmp_path, "", Mode.APPLY)
    known, unknown = "aws:ResourceTag/x", "aws:SourceIp"
    told = result("allowed", MissingContextValues=[known, unknown])
    question = next(each for each in wanted.questions if is_vpc(each))
    (answer,) = decided(Batch(question.carried, (question,)), [told])
    assert (answer.decision, answer.keys) == (Decision.ALLOWED, (unknown,))

    given = [*answers([e for e in wanted.questions if e != question], wanted.policy), answer]
    found = permissions(wanted.needs, given, wanted.place, "missing", measured=Measured(UNASKED))
    finding = permission_finding(found)
    assert finding.status is Status.OK
    assert finding.text.endswith("; a deny by aws:SourceIp would only be met in the run")
    (remark,) = Passage(found).remarks
    assert remark == "a deny by aws:SourceIp could not be checked beforehand. Going on."


def is_vpc(question: Question) -> bool:
    return question.action == "ec2:CreateVpc"


def test_an_explicit_deny_is_named_and_no_statement_is_offered(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, "", Mode.APPLY)
    told = [
        replace(each, decision=Decision.FORBIDDEN) if is_vpc(each.question) else each
        for each in answers(wanted.questions, wanted.policy)
    ]
    found = permissions(wanted.needs, told, wanted.place, "missing", measured=Measured(UNASKED))
    assert (found.missing, found.policy) == (("ec2:CreateVpc",), None)
    finding = permission_finding(found)
    assert (finding.exit_code, finding.status) == (4, Status.PROBLEM)
    assert "no statement helps" in finding.hint


def test_what_aws_did_counts_more_than_what_the_simulator_says(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, "", Mode.READ)
    left = wanted.without("ec2:DescribeVpcs")
    assert wanted.found(left).missing == ("ec2:DescribeVpcs",)
    assert wanted.found(left, measured=Measured(UNASKED | {"ec2:DescribeVpcs"})).missing == ()


@pytest.mark.parametrize("simulated", [Decision.LACKING, Decision.UNDECIDABLE])
def test_a_dry_run_counts_more_than_the_simulator(tmp_path: Path, simulated: Decision) -> None:
    wanted = Wanted(tmp_path, "", Mode.APPLY)
    told = [
        replace(each, decision=simulated) if each.question.action == "ec2:AllocateAddress" else each
        for each in answers(wanted.questions, wanted.policy)
    ]
    would = Measured(UNASKED | {"ec2:AllocateAddress"})
    found = permissions(wanted.needs, told, wanted.place, "missing", measured=would)
    assert (found.missing, found.undecided) == ((), ())
    assert "2 of them measured" in permission_finding(found).text

    never = Refusal("ec2:AllocateAddress", (), Decision.ORGANISATION, Certainty.MEASURED)
    measured = Measured(UNASKED, (never,))
    found = permissions(wanted.needs, told, wanted.place, "missing", measured=measured)
    assert {each.decision for each in found.refusals} == {Decision.ORGANISATION}
    assert {each.certainty for each in found.refusals} == {Certainty.MEASURED}
    assert found.policy is None


def test_what_aws_refused_is_missing_whatever_the_simulator_says(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, "", Mode.APPLY)
    refused = Refusal("ec2:CreateVpc", (), Decision.LACKING, Certainty.MEASURED)
    found = wanted.found(wanted.policy, measured=Measured(UNASKED, (refused,)))
    assert found.missing == ("ec2:CreateVpc",)
    assert permission_finding(found).certainty is Certainty.MEASURED
    assert found.policy is not None
    assert found.policy.grants[0].actions == ("ec2:CreateVpc",)


def test_without_any_answer_nothing_is_held_against_anybody(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, "", Mode.APPLY)
    found = permissions(wanted.needs, (), wanted.place, "missing", note="it is the root user")
    assert (found.missing, found.policy) == ((), None)
    assert set(found.undecided) == set(found.asked)
    finding = permission_finding(found)
    assert (finding.status, finding.certainty) == (Status.UNKNOWN, Certainty.UNDECIDABLE)
    assert "it is the root user" in finding.text


def test_without_the_permission_to_simulate_nothing_is_said_to_work(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, "", Mode.DESTROY)
    refused = Refusal("iam:SimulatePrincipalPolicy", (), Decision.LACKING, Certainty.MEASURED)
    told = [Decided(each, Decision.UNDECIDABLE) for each in wanted.questions]
    found = permissions(
        wanted.needs, told, wanted.place, "missing", measured=Measured(refused=(refused,))
    )
    finding = permission_finding(found)
    assert (finding.status, finding.certainty) == (Status.UNKNOWN, Certainty.UNDECIDABLE)
    assert f"{len(found.undecided)} of {len(found.asked)} actions could not" in finding.text
    report = Report("destroy", (finding,), found)
    assert report.is_partial
    assert f"{len(found.open)} of {len(found.asked)} permissions could not" in summary(report)
    assert "whether it can be used for destroy is not known" in summary(report)
    told = [replace(each, decision=Decision.ALLOWED) for each in told]
    found = permissions(
        wanted.needs, told, wanted.place, "missing", measured=Measured(refused=(refused,))
    )
    report = Report("destroy", (permission_finding(found),), found)
    assert not report.is_partial
    assert "it can be used for destroy" in summary(report)


@pytest.mark.parametrize(
    ("arn", "kind", "entity", "simulated"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/a/b/joe", Kind.USER, "user/a/b/joe", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/joe@x", Kind.ROLE, "role/Admin", True),
        (f"arn:aws:iam::{ACCOUNT}:root", Kind.ROOT, "", False),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/joe", Kind.FEDERATED, "", False),
        (f"arn:aws:sts::{ACCOUNT}:something", Kind.OTHER, "", False),
    ],
)
def test_callers_are_told_apart_by_their_arns(
    arn: str, kind: Kind, entity: str, *, simulated: bool
) -> None:
    caller = caller_of(arn)
    assert caller.kind is kind
    assert caller.entity.rpartition(f"{ACCOUNT}:")[2] == entity
    assert (caller.why_unsimulated == "") is simulated
    assert arn in identity_finding(caller).text


def test_the_role_of_a_session_is_a_guess_until_its_path_is_known() -> None:
    caller = caller_of(f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_1/joe")
    assert identity_finding(caller).certainty is Certainty.UNDECIDABLE
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
    finding = identity_finding(caller.with_role(arn))
    assert finding.status is Status.OK
    assert arn in finding.text
