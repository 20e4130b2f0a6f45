"""A state file that somebody has edited: what it can make umetrics do, and what it cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment
from tests.support.neighbours import make_vpc
from tests.support.worlds import look_around
from umetrics.errors import Blocked, Conflict, Twins
from umetrics.render.line import Look, compose
from umetrics.render.plan import plan_lines
from umetrics.state import Intent, Receipt, StateStore

NONSENSE = "x\x1b[2J\u202e\n$(reboot)"

FORGED: Mapping[str, Mapping[str, Receipt]] = {
    "an id": {"vpc": Receipt("vpc", "Vpc", NONSENSE)},
    "a role's id": {"role/grafana": Receipt("role/grafana", "Role", NONSENSE, NONSENSE)},
    "an id of another kind": {"vpc": Receipt("vpc", "Vpc", "subnet-0123456789abcdef0")},
    "a kind": {"vpc": Receipt("vpc", NONSENSE, "vpc-0123456789abcdef0")},
    "a key": {NONSENSE: Receipt(NONSENSE, "Vpc", "vpc-0123456789abcdef0")},
    "members": {"vpc": Receipt("vpc", "Vpc", "vpc-1", members=(NONSENSE,))},
}


def opened(deployment: Deployment) -> StateStore:
    """The state file, in the forger's hands."""
    store = deployment.store
    config, aws = deployment.config, deployment.line.aws
    account = aws.identity.account
    store.open(deployment=config.deployment, account=account, region=aws.region)
    return store


def forge(deployment: Deployment, receipts: Mapping[str, Receipt]) -> None:
    """Put these in the place of what the state file says of their keys."""
    store = opened(deployment)
    store.replace_receipts({**store.state.receipts, **receipts})


@pytest.mark.parametrize("receipts", FORGED.values(), ids=FORGED)
def test_receipts_that_make_no_sense_are_put_right_and_change_nothing_in_aws(
    deployment: Deployment, built: Built, receipts: Mapping[str, Receipt]
) -> None:
    true = dict(deployment.receipts)
    forge(deployment, receipts)

    assert deployment.up().did == {}

    assert look_around() == built.world
    assert {key: each.id for key, each in deployment.receipts.items()} == {
        key: each.id for key, each in true.items()
    }


def test_a_forged_intent_of_any_time_makes_nothing(deployment: Deployment, built: Built) -> None:
    store = opened(deployment)
    store.intend(Intent("vpc", "Vpc", NONSENSE, "9999-12-31T23:59:59Z"))
    store.intend(Intent("nat-gateway", "NatGateway", "t", "1970-01-01T00:00:00Z"))

    assert deployment.up().did == {}

    assert look_around() == built.world
    assert opened(deployment).state.intents == {}


def test_a_receipt_for_somebody_elses_vpc_beside_ours_is_refused(
    deployment: Deployment, built: Built
) -> None:
    forge(deployment, {"vpc": replace(deployment.receipts["vpc"], id=built.others.vpc)})
    for run in (deployment.up, deployment.destroy):
        with pytest.raises(Twins, match=built.others.vpc):
            run()
    assert look_around() == built.world


def test_a_vpc_that_a_receipt_claims_is_shown_as_taken_over_before_anything_is_done(
    deployment: Deployment,
) -> None:
    deployment.up().insist()
    deployment.destroy().insist()
    theirs = make_vpc("10.0.0.0/24", "theirs")
    world = look_around()
    forge(deployment, {"vpc": Receipt("vpc", "Vpc", theirs)})
    shown = compose(plan_lines(deployment.plan()), Look(width=0))
    assert re.search(r"^ +< tag umetrics:deployment = UserMetrics/dev$", shown, re.MULTILINE), shown
    assert look_around() == world


def test_a_receipt_never_gets_somebody_elses_vpc_destroyed(
    deployment: Deployment, built: Built
) -> None:
    deployment.destroy().insist()
    world = look_around()
    forge(deployment, {"vpc": Receipt("vpc", "Vpc", built.others.vpc)})
    with pytest.raises(Blocked, match=built.others.vpc):
        deployment.destroy()
    assert look_around() == world


def test_one_id_under_two_keys_is_what_its_tags_say(deployment: Deployment, built: Built) -> None:
    true = {key: receipt.id for key, receipt in deployment.receipts.items()}
    subnet = deployment.receipts["subnet/public-a"]
    vpc = deployment.receipts["vpc"]
    forge(
        deployment,
        {
            "subnet/public-b": replace(subnet, key="subnet/public-b"),
            "zzz": replace(vpc, key="zzz"),
        },
    )

    assert deployment.up().did == {}

    assert look_around() == built.world
    assert {key: receipt.id for key, receipt in deployment.receipts.items()} == true


def test_a_receipt_under_a_key_that_its_tags_deny_is_refused_by_name(
    deployment: Deployment, built: Built
) -> None:
    store = opened(deployment)
    table = store.state.receipts["route-table/private"]
    store.forget("route-table/private")
    store.replace_receipts({**store.state.receipts, "zzz": replace(table, key="zzz")})

    with pytest.raises(Conflict, match=f"our receipt names {table.id} as something else"):
        deployment.up()
    with pytest.raises(Blocked, match=table.id):
        deployment.destroy()

    assert look_around() == built.world


def test_an_intent_that_nothing_wants_is_dropped_by_the_next_up(
    deployment: Deployment, built: Built
) -> None:
    store = opened(deployment)
    store.intend(Intent("vpc2", "Vpc", "x", "2099-01-01T00:00:00Z"))

    assert deployment.up().did == {}

    state = deployment.store.read()
    assert state is not None
    assert state.intents == {}
