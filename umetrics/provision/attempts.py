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
from umetrics.provision.resources.iam import PROPAGATED_WITHIN

if TYPE_CHECKING:
    from umetrics.patience import Patience

SILENT_FOR = 20
"""Seconds that a delete may have to wait before it is worth telling anybody."""

CONSISTENT_WITHIN = 300
"""Seconds in which AWS may deny what this run itself has just made (Terraform's limit for EC2)."""

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

    def until_free(
        self, call: Callable[[], None], *, at_most: float, told: Callable[[InUse], None]
    ) -> None:
        """Call again while something depends on what is to go; `told` hears when that drags on."""

        def still_used(error: UmetricsError) -> bool:
            return isinstance(error, InUse)

        try:
            self.patience.retry(call, when=still_used, at_most=SILENT_FOR)
        except InUse as error:
            told(error)
            self.patience.retry(call, when=still_used, at_most=at_most - SILENT_FOR)

    def _is_worth_repeating(self, error: UmetricsError) -> bool:
        if isinstance(error, NotFound):
            return any(name in error.message for name in self.fresh.copy())
        return isinstance(error, Throttled)
