"""Waiting and trying again, in no time at all."""

from __future__ import annotations

import threading

import pytest

from tests.unit.toy import Clock
from umetrics.errors import Interrupted, InUse, NotFound, Throttled, TimedOut
from umetrics.patience import Pace, Patience, pause_after


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("waited", "pause"),
    [(0, 0.25), (4.9, 0.25), (5, 0.25), (20, 1), (60, 3), (100, 5), (101, 5), (3600, 5)],
)
def test_a_pause_is_a_twentieth_of_the_time_waited_within_bounds(
    waited: float, pause: float
) -> None:
    assert pause_after(waited) == pytest.approx(pause)


def test_a_long_wait_polls_often_at_first_and_rarely_later(clock: Clock) -> None:
    clock.patience().until(lambda: clock.now >= 300, at_most=600, waiting_for="a gateway")
    assert clock.slept[0] == 0.25
    assert clock.slept[-1] == 5.0
    assert clock.slept == sorted(clock.slept)
    assert len(clock.slept) < 150


def test_what_is_true_at_once_costs_no_wait(clock: Clock) -> None:
    clock.patience().until(lambda: True, at_most=10, waiting_for="nothing")
    assert clock.slept == []


def test_a_wait_that_is_too_long_says_what_it_waited_for(clock: Clock) -> None:
    with pytest.raises(TimedOut, match="waited 60 s for a gateway") as late:
        clock.patience().until(lambda: False, at_most=60, waiting_for="a gateway")
    assert "run the same command again" in late.value.hint
    assert 60 <= clock.now < 65


def test_waiting_counts_from_its_own_start_and_ends_when_the_time_is_up() -> None:
    clock = Clock(now=5000.0)
    with pytest.raises(TimedOut):
        clock.patience().until(lambda: False, at_most=1, waiting_for="a gateway")
    assert clock.slept == [0.25] * 4


def test_an_error_while_looking_ends_the_wait_at_once(clock: Clock) -> None:
    def looking() -> bool:
        raise NotFound("gone")

    with pytest.raises(NotFound, match="gone"):
        clock.patience().until(looking, at_most=60, waiting_for="a gateway")
    assert clock.slept == []


class Flaky:
    """Raises each error once, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    def __call__(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def test_an_accepted_error_is_tried_again(clock: Clock) -> None:
    call = Flaky(InUse("busy"), InUse("busy"))
    answer = clock.patience().retry(call, when=lambda e: isinstance(e, InUse), at_most=60)
    assert (answer, call.tries, clock.slept) == ("done", 3, [0.25, 0.25])


def test_an_error_that_is_not_accepted_fails_at_once(clock: Clock) -> None:
    call = Flaky(InUse("busy"), Throttled("slow down"))
    with pytest.raises(Throttled):
        clock.patience().retry(call, when=lambda e: isinstance(e, InUse), at_most=60)
    assert call.tries == 2


def test_an_error_that_is_none_of_ours_is_never_tried_again(clock: Clock) -> None:
    call = Flaky(ValueError("a bug"))
    with pytest.raises(ValueError, match="a bug"):
        clock.patience().retry(call, when=lambda _: True, at_most=60)
    assert call.tries == 1


def test_when_time_is_up_the_last_error_itself_comes_out(clock: Clock) -> None:
    call = Flaky(*(InUse(f"busy {n}") for n in range(1000)))
    with pytest.raises(InUse) as last:
        clock.patience().retry(call, when=lambda e: isinstance(e, InUse), at_most=10)
    assert last.value.message == f"busy {call.tries - 1}"
    assert 10 <= clock.now < 11


def test_being_asked_to_stop_breaks_a_wait_off(clock: Clock) -> None:
    patience = clock.patience()

    def looking() -> bool:
        if clock.now >= 3:
            patience.stopping.set()
        return False

    with pytest.raises(Interrupted):
        patience.until(looking, at_most=600, waiting_for="a gateway")
    assert clock.now < 4


def test_being_asked_to_stop_breaks_off_a_retry_too(clock: Clock) -> None:
    patience = clock.patience()
    patience.stopping.set()
    call = Flaky(InUse("busy"))
    with pytest.raises(Interrupted):
        patience.retry(call, when=lambda e: isinstance(e, InUse), at_most=60)
    assert call.tries == 1


def test_a_call_that_succeeds_is_answered_even_while_stopping(clock: Clock) -> None:
    patience = clock.patience()
    patience.stopping.set()
    assert patience.retry(Flaky(), when=lambda _: True, at_most=60) == "done"


def test_between_two_tries_it_waits_for_the_stop_and_no_longer_than_the_pause(
    clock: Clock,
) -> None:
    class Signal(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout is not None
            clock.sleep(timeout)
            return False

    patience = Patience(stopping=Signal(), clock=clock)
    patience.until(lambda: clock.now >= 1, at_most=60, waiting_for="a gateway")
    assert clock.slept == [0.25] * 4


def test_with_the_real_clock_a_stop_ends_the_sleep_itself() -> None:
    patience = Patience()
    timer = threading.Timer(0.01, patience.stopping.set)
    timer.start()
    with pytest.raises(Interrupted):
        patience.until(lambda: False, at_most=600, waiting_for="a gateway")
    timer.join()


def test_a_pace_lets_a_burst_through_and_then_so_many_a_second(clock: Clock) -> None:
    pace = Pace(rate=20, burst=100, patience=clock.patience())
    for _ in range(100):
        pace.wait()
    assert clock.now == 0
    for _ in range(40):
        pace.wait()
    assert clock.now == pytest.approx(2)


def test_a_pace_saves_up_while_it_rests_but_never_more_than_its_burst(clock: Clock) -> None:
    pace = Pace(rate=2, burst=4, patience=clock.patience())
    for _ in range(4):
        pace.wait()
    clock.now += 1
    for _ in range(2):
        pace.wait()
    assert clock.now == 1
    clock.now += 1000
    rested = clock.now
    for _ in range(5):
        pace.wait()
    assert clock.now == pytest.approx(rested + 0.5)


def test_whoever_waits_for_a_pace_can_be_stopped(clock: Clock) -> None:
    patience = clock.patience()
    patience.stopping.set()
    with pytest.raises(Interrupted):
        Pace(rate=1, burst=1, patience=patience).wait()
