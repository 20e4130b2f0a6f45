"""Numbers, durations and values in words."""

from __future__ import annotations

import pytest

from umetrics.provision.model import Ref
from umetrics.provision.resources.route_table import Route
from umetrics.render.phrase import counted, duration, some_of, worded


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10.0 s"),
        (45.4, "45 s"),
        (59.6, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3600, "1 h 0 min"),
        (3725, "1 h 2 min"),
    ],
)
def test_durations_are_as_exact_as_anybody_cares(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_counts_agree_with_their_noun() -> None:
    assert [counted(n, "finding") for n in (0, 1, 2)] == ["0 findings", "1 finding", "2 findings"]
    assert counted(3, "managed policy") == "3 managed policies"


def test_long_lists_name_the_first_and_count_the_rest() -> None:
    assert some_of(["a", "b", "c"]) == "a, b, c"
    assert some_of(["a", "b", "c", "d"]) == "a, b, c and 1 more"


def test_values_read_like_words() -> None:
    assert [worded(value) for value in (None, "", True, False, 80)] == [
        "none",
        "none",
        "on",
        "off",
        "80",
    ]
    assert worded(frozenset({"b", "a"})) == "a, b"
    assert worded(("b", "a")) == "b, a"
    assert worded(frozenset()) == "none"


def test_a_reference_is_an_id_once_there_is_one() -> None:
    route = Route("0.0.0.0/0", Ref("nat-gateway"))
    assert worded(route) == "0.0.0.0/0 -> (nat-gateway, to be created)"
    assert worded(route, {"nat-gateway": "nat-1"}) == "0.0.0.0/0 -> nat-1"
