"""An agreed plan carried out, with its beginning and its end told."""

from __future__ import annotations

import time

from umetrics.library.values import Begun, Ended, Notify, Proposal, Result
from umetrics.reconciler import Reconciler


def carried_out(reconciler: Reconciler, proposal: Proposal, notify: Notify) -> Result:
    """Every step that could be done, done."""
    notify(Begun(proposal.plan))
    began = time.monotonic()
    outcomes = reconciler.apply(proposal.plan, notify)
    seconds = time.monotonic() - began
    notify(Ended(outcomes))
    return Result(proposal, outcomes, seconds=seconds)
