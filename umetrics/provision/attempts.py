"""Trying again: which failures mean "not yet", and for how long that is believed.

What AWS throttled was not executed. What it does not find is doubtful only for things that this
very run has made; for anything else it is the truth, and an error at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from umetrics.errors import InUse, NotFound, NotYetPropagated, Throttled, UmetricsError
from umetrics.provision.model import Found

if TYPE_CHECKING:
    from umetrics.patience import Patience

CONSISTENT_WITHIN = 300
"""Seconds in which AWS may deny what this run itself has just made (Terraform's limit for EC2)."""

PROPAGATED_WITHIN = 120
"""Seconds in which a new IAM principal may be unknown to policies (Terraform's limit for IAM)."""

FREE_WITHIN = 900
"""Seconds for dependents to let go; a network interface of a stopped task can take minutes."""

T = TypeVar("T")


@dataclass
class Attempts:
    """Repeats calls; shared by all workers. `fresh` holds ids and names that this run made."""

    patience: Patience
    fresh: set[str] = field(default_factory=set)

    def made(self, found: Found[Any]) -> None:
        """Remember that this run made it: AWS may deny it for a while."""
        self.fresh.update({found.id, getattr(found.spec, "name", found.id)})

    def patiently(self, call: Callable[[], T]) -> T:
        """Call again while AWS has not spread what we just made, or asks us to slow down."""

        def spreading() -> T:
            return self.patience.retry(
                call,
                when=lambda error: isinstance(error, NotYetPropagated),
                at_most=PROPAGATED_WITHIN,
            )

        return self.patience.retry(
            spreading, when=self._is_worth_repeating, at_most=CONSISTENT_WITHIN
        )

    def until_free(self, call: Callable[[], None]) -> None:
        """Call again while something still depends on what is to go."""
        self.patience.retry(call, when=lambda error: isinstance(error, InUse), at_most=FREE_WITHIN)

    def _is_worth_repeating(self, error: UmetricsError) -> bool:
        if isinstance(error, NotFound):
            return any(name in error.message for name in self.fresh.copy())
        return isinstance(error, Throttled)
