"""What looks like ours and is not to be touched: another region's roles, another's tags."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from tests.support.built import Built
from tests.support.deployments import Deployment, Line
from tests.support.worlds import ec2, look_around
from umetrics.aws import Aws
from umetrics.errors import Blocked, Conflict, WrongAccount

ELSEWHERE = "eu-west-1"
ANOTHER = "usermetrics/dev"


@pytest.fixture
def elsewhere(deployment: Deployment, built: Built, tmp_path: Path) -> Deployment:
    """The same stage asked for in another region, from a machine without its state file."""
    session = boto3.Session(aws_access_key_id="t", aws_secret_access_key="t", region_name=ELSEWHERE)
    line = deployment.line
    aws = Aws(session, ELSEWHERE, patience=line.aws.patience)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Deployment(folder, line=Line(aws, line.wire, line.clock))


def test_the_wrong_region_without_a_state_file_is_refused_by_up_and_by_destroy(
    elsewhere: Deployment,
) -> None:
    before = look_around()
    for command in (elsewhere.plan, elsewhere.up, elsewhere.destroy):
        with pytest.raises(WrongAccount, match="lives in us-east-1, and this run is for eu-west-1"):
            command()
    assert look_around() == before


@pytest.mark.parametrize(
    "key",
    [
        "vpc",
        *(
            pytest.param(key, marks=pytest.mark.thorough)
            for key in ("route-table/private", "elastic-ip/nat")
        ),
    ],
)
def test_an_identity_tag_changed_to_another_is_a_conflict_for_up_and_blocks_destroy(
    deployment: Deployment, built: Built, key: str
) -> None:
    identity = deployment.id(key)
    ec2().create_tags(Resources=[identity], Tags=[{"Key": "umetrics:deployment", "Value": ANOTHER}])
    before, receipt = look_around(), deployment.receipts[key]

    with pytest.raises(Conflict, match=f"our receipt names {receipt.id}.*{ANOTHER}"):
        deployment.up()
    with pytest.raises(Blocked, match=f"{key} {receipt.id}"):
        deployment.destroy()

    assert look_around() == before
    assert deployment.receipts[key] == receipt


def test_a_key_tag_changed_to_another_is_a_conflict_and_nothing_is_made_twice(
    deployment: Deployment, built: Built
) -> None:
    vpc = deployment.id("vpc")
    ec2().create_tags(Resources=[vpc], Tags=[{"Key": "umetrics:resource", "Value": "network"}])
    before = look_around()

    with pytest.raises(Conflict, match=f"our receipt names {vpc} as something else.*network"):
        deployment.up()
    with pytest.raises(Blocked, match=vpc):
        deployment.destroy()

    assert look_around() == before


@pytest.mark.parametrize("lost", ["umetrics:deployment", "umetrics:resource"])
def test_half_of_the_pair_that_is_lost_is_put_back(
    deployment: Deployment, built: Built, lost: str
) -> None:
    ec2().delete_tags(Resources=[deployment.id("vpc")], Tags=[{"Key": lost}])
    assert deployment.up().insist().did == {"vpc": "update"}
    assert look_around() == built.world


def test_with_all_egress_the_first_up_leaves_nothing_to_do(deployment: Deployment) -> None:
    deployment.settings = '[network]\negress = "all"\n'
    deployment.up().insist()
    assert deployment.up().did == {}


def test_gateways_and_acls_of_others_in_our_vpc_block_destroy_by_name(
    deployment: Deployment, built: Built
) -> None:
    vpc = deployment.id("vpc")
    network_acl = ec2().create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    vpn = ec2().create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2().attach_vpn_gateway(VpcId=vpc, VpnGatewayId=vpn)
    answer = ec2().create_egress_only_internet_gateway(VpcId=vpc)
    egress_only = answer["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
    before = look_around()

    with pytest.raises(Blocked) as refused:
        deployment.destroy()

    assert all(each in refused.value.message for each in (network_acl, vpn, egress_only))
    assert look_around() == before
