"""`python -m tests.torture`: all fault classes in a given time, or one schedule again."""

from __future__ import annotations

import argparse
import secrets
import sys
import time

from tests.torture.campaign import Campaign, try_one
from tests.torture.catalogue import BY_NAME, CLASSES, FaultClass
from tests.torture.report import Row, table, write
from tests.torture.stand import standing
from tests.torture.stock_cli import stock_cli

MINUTE = 60


def main() -> int:
    """0 when everything that was tried converged, and nothing else happened."""
    given = _arguments()
    say(f"seed {given.seed}")
    chosen = [BY_NAME[given.only]] if given.only else list(CLASSES)
    if given.schedule is not None:
        return _repeat(chosen[0], given.schedule, given.seed)
    rows = _all(chosen, given.minutes * MINUTE, given.seed, skip=given.skip)
    if not given.only:
        rows.append(stock_cli())
    say(f"\n{table(rows)}")
    if given.write:
        write(rows, f"make torture MINUTES={given.minutes:g} SEED={given.seed}")
    return 0 if all(row.is_good for row in rows) else 1


def _all(chosen: list[FaultClass], seconds: float, seed: int, *, skip: int) -> list[Row]:
    """Each class gets its share of the time that is left; what it does not need is the others'."""
    end = time.monotonic() + seconds
    campaign = Campaign(seed)
    rows: list[Row] = []
    try:
        for place, fault_class in enumerate(chosen):
            weight = fault_class.share / sum(each.share for each in chosen[place:])
            left = (end - time.monotonic()) * weight
            rows.append(campaign.try_class(fault_class, left, skip=skip))
            say(f"\r{' | '.join(rows[-1].cells)}")
    finally:
        campaign.end()
    return rows


def _repeat(fault_class: FaultClass, number: int, seed: int) -> int:
    with standing() as stand:
        verdict = try_one(stand, fault_class, number, seed)
    say(repr(verdict))
    return 0 if verdict.is_good else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=100.0, help="for all classes together")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only", choices=sorted(BY_NAME), help="one fault class")
    parser.add_argument("--schedule", type=int, help="one schedule of that class")
    parser.add_argument("--skip", type=int, default=0, help="how many a run before it has tried")
    parser.add_argument("--write", action="store_true", help="the table into docs/reliability.md")
    given = parser.parse_args()
    if (given.schedule is not None or given.skip) and not given.only:
        parser.error("--schedule and --skip need --only")
    return given


def say(text: str) -> None:
    """A line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
