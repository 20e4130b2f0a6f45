"""Words of others are data: shown letter by letter, wherever they come from."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tests.commands.desk import Desk
from umetrics.cli import consent
from umetrics.render.screen import Screen

if TYPE_CHECKING:
    import pytest

HOSTILE = "\x9b2J\u202e[red]x[/red]\n! forged https://x.example \u2066"
SHOWN = r"\x9b2J\u202e[red]x[/red]\n! forged https://x.example \u2066"
"""All that XML can carry; what it cannot, such as ESC, is in the tests of single lines."""


def test_tags_and_names_of_others_colour_and_forge_nothing(home: Desk) -> None:
    outsider = home.outsider
    vpc = outsider.make_vpc()
    outsider.ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Owner", "Value": HOSTILE}])
    reports = home.sandboxed("plan", "--details"), home.sandboxed("audit-tags", "--stage", "dev")
    shown = "".join(each.result + each.talk for each in reports)
    # In the plan, in the finding, and as an owner.
    assert " ".join(shown.split()).count(SHOWN) == 3, shown
    assert not [each for each in shown if each != "\n" and not each.isprintable()]

    report = home.sandboxed("plan", "--format", "json")
    assert report.result.isascii()
    assert report.document["steps"]


def test_whoever_blocks_a_destroy_cannot_forge_what_it_says(home: Desk) -> None:
    outsider = home.outsider
    group = outsider.ec2.create_security_group(
        VpcId=outsider.make_vpc(), GroupName="theirs", Description="somebody's"
    )["GroupId"]
    outsider.ec2.create_tags(Resources=[group], Tags=[{"Key": "Owner", "Value": HOSTILE}])
    done = home.sandboxed("destroy", "--stage", "dev", "--yes", "--format", "json")
    assert done.code == 6, done
    assert not [each for each in done.talk if each != "\n" and not each.isprintable()]
    assert done.document["code"] == "U014"
    assert done.result.isascii()


def test_a_question_is_asked_in_plain_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("prod\n"))
    asked = io.StringIO()
    stages = "dev, \x1b]0;title\x07\x1b[2J\u202eprod"
    assert consent.read_line(Screen(io.StringIO(), asked), f"Which stage? ({stages}) ") == "prod"
    assert asked.getvalue() == r"Which stage? (dev, \x1b]0;title\x07\x1b[2J\u202eprod) "
