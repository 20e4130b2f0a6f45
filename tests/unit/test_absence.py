"""What may just have been made is looked for before AWS is believed that it is not there."""

from __future__ import annotations

import pytest

from tests.unit.toy import DEPLOYMENT, Answer, Clock, FakeAws, Ground, House, World, handlers
from umetrics.errors import Throttled
from umetrics.provision.absence import BELIEVED_ABSENT_AFTER, Expected, await_expected
from umetrics.receipts import expected_resources
from umetrics.state import Intent, Receipt, State

GROUND = Expected("ground", "Ground", 30)
HOUSE = Expected("house", "House", 10)
STATE = State(DEPLOYMENT, "1" * 12, "us-east-1", "00000000-0000-0000-0000-000000000000", 1, "0.1.0")
NOON = "2026-03-01T12:00:00Z"


def look(world: World, clock: Clock, *expected: Expected) -> None:
    await_expected(FakeAws(clock.patience()).as_aws, DEPLOYMENT, handlers(world), expected)


def test_what_shows_at_once_costs_one_look_and_no_wait() -> None:
    world, clock = World(), Clock()
    world.put("ground", Ground())
    look(world, clock, GROUND)
    assert world.history == [("find", "ground")]
    assert clock.slept == []


def test_what_shows_besides_is_nobodys_concern() -> None:
    world, clock = World(), Clock()
    world.put("ground/other", Ground())
    world.put("ground", Ground())
    look(world, clock, GROUND)
    assert clock.slept == []


def test_what_shows_late_is_waited_for() -> None:
    world, clock = World(), Clock()
    later: list[Answer] = [lambda: None] * 8
    world.before["find", "ground"] = [*later, lambda: world.put("ground", Ground())]
    look(world, clock, GROUND)
    assert 0 < clock.now < BELIEVED_ABSENT_AFTER


def test_what_never_shows_is_given_up_in_time_without_an_error() -> None:
    clock = Clock()
    look(World(), clock, HOUSE)
    assert 10 <= clock.now < 11


def test_only_the_kinds_that_are_missing_are_listed_again() -> None:
    world, clock = World(), Clock()
    world.put("ground", Ground())
    look(world, clock, GROUND, HOUSE)
    assert world.done("find").count(("find", "ground")) == 1
    assert world.done("find").count(("find", "house")) > 1


def test_nothing_expected_is_no_call_at_all() -> None:
    world = World()
    look(world, Clock())
    assert world.history == []


def test_other_errors_of_a_look_come_out() -> None:
    world = World()
    world.before["find", "ground"] = [Throttled("slow down")]
    with pytest.raises(Throttled):
        look(world, Clock(), GROUND)


@pytest.mark.parametrize(
    ("since", "seconds"),
    [
        ("2026-03-01T12:00:00Z", 30),
        ("2026-03-01T11:59:41Z", 11),
        ("2026-03-01T11:59:31Z", 1),
        ("2026-03-01T11:59:30Z", None),
        ("2025-03-01T12:00:00Z", None),
        ("2031-03-01T12:00:00Z", 30),
    ],
    ids=[
        "now",
        "a moment ago",
        "almost too long ago",
        "long enough ago",
        "a year ago",
        "the clock was set back",
    ],
)
def test_an_unfinished_intent_is_expected_for_half_a_minute(
    since: str, seconds: int | None
) -> None:
    state = STATE.intended(Intent("house", "House", "token", since))
    made = STATE.recorded(Receipt("house", "House", "house-1", made=since))
    expected = () if seconds is None else (Expected("house", "House", seconds),)
    assert expected_resources(state, NOON) == expected
    assert expected_resources(made, NOON) == expected


def test_what_was_seen_since_it_was_made_is_not_in_doubt() -> None:
    assert expected_resources(STATE.recorded(Receipt("house", "House", "house-1")), NOON) == ()


def test_without_a_state_file_nothing_is_expected() -> None:
    assert expected_resources(None, NOON) == ()


def test_a_house_is_found_where_houses_are_listed() -> None:
    world, clock = World(), Clock()
    world.put("house", House("ground-1"))
    look(world, clock, HOUSE)
    assert world.done("find") == [("find", "house")]
