"""A person at a terminal: questions, the tree of what happens, colours."""

from __future__ import annotations

import pytest

from tests.cli.command_line import Home

ESCAPE = "\x1b"
QUESTION = "Apply this plan? [y/N/d] "


def test_the_answer_is_no_until_somebody_says_yes(home: Home) -> None:
    world = home.outsider.look_around()
    with home.on_terminal("up") as terminal:
        terminal.wait_for(QUESTION)
        terminal.type("")
        assert terminal.end() == 1
    assert "Nothing was changed." in terminal.shown
    assert home.outsider.look_around() == world


def test_details_are_shown_before_asking_again_and_yes_applies(home: Home) -> None:
    with home.on_terminal("up") as terminal:
        plan = terminal.wait_for(QUESTION)
        assert "10.0.0.0/24" not in plan
        terminal.type("d")
        assert "cidr: 10.0.0.0/24" in terminal.wait_for(QUESTION)
        terminal.type("y")
        assert terminal.end() == 0
    assert "Traceback" not in terminal.shown
    assert "Network · 11 done" in terminal.shown
    assert "22 of 22 steps ended" in terminal.shown
    assert "Done: 22 created" in terminal.shown
    assert terminal.shown.count("a local AWS on this machine") == 1


def test_ctrl_c_at_a_question_changes_nothing(home: Home) -> None:
    world = home.outsider.look_around()
    with home.on_terminal("up") as terminal:
        terminal.wait_for(QUESTION)
        terminal.interrupt()
        assert terminal.end() == 130
    assert "Traceback" not in terminal.shown
    assert home.outsider.look_around() == world


@pytest.mark.thorough
def test_in_ci_there_are_lines_in_place_of_a_tree(home: Home) -> None:
    with home.on_terminal("up", "--yes", "--target", "vpc", CI="true") as terminal:
        assert terminal.end() == 0
    assert "vpc: created VPC vpc-" in terminal.shown
    assert "steps ended" not in terminal.shown
    assert "\x1b[1A" not in terminal.shown  # the cursor never moves up


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"}), (("--no-color",), {})],
    ids=["NO_COLOR", "TERM=dumb", "--no-color"],
)
def test_a_terminal_can_be_kept_plain(
    built: Home, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    with built.on_terminal("status", *arguments, **environment) as terminal:
        assert terminal.end() == 0
    assert "22 resources recorded." in terminal.shown
    assert ESCAPE not in terminal.shown


def test_a_terminal_gets_colours(built: Home) -> None:
    with built.on_terminal("status") as terminal:
        assert terminal.end() == 0
    assert "\x1b[1mUserMetrics/dev: 22 resources recorded." in terminal.shown


def test_destroy_asks_for_the_stage_and_a_protected_ones_name(home: Home) -> None:
    outsider = home.outsider
    before = outsider.look_around()
    outsider.make_vpc("prod")
    with home.on_terminal("destroy") as terminal:
        terminal.wait_for("Which stage is to be destroyed? (dev, staging, prod) ")
        terminal.type("prod")
        terminal.wait_for("Type its name to destroy it: ")
        terminal.type("yes")
        assert terminal.end() == 1
    assert "Nothing was destroyed." in terminal.shown
    assert outsider.look_around() != before
    with home.on_terminal("destroy", "--stage", "prod") as terminal:
        terminal.wait_for("Type its name to destroy it: ")
        terminal.type("prod")
        assert terminal.end() == 0
    assert outsider.look_around() == before
