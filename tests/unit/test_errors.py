"""Every error says what happened and ends the program in its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from umetrics import errors
from umetrics.errors import (
    AwsError,
    ConfigurationError,
    Conflict,
    Problem,
    Refused,
    UmetricsError,
)


def tree(root: type[UmetricsError] = UmetricsError) -> Iterator[type[UmetricsError]]:
    """All errors of `errors.py`; other modules may add some of their own."""
    if root.__module__ == errors.__name__:
        yield root
    for child in root.__subclasses__():
        yield from tree(child)


def drawn() -> dict[str, int]:
    """Name and exit code, as the docstring's tree has them."""
    lines = re.findall(r"^[ │├└─]+(\w+) +(\d+) ", errors.__doc__ or "", flags=re.MULTILINE)
    return {name: int(code) for name, code in lines}


def test_the_drawn_tree_is_the_real_one() -> None:
    real = {error.__name__: error.exit_code for error in tree() if error is not UmetricsError}
    assert drawn() == real


def test_each_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in tree()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"U\d{3}", code) for code in codes)


@pytest.mark.parametrize("error", [each for each in tree() if issubclass(each, Refused)])
def test_a_safety_rule_that_says_no_always_ends_with_six(error: type[UmetricsError]) -> None:
    assert error.exit_code == 6


def test_a_message_is_what_python_shows() -> None:
    assert str(Conflict("taken by others")) == "taken by others"
    assert Conflict("taken by others").message == "taken by others"


def test_a_hint_of_its_own_counts_and_an_empty_one_too() -> None:
    class Helpful(UmetricsError):
        hint = "usual"

    assert Helpful("x").hint == "usual"
    assert Helpful("x", hint="special").hint == "special"
    assert Helpful("x", hint="").hint == ""
    assert Helpful.hint == "usual"


def test_a_problem_tells_place_find_and_choice() -> None:
    problem = Problem("network.cidr", "'ten'", "a CIDR")
    assert str(problem) == "network.cidr: found 'ten'; allowed: a CIDR"
    guess = Problem("egres", "a table", "egress", suggestion="egress")
    assert str(guess).endswith("Did you mean egress?")


@pytest.mark.parametrize(("count", "heading"), [(1, "1 problem in f"), (2, "2 problems in f")])
def test_all_problems_are_told_at_once(count: int, heading: str) -> None:
    problems = [Problem(f"key{n}", "x", "y") for n in range(count)]
    error = ConfigurationError("f", problems)
    assert error.message.splitlines()[0] == heading
    assert len(error.message.splitlines()) == count + 1
    assert error.problems == tuple(problems)
    assert error.source == "f"


def test_an_aws_error_without_details_has_empty_ones() -> None:
    error = AwsError("no")
    assert (error.aws_code, error.operation, error.request_id) == ("", "", "")


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\x85", "\u2028", "\x0b"])
def test_what_others_wrote_cannot_begin_a_line_of_a_list(line_break: str) -> None:
    text = errors.listed([f"group sg-1, Owner x{line_break}! forged", "second"])
    assert text.splitlines() == ["", "  group sg-1, Owner x\\n! forged", "  second"]
