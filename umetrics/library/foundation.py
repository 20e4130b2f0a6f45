"""One stage: planned, built, judged, taken away. Locks, receipts and refusals are inside.

    foundation = Foundation.open("dev")
    result = foundation.up(approve=lambda proposal: not proposal.plan.evictions)

Every call looks at AWS anew. What cannot go on is raised as one of `umetrics.errors`; a step that
failed is no exception but part of the `Result`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from umetrics.audit.drift import Drift
from umetrics.audit.history import History, last_changes
from umetrics.audit.tag_audit import Audit
from umetrics.config import Config, load
from umetrics.errors import Protected, StateError, StateTooNew, UsageError
from umetrics.library.carrying import carried_out
from umetrics.library.connecting import Connect, connecting
from umetrics.library.drawing import drawn, drawn_to_destroy, expected, proposed
from umetrics.library.publishing import Publisher
from umetrics.library.values import Approve, Notify, Planned, Proposal, Result
from umetrics.library.witnessing import recorded, witnessed
from umetrics.outputs import Output, outputs
from umetrics.plan_file import KeptPlan
from umetrics.provision.execute import WORKERS
from umetrics.provision.selection import Selection, Wish
from umetrics.reconciler import Reconciler
from umetrics.refusals import refuse_conflicts
from umetrics.state import StageLock, State, StateStore

if TYPE_CHECKING:
    import threading

    from umetrics.aws import Aws

EVERYTHING = Wish()
WHOLE = Selection()

_NO_SETTINGS: Mapping[str, object] = MappingProxyType({})


def agreed(_proposal: Proposal) -> bool:
    """To everything that no safety rule forbids."""
    return True


def declined(_proposal: Proposal) -> bool:
    """To nothing."""
    return False


def _unheard(_told: object) -> None:
    """Where nobody wants to be told."""


@dataclass
class Foundation:
    """One stage of one configuration, in the account that `connect` leads to.

    `state_folder` holds receipts and the lock. `notice` is told in words of what takes its time
    before there is a plan. `workers` steps are carried out at once.
    """

    config: Config
    state_folder: Path
    connect: Connect
    notice: Callable[[str], None] = _unheard
    workers: int = WORKERS
    _connected: dict[bool, Aws] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        stage: str | None = None,
        *,
        folder: Path | None = None,
        settings: Mapping[str, object] = _NO_SETTINGS,
        endpoint_url: str | None = None,
    ) -> Foundation:
        """The stage as `umetrics.toml` of `folder` (else the current one, or above) has it.

        `settings` go before file and environment, as flags do: `{"network.zones": 3}`, or as text.
        Asks AWS nothing yet. Raises `ConfigurationError` with every problem, `UsageError` where
        there is no such folder, and `StageUnknown`.
        """
        config = load(stage, folder=folder, flags=settings)
        return cls(config, config.state_folder, connecting(config, endpoint_url))

    @property
    def store(self) -> StateStore:
        """The stage's receipts."""
        return StateStore(self.state_folder, self.config.stage)

    @property
    def stopping(self) -> threading.Event:
        """To be set, from a signal handler or another thread, to end `up` or `destroy` early.

        Calls under way are answered, waits are broken off, and what was not begun is `Skipped`.
        The next call that writes begins with it cleared.
        """
        return self._aws(read_only=False).patience.stopping

    def plan(self, wish: Wish = EVERYTHING) -> Proposal:
        """What `up` would do. Raises `Twins`; conflicts are steps of the plan."""
        reconciler = self._reconciler(read_only=True)
        return drawn(reconciler, reconciler.look(), wish)

    def up(
        self,
        wish: Wish = EVERYTHING,
        *,
        plan: Proposal | KeptPlan | None = None,
        approve: Approve = agreed,
        prune: Approve = declined,
        notify: Notify = _unheard,
        check: bool = True,
    ) -> Result:
        """Build or repair, then look again; twice changes nothing.

        With `plan`, exactly that one, or `StalePlan`. `approve` is asked where anything would be
        changed, `prune` before that where something is ours but no longer wanted. Raises `Refused`
        (`Conflict`, `Twins`, ...) and, with `check`, `NotPermitted` before anything is touched, and
        `LockHeld`.
        """
        kept = plan.kept() if isinstance(plan, Proposal) else plan
        if kept is not None and wish != EVERYTHING:
            raise UsageError("a plan that is given says itself how it was asked for")
        with self._lock("up"):
            reconciler = self._writing()
            view = reconciler.look()
            proposal = expected(reconciler, view, kept) if kept else drawn(reconciler, view, wish)
            notify(Planned(proposal))
            refuse_conflicts(proposal.plan)
            if proposal.plan.orphans and kept is None and prune(proposal):
                proposal = drawn(reconciler, view, replace(wish, prune=True))
            if check:
                _refuse_what_is_not_permitted(reconciler, proposal)
            if not proposal.plan.is_empty and not approve(proposal):
                return Result(proposal, declined=True)
            keys = proposal.plan.keys
            reconciler.begin(
                view,
                resumable=reconciler.journalled if proposal.is_part else keys,
                shared=proposal.plan.shared or (None if proposal.is_part else ()),
            )
            if proposal.plan.is_empty:
                return Result(proposal)
            looked_at, prune_rules = keys if proposal.is_part else None, proposal.wish.prune_rules
            return witnessed(
                reconciler,
                lambda: carried_out(reconciler, proposal, notify).closed_by(
                    lambda: reconciler.verify_up(looked_at, prune_rules=prune_rules).unsettled
                ),
            )

    def destroy(
        self,
        selection: Selection = WHOLE,
        *,
        approve: Approve | None = None,
        notify: Notify = _unheard,
    ) -> Result:
        """Take away what was built, and prove that nothing of it is left.

        Raises `Blocked` with everything in the way, `Twins`, `LockHeld`, and `Protected` for a
        protected stage without an `approve` of the caller's own.
        """
        with self._lock("destroy"):
            reconciler = self._writing()
            view = reconciler.look(thorough=True)
            proposal = drawn_to_destroy(reconciler, view, selection)
            notify(Planned(proposal))
            if proposal.plan.steps and not self._may_destroy(proposal, approve):
                return Result(proposal, declined=True)
            if proposal.is_part:
                reconciler.begin(view, resumable=reconciler.journalled)
            else:
                reconciler.begin(view, shared=())
            if not proposal.plan.steps:
                return Result(proposal)
            result = recorded(
                reconciler, "destroy", lambda: carried_out(reconciler, proposal, notify)
            )
            looked_at = proposal.plan.going if proposal.is_part else None
            return result.closed_by(lambda: sorted(reconciler.verify_destroyed(looked_at).found))

    def audit(self) -> Audit:
        """The verdict on the tags of everything that was built."""
        reconciler = self._reconciler(read_only=True)
        return reconciler.audit(reconciler.look())

    def drift(self) -> Drift:
        """What of all that was built is not as wanted. Raises `Twins`."""
        reconciler = self._reconciler(read_only=True)
        return reconciler.drift(reconciler.look())

    def last_changes(self, drift: Drift) -> History:
        """Who changed what has drifted, and when, as far as CloudTrail tells."""
        return last_changes(self._aws(read_only=True), drift.deviations)

    def outputs(self) -> dict[str, Output]:
        """Ids for later work, by name, from the receipts. Raises `StateError` without any."""
        return outputs(self.recorded(), self.config.outputs)

    def publish(
        self, prefix: str, *, approve: Approve = agreed, notify: Notify = _unheard
    ) -> Result:
        """Write the outputs under a path of SSM parameters, and take away those no longer wanted.

        Raises `Conflict` with every name that others hold, `UsageError` for what is no path, and
        `StateError` where nothing was built.
        """
        with self._lock("output --to-ssm"):
            reconciler = self._writing()
            publisher = Publisher(reconciler, self.outputs(), prefix)
            view = publisher.look()
            proposal = proposed(reconciler, view, publisher.plan(view), EVERYTHING)
            notify(Planned(proposal))
            refuse_conflicts(proposal.plan)
            if not proposal.plan.is_empty and not approve(proposal):
                return Result(proposal, declined=True)
            publisher.begin(view)
            if proposal.plan.is_empty:
                return Result(proposal)
            result = carried_out(reconciler, proposal, notify)
            return result.closed_by(publisher.remaining)

    def recorded(self) -> State:
        """The state file; `StateError` where nothing is recorded."""
        state, stage = self.store.read(), self.config.stage
        if state is None or not state.receipts:
            raise StateError(
                f"nothing is recorded for stage {stage} in {self.store.path}",
                hint=f"`umetrics up --stage {stage}` builds it, and records what is already there",
            )
        return state

    def rebuild(self) -> tuple[State | None, State]:
        """Write the state anew from what AWS shows: as it was (None without one), and as it is.

        A file that cannot be read is set aside, and `notice` is told. Raises `Twins`, `LockHeld`.
        """
        with self._lock("state rebuild"):
            reconciler = self._reconciler(read_only=True)
            before = self._readable(reconciler.store)
            reconciler.rebuild(reconciler.look())
            return before, reconciler.store.state

    def _readable(self, store: StateStore) -> State | None:
        try:
            return store.read()
        except StateTooNew:
            raise
        except StateError as error:
            store.set_aside()
            self.notice(f"{error.message}. It is now {store.unreadable_path}.")
            return None

    def connected(self, *, read_only: bool) -> Aws:
        """The one connection of its kind; for what looks beyond the stage."""
        return self._aws(read_only=read_only)

    def _aws(self, *, read_only: bool) -> Aws:
        if read_only not in self._connected:
            self._connected[read_only] = self.connect(read_only=read_only)
        return self._connected[read_only]

    def _reconciler(self, *, read_only: bool) -> Reconciler:
        aws = self._aws(read_only=read_only)
        return Reconciler(self.config, aws, self.store, self.workers, self.notice)

    def _writing(self) -> Reconciler:
        """For a run of its own: whoever stopped the one before did not mean this one."""
        self.stopping.clear()
        return self._reconciler(read_only=False)

    def _lock(self, command: str) -> StageLock:
        return StageLock(self.state_folder, self.config.stage, command)

    def _may_destroy(self, proposal: Proposal, approve: Approve | None) -> bool:
        if approve is not None:
            return approve(proposal)
        if self.config.protected:
            raise Protected(
                f"stage {self.config.stage} is protected: destroying it needs an answer",
                hint="give `approve` a function of yours that has somebody confirm it",
            )
        return True


def _refuse_what_is_not_permitted(reconciler: Reconciler, proposal: Proposal) -> None:
    from umetrics.library import checking  # noqa: PLC0415  # all of doctor, which few runs need

    checking.refuse_what_is_not_permitted(reconciler, proposal)
