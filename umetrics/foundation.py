"""The parts put together: what `plan`, `up`, `destroy` and `audit-tags` do, without a terminal.

A `Foundation` is one stage in one account. It looks, plans, applies and checks; it neither asks
nor prints, so that the command line is only one of its users.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from umetrics.audit.drift import Drift, find_drift
from umetrics.audit.tag_audit import Audit, audit_tags
from umetrics.errors import Blocked, Conflict, TimedOut, WrongAccount, listed
from umetrics.provision import observe
from umetrics.provision.absence import await_expected
from umetrics.provision.blockers import find_blockers
from umetrics.provision.blueprint import Facts, blueprint
from umetrics.provision.execute import WORKERS, Notify, execute
from umetrics.provision.model import Blueprint, Snapshot
from umetrics.provision.permissions import Scope
from umetrics.provision.plan import Plan, plan_destroy, plan_up, refuse_twins
from umetrics.provision.resources import HANDLERS, KINDS
from umetrics.provision.zones import choose_zones, foreign_subnets, subnets_standing
from umetrics.receipts import StoreJournal, expected_resources, known_resources, receipts_of
from umetrics.state import utc_now
from umetrics.tags import REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from umetrics.aws import Aws, Identity
    from umetrics.config import Config
    from umetrics.provision.events import Outcome
    from umetrics.state import State, StateStore

NOT_TO_BE_REPEATED = frozenset(
    kind.__name__ for kind, handler in HANDLERS.items() if handler.may_be_doubled or handler.is_slow
)
"""A second one would be made, or, of what is slow, would turn out after minutes to be one too many.

Of the others AWS refuses a second one at once, and the first is then found.
"""

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
class Foundation:
    """One stage of one configuration, seen through one `Aws` and one state store."""

    config: Config
    aws: Aws
    store: StateStore
    workers: int = WORKERS
    notice: Callable[[str], None] = _to_nobody

    def look(self, *, thorough: bool = False) -> View:
        """One sweep. Raises `WrongAccount` before anything that was seen is used.

        What a run that broke off made a moment ago may not show yet: it is waited for where a
        second one could be made, and, when `thorough`, also where it would only be left behind.
        """
        view = self._look_once()
        missing = [
            each
            for each in expected_resources(self.store.read(), utc_now())
            if each.key not in view.snapshot.found and (thorough or each.kind in NOT_TO_BE_REPEATED)
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
        return observe.sweep(self.aws, self.config.deployment, HANDLERS, known_resources(state))

    def blueprint(self, view: View) -> Blueprint:
        """What is wanted; asks AWS for zones and room only while subnets are missing."""
        scope = Scope(view.identity.partition, self.aws.region, view.identity.account)
        network = self.config.network
        zones = choose_zones(self.aws, view.snapshot, network.zones, network.denied_zones)
        standing = subnets_standing(view.snapshot)
        foreign = foreign_subnets(self.aws, view.snapshot, wanted=2 * len(zones))
        return blueprint(self.config, Facts(scope, tuple(zones), standing, foreign))

    def plan(self, view: View, *, prune: bool = False) -> Plan:
        """What `up` would do; raises `Twins`. Conflicts are steps of the plan."""
        wanted = self.blueprint(view)
        named = observe.with_obstacles(self.aws, view.snapshot, wanted, HANDLERS)
        return plan_up(wanted, named, KINDS, prune=prune)

    def audit(self, view: View) -> Audit:
        """The verdict on the tags of everything that was found."""
        return audit_tags(self.blueprint(view), view.snapshot, KINDS)

    def drift(self, view: View) -> Drift:
        """What of all that was built is not as wanted; raises `Twins`."""
        state = self.store.read()
        return find_drift(self.plan(view), view.snapshot, state.receipts if state else {})

    def plan_destroy(self, view: View) -> Plan:
        """What `destroy` would do; raises `Twins`, and `Blocked` with everything in the way.

        Needs no blueprint: a configuration that fits nothing any more can still be destroyed.
        """
        plan = plan_destroy(view.snapshot, KINDS)
        found = find_blockers(self.aws, view.snapshot)
        if found:
            raise Blocked(
                f"{len(found)} foreign thing{'s' if len(found) != 1 else ''} in the way, "
                f"nothing was deleted:{listed(found)}",
                hint="ask their owners to remove or move them, then run the same command again",
            )
        return plan

    @property
    def journalled(self) -> frozenset[str]:
        """The keys of what may be under way, by the state file."""
        state = self.store.read()
        return frozenset(state.intents) if state else frozenset()

    def begin(self, view: View, *, resumable: frozenset[str] = frozenset()) -> None:
        """Open the state for writing and note what was found; to be called under the stage's lock.

        A deleted state file is complete again after this. What is still in the journal stays there
        for keys that are `resumable` and were not found; the look did not find the others either,
        and nobody will look again: they are dropped.
        """
        identity = view.identity
        self.store.open(
            deployment=self.config.deployment, account=identity.account, region=self.aws.region
        )
        self._note(view)
        state = self.store.state
        for key in state.intents.keys() - (resumable - state.receipts.keys()):
            self.store.abandon(key)

    def rebuild(self, view: View) -> None:
        """Write the state from what was found; under the stage's lock. Raises `Twins`."""
        refuse_twins(view.snapshot)
        self.begin(view)

    def _note(self, view: View) -> None:
        """What is seen is no longer in doubt."""
        self.store.replace_receipts(receipts_of(view.snapshot, KINDS, self.store.state))

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

    def verify_up(self, keys: Collection[str] | None = None) -> Plan:
        """Look again until the plan is empty, and note it; the plan as it was when time ran out.

        With `keys`, only these are looked at.
        """
        plans: list[Plan] = []

        def as_wanted() -> bool:
            view = self._look_once()
            plan = self.plan(view)
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
            seen[:] = [snapshot if keys is None else snapshot.of(keys)]
            return not seen[0].found

        with suppress(TimedOut):
            self.aws.patience.until(
                all_gone, at_most=CONSISTENT_WITHIN, waiting_for="AWS to show nothing of ours"
            )
        return seen[0]

    def _refuse_another_account(self, identity: Identity, state: State | None) -> None:
        pinned = self.config.account
        if pinned is not None and pinned != identity.account:
            raise WrongAccount(
                f"stage {self.config.stage} belongs to account {pinned}, "
                f"and these credentials are for {identity.account}",
                hint="choose the matching --profile",
            )
        here = (identity.account, self.aws.region)
        if state is not None and (state.account, state.region) != here:
            raise WrongAccount(
                f"{self.store.path} records account {state.account} in {state.region}, "
                f"and this run is for {identity.account} in {self.aws.region}",
                hint="choose the matching --profile and --region; one stage lives in one place",
            )

    def _with_configured_roles(self, snapshot: Snapshot) -> Snapshot:
        """Attachments to roles that the configuration names are ours, receipt or not."""
        owned = dict(snapshot.owned)
        owned[POLICY_KEY] = owned.get(POLICY_KEY, frozenset()) | set(self.config.lambda_roles)
        return replace(snapshot, owned=owned)


def refuse_another_region(snapshot: Snapshot, region: str) -> None:
    """IAM is one for all regions, so the wrong region would show, and lose, the roles of another.

    Raises `WrongAccount`; without a state file nothing else would tell.
    """
    for all_of_it in snapshot.found.values():
        for found in all_of_it:
            home = found.tags.get(REGION, region)
            if home != region:
                raise WrongAccount(
                    f"{snapshot.deployment} lives in {home}, and this run is for {region}",
                    hint=f"use --region {home}; one stage lives in one region",
                )


def refuse_conflicts(plan: Plan) -> None:
    """Raise `Conflict`, naming every step that forbids the plan."""
    if not plan.conflicts:
        return
    reasons = [f"{step.key}: {step.reason}" for step in plan.conflicts]
    raise Conflict(
        f"{len(plan.conflicts)} conflict{'s' if len(plan.conflicts) != 1 else ''}, "
        f"nothing was touched:{listed(reasons)}",
        hint="change the setting back, or remove what is in the way, then run it again",
    )
