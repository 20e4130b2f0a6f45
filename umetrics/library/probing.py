"""Trials that are asked for by name: dry runs of Lambda, and whether addresses answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from umetrics.pool import each
from umetrics.verify.probe.health import checked_url, health
from umetrics.verify.probe.rehearsing import INVOKE, UPDATE, Rehearsing
from umetrics.verify.probe.values import Outcome, Trial
from umetrics.verify.reach.database import Wanted
from umetrics.verify.reach.place import functions_in_vpcs
from umetrics.verify.reading import Listed

if TYPE_CHECKING:
    from umetrics.library.foundation import Foundation

TOGETHER = 10


@dataclass(frozen=True, slots=True)
class Trials:
    """What is to be tried; nothing, unless it is said."""

    invoke: bool = False
    update_code: bool = False
    health_urls: tuple[str, ...] = ()


def probe(
    foundation: Foundation, trials: Trials, listed: Mapping[str, Listed]
) -> tuple[Trial, ...]:
    """All that is asked for, on the configured functions, else on every function in a VPC.

    No function is run and no code is changed: only calls with DryRun leave the client that sends
    them. Raises `UsageError` for an address that cannot be asked.
    """
    aws = foundation.connected(read_only=True)
    urls = [checked_url(each, only_here=aws.is_sandbox) for each in trials.health_urls]
    found = list(_rehearsed(foundation, trials, listed["lambda-function"]))
    found += each(partial(health, directly=aws.is_sandbox), urls, at_most=TOGETHER)
    return tuple(found)


def _rehearsed(foundation: Foundation, trials: Trials, functions: Listed) -> Iterator[Trial]:
    asked = [(INVOKE, trials.invoke), (UPDATE, trials.update_code)]
    whats = [what for what, is_asked in asked if is_asked]
    if not whats:
        return
    configured = foundation.config.verify.functions
    names = configured or tuple(
        str(function["FunctionName"]) for function in functions_in_vpcs(functions.items, Wanted())
    )
    if not names:
        gap = functions.unseen
        reason = gap.reason if gap else "no Lambda function in a VPC was found"
        outcome = Outcome.DENIED if gap and gap.denied else Outcome.UNKNOWN
        yield from (Trial(what, "functions", outcome, reason) for what in whats)
        return
    rehearsing = Rehearsing.of(foundation.connected(read_only=True), functions.items)
    if trials.invoke:
        yield from (done := rehearsing.invocations(names))
        if any(trial.outcome is Outcome.DISTURBED for trial in done):
            return
    if trials.update_code:
        yield from rehearsing.updates(names)
