"""The table of receipts: first the result, then the rows."""

from __future__ import annotations

from umetrics.render.line import Look, compose
from umetrics.render.receipts import receipt_lines
from umetrics.render.table import MOST_ROWS
from umetrics.state import Receipt


def test_receipts_are_a_table_in_the_order_of_the_layers() -> None:
    receipts = [
        Receipt("role/grafana", "Role", "AROA1"),
        Receipt("subnet/public-a", "Subnet", "subnet-1"),
        Receipt("elastic-ip/nat", "ElasticIp", "eipalloc-1"),
    ]
    assert (
        compose(receipt_lines("UserMetrics/dev", receipts), Look())
        == """\
UserMetrics/dev: 3 resources recorded.

KEY              KIND       ID
elastic-ip/nat   ElasticIp  eipalloc-1
subnet/public-a  Subnet     subnet-1
role/grafana     Role       AROA1
"""
    )


def test_a_terminal_table_stops_at_fifty_rows_and_says_how_many_more() -> None:
    receipts = [Receipt(f"role/{n:03}", "Role", f"AROA{n}") for n in range(60)]
    shown = compose(receipt_lines("UserMetrics/dev", receipts, at_most=MOST_ROWS), Look())
    assert len(shown.splitlines()) == 2 + 1 + 50 + 1
    assert shown.endswith("role/049  Role  AROA49\nand 10 more\n")


def test_no_receipts_are_no_table() -> None:
    assert compose(receipt_lines("UserMetrics/dev", []), Look()) == (
        "UserMetrics/dev: nothing is recorded.\n"
    )
