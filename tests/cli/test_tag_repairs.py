"""`audit-tags --fix` and `tags undo` as separate processes, and what AWS is never asked about.

All else of them is in `tests/aws`, in this process: `test_tag_fix.py` and its like.
"""

from __future__ import annotations

import shlex

import pytest

from tests.cli.command_line import Home, is_error

PAIR = {"umetrics:deployment": "UserMetrics/dev", "umetrics:resource": "vpc"}


def test_a_person_has_tags_repaired_and_taken_back_in_the_sandbox(home: Home) -> None:
    ec2 = home.outsider.ec2
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/24")["Vpc"]["VpcId"]
    for key, value in PAIR.items():
        ec2.create_tags(Resources=[vpc], Tags=[{"Key": key, "Value": value}])
    with home.on_terminal("audit-tags", "--stage", "dev", "--fix", NO_COLOR="1") as terminal:
        terminal.wait_for("Change the tags of 4 resources? [y/N/d] ")
        terminal.type("y")
        assert terminal.end() == 3  # nearly nothing of the stage is there
    assert "fix: umetrics up --stage dev --sandbox" in terminal.shown
    assert "Done: 4 changed" in terminal.shown

    told = terminal.shown.partition("To take it back: umetrics ")[2].splitlines()[0]
    words = shlex.split(told)
    assert words[-3:] == ["--stage", "dev", "--sandbox"]
    back = home.run(*words, "--yes")
    assert back.code == 0, back
    (described,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert {tag["Key"]: tag["Value"] for tag in described["Tags"]} == PAIR
    assert is_error(home.run(*words, "--yes"), exit_code=6, code="U025")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--regions", "all"), "--scope project"),
        (("--overwrite",), "add --fix"),
        (("--baseline", "absent.json"), "absent.json"),
        (("-o", "tags.pdf"), "tags.pdf"),
        (("-o", "known.json", "--write-baseline", "./known.json"), "a name of its own"),
        (("--fix", "--format", "sarif"), "-o"),
    ],
)
def test_what_makes_no_sense_is_said_before_aws_is_asked(
    bare: Home, arguments: tuple[str, ...], said: str
) -> None:
    done = bare.run("audit-tags", *arguments)
    assert is_error(done, exit_code=2, code="U002")
    assert said in done.talk
