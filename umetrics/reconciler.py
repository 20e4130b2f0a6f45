"""The parts put together: what `plan`, `up`, `destroy` and `audit-tags` consist of.

A `Reconciler` is one stage in one account. It looks, plans, applies and checks, a step at a time;
in what order, under which lock and with whose consent is `umetrics.library`'s business.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from umetrics.audit.drift import Drift, find_drift
from umetrics.audit.tag_audit import Audit, audit_tags
from umetrics.audit.tag_policy import policy_of
from umetrics.audit.values import Place
from umetrics.errors import TimedOut
from umetrics.provision import observe
from umetrics.provision.absence import await_expected, left_under
from umetrics.provision.blockers import find_blockers, find_reliance
from umetrics.provision.blueprint import blueprint
from umetrics.provision.execute import WORKERS, Notify, execute
from umetrics.provision.facts import gather
from umetrics.provision.model import Blueprint, Shared, Snapshot
from umetrics.provision.monitoring import demanded_kinds
from umetrics.provision.plan import Plan, plan_destroy, plan_up, refuse_twins
from umetrics.provision.resources import HANDLERS, KINDS
from umetrics.provision.resources.security_group_rules import with_foreign_rules_claimed
from umetrics.provision.scope import Scope
from umetrics.publication import unpublished
from umetrics.receipts import (
    StoreJournal,
    awaited_kinds,
    expected_resources,
    known_resources,
    receipts_of,
    receipts_of_shared,
    recorded_kinds,
)
from umetrics.refusals import (
    refuse_another_account,
    refuse_another_region,
    refuse_blockers,
    refuse_conflicts,
)
from umetrics.state import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from umetrics.aws import Aws, Identity
    from umetrics.config import Config
    from umetrics.provision.events import Outcome
    from umetrics.state import Receipt, State, StateStore

POLICY_KEY = "policy/lambda-emf"

CONSISTENT_WITHIN = 60
"""Seconds in which a finished run's own changes may not all show yet in AWS's answers."""


def _to_nobody(_text: str) -> None:
    """Where nobody wants to be told."""


@dataclass(frozen=True, slots=True)
class View:
    """One look at AWS: who we are, and what was found."""

    identity: Identity
    snapshot: Snapshot


@dataclass
class Reconciler:
    """One stage of one configuration, seen through one `Aws` and one state store."""

    config: Config
    aws: Aws
    store: StateStore
    workers: int = WORKERS
    notice: Callable[[str], None] = _to_nobody
    _demanded: set[str] = field(default_factory=set, init=False, repr=False)

    def look(self, *, thorough: bool = False) -> View:
        """One sweep. Raises `WrongAccount` before anything that was seen is used.

        What a run that broke off made a moment ago may not show yet: it is waited for where a
        second one could be made, where nothing but the state file tells to look for it, and, when
        `thorough`, also where it would only be left behind.
        """
        view, awaited = self._look_once(), awaited_kinds(self.config)
        missing = [
            each
            for each in expected_resources(self.store.read(), utc_now())
            if each.key not in view.snapshot.found and (thorough or each.kind in awaited)
        ]
        if missing:
            longest = max(each.seconds for each in missing)
            self.notice(
                f"The last run broke off a moment ago: looking for what it made, up to {longest} s."
            )
            await_expected(self.aws, self.config.deployment, HANDLERS, missing)
            view = self._look_once()
        return view

    def _look_once(self) -> View:
        """What AWS shows at this moment."""
        state = self.store.read()
        identity, snapshot = self._sweep(state)
        self._refuse_another_account(identity, state)
        refuse_another_region(snapshot, self.aws.region)
        return View(identity, self._with_configured_roles(snapshot))

    def _sweep(self, state: State | None) -> tuple[Identity, Snapshot]:
        # What was asked for once is asked for until the end: a delete forgets its receipt, and the
        # closing look must still see what it left.
        self._demanded |= recorded_kinds(state) | demanded_kinds(self.config)
        handlers = observe.demanded(HANDLERS, self._demanded)
        return observe.sweep(self.aws, self.config.deployment, handlers, known_resources(state))

    @property
    def unsought(self) -> tuple[type, ...]:
        """The kinds that no look was for, where not even a state file says that there are none."""
        if self.store.read() is not None:
            return ()
        sought = observe.demanded(HANDLERS, self._demanded)
        return tuple(kind for kind in HANDLERS if kind not in sought)

    def look_for(self, kind: type) -> View:
        """One sweep for a single kind, whether the state file names one or not."""
        state = self.store.read()
        handlers = {kind: HANDLERS[kind]}
        identity, snapshot = observe.sweep(
            self.aws, self.config.deployment, handlers, known_resources(state)
        )
        self._refuse_another_account(identity, state)
        return View(identity, snapshot)

    def blueprint(self, view: View) -> Blueprint:
        """What is wanted; raises `Unfit` where a VPC that others own cannot be used."""
        scope = Scope(view.identity.partition, self.aws.region, view.identity.account)
        facts = gather(self.aws, view.snapshot, self.config.network, scope)
        return blueprint(self.config, facts)

    def plan(self, view: View, *, prune: bool = False, prune_rules: bool = False) -> Plan:
        """What `up` would do; raises `Twins`. Conflicts are steps of the plan.

        Raises `Blocked` where others rely on what `prune` would delete.
        """
        wanted = self.blueprint(view)
        snapshot = unpublished(view.snapshot)
        if prune_rules:
            snapshot = with_foreign_rules_claimed(snapshot)
        named = observe.with_obstacles(self.aws, snapshot, wanted, HANDLERS)
        plan = plan_up(wanted, named, KINDS, prune=prune)
        if plan.going:
            refuse_blockers(find_reliance(self.aws, snapshot, plan.going))
        return plan

    def audit(self, view: View) -> Audit:
        """The verdict on the tags of everything that was found."""
        place = Place(view.identity.account, self.aws.region)
        policy = policy_of(self.config.tags, {})
        return audit_tags(self.blueprint(view), view.snapshot, KINDS, place, policy)

    def drift(self, view: View) -> Drift:
        """What of all that was built is not as wanted; raises `Twins`."""
        state = self.store.read()
        return find_drift(self.plan(view), view.snapshot, state.receipts if state else {})

    def plan_destroy(self, view: View) -> Plan:
        """What `destroy` would do; raises `Twins`, and `Blocked` with everything in the way.

        Needs no blueprint: a configuration that fits nothing any more can still be destroyed.
        """
        plan = plan_destroy(view.snapshot, KINDS)
        refuse_blockers(find_blockers(self.aws, view.snapshot))
        return plan

    @property
    def journalled(self) -> frozenset[str]:
        """The keys of what may be under way, by the state file."""
        state = self.store.read()
        return frozenset(state.intents) if state else frozenset()

    def open_store(self, identity: Identity) -> None:
        """Open the state for writing; to be called under the stage's lock."""
        self.store.open(
            deployment=self.config.deployment, account=identity.account, region=self.aws.region
        )

    def begin(
        self,
        view: View,
        *,
        resumable: frozenset[str] = frozenset(),
        shared: Iterable[Shared] | None = None,
    ) -> None:
        """Open the state for writing and note what was found; to be called under the stage's lock.

        So is what is `shared`, for whoever asks for outputs; None leaves what was noted.

        A deleted state file is complete again after this. What is still in the journal stays there
        for keys that are `resumable` and were not found; the look did not find the others either,
        and nobody will look again: they are dropped.
        """
        self.open_store(view.identity)
        self._note(view)
        if shared is not None:
            self.store.note_shared(receipts_of_shared(shared))
        state = self.store.state
        for key in state.intents.keys() - (resumable - state.receipts.keys()):
            self.store.abandon(key)

    def rebuild(self, view: View) -> None:
        """Write the state from what was found; under the stage's lock.

        Raises `Twins`, and `Unfit` where a VPC of others is gone.
        """
        refuse_twins(view.snapshot)
        is_shared = self.config.network.vpc_id is not None
        self.begin(view, shared=self.blueprint(view).shared if is_shared else ())

    def note_besides(self, view: View) -> None:
        """Note what was found, of a look that was not for everything."""
        self.store.replace_receipts({**self.store.state.receipts, **self._receipts(view)})

    def _note(self, view: View) -> None:
        """What is seen is no longer in doubt."""
        self.store.replace_receipts(self._receipts(view))

    def _receipts(self, view: View) -> Mapping[str, Receipt]:
        return receipts_of(view.snapshot, KINDS, self.store.state)

    def apply(self, plan: Plan, notify: Notify) -> tuple[Outcome, ...]:
        """Carry out a plan; raises `Conflict` before anything is touched."""
        refuse_conflicts(plan)
        self.aws.open_creating_clients()
        return execute(
            plan,
            HANDLERS,
            self.aws,
            journal=StoreJournal(self.store),
            notify=notify,
            workers=self.workers,
        )

    def verify_up(self, keys: Collection[str] | None = None, *, prune_rules: bool = False) -> Plan:
        """Look again until the plan is empty, and note it; the plan as it was when time ran out.

        With `keys`, only these are looked at.
        """
        plans: list[Plan] = []

        def as_wanted() -> bool:
            view = self._look_once()
            plan = self.plan(view, prune_rules=prune_rules)
            plans[:] = [plan if keys is None else plan.of(keys)]
            if plans[0].is_empty:
                self._note(view)
            return plans[0].is_empty

        with suppress(TimedOut):
            self.aws.patience.until(
                as_wanted, at_most=CONSISTENT_WITHIN, waiting_for="AWS to show everything"
            )
        return plans[0]

    def verify_destroyed(self, keys: Collection[str] | None = None) -> Snapshot:
        """Look again until nothing of ours is left; what was left when time ran out.

        With `keys`, only these are looked at.
        """
        seen: list[Snapshot] = []

        def all_gone() -> bool:
            _, snapshot = self._sweep(self.store.read())
            seen[:] = [snapshot if keys is None else left_under(keys, snapshot)]
            return not seen[0].found

        with suppress(TimedOut):
            self.aws.patience.until(
                all_gone, at_most=CONSISTENT_WITHIN, waiting_for="AWS to show nothing of ours"
            )
        return seen[0]

    def _refuse_another_account(self, identity: Identity, state: State | None) -> None:
        refuse_another_account(self.config, identity, self.aws.region, state, self.store.path)

    def _with_configured_roles(self, snapshot: Snapshot) -> Snapshot:
        """Attachments to roles that the configuration names are ours, receipt or not."""
        owned = dict(snapshot.owned)
        owned[POLICY_KEY] = owned.get(POLICY_KEY, frozenset()) | set(self.config.lambda_roles)
        return replace(snapshot, owned=owned)
