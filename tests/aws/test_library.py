"""The library: one call each to plan, build, judge and take away, with all that guards."""

from __future__ import annotations

from pathlib import Path

import pytest

import umetrics
from tests.support.built import Built
from tests.support.deployments import EVERY_KEY, Deployment, Line
from tests.support.landlord import lend
from tests.support.worlds import ec2, look_around
from umetrics import (
    Begun,
    Blocked,
    ConfigurationError,
    Conflict,
    Done,
    Ended,
    Foundation,
    Happening,
    LockHeld,
    Planned,
    Proposal,
    Protected,
    Selection,
    Skipped,
    StalePlan,
    Started,
    StateError,
    UsageError,
    Wish,
)
from umetrics.errors import Unfit
from umetrics.provision.resources.rule import permissions, tcp
from umetrics.state import StageLock


def no(_proposal: Proposal) -> bool:
    return False


def unexpected(proposal: Proposal) -> bool:
    raise AssertionError(f"asked about {proposal}")


def test_what_it_proposes_is_built_told_and_taken_away_again(
    deployment: Deployment, connection: Line
) -> None:
    foundation, before = deployment.library, look_around()
    proposal = foundation.plan()
    told: list[Happening] = []
    result = foundation.up(plan=proposal, notify=told.append)
    assert result.is_done
    assert {each.key for each in result.outcomes} == EVERY_KEY
    kinds = [type(each) for each in told]
    assert (kinds[:3], kinds[-1]) == ([Planned, Begun, Started], Ended)
    assert kinds.count(Started) == kinds.count(Done) == len(EVERY_KEY)
    assert foundation.outputs()["vpc_id"] == deployment.id("vpc")
    assert (foundation.audit().is_clean, foundation.drift().is_clean) == (True, True)
    assert foundation.up().outcomes == ()

    connection.clock.settle()
    assert foundation.destroy().is_done
    assert look_around() == before


def test_who_declines_changes_nothing(deployment: Deployment, built: Built) -> None:
    ec2().delete_tags(Resources=[deployment.id("vpc")], Tags=[{"Key": "Owner"}])
    before = look_around()
    declined = deployment.library.up(approve=no)
    assert (declined.declined, declined.is_done, declined.outcomes) == (True, False, ())
    assert deployment.library.destroy(approve=no).declined
    assert look_around() == before


def test_nobody_is_asked_where_nothing_would_change(deployment: Deployment, built: Built) -> None:
    assert deployment.library.up(approve=unexpected).is_done


def test_a_proposal_that_no_longer_holds_is_refused_by_what_changed(
    deployment: Deployment, built: Built
) -> None:
    proposal = deployment.library.plan()
    ec2().delete_tags(Resources=[deployment.id("vpc")], Tags=[{"Key": "Owner"}])
    with pytest.raises(StalePlan, match="vpc: none in the file, update now"):
        deployment.library.up(plan=proposal)
    with pytest.raises(UsageError, match="says itself"):
        deployment.library.up(Wish(prune=True), plan=proposal)


def test_orphans_go_when_the_caller_says_so(deployment: Deployment, built: Built) -> None:
    deployment.settings = "[network]\ns3_endpoint = false\n"
    assert deployment.library.up().outcomes == ()
    result = deployment.library.up(
        prune=lambda proposal: [each.key for each in proposal.plan.orphans] == ["endpoint/s3"]
    )
    assert [each.key for each in result.outcomes if isinstance(each, Done)] == ["endpoint/s3"]
    assert result.is_done


def test_a_part_is_built_and_only_that_is_looked_at(
    deployment: Deployment, connection: Line
) -> None:
    result = deployment.library.up(Wish(selection=Selection(("role",))))
    assert (result.is_done, result.proposal.is_part) == (True, True)
    assert all(key.startswith("role/") for key in deployment.receipts)


def test_a_conflict_and_what_blocks_are_raised_before_anyone_is_asked(
    deployment: Deployment, built: Built
) -> None:
    subnet = deployment.id("subnet/private-a")
    ec2().create_network_interface(SubnetId=subnet)
    with pytest.raises(Blocked):
        deployment.library.destroy(approve=unexpected)
    deployment.settings = '[network]\ncidr = "10.9.0.0/24"\n'
    with pytest.raises(Conflict):
        deployment.library.up(approve=unexpected)


def test_a_protected_stage_wants_an_answer_of_the_callers_own(
    deployment: Deployment, built: Built
) -> None:
    deployment.settings = "protected = true\n"
    with pytest.raises(Protected, match="stage dev is protected"):
        deployment.library.destroy()
    assert look_around() == built.world
    part = Selection(("role/grafana",))
    assert deployment.library.destroy(part, approve=lambda _proposal: True).is_done


def test_while_somebody_holds_the_lock_nothing_is_written(
    deployment: Deployment, built: Built
) -> None:
    foundation = deployment.library
    with StageLock(deployment.store.path.parent, "dev", "somebody else"):
        with pytest.raises(LockHeld):
            foundation.up()
        with pytest.raises(LockHeld):
            foundation.destroy()
        with pytest.raises(LockHeld):
            foundation.publish("/umetrics")
        assert foundation.plan().plan.is_empty


def test_a_run_that_is_stopped_skips_the_rest_and_the_next_goes_on(
    deployment: Deployment, connection: Line
) -> None:
    foundation = deployment.library

    def stop(happening: Happening) -> None:
        if isinstance(happening, Done) and happening.key == "vpc":
            foundation.stopping.set()

    subnets = Wish(selection=Selection(("subnet",)))
    stopped = foundation.up(subnets, notify=stop)
    assert not stopped.is_done
    assert any(isinstance(each, Skipped) for each in stopped.outcomes)
    assert foundation.up(subnets).is_done


@pytest.mark.thorough
def test_who_stopped_one_run_did_not_mean_the_next(deployment: Deployment, built: Built) -> None:
    foundation = deployment.library
    foundation.stopping.set()
    assert foundation.publish("/umetrics/dev").is_done
    foundation.stopping.set()
    assert foundation.destroy(Selection(("role/grafana",))).is_done


def test_what_was_done_is_told_also_when_the_closing_look_fails(
    deployment: Deployment, connection: Line
) -> None:
    lent = lend(connection.clock)
    deployment.settings = lent.settings(subnets=True)

    def spoil(happening: Happening) -> None:
        if isinstance(happening, Ended):
            ec2().modify_vpc_attribute(VpcId=lent.vpc, EnableDnsSupport={"Value": False})

    result = deployment.library.up(notify=spoil)

    assert (result.is_whole, result.is_done, result.remaining) == (True, False, ())
    assert {each.key for each in result.outcomes} == set(deployment.receipts)
    assert isinstance(result.unverified, Unfit)


def test_settings_are_values_or_what_one_would_write_for_them(tmp_path: Path) -> None:
    config = Foundation.open(
        "dev",
        folder=tmp_path,
        settings={"network.zones": 3, "network.cidr": "10.0.0.0/22", "network.task_ports": (80,)},
    ).config
    assert (config.network.zones, config.network.task_ports) == (3, (80,))


@pytest.mark.parametrize("value", [None, 2.0, True, [2], {}, object(), "many"])
def test_a_setting_of_the_wrong_type_is_a_problem_like_any_other(
    tmp_path: Path, value: object
) -> None:
    with pytest.raises(ConfigurationError, match=r"flag --network-zones"):
        Foundation.open("dev", folder=tmp_path, settings={"network.zones": value})


def test_a_folder_that_is_not_there_has_no_stage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        Foundation.open("dev", folder=tmp_path / "nope")


def test_outputs_of_nothing_are_an_error(deployment: Deployment, connection: Line) -> None:
    with pytest.raises(StateError, match="nothing is recorded"):
        deployment.library.outputs()


def test_every_name_for_callers_is_to_be_had_and_no_other() -> None:
    from umetrics import library

    assert all(getattr(umetrics, name) is getattr(library, name) for name in library.__all__)
    assert umetrics.Foundation is Foundation
    with pytest.raises(AttributeError, match="no attribute 'Reconciler'"):
        umetrics.Reconciler  # noqa: B018


def test_part_of_it_can_go_without_forgetting_what_is_shared(
    deployment: Deployment, connection: Line
) -> None:
    lent = lend(connection.clock)
    deployment.settings = lent.settings(subnets=True)
    assert deployment.library.up().is_done
    told = deployment.library.outputs()

    assert deployment.library.destroy(Selection(targets=("role/grafana",))).is_done

    left = deployment.library.outputs()
    assert left == {name: value for name, value in told.items() if "grafana" not in name}
    assert left["vpc_id"] == lent.vpc


def rules_of(group: str) -> set[str]:
    """Whom the rules of a group let in and out."""
    described = ec2().describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"]
    return {
        each.get("CidrIpv4") or each["ReferencedGroupInfo"].get("GroupId", "") for each in described
    }


@pytest.mark.thorough
def test_rules_can_go_while_their_group_stays(deployment: Deployment, built: Built) -> None:
    began = deployment.line.clock.slept
    gone = deployment.library.destroy(Selection(("rules/alb",)))
    assert gone.is_done
    assert [each.key for each in gone.outcomes] == ["rules/alb"]
    assert rules_of(deployment.id("security-group/alb")) == set()
    assert deployment.line.clock.slept == began
    assert deployment.library.up().is_done


def test_a_group_takes_along_the_rules_that_refer_to_it_and_no_others(
    deployment: Deployment, built: Built
) -> None:
    balancer, tasks, others = (
        deployment.id(f"security-group/{name}") for name in ("alb", "umami", "openreplay")
    )
    ec2().authorize_security_group_egress(
        GroupId=balancer, IpPermissions=permissions([tcp("egress", 9, tasks)])
    )
    assert rules_of(balancer) == {"0.0.0.0/0", tasks, others}

    gone = deployment.library.destroy(Selection(("security-group/umami",)))

    assert gone.is_done
    assert {each.key: each.action.value for each in gone.outcomes} == {
        "security-group/umami": "delete",
        "rules/umami": "delete",
        "rules/alb": "update",
    }
    assert [each.before for each in gone.plan.evictions] == [tcp("egress", 9, tasks)]
    assert rules_of(balancer) == {"0.0.0.0/0", others}
    assert {"security-group/alb", "rules/alb", "rules/openreplay"} <= set(deployment.receipts)
    assert deployment.library.up().is_done
