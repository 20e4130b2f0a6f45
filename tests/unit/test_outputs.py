"""Ids on their way into other programs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from umetrics.errors import StateError
from umetrics.outputs import as_dotenv, outputs
from umetrics.state import Receipt, State

LINEAGE = "0d9f6c1e-5a43-4f0e-9f0b-0f6f4d1f2a11"
RECEIPTS = (
    Receipt("vpc", "Vpc", "vpc-1"),
    Receipt("subnet/public-a", "Subnet", "subnet-1"),
    Receipt("subnet/public-b", "Subnet", "subnet-2"),
    Receipt(
        "role/grafana", "Role", "AROA1", "arn:aws:iam::111122223333:role/umetrics/P/dev/x_+=,.@-"
    ),
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


def test_a_dotenv_file_has_a_line_for_each_output_and_commas_in_lists() -> None:
    lines = as_dotenv(outputs(STATE)).splitlines()
    assert "VPC_ID=vpc-1" in lines
    assert "PUBLIC_SUBNET_IDS=subnet-1,subnet-2" in lines
    assert f"GRAFANA_ROLE_ARN={RECEIPTS[-1].arn}" in lines


@pytest.mark.parametrize(
    "id",
    ["vpc-1\nLD_PRELOAD=/tmp/x", "$(reboot)", "`reboot`", "vpc-1; reboot", "'", "\x1b[2J", " "],
)
def test_an_edited_state_file_gets_nothing_into_a_file_that_shells_source(id: str) -> None:
    forged = replace(STATE, receipts={"vpc": Receipt("vpc", "Vpc", id)})
    with pytest.raises(StateError, match=r"VPC_ID is recorded as .*, which is no AWS id") as caught:
        as_dotenv(outputs(forged))
    assert "umetrics up" in caught.value.hint
