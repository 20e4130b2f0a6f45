"""How a schedule ended, and how worlds are judged. Pure: worlds are values (tests/support/worlds).

A twin is a second living resource with one identity pair; an orphan is whatever a destroy leaves
behind; a foreign change is anything of others that is not as it was before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from tests.support.worlds import World, parse, tags_in

DEPLOYMENT, RESOURCE = "umetrics:deployment", "umetrics:resource"

OURS = "UserMetrics/dev"

MANY_BY_DESIGN = "sgr/"
"""All rules of one group carry one pair: together they are one resource."""

NOT_LIVING = frozenset({"failed", "deleting", "deleted"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """`said` tells what was done and what went wrong; `struck` False: the fault met no call.

    `tried` is how many schedules it stands for.
    """

    converged: bool = True
    twins: int = 0
    orphans: int = 0
    foreign: int = 0
    said: str = ""
    struck: bool = True
    tried: int = 1

    @property
    def is_good(self) -> bool:
        """Nothing to report."""
        return self.converged and not (self.twins or self.orphans or self.foreign)

    def after(self, what: str, *, odd: str = "") -> Verdict:
        """The same, telling what was done; `odd` is one more thing that went wrong."""
        converged = self.converged and not odd
        said = "; ".join(filter(None, (what, odd, self.said)))
        return replace(self, converged=converged, said=said)


def twins(world: World) -> list[str]:
    """What has an older sibling of the same identity: its key, once for each too many."""
    pairs = Counter(
        tags[RESOURCE]
        for place, each in parse(world).items()
        if not place.startswith(MANY_BY_DESIGN)
        and each.get("State") not in NOT_LIVING
        and (tags := tags_in(each)).get(DEPLOYMENT) == OURS
    )
    return [pair for pair, count in sorted(pairs.items()) for _ in range(count - 1)]


def orphans(before: World, after: World) -> list[str]:
    """What is in the world now, and was not before anything of ours was built."""
    return sorted(after.keys() - before.keys())


def foreign_changes(before: World, after: World) -> list[str]:
    """What was there before and is gone, or is not as it was."""
    return sorted(place for place, text in before.items() if after.get(place) != text)
