"""Calls at once, and workers that report."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from umetrics.errors import NotFound, Throttled
from umetrics.pool import Workers, both, together

PATIENCE = 10.0
"""Seconds after which a test that hangs fails instead."""


def raising(error: Exception) -> str:
    raise error


def test_answers_come_in_the_order_of_the_calls() -> None:
    assert together(*(partial(str, n) for n in range(20))) == [str(n) for n in range(20)]


def test_no_calls_have_no_answers() -> None:
    assert together() == []


def test_a_single_call_stays_on_its_thread() -> None:
    assert together(threading.current_thread) == [threading.current_thread()]


def test_calls_run_at_the_same_time() -> None:
    meeting = threading.Barrier(5, timeout=PATIENCE)
    together(*[meeting.wait] * 5)


def test_calls_within_calls_never_wait_for_a_free_worker() -> None:
    meeting = threading.Barrier(16, timeout=PATIENCE)
    inner = partial(together, *[meeting.wait] * 4)
    together(*[inner] * 4)


def test_the_first_error_comes_out_after_every_call_has_ended() -> None:
    failed = threading.Event()
    ended: list[str] = []

    def failing_first_in_time() -> str:
        failed.set()
        raise Throttled("second by position")

    def failing_first_by_position() -> str:
        failed.wait(PATIENCE)
        raise NotFound("first by position")

    def going_on() -> str:
        failed.wait(PATIENCE)
        ended.append("went on")
        return "answer"

    with pytest.raises(NotFound):
        together(failing_first_by_position, failing_first_in_time, going_on)
    assert ended == ["went on"]


def test_two_calls_of_different_kinds_run_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=PATIENCE)

    def number() -> int:
        meeting.wait()
        return 7

    def text() -> str:
        meeting.wait()
        return "seven"

    assert both(number, text) == (7, "seven")


def test_an_error_of_either_of_two_calls_comes_out() -> None:
    for pair in ((partial(raising, NotFound("gone")), str), (str, partial(raising, NotFound("x")))):
        with pytest.raises(NotFound):
            both(*pair)


def test_workers_report_to_the_thread_that_started_them() -> None:
    workers = Workers(2)
    for n in range(5):
        workers.start(partial(workers.report, n))
    reports = {workers.next_report(PATIENCE) for _ in range(5)}
    workers.close()
    assert reports == set(range(5))


def test_an_empty_inbox_is_no_report() -> None:
    workers = Workers(1)
    assert workers.next_report(0.0) is None
    workers.close()


def test_no_more_workers_run_than_there_may_be() -> None:
    workers, lock = Workers(3), threading.Lock()
    running, most = 0, 0
    meeting = threading.Barrier(3, timeout=PATIENCE)

    def task() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meeting.wait()
        with lock:
            running -= 1
        workers.report("done")

    for _ in range(9):
        workers.start(task)
    for _ in range(9):
        assert workers.next_report(PATIENCE) == "done"
    workers.close()
    assert most == 3
