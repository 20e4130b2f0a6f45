"""Ids by name: from receipts to values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from umetrics.config.outputs import STANDARD
from umetrics.errors import StateError
from umetrics.outputs import outputs, shared_names
from umetrics.state import Receipt, State

LINEAGE = "0d9f6c1e-5a43-4f0e-9f0b-0f6f4d1f2a11"
GRAFANA = "arn:aws:iam::111122223333:role/umetrics/P/dev/x_+=,.@-"
RECEIPTS = (
    Receipt("vpc", "Vpc", "vpc-1"),
    Receipt("subnet/public-b", "Subnet", "subnet-2", attributes={"zone": "use1-az2"}),
    Receipt("subnet/public-a", "Subnet", "subnet-1", attributes={"zone": "use1-az1"}),
    Receipt("nat-gateway/b", "NatGateway", "nat-2"),
    Receipt("nat-gateway", "NatGateway", "nat-1"),
    Receipt("elastic-ip/nat", "ElasticIp", "eipalloc-1", attributes={"public_ip": "192.0.2.1"}),
    Receipt("role/grafana", "Role", "AROA1", GRAFANA),
    Receipt("rules/alb", "SecurityGroupRules", "sg-1/rules"),
)
STATE = State(
    "UserMetrics/dev",
    "111122223333",
    "us-east-1",
    LINEAGE,
    1,
    "0.1.0",
    {receipt.key: receipt for receipt in RECEIPTS},
)


def test_every_name_has_the_value_that_its_receipt_holds() -> None:
    assert outputs(STATE) == {
        "deployment": "UserMetrics/dev",
        "account_id": "111122223333",
        "region": "us-east-1",
        "vpc_id": "vpc-1",
        "public_subnet_ids": ["subnet-1", "subnet-2"],
        "private_subnet_ids": [],
        "zone_ids": ["use1-az1", "use1-az2"],
        "private_route_table_ids": [],
        "nat_gateway_id": "nat-1",
        "nat_gateway_ids": ["nat-1", "nat-2"],
        "nat_elastic_ip_id": "eipalloc-1",
        "nat_elastic_ip_ids": ["eipalloc-1"],
        "nat_public_ips": ["192.0.2.1"],
        "grafana_role_arn": GRAFANA,
        "grafana_role_name": "x_+=,.@-",
        "grafana_role_id": "AROA1",
    }


def test_what_is_shared_has_the_names_of_ours_and_is_told_apart() -> None:
    others = {"internet-gateway": Receipt("internet-gateway", "InternetGateway", "igw-9")}
    state = replace(STATE, shared=others)
    assert outputs(state) == {**outputs(STATE), "internet_gateway_id": "igw-9"}
    named = [("own_gateway", "internet-gateway"), ("own_network", "vpc")]
    assert shared_names(state, named) == ["internet_gateway_id", "own_gateway"]
    assert shared_names(STATE, named) == []


def test_the_standard_names_are_the_ones_that_other_peoples_code_holds() -> None:
    assert set(STANDARD) == {
        "vpc_id",
        "internet_gateway_id",
        "public_subnet_ids",
        "private_subnet_ids",
        "zone_ids",
        "public_route_table_id",
        "private_route_table_id",
        "private_route_table_ids",
        "nat_gateway_id",
        "nat_gateway_ids",
        "nat_elastic_ip_id",
        "nat_elastic_ip_ids",
        "nat_public_ips",
        "s3_endpoint_id",
        "alb_security_group_id",
        "openreplay_security_group_id",
        "umami_security_group_id",
        "ecs_task_execution_role_arn",
        "ecs_task_execution_role_name",
        "ecs_task_execution_role_id",
        "openreplay_task_role_arn",
        "openreplay_task_role_name",
        "openreplay_task_role_id",
        "umami_task_role_arn",
        "umami_task_role_name",
        "umami_task_role_id",
        "grafana_role_arn",
        "grafana_role_name",
        "grafana_role_id",
        "lambda_emf_policy_arn",
        "flow_log_id",
        "flow_log_group_name",
    }


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("vpc", "vpc-1"),
        ("subnet/public-b", "subnet-2"),
        ("subnet/public-b.zone", "use1-az2"),
        ("subnet/public-*", ["subnet-1", "subnet-2"]),
        ("role/grafana", GRAFANA),
        ("role/grafana.id", "AROA1"),
        ("elastic-ip/nat.public_ip", "192.0.2.1"),
    ],
)
def test_a_name_of_the_configuration_stands_beside_the_standard_ones(
    source: str, value: str | list[str]
) -> None:
    named = outputs(STATE, [("metrics_thing", source)])
    assert named == {**outputs(STATE), "metrics_thing": value}


def test_what_the_receipts_do_not_hold_is_left_out() -> None:
    assert "metrics_endpoint" not in outputs(STATE, [("metrics_endpoint", "endpoint/s3")])
    older = Receipt("subnet/public-a", "Subnet", "subnet-1")
    of_older = outputs(replace(STATE, receipts={older.key: older}))
    assert (of_older["public_subnet_ids"], of_older["zone_ids"]) == (["subnet-1"], [])


@pytest.mark.parametrize(
    "id",
    [
        "vpc-1\nLD_PRELOAD=/tmp/x",
        "$(reboot)",
        "`reboot`",
        "vpc-1; reboot",
        "'",
        '"',
        "${x}",
        "%{x}",
        "\x1b[2J",
        " ",
    ],
)
@pytest.mark.parametrize("key", ["vpc", "subnet/public-a"])
def test_an_edited_state_file_gets_nothing_into_a_file_that_programs_obey(
    key: str, id: str
) -> None:
    forged = replace(STATE, receipts={key: Receipt(key, "Any", id)})
    with pytest.raises(StateError, match=r"_ids? is recorded as .*, which is no AWS id") as caught:
        outputs(forged)
    assert "umetrics up" in caught.value.hint
