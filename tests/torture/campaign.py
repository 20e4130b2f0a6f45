"""Trying schedules in two processes until the time of their class is over.

Each process has a stand of its own. Where there is not time for all schedules of a class, those
tried are a sample of the whole, not its beginning; the seed says which.
"""

from __future__ import annotations

import multiprocessing
import queue
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from tests.torture.catalogue import BY_NAME, FaultClass
from tests.torture.report import Row
from tests.torture.stand import Stand, standing
from tests.torture.verdict import Verdict

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

PROCESSES = 2

STUCK_AFTER = 900
"""Seconds without any result; a schedule takes a few, on a busy machine a minute."""

Task = tuple[str, int, int]
"""Class, schedule (or `COUNT`) and seed."""

LOOK_UP_EVERY = 2
"""Seconds after which a process without work looks whether its parent still lives."""

COUNT = -1
"""Asks which schedules there are."""

Answer = tuple[int, Sequence[int] | Verdict]


@dataclass
class Campaign:
    """Two processes, and the way to them and back."""

    seed: int
    _tasks: Queue[Task | None] = field(init=False)
    _answers: Queue[Answer] = field(init=False)

    def __post_init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._tasks, self._answers = context.Queue(), context.Queue()
        channels = (self._tasks, self._answers)
        self._processes = [context.Process(target=work, args=channels) for _ in range(PROCESSES)]
        for process in self._processes:
            process.start()

    def end(self) -> None:
        """No more is to be done."""
        for _ in self._processes:
            self._tasks.put(None)
        for process in self._processes:
            process.join()

    def schedules(self, fault_class: FaultClass) -> list[int]:
        """All there are, in an order drawn by the seed."""
        self._tasks.put((fault_class.name, COUNT, self.seed))
        _, numbers = self._next()
        if isinstance(numbers, Verdict):
            raise SystemExit(f"{fault_class.name} cannot begin: {numbers.said}")
        return chance_of(self.seed, fault_class.name).sample(list(numbers), len(numbers))

    def try_class(self, fault_class: FaultClass, seconds: float, *, skip: int = 0) -> Row:
        """As many of its schedules as there is time for, and a line that tells how it goes.

        The first `skip` of the order that the seed draws are left out: another run had them.
        """
        began = time.monotonic()
        numbers = self.schedules(fault_class)[skip:]
        row = Row(fault_class.title, total=len(numbers) * fault_class.batch)
        waiting = iter(numbers)
        under_way = sum(self._begin(fault_class, waiting) for _ in range(2 * PROCESSES))
        while under_way:
            number, verdict = self._next()
            under_way -= 1
            if isinstance(verdict, Verdict) and not row.add(verdict):
                self._tell_failure(row, fault_class, number)
            row.seconds = time.monotonic() - began
            if row.seconds < seconds:
                under_way += self._begin(fault_class, waiting)
            tell(row)
        return row

    def _tell_failure(self, row: Row, fault_class: FaultClass, number: int) -> None:
        """With the command line that repeats just this schedule."""
        again = f"--only {fault_class.name} --schedule {number} --seed {self.seed}"
        sys.stdout.write(f"\nFAILED {row.failures[-1]}\n  python -m tests.torture {again}\n")
        sys.stdout.flush()

    def _begin(self, fault_class: FaultClass, waiting: Iterator[int]) -> int:
        number = next(waiting, None)
        if number is None:
            return 0
        self._tasks.put((fault_class.name, number, self.seed))
        return 1

    def _next(self) -> Answer:
        try:
            return self._answers.get(timeout=STUCK_AFTER)
        except queue.Empty:
            for process in self._processes:
                process.kill()
            raise SystemExit(f"nothing came back for {STUCK_AFTER} s") from None


def work(tasks: Queue[Task | None], answers: Queue[Answer]) -> None:
    """One process: a stand, and what is done on it."""
    with standing() as stand:
        while (task := _next_task(tasks)) is not None:
            answers.put(answer(stand, task))


def _next_task(tasks: Queue[Task | None]) -> Task | None:
    """None when all is done, or when nobody is left who would want it."""
    parent = multiprocessing.parent_process()
    while parent is not None and parent.is_alive():
        with suppress(queue.Empty):
            return tasks.get(timeout=LOOK_UP_EVERY)
    return None


def answer(stand: Stand, task: Task) -> Answer:
    """What one task comes to; a bug of the harness is a failure of its schedule."""
    name, number, seed = task
    try:
        if number == COUNT:
            return number, BY_NAME[name].schedules(stand)
        return number, try_one(stand, BY_NAME[name], number, seed)
    except Exception:  # noqa: BLE001  # whatever it is, it is told, and the others go on
        return number, Verdict(converged=False, said=traceback.format_exc())


def try_one(stand: Stand, fault_class: FaultClass, number: int, seed: int) -> Verdict:
    """One schedule, as its number and the seed have it."""
    return fault_class.attempt(stand, number, chance_of(seed, fault_class.name, number))


def chance_of(*seeds: object) -> Random:
    """The same draws for the same seeds, on every machine."""
    return Random("/".join(map(str, seeds)))  # noqa: S311  # chance, not secrecy


def tell(row: Row) -> None:
    """The live line of a class; without a terminal only its end is told, by the table."""
    if sys.stdout.isatty():
        line = f"{row.title}: {row.tried} of {row.total}, {len(row.failures)} failed"
        sys.stdout.write(f"\r\x1b[K{line}, {row.seconds:.0f} s")
        sys.stdout.flush()
