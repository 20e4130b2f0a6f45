"""Calls at once, and workers that report."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest

from umetrics.errors import NotFound, Throttled
from umetrics.pool import Stream, Workers, aside, both, each, together

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


def test_what_is_done_aside_leaves_this_thread_to_the_other() -> None:
    meeting = threading.Barrier(2, timeout=PATIENCE)

    def met() -> threading.Thread:
        meeting.wait()
        return threading.current_thread()

    there, here = aside(met, met)
    assert here is threading.current_thread()
    assert there is not here
    with pytest.raises(NotFound):
        aside(lambda: raising(NotFound("x")), lambda: 7)


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


def test_each_thing_is_called_with_a_few_at_a_time() -> None:
    lock, meeting = threading.Lock(), threading.Barrier(3, timeout=PATIENCE)
    running, most = 0, 0

    def called(number: int) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meeting.wait()
        with lock:
            running -= 1
        return str(number)

    assert each(called, range(9), at_most=3) == [str(n) for n in range(9)]
    assert most == 3


def test_an_error_with_one_of_the_things_comes_out() -> None:
    def called(number: int) -> int:
        if number == 2:
            raise NotFound("gone")
        return number

    with pytest.raises(NotFound):
        each(called, range(4), at_most=2)


def test_a_stream_gives_all_that_its_sources_have() -> None:
    stream: Stream[int] = Stream(workers=2, room=1)
    for start in (0, 10, 20):
        stream.add(range(start, start + 5))
    assert sorted(stream) == [*range(5), *range(10, 15), *range(20, 25)]


def test_a_stream_of_nothing_ends() -> None:
    assert list(Stream[int](workers=1, room=1)) == []


def test_sources_of_a_stream_run_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=PATIENCE)
    stream: Stream[int] = Stream(workers=3, room=1)
    for _ in range(3):
        stream.add(meeting.wait() for _ in range(1))
    assert sorted(stream) == [0, 1, 2]


def test_a_source_may_be_added_because_of_what_another_one_gave() -> None:
    stream: Stream[int] = Stream(workers=1, room=1)
    stream.add([3])
    seen = []
    for number in stream:
        seen.append(number)
        if number:
            stream.add([number - 1])
    assert seen == [3, 2, 1, 0]


def test_a_source_is_never_further_ahead_than_there_is_room() -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    stream: Stream[int] = Stream(workers=1, room=2)
    stream.add(source())
    for read, _ in enumerate(stream):
        # Those that wait, the one that finds no room, and the one being read.
        assert len(taken) <= read + 4
    assert len(taken) == 20


def test_a_stream_that_nobody_begins_to_read_is_closed_without_waiting_for_a_reader() -> None:
    stream: Stream[int] = Stream(workers=1, room=1)
    stream.add(range(9))
    stream.close()
    assert not [each for each in threading.enumerate() if each.name.startswith("stream")]


def test_what_a_source_raises_the_reader_raises() -> None:
    stream: Stream[str] = Stream(workers=1, room=1)
    stream.add(raising(NotFound("gone")) for _ in range(1))
    with pytest.raises(NotFound):
        list(stream)


def test_a_reader_who_leaves_stops_sources_without_end() -> None:
    stream: Stream[int] = Stream(workers=2, room=1)
    for _ in range(4):
        stream.add(count())
    for number in stream:
        if number == 3:
            break
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("stream")]
