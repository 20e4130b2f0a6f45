"""What others have in an account, before and after: everything is seen, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.support.applications import make_function
from tests.support.built import Built
from tests.support.deployments import Deployment
from tests.support.landlord import lend
from tests.support.neighbours import GRANT, LAMBDA_ROLE, let_in, make_role, make_vpc
from tests.support.plain import client
from tests.support.wire import Call, Moment
from tests.support.worlds import ec2, iam
from umetrics.cli.applying import Show
from umetrics.cli.options import Common, RunFormat
from umetrics.cli.session import Session
from umetrics.errors import StateError, WrongAccount
from umetrics.library.values import Ended, Happening
from umetrics.library.verifying import authors, last_snapshot, take_snapshot, verdict_since
from umetrics.provision.events import Started
from umetrics.provision.selection import Selection
from umetrics.tags import DEPLOYMENT, RESOURCE
from umetrics.verify.attribution import Standing, Verdict
from umetrics.verify.call_record import record_path
from umetrics.verify.catalogue import ROWS
from umetrics.verify.ownership import ours_in
from umetrics.verify.snapshot_file import last_snapshot_path

if TYPE_CHECKING:
    from umetrics.library import Foundation, Result


@pytest.fixture
def watching(deployment: Deployment, built: Built) -> Deployment:
    """Stage dev, built between its neighbours, whose next run looks at what they have."""
    deployment.looks_at_others = True
    return deployment


def told(verdict: Verdict) -> dict[str, tuple[Standing, list[str]]]:
    return {
        each.alteration.key: (
            each.standing,
            [difference.path for difference in each.alteration.differences],
        )
        for each in verdict.judged
    }


def in_need_of_repair(deployment: Deployment) -> Foundation:
    """With something for `up` to do."""
    ec2().delete_tags(Resources=[deployment.id("vpc")], Tags=[{"Key": "Owner"}])
    return deployment.library


def verdict_of(result: Result) -> Verdict:
    assert result.is_whole, result.errors
    assert result.verdict is not None
    return result.verdict


def test_a_run_that_writes_looks_before_and_after_and_finds_the_neighbours_untouched(
    watching: Deployment, built: Built
) -> None:
    foundation = in_need_of_repair(watching)
    verdict = verdict_of(foundation.up())
    assert verdict.judged == ()
    snapshot = last_snapshot(foundation)
    assert snapshot is not None
    others = built.others
    assert {others.vpc, others.subnet, others.peering, others.nat_gateway, LAMBDA_ROLE} <= {
        id_ for _, id_ in snapshot.things
    }
    ours = ours_in(snapshot)
    assert {("vpc", watching.id("vpc"))} <= ours
    assert not {others.vpc, others.subnet, LAMBDA_ROLE} & {id_ for _, id_ in ours}
    assert verdict_since(foundation, snapshot).judged == ()


def test_a_look_reads_each_kind_once_two_attributes_of_each_vpc_and_what_a_policy_is_tagged(
    watching: Deployment,
) -> None:
    foundation = watching.library
    foundation.connected(read_only=True).identity  # noqa: B018  # asked for once by every command
    watching.line.wire.calls.clear()
    snapshot = take_snapshot(foundation)
    calls = list(watching.line.wire.calls)
    vpcs = len(ec2().describe_vpcs()["Vpcs"])
    assert watching.line.wire.writes == []
    policies = len(iam().list_policies(Scope="Local")["Policies"])
    beside = sum(row.beside is not None for row in ROWS)
    assert len(calls) == len(ROWS) + beside + 2 * vpcs + policies
    assert snapshot.unseen <= {"cloudformation-stack"}


def test_what_is_ours_is_known_by_its_tags_after_the_state_file_was_lost(
    watching: Deployment,
) -> None:
    before = take_snapshot(watching.library)
    watching.forget_state()
    without = take_snapshot(watching.library)
    assert (before.receipts, without.receipts) != (frozenset(), before.receipts)
    assert ours_in(without) == ours_in(before) != frozenset()


def test_tags_that_take_a_call_each_are_compared_and_a_function_is_known_whole(
    watching: Deployment,
) -> None:
    foundation = watching.library
    policy = iam().create_policy(PolicyName="theirs", PolicyDocument=GRANT)["Policy"]["Arn"]
    make_function("orders-api", Team="shop")
    before = take_snapshot(foundation)
    assert take_snapshot(foundation).salt != before.salt != ""
    assert before.things["iam-policy", "theirs"].facts["Tags"] == {}
    assert before.things["lambda-function", "orders-api"].facts["Tags"] == {"Team": "shop"}

    iam().tag_policy(PolicyArn=policy, Tags=[{"Key": "Team", "Value": "shop"}])
    iam().tag_role(RoleName=LAMBDA_ROLE, Tags=[{"Key": "Team", "Value": "shop"}])
    functions = client("lambda")
    arn = functions.get_function(FunctionName="orders-api")["Configuration"]["FunctionArn"]
    functions.tag_resource(Resource=arn, Tags={"Team": "stock"})
    functions.put_function_concurrency(FunctionName="orders-api", ReservedConcurrentExecutions=7)

    assert told(verdict_since(foundation, before)) == {
        "iam-policy/theirs": (Standing.OTHERS, ["Tags.Team"]),
        f"iam-role/{LAMBDA_ROLE}": (Standing.OTHERS, ["Tags.Team"]),
        "lambda-function/orders-api": (Standing.OTHERS, ["Concurrency", "Tags.Team"]),
    }


def test_a_run_with_nothing_to_do_does_not_look_at_others(watching: Deployment) -> None:
    foundation = watching.library
    assert foundation.up().verdict is None
    assert not last_snapshot_path(watching.folder / "state", "dev").exists()
    assert "ListFunctions" not in watching.line.wire.reads


@dataclass
class Meddling:
    """Somebody who changes things of theirs while a run is under way."""

    others: Built
    did: bool = False

    def __call__(self, happening: Happening) -> None:
        if isinstance(happening, Started) and not self.did:
            self.did = True
            let_in(self.others.others.security_group, "10.99.0.0/16")
            make_role("somebody-new")


def test_what_others_do_meanwhile_is_told_and_not_blamed_on_the_run(
    watching: Deployment, built: Built
) -> None:
    foundation = in_need_of_repair(watching)
    result = foundation.up(notify=Meddling(built))
    assert result.is_done
    verdict = verdict_of(result)
    group = f"security-group/{built.others.security_group}"
    assert told(verdict) == {
        "iam-role/somebody-new": (Standing.OTHERS, []),
        group: (Standing.OTHERS, ["IpPermissions"]),
    }
    # The account's clock stands where it was set up; what others did then is recent enough.
    history = authors(foundation, replace(verdict, since="2020-01-01T00:00:00Z"))
    assert history.changes[group].event == "AuthorizeSecurityGroupIngress"
    assert history.changes["iam-role/somebody-new"].event == "CreateRole"
    assert authors(foundation, replace(verdict, since="2999-01-01T00:00:00Z")).changes == {}


def test_our_policy_on_a_named_lambda_role_is_documented_and_comes_off_documented(
    watching: Deployment,
) -> None:
    watching.settings = f'[lambda]\nroles = ["{LAMBDA_ROLE}"]\n'
    foundation = watching.library
    key = f"iam-role/{LAMBDA_ROLE}"
    assert told(verdict_of(foundation.up())) == {
        key: (Standing.DOCUMENTED, ["AttachedManagedPolicies"])
    }
    before = last_snapshot(foundation)
    assert before is not None
    assert told(verdict_since(foundation, before)) == {
        key: (Standing.DOCUMENTED, ["AttachedManagedPolicies"])
    }
    assert foundation.destroy().is_done
    again = last_snapshot(foundation)
    assert again is not None
    assert verdict_since(foundation, again).judged == ()


class Overstepping:
    """A bug: where one of ours is tagged, somebody's is as well."""

    def __init__(
        self, deployment: Deployment, victim: str, tags: Mapping[str, str] | None = None
    ) -> None:
        self._aws, self._victim, self._did = deployment.line.aws, victim, False
        self._tags = tags or {"Owner": "us"}

    def __call__(self, happening: Happening) -> None:
        if isinstance(happening, Started) and not self._did:
            self._did = True
            tags: Any = [{"Key": key, "Value": value} for key, value in self._tags.items()]
            self._aws.ec2.create_tags(Resources=[self._victim], Tags=tags)


def test_what_this_run_called_is_known_whatever_becomes_of_the_record(
    watching: Deployment, built: Built
) -> None:
    foundation = in_need_of_repair(watching)
    overstepping = Overstepping(watching, built.others.subnet)
    record = record_path(watching.folder / "state", "dev")

    def losing_the_record(happening: Happening) -> None:
        overstepping(happening)
        if isinstance(happening, Ended):
            record.write_bytes(record.read_bytes().split(b"\n")[0] + b"\n")

    assert told(verdict_of(foundation.up(notify=losing_the_record))) == {
        f"subnet/{built.others.subnet}": (Standing.OURS, ["Tags.Owner"])
    }


def test_a_run_that_touches_what_is_not_ours_is_caught_and_is_not_done(
    watching: Deployment, built: Built
) -> None:
    foundation = in_need_of_repair(watching)
    result = foundation.up(notify=Overstepping(watching, built.others.subnet))
    assert told(verdict_of(result)) == {
        f"subnet/{built.others.subnet}": (Standing.OURS, ["Tags.Owner"])
    }
    assert (result.is_disturbing, result.is_done) == (True, False)
    command = Session(Common())
    assert Show(command, RunFormat.TEXT).exit_code(result) == 7
    last = last_snapshot(foundation)
    assert last is not None
    assert verdict_since(foundation, last).exit_code == 7


def test_something_foreign_that_a_run_takes_for_its_own_by_tags_is_told(
    watching: Deployment, built: Built
) -> None:
    pair = {DEPLOYMENT: watching.config.deployment, RESOURCE: "subnet/private-9"}
    foundation = in_need_of_repair(watching)
    result = foundation.up(notify=Overstepping(watching, built.others.subnet, pair))
    assert result.verdict is not None
    assert told(result.verdict) == {
        f"subnet/{built.others.subnet}": (Standing.OURS, [f"Tags.{key}" for key in sorted(pair)])
    }


@pytest.mark.parametrize("subnets", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_who_lends_a_vpc_is_not_disturbed_by_what_is_built_in_it(
    deployment: Deployment, *, subnets: bool
) -> None:
    lent = lend(deployment.line.clock)
    deployment.line.clock.settle()
    deployment.looks_at_others = True
    deployment.settings = lent.settings(subnets=subnets)
    foundation = deployment.library
    assert verdict_of(foundation.up()).judged == ()
    last = last_snapshot(foundation)
    assert last is not None
    assert {("vpc", lent.vpc), ("route-table", lent.private_table)} <= last.things.keys()
    assert verdict_since(foundation, last).judged == ()


def test_what_may_not_be_looked_at_is_said_and_stops_no_run(watching: Deployment) -> None:
    foundation = in_need_of_repair(watching)

    def refuse(call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE_SENDING and call.operation == "DescribeDBClusters":
            answer: Any = {"Error": {"Code": "AccessDenied", "Message": "not authorized"}}
            raise ClientError(answer, call.operation)

    watching.line.wire.fault = refuse
    verdict = verdict_of(foundation.up())
    gaps = {gap.kind: gap.denied for gap in verdict.gaps}
    assert gaps.pop("rds-cluster") is True
    assert set(gaps) <= {"cloudformation-stack"}


def test_what_only_another_list_of_roles_tells_is_compared(watching: Deployment) -> None:
    foundation = watching.library
    before = take_snapshot(foundation)
    iam().update_role(RoleName=LAMBDA_ROLE, MaxSessionDuration=7200, Description="changed")
    assert told(verdict_since(foundation, before)) == {
        f"iam-role/{LAMBDA_ROLE}": (Standing.OTHERS, ["Description", "MaxSessionDuration"])
    }

    def refuse(call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE_SENDING and call.operation == "ListRoles":
            answer: Any = {"Error": {"Code": "AccessDenied", "Message": "not authorized"}}
            raise ClientError(answer, call.operation)

    watching.line.wire.fault = refuse
    verdict = verdict_since(foundation, before)
    assert verdict.judged == ()
    parts = [(gap.kind, gap.part) for gap in verdict.gaps if gap.part]
    assert parts == [("iam-role", "Description"), ("iam-role", "MaxSessionDuration")]


def test_what_may_not_be_asked_about_a_thing_is_left_out_of_all_and_the_rest_is_compared(
    watching: Deployment,
) -> None:
    foundation = watching.library
    before = take_snapshot(foundation)

    def refuse(call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE_SENDING and call.operation == "ListPolicyTags":
            answer: Any = {"Error": {"Code": "AccessDenied", "Message": "not authorized"}}
            raise ClientError(answer, call.operation)

    watching.line.wire.fault = refuse
    verdict = verdict_since(foundation, before)
    assert verdict.judged == ()
    gaps = {(gap.kind, gap.part): gap.denied for gap in verdict.gaps if gap.part}
    assert gaps == {("iam-policy", "Tags"): True}


def test_a_snapshot_by_hand_shows_what_somebody_elses_change_did(
    watching: Deployment, built: Built
) -> None:
    foundation = watching.library
    before = take_snapshot(foundation)
    vpc = make_vpc("10.77.0.0/16", "new")
    iam().put_role_policy(RoleName=LAMBDA_ROLE, PolicyName="more", PolicyDocument=GRANT)
    ec2().modify_vpc_attribute(VpcId=built.others.vpc, EnableDnsHostnames={"Value": True})
    ec2().create_tags(Resources=[watching.id("vpc")], Tags=[{"Key": "x", "Value": "ours"}])
    verdict = verdict_since(foundation, before)
    changed = told(verdict)
    assert changed[f"vpc/{vpc}"] == (Standing.OTHERS, [])
    assert changed[f"iam-role/{LAMBDA_ROLE}"] == (Standing.OTHERS, ["RolePolicyList"])
    assert changed[f"vpc/{built.others.vpc}"] == (Standing.OTHERS, ["EnableDnsHostnames.Value"])
    assert f"vpc/{watching.id('vpc')}" not in changed


class Killed(BaseException):
    """What nobody catches."""


class Dying(Overstepping):
    """The same bug, in a run that is killed right afterwards."""

    def __call__(self, happening: Happening) -> None:
        super().__call__(happening)
        if isinstance(happening, Started):
            raise Killed


def test_what_a_run_that_died_did_is_known_and_the_next_run_tells_it(
    watching: Deployment, built: Built
) -> None:
    foundation, subnet = in_need_of_repair(watching), f"subnet/{built.others.subnet}"
    with pytest.raises(Killed):
        foundation.up(notify=Dying(watching, built.others.subnet))
    let_in(built.others.security_group, "10.99.0.0/16")
    expected = {
        subnet: (Standing.OURS, ["Tags.Owner"]),
        f"security-group/{built.others.security_group}": (Standing.OTHERS, ["IpPermissions"]),
    }
    last = last_snapshot(foundation)
    assert last is not None
    assert told(verdict_since(foundation, last)) == expected

    again = in_need_of_repair(watching).up()

    assert (told(verdict_of(again)), again.is_disturbing) == (expected, True)
    # It is told now: the next run begins anew.
    assert verdict_of(in_need_of_repair(watching).up()).judged == ()


@pytest.mark.thorough
def test_all_runs_since_a_snapshot_by_hand_answer_for_what_they_did(
    watching: Deployment, built: Built
) -> None:
    before = take_snapshot(watching.library)
    in_need_of_repair(watching).up(notify=Overstepping(watching, built.others.subnet))
    foundation = in_need_of_repair(watching)
    assert not foundation.up().is_disturbing
    verdict = verdict_since(foundation, before)
    assert told(verdict) == {f"subnet/{built.others.subnet}": (Standing.OURS, ["Tags.Owner"])}
    assert verdict.exit_code == 7


@pytest.mark.thorough
def test_a_destroy_after_a_snapshot_by_hand_answers_for_itself(watching: Deployment) -> None:
    watching.settings = f'[lambda]\nroles = ["{LAMBDA_ROLE}"]\n'
    foundation = watching.library
    foundation.up()
    before = take_snapshot(foundation)
    assert foundation.destroy().is_done
    assert told(verdict_since(foundation, before)) == {
        f"iam-role/{LAMBDA_ROLE}": (Standing.DOCUMENTED, ["AttachedManagedPolicies"])
    }


def test_a_run_that_looks_at_nobody_leaves_a_record_all_the_same(
    watching: Deployment, built: Built
) -> None:
    before = take_snapshot(watching.library)
    watching.looks_at_others = False
    in_need_of_repair(watching).up(notify=Overstepping(watching, built.others.subnet))
    assert verdict_since(watching.library, before).exit_code == 7


def test_where_no_record_reaches_back_nobody_is_blamed(watching: Deployment, built: Built) -> None:
    foundation = watching.library
    before = replace(take_snapshot(foundation), record="another")
    let_in(built.others.security_group, "10.99.0.0/16")
    verdict = verdict_since(foundation, before)
    assert [each.standing for each in verdict.judged] == [Standing.UNTOLD]
    assert verdict.exit_code == 3


def test_a_snapshot_of_another_account_is_refused(watching: Deployment) -> None:
    foundation = watching.library
    elsewhere = replace(take_snapshot(foundation), account="999999999999")
    with pytest.raises(WrongAccount, match="999999999999"):
        verdict_since(foundation, elsewhere)


def test_a_destroy_ends_as_it_does_beside_a_snapshot_of_a_newer_umetrics(
    watching: Deployment,
) -> None:
    path = last_snapshot_path(watching.folder / "state", "dev")
    path.write_text('{"schema_version": 99}')
    assert watching.library.destroy(Selection(("role/grafana",))).is_done


def test_a_run_whose_calls_cannot_be_kept_tells_what_it_did_all_the_same(
    watching: Deployment,
) -> None:
    path = last_snapshot_path(watching.folder / "state", "dev")

    def in_the_way(happening: Happening) -> None:
        if isinstance(happening, Ended):
            path.unlink()
            path.mkdir()

    result = in_need_of_repair(watching).up(notify=in_the_way)
    assert result.is_whole
    assert verdict_of(result).judged == ()
    assert isinstance(result.unwitnessed, StateError)
