"""What is refused before anything is touched: a wrong place, a plan in conflict, or in the way.

Pure: what stands in the way of deleting is looked for elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from umetrics.errors import Blocked, Conflict, WrongAccount, listed
from umetrics.provision.inhabitants import Blocker
from umetrics.provision.model import Snapshot
from umetrics.provision.plan import Plan
from umetrics.tags import REGION

if TYPE_CHECKING:
    from pathlib import Path

    from umetrics.aws import Identity
    from umetrics.config import Config
    from umetrics.state import State


def refuse_another_account(
    config: Config, identity: Identity, region: str, state: State | None, path: Path
) -> None:
    """Raise `WrongAccount` unless configuration and state (of the file `path`) are for here."""
    pinned = config.account
    if pinned is not None and pinned != identity.account:
        raise WrongAccount(
            f"stage {config.stage} belongs to account {pinned}, "
            f"and these credentials are for {identity.account}",
            hint="choose the matching --profile",
        )
    if state is not None and (state.account, state.region) != (identity.account, region):
        raise WrongAccount(
            f"{path} records account {state.account} in {state.region}, "
            f"and this run is for {identity.account} in {region}",
            hint="choose the matching --profile and --region; one stage lives in one place",
        )


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


def refuse_blockers(found: Sequence[Blocker]) -> None:
    """Raise `Blocked`, naming everything that is in the way, where anything is."""
    if found:
        raise Blocked(
            f"{len(found)} foreign thing{'s' if len(found) != 1 else ''} in the way, "
            f"nothing was deleted:{listed(found)}",
            hint="ask their owners to remove or move them, then run the same command again",
        )
