"""The one place where threads are made.

`together` is for reads that do not depend on each other: each gets a thread of its own at once, so
that calls nested in calls can never wait for a free worker; `each` is the same for any number of
things, a few at a time. `Workers` is for the executor: at most `count` steps at a time, results
through a queue to the thread that started them. `Stream` is for reading more than should ever be
in memory.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


def together(*calls: Callable[[], T]) -> list[T]:
    """Run all calls at once; their results in order.

    Waits for every call to end, then raises the first error by position, so that nothing is left
    running behind an exception.
    """
    if len(calls) <= 1:
        return [call() for call in calls]
    with ThreadPoolExecutor(max_workers=len(calls), thread_name_prefix="read") as pool:
        futures: list[Future[T]] = [pool.submit(call) for call in calls]
    return [future.result() for future in futures]


def both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Two calls of different kinds at once."""
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="read") as pool:
        futures = pool.submit(first), pool.submit(second)
    return futures[0].result(), futures[1].result()


def aside(call: Callable[[], A], here: Callable[[], B]) -> tuple[A, B]:
    """A call on a thread of its own, while `here` runs on this one, which may make clients."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read") as pool:
        future, mine = pool.submit(call), here()
    return future.result(), mine


def each(call: Callable[[A], B], things: Sequence[A], *, at_most: int) -> list[B]:
    """Call with each thing, `at_most` at once; results in order, the first error is raised."""
    if len(things) <= 1:
        return [call(thing) for thing in things]
    with ThreadPoolExecutor(min(at_most, len(things)), thread_name_prefix="read") as pool:
        return list(pool.map(call, things))


class Workers:
    """A bounded pool whose tasks report into one queue.

    `start(task)` returns at once; whatever the task puts into `inbox` is read by the coordinating
    thread with `next_report`.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix="step")
        self._inbox: queue.SimpleQueue[object] = queue.SimpleQueue()

    def start(self, task: Callable[[], None]) -> None:
        """Run `task` on a worker as soon as one is free."""
        self._pool.submit(task)

    def report(self, message: object) -> None:
        """From a worker: hand a message to the coordinating thread."""
        self._inbox.put(message)

    def next_report(self, timeout: float) -> object | None:
        """On the coordinating thread: the next message, or None after `timeout` seconds."""
        try:
            return self._inbox.get(timeout=timeout)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Wait for the running tasks; nothing new may be started."""
        self._pool.shutdown(wait=True)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A source gave all it had, or failed."""

    error: BaseException | None = None


class Stream(Generic[T]):
    """Many sources drained at once, at most `workers`, into one iterator on one thread.

    Of what they gave and nobody has read yet, no more than `room` items wait: a source that is
    faster than the reader waits in turn, so memory does not grow with what there is to read.
    Sources may be added while it is read; it ends when all have ended. Reading raises what a
    source raised. A reader that leaves early stops them at their next item.
    """

    PAUSE = 0.1
    """Seconds after which a source that finds no room looks whether it is still wanted."""

    def __init__(self, workers: int, room: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="stream")
        self._items: queue.Queue[T | _Ended] = queue.Queue(room)
        self._running = 0
        self._is_closed = False

    def add(self, source: Iterable[T]) -> None:
        """From the reading thread: drain `source` as soon as a worker is free."""
        self._running += 1
        self._pool.submit(self._drain, source)

    def __iter__(self) -> Iterator[T]:
        try:
            while self._running:
                item = self._items.get()
                if not isinstance(item, _Ended):
                    yield item
                    continue
                self._running -= 1
                if item.error is not None:
                    raise item.error
        finally:
            self.close()

    def close(self) -> None:
        """Stop all sources at their next item, and wait for that; also when nothing was read.

        Else they would wait for a reader for ever, and the process for them.
        """
        self._is_closed = True
        self._pool.shutdown(cancel_futures=True)

    def _drain(self, source: Iterable[T]) -> None:
        try:
            for item in source:
                if not self._put(item):
                    return
            self._put(_Ended())
        except BaseException as error:  # noqa: BLE001  # it is the reader's to know
            self._put(_Ended(error))

    def _put(self, item: T | _Ended) -> bool:
        """Whether there still was a reader."""
        while not self._is_closed:
            with suppress(queue.Full):
                self._items.put(item, timeout=self.PAUSE)
                return True
        return False
