"""Doctor's other checks, as decisions on what was seen: quotas, addresses, clock, tags, advice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.audit.cost_tags.activation import LINKED
from umetrics.audit.organisation import NOT_READ, TOO_OLD, Organisation
from umetrics.audit.tag_policy import Rule
from umetrics.aws.denial import denial
from umetrics.config import Config, load
from umetrics.deployer import Need, Place
from umetrics.deployer.need import Guard, Task
from umetrics.doctor.address import Neighbour, address_findings, free_cidr
from umetrics.doctor.attempt import tried
from umetrics.doctor.caller import caller_of
from umetrics.doctor.decision import Decision
from umetrics.doctor.finding import Certainty, Check, Finding, Status, Unread
from umetrics.doctor.judgement import clock_finding, judged
from umetrics.doctor.neighbour import of_peerings, of_transit, of_vpcs
from umetrics.doctor.question import Known
from umetrics.doctor.quota import QUOTAS, Count, quota_findings
from umetrics.doctor.reading import Account, applied_quota
from umetrics.doctor.rehearsal import CALLS, Call, refusal_of, rehearsed
from umetrics.doctor.report import Report
from umetrics.doctor.simulator import real_caller, with_foreign
from umetrics.doctor.surroundings import Surroundings, Trails
from umetrics.errors import AccessDenied, AnswerLost, AwsError, NotPermitted
from umetrics.patience import Patience
from umetrics.provision.addresses import canonical_cidr
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.vpc import Vpc
from umetrics.provision.scope import Scope
from umetrics.render.doctor import doctor_json, doctor_lines
from umetrics.render.error import error_lines
from umetrics.render.line import Look, compose

SCOPE = Scope("aws", "us-east-1", "123456789012")
ORGANISATION = Decision.ORGANISATION
HIDDEN = Unread(Certainty.UNDECIDABLE, "ec2:DescribeVpcs is not allowed", "ec2:DescribeVpcs")
FIRST = Count(
    Counter({Vpc: 1, InternetGateway: 1, NatGateway: 1, ElasticIp: 1, SecurityGroup: 3, Role: 4}),
    Counter({"use1-az1": 1}),
)
USED: dict[type, int | Unread] = {
    Vpc: 1,
    InternetGateway: 1,
    ElasticIp: 0,
    SecurityGroup: 10,
    Role: 20,
}
SEEN = Surroundings(
    neighbours=(),
    unread_neighbours=(),
    vpc_stands=False,
    used=USED,
    nat_by_zone={},
    limits={},
    zones=("use1-az1", "use1-az2"),
    organisation=Organisation(),
    active_cost_keys=frozenset(),
    trails=Trails(1, 1),
    web_acls=None,
)


def configured(folder: Path, text: str = "", stage: str = "dev") -> Config:
    path = folder / "umetrics.toml"
    path.write_text(text)
    return load(stage, path=path, environment={})


def found(config: Config, *, production: bool = False, **seen: Any) -> dict[Check, list[Finding]]:  # noqa: ANN401
    told: dict[Check, list[Finding]] = {check: [] for check in Check}
    for each in judged(replace(SEEN, **seen), config, FIRST, production=production):
        told[each.check].append(each)
    return told


def test_there_is_room_up_to_the_quota_and_not_beyond() -> None:
    for quota in QUOTAS:
        if quota.kind is NatGateway:
            continue
        added = FIRST.kinds[quota.kind]
        for left, problem in ((added, False), (added - 1, True)):
            used = {**USED, quota.kind: quota.default - left}
            told = list(quota_findings(used, {}, {}, FIRST))
            assert [each.fails for each in told] == [problem]
            assert problem is (quota.code in told[0].hint)


def test_what_was_applied_counts_more_than_the_default_and_nat_gateways_by_zone() -> None:
    nat = next(quota for quota in QUOTAS if quota.kind is NatGateway)
    full = {"use1-az1": 5, "use1-az2": 9}
    (told,) = quota_findings(USED, full, {}, FIRST)
    assert told.text == "NAT gateways in use1-az1: 5 of 5 (the default) in use, 1 to be added"
    (told,) = quota_findings(USED, full, {nat.code: 6}, FIRST)
    assert told.status is Status.OK
    (told,) = quota_findings(USED, full, {nat.code: HIDDEN}, FIRST)
    assert told.status is Status.UNKNOWN
    assert "(the default, what was applied is not known)" in told.text


def test_a_quota_that_nobody_could_read_is_held_against_nobody() -> None:
    limits = dict.fromkeys((quota.code for quota in QUOTAS), HIDDEN)
    told = list(quota_findings({**USED, Vpc: 12}, {"use1-az1": 5}, limits, FIRST))
    assert [each.status for each in told] == [Status.UNKNOWN] * 2
    assert told[0].text.startswith("VPCs: 12 of 5 (the default, what was applied is not known)")
    assert HIDDEN.reason in told[0].text


@pytest.mark.parametrize("answer", [{}, {"Quota": {}}, {"Quota": {"Value": None}}])
def test_a_quota_without_a_number_is_not_known(answer: dict[str, Any]) -> None:
    reader: Any = SimpleNamespace(call=lambda _operation, _given: answer)
    assert isinstance(applied_quota(reader, "vpc", "L-1"), Unread)


def lacking(*names: str) -> Any:  # noqa: ANN401  # a client in which all that is named exists
    """A client whose answers have each of these members, empty, and nothing else."""

    def answer(*_args: object, **_given: object) -> dict[str, Any]:
        return {name: [{}] for name in names}

    class Lacking:
        def __getattr__(self, _method: str) -> Any:  # noqa: ANN401  # as of a client
            return answer

        def get_paginator(self, _method: str) -> Any:  # noqa: ANN401  # as of a client
            return SimpleNamespace(paginate=lambda **_given: [answer()])

    return Lacking()


LISTS = ("Vpcs", "VpcPeeringConnections", "RouteTables", "NatGateways", "Subnets", "trailList")


@pytest.mark.parametrize("members", [(), LISTS])
def test_what_answers_lack_is_not_known(tmp_path: Path, members: tuple[str, ...]) -> None:
    client = lacking(*members)
    aws: Any = SimpleNamespace(
        ec2=client,
        iam=client,
        region="us-east-1",
        identity=SimpleNamespace(account="123456789012", partition="aws"),
        patience=Patience(),
        tagging=client,
        cost_allocation=client,
        reader=lambda *_given: client,
    )
    seen = Account(aws, configured(tmp_path), production=True).read()
    unknown = (seen.used[ElasticIp], seen.used[Role], seen.zones, seen.active_cost_keys)
    assert all(isinstance(each, Unread) for each in (*unknown, seen.trails, seen.web_acls))
    assert all(isinstance(each, Unread) for each in seen.limits.values())
    unread = {name for name, _ in seen.unread_neighbours}
    assert unread == ({"VPCs"} if members else {"VPCs", "peerings", "route tables"})
    assert isinstance(seen.nat_by_zone, Unread)
    assert list(judged(seen, configured(tmp_path), FIRST, production=True))


def test_a_role_without_an_arn_and_a_vpc_without_an_owner_are_not_known(tmp_path: Path) -> None:
    text = '[network]\nvpc_id = "vpc-0123456789abcdef0"\n[lambda]\nroles = ["orders"]\n'
    config = configured(tmp_path, text)
    aws: Any = SimpleNamespace(
        ec2=lacking("Vpcs"), iam=SimpleNamespace(get_role=lambda **_given: {"Role": {}})
    )
    caller = caller_of("arn:aws:sts::123456789012:assumed-role/Ops/joe")
    assert real_caller(aws, caller) == caller
    place = Place(SCOPE, config, frozenset(config.lambda_roles))
    assert with_foreign(aws, Known(), place) == Known()


def test_what_is_used_up_and_not_added_to_is_no_problem() -> None:
    used = dict.fromkeys(USED, 10000)
    (told,) = quota_findings(used, {"use1-az1": 9}, {}, Count())
    assert (told.status, told.text) == (Status.OK, "nothing is added")


def test_what_is_not_counted_or_not_planned_is_said() -> None:
    told = list(quota_findings({**USED, Vpc: HIDDEN}, HIDDEN, {}, None))
    assert {each.status for each in told} == {Status.UNKNOWN}
    assert len(told) == 3


VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "Tags": [{"Key": "Name", "Value": "shop"}]}
SECOND = {
    "CidrBlockAssociationSet": [
        {"CidrBlock": "10.9.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.8.0.0/16", "CidrBlockState": {"State": "disassociated"}},
    ]
}


def test_all_addresses_of_a_vpc_are_compared_and_our_own_are_not() -> None:
    (theirs,) = of_vpcs([{**VPC, **SECOND}], "UserMetrics/dev")
    assert theirs.cidrs == ("10.0.0.0/16", "10.9.0.0/16")
    (told,) = address_findings("10.9.4.0/24", [theirs], stands=False)
    assert told.fails
    assert "10.9.0.0/16 of VPC vpc-1 (shop)" in told.text
    (told,) = address_findings("10.9.4.0/24", [theirs], stands=True)
    assert told.status is Status.ADVICE
    mark = [{"Key": "umetrics:deployment", "Value": "UserMetrics/dev"}]
    assert not list(of_vpcs([{**VPC, "Tags": mark}], "UserMetrics/dev"))
    assert not list(of_vpcs([{**VPC, "Tags": []}], "UserMetrics/dev", {"vpc-1"}))


def test_peers_elsewhere_and_transit_routes_are_compared() -> None:
    peering = {
        "VpcPeeringConnectionId": "pcx-1",
        "Status": {"Code": "active"},
        "AccepterVpcInfo": {"VpcId": "vpc-9", "CidrBlock": "10.1.0.0/16"},
        "RequesterVpcInfo": {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"},
    }
    (peer,) = of_peerings([peering], {"vpc-1"})
    assert peer == Neighbour("vpc-9, peered by pcx-1", ("10.1.0.0/16",))
    assert not list(of_peerings([{**peering, "Status": {"Code": "deleted"}}], set()))
    routes = [
        {"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1"},
        {"DestinationCidrBlock": "10.2.0.0/16", "TransitGatewayId": "tgw-1"},
        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
    ]
    (transit,) = of_transit([{"Routes": routes}])
    assert transit.cidrs == ("10.2.0.0/16",)
    advice, ok = address_findings("10.2.1.0/24", [peer, transit], stands=False)
    assert (advice.status, ok.status) == (Status.ADVICE, Status.OK)
    (problem,) = address_findings("10.1.1.0/24", [peer, transit], stands=False)
    assert problem.fails


BLOCKS = st.builds(
    lambda number, prefix: canonical_cidr(f"10.{number % 256}.{number // 256 % 256}.0/{prefix}"),
    st.integers(0, 65535),
    st.integers(9, 24),
)


@given(BLOCKS.filter(lambda each: int(str(each).split("/")[1]) >= 16), st.lists(BLOCKS, max_size=8))
def test_a_free_block_overlaps_with_nothing_and_is_as_large(cidr: str, taken: list[str]) -> None:
    free = free_cidr(cidr, taken)
    if free:
        assert free.split("/")[1] == cidr.split("/")[1]
        neighbours = [Neighbour("x", tuple(taken))]
        assert [each.status for each in address_findings(free, neighbours, stands=False)] == [
            Status.OK
        ]


def test_where_everything_is_taken_no_block_is_offered() -> None:
    assert free_cidr("10.0.0.0/24", ["10.0.0.0/8"]) == ""
    assert free_cidr("10.255.0.0/16", ["10.255.0.0/16"]) == "10.0.0.0/16"
    assert free_cidr("172.16.0.0/24", ["10.0.0.0/16"]) == "10.1.0.0/24"


@pytest.mark.parametrize(
    ("offset", "status", "words"),
    [
        (0.8, Status.OK, "as AWS's"),
        (-59.0, Status.OK, "as AWS's"),
        (90.0, Status.ADVICE, "90 s behind AWS"),
        (-400.0, Status.PROBLEM, "400 s ahead of AWS"),
        (None, Status.UNKNOWN, "no answer"),
    ],
)
def test_a_clock_may_be_off_by_less_than_a_signature_lasts(
    offset: float | None, status: Status, words: str
) -> None:
    finding = clock_finding(offset)
    assert finding.status is status
    assert words in finding.text


def test_zones_tags_and_costs_are_told_as_they_are(tmp_path: Path) -> None:
    config = configured(tmp_path)
    told = found(config)
    assert [each.status for each in told[Check.ZONES]] == [Status.OK]
    assert [each.status for each in told[Check.TAG_POLICY]] == [Status.OK]
    assert [each.status for each in told[Check.COST_TAGS]] == [Status.OK]

    (finding,) = found(config, zones=("use1-az1",))[Check.ZONES]
    assert finding.fails
    rules = (
        Rule("DataClass", types=frozenset({"ec2:vpc", "s3:bucket"})),
        Rule("Owner", types=frozenset({"ec2:vpc"})),
        Rule("Elsewhere", types=frozenset({"s3:bucket"})),
    )
    (finding,) = found(config, organisation=Organisation(rules))[Check.TAG_POLICY]
    assert finding.status is Status.ADVICE
    assert "DataClass on ec2:vpc" in finding.text
    old = Organisation(remark=f"{NOT_READ}: {TOO_OLD}")
    (finding,) = found(config, organisation=old)[Check.TAG_POLICY]
    assert (finding.status, finding.certainty) == (Status.UNKNOWN, Certainty.UNSUPPORTED)
    linked = Unread(Certainty.MEASURED, LINKED)
    (finding,) = found(config, active_cost_keys=linked)[Check.COST_TAGS]
    assert "not the payer" in finding.text


def test_advice_fails_nothing_and_a_web_acl_is_missed_in_production_only(tmp_path: Path) -> None:
    config = configured(tmp_path, stage="prod")
    told = found(config, production=True, trails=Trails(0, 0), web_acls=0)[Check.ADVICE]
    assert {each.status for each in told} == {Status.ADVICE}
    texts = " ".join(each.text for each in told)
    assert all(word in texts for word in ("CloudTrail", "flow logs", "UserMetrics-prod-alb"))
    assert len(found(config, production=True, web_acls=1)[Check.ADVICE]) == 1
    hidden = found(config, production=True, trails=HIDDEN, web_acls=HIDDEN)[Check.ADVICE]
    assert [each.status for each in hidden].count(Status.UNKNOWN) == 2
    watched = configured(tmp_path, "[flow_logs]\nenabled = true\n")
    assert found(watched)[Check.ADVICE] == []


def test_what_could_not_be_compared_is_not_said_to_be_free(tmp_path: Path) -> None:
    config = configured(tmp_path)
    lists = tuple((name, HIDDEN) for name in ("VPCs", "peerings", "route tables"))
    told = found(config, unread_neighbours=lists)[Check.ADDRESSES]
    assert {each.status for each in told} == {Status.UNKNOWN}
    for unread, text in (
        (lists[1:], "overlaps with no VPC; peerings, route tables could not be read"),
        (lists[:1], "overlaps with no peering; VPCs could not be read"),
        (lists[:2], ""),
        (lists[2:], "overlaps with no VPC and no peering; route tables could not be read"),
    ):
        told = found(config, unread_neighbours=unread)[Check.ADDRESSES]
        assert [each.text for each in told if each.status is Status.OK] == (
            [f"{config.network.cidr} {text}"] if text else []
        )
    taken = Neighbour("VPC vpc-1", (config.network.cidr,))
    for unread, hint in (((), "which is free"), (lists[1:2], "which nothing that was read has")):
        told = found(config, unread_neighbours=unread, neighbours=(taken,))[Check.ADDRESSES]
        assert told[-1].hint.endswith(hint)
    lent = configured(tmp_path, '[network]\nvpc_id = "vpc-0123456789abcdef0"\n')
    (finding,) = found(lent, unread_neighbours=lists)[Check.ADDRESSES]
    assert finding.status is Status.OK


@pytest.mark.parametrize(
    ("error", "certainty"),
    [
        (AwsError("x", aws_code="NotImplemented", operation="iam:Y"), Certainty.UNSUPPORTED),
        (AnswerLost("x", aws_code="500", operation="iam:Y"), Certainty.UNSUPPORTED),
        (AnswerLost("x", aws_code="503", operation="iam:Y"), Certainty.UNDECIDABLE),
        (AwsError("x", aws_code="InternalError", operation="iam:Y"), Certainty.UNDECIDABLE),
    ],
)
def test_who_does_not_know_a_call_is_told_from_who_does_not_answer(
    error: AwsError, certainty: Certainty
) -> None:
    def fail() -> str:
        raise error

    told = tried(fail)
    assert isinstance(told, Unread)
    assert told.certainty is certainty


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        ("because no identity-based policy allows the ec2:CreateVpc action", Decision.LACKING),
        ("because no service control policy allows the ec2:CreateVpc action", ORGANISATION),
        ("because no permissions boundary allows the ec2:CreateVpc action", Decision.BOUNDED),
        ("with an explicit deny in a service control policy", Decision.FORBIDDEN),
    ],
)
def test_of_a_dry_run_the_type_of_policy_counts_that_aws_names(
    words: str, decision: Decision
) -> None:
    error = AccessDenied("x", aws_code="UnauthorizedOperation", operation="ec2:CreateVpc")
    text = f"User: x is not authorized to perform: ec2:CreateVpc on resource: * {words}"
    error.denial = denial(text, "ec2:CreateVpc")
    told = refusal_of(error, "ec2:CreateVpc")
    assert (told.decision, told.certainty) == (decision, Certainty.MEASURED)
    assert told.decision.helped_by_statement is (decision is Decision.LACKING)


class Heedless:
    """EC2 by somebody who knows no dry runs; `made` is what he made of the first kind."""

    def __init__(self, call: Call, *, tagging: bool = True) -> None:
        self.call, self.tagging, self.made = call, tagging, list[dict[str, Any]]()

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401  # as of a client
        if method == self.call.method:
            return self._make
        if method.startswith("describe_"):
            kind = next(each for each in CALLS.values() if each.listing == method)
            there = self.made if kind is self.call else []
            return lambda **_given: {kind.listed: there}
        raise AssertionError(method)

    def _make(self, **given: Any) -> dict[str, Any]:  # noqa: ANN401  # as a client takes it
        (given,) = given["TagSpecifications"]
        named = next(each["Value"] for each in given["Tags"] if each["Key"] == "Name")
        assert named.startswith(f"UserMetrics-dev-{given['ResourceType']}")
        made = {self.call.id_at[-1]: f"made-{len(self.made)}"}
        tags = given["Tags"] if self.tagging else []
        self.made.append({**made, "Tags": tags})
        return made if len(self.call.id_at) == 1 else {self.call.id_at[0]: made}


@pytest.mark.parametrize("action", CALLS)
def test_no_dry_run_follows_one_that_acted_whatever_that_made(tmp_path: Path, action: str) -> None:
    call = CALLS[action]
    ec2 = Heedless(call)
    aws: Any = SimpleNamespace(ec2=ec2, rehearsing=ec2)
    place = Place(SCOPE, configured(tmp_path))
    needed = [Need(Task.BUILD, (action,), guard=Guard.BORN)]
    first = rehearsed(aws, needed, place)
    assert first.made == "made-0"
    (alarm,) = first.findings
    assert "it is tagged as an orphan of this stage" in alarm.hint
    for stage, whose in (("dev", "--prune --skip-checks` takes"), ("prod", "of UserMetrics/dev")):
        again = rehearsed(aws, needed, Place(SCOPE, configured(tmp_path, stage=stage)))
        assert len(ec2.made) == 1
        assert again.made == ""
        ((_, why),) = again.unread
        assert f"a dry run made {call.makes} made-0 here" in why.reason
        assert whose in why.reason


def test_what_a_dry_run_made_without_its_tags_is_said_to_be_known_by_its_id_alone(
    tmp_path: Path,
) -> None:
    action = "ec2:CreateVpc"
    ec2 = Heedless(CALLS[action], tagging=False)
    aws: Any = SimpleNamespace(ec2=ec2, rehearsing=ec2)
    needed = [Need(Task.BUILD, (action,), guard=Guard.BORN)]
    (alarm,) = rehearsed(aws, needed, Place(SCOPE, configured(tmp_path))).findings
    assert "made made-0" in alarm.text
    assert "its tags are not to be seen" in alarm.hint
    assert "delete it by its id" in alarm.hint


def test_the_gravest_problem_gives_the_exit_code() -> None:
    findings = [
        Finding(Check.QUOTAS, Status.PROBLEM, "full"),
        Finding(Check.PERMISSIONS, Status.PROBLEM, "missing", exit_code=4),
        Finding(Check.ACCOUNT, Status.ADVICE, "another", exit_code=6),
    ]
    assert Report("apply", ()).exit_code == 0
    assert Report("apply", tuple(findings[:1])).exit_code == 3
    assert Report("apply", tuple(findings)).exit_code == 4


def test_a_report_is_shown_literally_result_and_alarm_first_within_80_columns() -> None:
    alarm = Finding(Check.PERMISSIONS, Status.PROBLEM, "ALARM: it acted", exit_code=6, alarm=True)
    evil = Finding(Check.ADDRESSES, Status.PROBLEM, "of VPC vpc-1 (\x1b[2J[red]x)", hint="y " * 80)
    shown = compose(doctor_lines(Report("apply", (evil, alarm))), Look())
    first, second, *_ = shown.splitlines()
    assert first == "2 problems: it cannot be applied like this."
    assert "ALARM" in second
    assert "Nothing was changed" not in shown
    assert "\\x1b[2J[red]x" in shown
    assert max(map(len, shown.splitlines())) <= Look().width
    told = doctor_json(Report("apply", (evil, alarm)))
    assert (told["clean"], told["exit_code"]) == (False, 6)


def test_what_is_not_permitted_is_shown_with_the_policy_to_paste() -> None:
    error = NotPermitted("1 permission is missing:\n  ec2:CreateVpc", hint="ask for it")
    error.policy = '{"Statement": []}'
    shown = compose(error_lines(error), Look())
    assert shown.startswith("error[U007]: 1 permission is missing:")
    assert '"Statement": []' in shown
