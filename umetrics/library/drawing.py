"""From a look at AWS to a proposal: the plan as it was wished for, or as it was kept."""

from __future__ import annotations

from dataclasses import replace

from umetrics.errors import UsageError
from umetrics.library.unsought import warnings_of
from umetrics.library.values import Proposal
from umetrics.plan_file import Circumstances, KeptPlan
from umetrics.provision.plan import Plan
from umetrics.provision.selection import Selection, Wish, select
from umetrics.reconciler import Reconciler, View
from umetrics.render.phrase import counted


def drawn(reconciler: Reconciler, view: View, wish: Wish) -> Proposal:
    """What `up` would do. Raises `Twins`, and `UsageError` for a choice that makes no sense."""
    plan = reconciler.plan(view, prune=wish.prune, prune_rules=wish.prune_rules)
    proposal = proposed(reconciler, view, plan, wish)
    return replace(proposal, warnings=(*reconciler.config.warnings, *proposal.warnings))


def expected(reconciler: Reconciler, view: View, kept: KeptPlan) -> Proposal:
    """The plan of this moment; raises `StalePlan` where another one was kept."""
    kept.insist_on_circumstances(_circumstances(reconciler, view))
    try:
        proposal = drawn(reconciler, view, kept.wish)
    except UsageError as error:  # what could be chosen then cannot be chosen now
        raise kept.stale([error.message]) from error
    kept.insist_on_steps(proposal.plan)
    return proposal


def drawn_to_destroy(reconciler: Reconciler, view: View, selection: Selection) -> Proposal:
    """What `destroy` would do. Raises `Twins`, and `Blocked` with everything in the way."""
    whole = reconciler.plan_destroy(view)
    proposal = proposed(reconciler, view, whole, Wish(selection=selection))
    if proposal.is_part:
        return proposal
    unsought = reconciler.unsought
    return replace(proposal, warnings=warnings_of(unsought), unsought=unsought)


def proposed(reconciler: Reconciler, view: View, whole: Plan, wish: Wish) -> Proposal:
    """What was chosen of a plan, with a warning unless that is all of it."""
    part = select(whole, wish.selection)
    circumstances = _circumstances(reconciler, view)
    left_out = len(whole.steps) - len(part.steps)
    if not left_out:
        return Proposal(part, wish, circumstances)
    undone = len(whole.changes) + len(whole.conflicts) - len(part.changes) - len(part.conflicts)
    warning = (
        f"only part of the deployment was chosen: {counted(left_out, 'resource')} left out, "
        f"{undone} of them with something to do; the price is that of the part"
    )
    return Proposal(part, wish, circumstances, (warning,), is_part=True)


def _circumstances(reconciler: Reconciler, view: View) -> Circumstances:
    aws = reconciler.aws
    return Circumstances.of(
        reconciler.config, view.identity.account, aws.region, sandbox=aws.is_sandbox
    )
