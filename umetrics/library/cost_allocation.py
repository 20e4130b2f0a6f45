"""The cost allocation keys of one stage: what carries them, whom to ask, where to remember them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from umetrics.audit.cost_tags.activation import Activation
from umetrics.state import Sightings

if TYPE_CHECKING:
    from umetrics.library.foundation import Foundation

COSTS_NOTHING = ":iam:"
"""Cost Explorer learns keys from what is billed, and roles and policies are not."""


def activation(foundation: Foundation, *, activating: bool = False) -> Activation:
    """The way to active of the keys on what was built; `activating` lets it write."""
    aws = foundation.connected(read_only=not activating)
    audit = foundation.audit()
    billed = [each.tags for each in audit.subjects if COSTS_NOTHING not in each.arn]
    return Activation(
        aws.cost_allocation,
        frozenset().union(*billed),
        Sightings(foundation.state_folder, foundation.config.stage, aws.identity.account),
        aws.patience,
        lambda: datetime.now(UTC),
    )
