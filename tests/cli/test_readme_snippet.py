"""What README shows of the library is run as it stands, in a process of its own."""

from __future__ import annotations

import re

from tests.cli.command_line import DUMMY_KEYS, ROOT, Home

SNIPPET = re.compile(r"^## As a library$.*?^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_snippet_builds_the_foundation_and_a_second_run_finds_it(
    bare: Home, home: Home
) -> None:
    found = SNIPPET.search((ROOT / "README.md").read_text())
    assert found is not None
    endpoint = home.sandbox.start().endpoint_url
    somewhere = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", **DUMMY_KEYS}

    first = bare.python("-c", found[1], **somewhere)
    assert first.code == 0, first
    lines = first.result.splitlines()
    assert lines[0] == "22 steps, $36.50 a month"
    assert {line.split()[0] for line in lines[1:-1]} == {"create"}
    assert len(lines) == 24
    assert re.fullmatch(r"vpc-\w+", lines[-1])

    again = bare.python("-c", found[1], **somewhere)
    assert again.result.splitlines() == ["0 steps, $36.50 a month", lines[-1]]
