"""`umetrics cost-tags` as a separate process; all else is in `tests/aws/test_cost_tags*.py`."""

from __future__ import annotations

from tests.cli.command_line import Home


def test_the_keys_of_what_stands_in_the_sandbox_are_told(built: Home) -> None:
    status = built.sandboxed("cost-tags", "status")
    assert status.code == 3, status
    assert "DataType     unused" in status.result
    assert "next: " in status.result
    assert "umetrics cost-tags activate --stage dev --sandbox" in status.result
    assert (built.folder / "state" / "sandbox" / "dev.cost-tags.json").exists()
