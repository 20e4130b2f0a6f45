"""The one place where threads are made.

`together` is for reads that do not depend on each other: each gets a thread of its own at once, so
that calls nested in calls can never wait for a free worker. `Workers` is for the executor: at most
`count` steps at a time, results through a queue to the thread that started them.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

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
