"""Databases that are connected to: proxies with what stands behind them, and clusters without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from umetrics.audit.catalogue.kind import Item, text
from umetrics.verify.reach.backend import (
    POSTGRESQL,
    Backend,
    clusters_of,
    instances_of,
    status_of,
)
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.values import Hop, Passage, Place
from umetrics.verify.reach.way import leg

PROXY_PORT = 5432
"""Where a proxy of PostgreSQL listens; it has no setting for that.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html
"""

TRACKED_CLUSTER = "TRACKED_CLUSTER"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names that the configuration has; empty means whatever is found."""

    functions: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """The targets of proxies, by name, or why they could not be asked.

    `stateless` says why the states of functions are not known; empty where they are.
    """

    targets: Mapping[str, tuple[Item, ...] | str] = field(default_factory=dict)
    stateless: str = ""


@dataclass(frozen=True, slots=True)
class Database:
    """A proxy with what is behind it, or a cluster: where one connects, and what follows."""

    place: Place
    name: str
    behind: tuple[Hop, ...] = ()


def proxies_of(listed: Iterable[Item], wanted: Wanted) -> list[Item]:
    """Those of PostgreSQL that are asked for, else all."""
    return [
        each
        for each in listed
        if each.get("EngineFamily", "").lower() == POSTGRESQL
        and (not wanted.databases or each["DBProxyName"] in wanted.databases)
    ]


def databases(
    ground: Ground, listed: Mapping[str, Sequence[Item]], health: Health, wanted: Wanted
) -> Iterator[Database]:
    """Proxies, and the clusters of PostgreSQL that are asked for, or have no proxy."""
    clusters = clusters_of(ground, listed["rds-cluster"], listed["rds-instance"])
    backends = {**clusters, **instances_of(ground, listed["rds-instance"], clusters)}
    served: set[str] = set()
    for proxy in proxies_of(listed["rds-proxy"], wanted):
        name = proxy["DBProxyName"]
        targets = health.targets.get(name, "its targets were not asked for")
        subnets, groups = proxy.get("VpcSubnetIds", ()), proxy.get("VpcSecurityGroupIds", ())
        place = ground.place(f"proxy {name}", subnets, groups, PROXY_PORT)
        if not isinstance(targets, str):
            served.update(name for each in targets for name in _names(each))
        status = status_of(place.name, proxy.get("Status", ""))
        yield Database(place, name, (status, *_behind(ground, place, targets, backends)))
    for name, backend in clusters.items():
        if name in wanted.databases or (not wanted.databases and name not in served):
            yield Database(backend.place, name, (backend.status, *backend.instances))


def _names(target: Item) -> tuple[str, ...]:
    """By which a target may be known, the nearest first."""
    told = (text(target, name) for name in ("RdsResourceId", "TrackedClusterId"))
    return tuple(name for name in told if name)


def _behind(
    ground: Ground,
    place: Place,
    targets: tuple[Item, ...] | str,
    backends: Mapping[str, Backend],
) -> Iterator[Hop]:
    if isinstance(targets, str) or not targets:
        told = targets if isinstance(targets, str) else "it has no targets"
        passage = Passage.UNKNOWN if isinstance(targets, str) else Passage.BLOCKED
        yield Hop(f"targets of {place.name}", passage, (), told)
        return
    tracked = {text(target, "TrackedClusterId") for target in targets}
    backed: dict[str, Backend] = {}
    for target in targets:
        id_ = text(target, "RdsResourceId")
        # AWS tells the health of a tracked cluster of its instances only.
        if text(target, "Type") != TRACKED_CLUSTER or id_ not in tracked:
            yield _target(place, target)
        name = next((each for each in _names(target) if each in backends), None)
        if name is not None:
            backed[backends[name].place.name] = backends[name]
            continue
        what = f"what is behind {place.name}"
        reason = f"{id_ or 'a target'} is no cluster or instance that was seen"
        yield Hop(what, Passage.UNKNOWN, (), reason)
    for backend in backed.values():
        yield from (*leg(ground, place, backend.place), backend.status)


def _target(place: Place, target: Item) -> Hop:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_TargetHealth.html."""
    state = text(target, "TargetHealth.State")
    what = f"target {text(target, 'RdsResourceId')} of {place.name}"
    if state == "AVAILABLE":
        return Hop(what, Passage.OK)
    told = text(target, "TargetHealth.Description") or "no reason told"
    reason = f"it is {state or 'in no known state'}: {told}"
    return Hop(what, Passage.BLOCKED if state == "UNAVAILABLE" else Passage.UNKNOWN, (), reason)
