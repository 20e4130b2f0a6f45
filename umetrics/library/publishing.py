"""Publishing outputs: the parameters of one path, seen, planned and checked like all else."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from umetrics.errors import TimedOut
from umetrics.outputs import Output
from umetrics.provision import observe
from umetrics.provision.plan import Plan, plan_up
from umetrics.provision.resources import HANDLERS, KINDS
from umetrics.provision.resources.parameter import Parameter
from umetrics.publication import prefix_of, publication, published
from umetrics.reconciler import CONSISTENT_WITHIN, Reconciler, View


@dataclass(frozen=True, slots=True)
class Publisher:
    """The outputs of one deployment and the path that they go to."""

    reconciler: Reconciler
    values: Mapping[str, Output]
    prefix: str

    def look(self) -> View:
        """All parameters of the deployment, and nothing else of it."""
        return self.reconciler.look_for(Parameter)

    def plan(self, view: View) -> Plan:
        """What makes the path hold these outputs and no older ones of ours. Raises `Twins`.

        A name that somebody else has is a conflict. Parameters under other paths do not count.
        """
        prefix = prefix_of(self.prefix)
        wanted = publication(self.reconciler.config, self.values, prefix)
        snapshot = published(view.snapshot, prefix)
        named = observe.with_obstacles(self.reconciler.aws, snapshot, wanted, HANDLERS)
        return plan_up(wanted, named, KINDS, prune=True)

    def begin(self, view: View) -> None:
        """Open the state and note what was found; other receipts stay as they are.

        Also where nothing is to be done: `destroy` looks for parameters only if one is noted.
        """
        self.reconciler.open_store(view.identity)
        self.reconciler.note_besides(view)

    def remaining(self) -> tuple[str, ...]:
        """Look again until all is as wanted; the keys of what was not when time ran out."""
        plans: list[Plan] = []

        def as_wanted() -> bool:
            plans[:] = [self.plan(self.look())]
            return plans[0].is_empty

        with suppress(TimedOut):
            self.reconciler.aws.patience.until(
                as_wanted, at_most=CONSISTENT_WITHIN, waiting_for="AWS to show every parameter"
            )
        return plans[0].unsettled
