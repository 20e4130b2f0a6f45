"""The library: one call each to plan, build, judge and take away, with all that guards."""

from __future__ import annotations

import pytest

import umetrics
from tests.support.built import Built
from tests.support.deployments import EVERY_KEY, Deployment, Line
from tests.support.worlds import ec2, look_around
from umetrics import (
    Begun,
    Blocked,
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
    assert deployment.library.destroy(approve=lambda _proposal: True).is_done


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

    stopped = foundation.up(notify=stop)
    assert not stopped.is_done
    assert any(isinstance(each, Skipped) for each in stopped.outcomes)
    foundation.stopping.clear()
    assert foundation.up().is_done


def test_outputs_of_nothing_are_an_error(deployment: Deployment, connection: Line) -> None:
    with pytest.raises(StateError, match="nothing is recorded"):
        deployment.library.outputs()


def test_every_name_for_callers_is_to_be_had_and_no_other() -> None:
    from umetrics import library

    assert all(getattr(umetrics, name) is getattr(library, name) for name in library.__all__)
    assert umetrics.Foundation is Foundation
    with pytest.raises(AttributeError, match="no attribute 'Reconciler'"):
        umetrics.Reconciler  # noqa: B018
