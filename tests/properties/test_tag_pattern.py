"""Patterns of tag values: what `re` says, also where `re` would never come to say it."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as some

from umetrics.audit.pattern import matches

ATOMS = ["a", "b", ".", "[ab]", "[^a]", "^", "$", r"\b", r"\w", r"\d", "", "A"]
SUFFIXES = ["", "*", "+", "?", "{2}", "{1,3}", "{,2}", "*?", "+?", "{0}"]


def repeated(patterns: some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    several = some.lists(patterns, min_size=1, max_size=3)
    grouped = several.map("".join) | several.map("|".join)
    return some.tuples(grouped, some.sampled_from(SUFFIXES)).map(
        lambda each: "({}){}".format(*each)
    )


patterns = some.recursive(some.sampled_from(ATOMS), repeated, max_leaves=6)
flags = some.sampled_from(["", "(?i)", "(?s)", "(?m)"])


@given(flags, patterns, patterns, some.text("abA \n1", max_size=6))
def test_it_is_as_python_has_it(flag: str, first: str, second: str, value: str) -> None:
    pattern = f"{flag}{first}{second}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert matches(pattern, value) == (re.fullmatch(pattern, value) is not None)


@pytest.mark.parametrize(
    ("pattern", "begun", "end"),
    [
        ("(a+)+b", "a", "b"),
        ("(a|a)*b", "a", "b"),
        ("(a|aa)+b", "a", "b"),
        ("(.*)*x", "y", "x"),
        (".*.*.*.*.*.*.*.*x", "y", "x"),
        ("(([a-z]+)*)*!", "a", "!"),
        (r"(\w+\s?)*:", "a", ":"),
    ],
)
def test_no_value_takes_for_ever(pattern: str, begun: str, end: str) -> None:
    assert not matches(pattern, begun * 256)
    assert matches(pattern, begun * 255 + end)


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (r"(a+)-(b+)-\1", "aa-b-aa", "aa-b-a"),
        ("(?i:a+)b+", "Ab", "AB"),
        ("(?!aa)a+b+", "ab", "aab"),
        ("(?>a+)ab*", "", "aab"),
        ("[a-z]+(-[a-z]+)*", "cost-center", "cost--center"),
        ("(?x) [a-z]+  # a word\n [0-9]+", "a1", "1a"),
    ],
)
def test_what_is_rarer_is_as_python_has_it_too(pattern: str, right: str, wrong: str) -> None:
    for value in filter(None, (right, wrong)):
        assert matches(pattern, value) is (value == right)
