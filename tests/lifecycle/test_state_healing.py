"""State lost, tags stripped, twins, other accounts: what receipts and tags do for each other."""

from __future__ import annotations

import json

import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment, changes_of
from tests.support.drifts import UMAMI, Scene, strip
from tests.support.neighbours import make_vpc
from tests.support.worlds import ec2, iam, look_around, shape_of
from umetrics.errors import Twins, WrongAccount

IDENTITY = ["umetrics:deployment", "umetrics:resource"]
STRIPPED = (
    "vpc",
    "internet-gateway",
    "subnet/private-b",
    "route-table/private",
    "elastic-ip/nat",
    "nat-gateway",
    "endpoint/s3",
    "security-group/umami",
)
LAMBDA = '[lambda]\nroles = ["application-lambda"]\n'


def test_a_deleted_state_is_written_again_by_an_up_that_changes_nothing(
    deployment: Deployment, built: Built
) -> None:
    receipts = dict(deployment.receipts)
    deployment.forget_state()

    assert deployment.up().did == {}

    assert deployment.line.wire.writes == []
    assert dict(deployment.receipts) == receipts
    assert look_around() == built.world


def test_a_deleted_state_knows_again_which_attachments_were_ours(
    deployment: Deployment, built: Built
) -> None:
    deployment.settings = LAMBDA
    deployment.up().insist()
    receipts = dict(deployment.receipts)
    deployment.forget_state()

    assert deployment.up().did == {}

    assert receipts["policy/lambda-emf"].members == ("application-lambda",)
    assert dict(deployment.receipts) == receipts


def test_stripped_identity_tags_are_healed_by_receipts_without_a_twin(
    deployment: Deployment, built: Built
) -> None:
    for key in STRIPPED:
        ec2().delete_tags(Resources=[deployment.id(key)], Tags=[{"Key": tag} for tag in IDENTITY])
    iam().untag_role(RoleName=UMAMI, TagKeys=IDENTITY)
    iam().untag_policy(PolicyArn=deployment.receipts["policy/lambda-emf"].arn, TagKeys=IDENTITY)
    for rule in Scene(deployment, built.others).rules("alb"):
        strip(rule)

    run = deployment.up().insist()

    healed = {*STRIPPED, "role/umami-task", "policy/lambda-emf", "rules/alb"}
    assert run.did == dict.fromkeys(healed, "update")
    assert look_around() == built.world


@pytest.mark.parametrize(
    ("field", "other"), [("account", "999999999999"), ("region", "eu-central-1")]
)
def test_receipts_of_another_place_are_refused_before_anything_is_touched(
    deployment: Deployment, built: Built, field: str, other: str
) -> None:
    path = deployment.store.path
    path.write_text(json.dumps({**json.loads(path.read_text()), field: other}))

    for command in (deployment.plan, deployment.up, deployment.destroy):
        with pytest.raises(WrongAccount, match=other):
            command()
        assert deployment.line.wire.writes == []


def test_an_account_that_the_configuration_does_not_mean_is_refused(
    deployment: Deployment,
) -> None:
    deployment.settings = 'account = "999999999999"\n'

    with pytest.raises(WrongAccount, match="999999999999"):
        deployment.up()

    assert deployment.line.wire.writes == []


def test_twins_are_both_listed_and_nothing_is_touched(deployment: Deployment, built: Built) -> None:
    twin = make_vpc("10.70.0.0/16", "twin")
    pair = [
        {"Key": "umetrics:deployment", "Value": "UserMetrics/dev"},
        {"Key": "umetrics:resource", "Value": "vpc"},
    ]
    ec2().create_tags(Resources=[twin], Tags=pair)  # type: ignore[arg-type]

    for command in (deployment.up, deployment.destroy):
        with pytest.raises(Twins) as refusal:
            command()
        assert twin in refusal.value.message
        assert deployment.id("vpc") in refusal.value.message
        assert deployment.line.wire.writes == []


def test_what_somebody_deleted_is_made_again_and_the_old_receipt_replaced(
    deployment: Deployment, built: Built
) -> None:
    gone = deployment.id("endpoint/s3")
    ec2().delete_vpc_endpoints(VpcEndpointIds=[gone])

    assert changes_of(deployment.up().insist().plan) == {"endpoint/s3": "create"}

    assert deployment.id("endpoint/s3") != gone
    assert shape_of(look_around()) == shape_of(built.world)
