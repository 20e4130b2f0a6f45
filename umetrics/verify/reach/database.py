"""Proxies, clusters and instances as places in a network, and what stands behind a proxy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from umetrics.audit.catalogue.kind import Item, found, text
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.values import Hop, Passage, Place
from umetrics.verify.reach.way import leg

POSTGRESQL = "postgresql"
PROXY_PORT = 5432
"""Where a proxy of PostgreSQL listens; it has no setting for that.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html
"""

SERVING = frozenset({"available", "backing-up"})
DOWN = frozenset(
    {
        "deleted",
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "incompatible-network",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-resource-limits",
        "migration-failed",
        "restore-error",
        "stopped",
        "suspended",
    }
)
"""Statuses of proxies, clusters and instances in which they answer nobody; of others, who knows.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxy.html
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


@dataclass(frozen=True, slots=True)
class Backend:
    """A cluster or an instance, and its status."""

    place: Place
    status: Hop


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
    clusters = {
        each["DBClusterIdentifier"]: _cluster(ground, each, listed["rds-instance"])
        for each in listed["rds-cluster"]
        if POSTGRESQL in each.get("Engine", "")
    }
    backends = {**clusters, **dict(_instances(ground, listed["rds-instance"], clusters))}
    served: set[str] = set()
    for proxy in proxies_of(listed["rds-proxy"], wanted):
        name = proxy["DBProxyName"]
        targets = health.targets.get(name, "its targets were not asked for")
        subnets, groups = proxy.get("VpcSubnetIds", ()), proxy.get("VpcSecurityGroupIds", ())
        place = ground.place(f"proxy {name}", subnets, groups, PROXY_PORT)
        if not isinstance(targets, str):
            served.update(name for each in targets for name in _names(each))
        status = _status(place.name, proxy.get("Status", ""))
        yield Database(place, name, (status, *_behind(ground, place, targets, backends)))
    for name, backend in clusters.items():
        if name in wanted.databases or (not wanted.databases and name not in served):
            yield Database(backend.place, name, (backend.status,))


def _status(name: str, status: str) -> Hop:
    if status in SERVING:
        return Hop(f"status of {name}", Passage.OK)
    passage = Passage.BLOCKED if status in DOWN else Passage.UNKNOWN
    return Hop(f"status of {name}", passage, (), f"it is {status or 'in no known state'}")


def _cluster(ground: Ground, cluster: Item, instances: Iterable[Item]) -> Backend:
    """A cluster is where its instances may be: it tells its subnets itself by a mere name."""
    name = cluster["DBClusterIdentifier"]
    members = [each for each in instances if each.get("DBClusterIdentifier") == name]
    subnets = {id_ for each in members for id_ in _subnets(each)}
    place = ground.place(
        f"cluster {name}", sorted(subnets), _groups(cluster), cluster.get("Port", 0)
    )
    return Backend(place, _status(place.name, cluster.get("Status", "")))


def _instances(
    ground: Ground, instances: Iterable[Item], clusters: Mapping[str, Backend]
) -> Iterator[tuple[str, Backend]]:
    """Those of a cluster are that cluster."""
    for each in instances:
        name, cluster = each.get("DBInstanceIdentifier"), each.get("DBClusterIdentifier", "")
        if not name:
            continue
        if cluster in clusters:
            yield name, clusters[cluster]
            continue
        port = each.get("Endpoint", {}).get("Port", 0)
        place = ground.place(f"instance {name}", sorted(_subnets(each)), _groups(each), port)
        yield name, Backend(place, _status(place.name, each.get("DBInstanceStatus", "")))


def _subnets(instance: Item) -> set[str]:
    return set(found(instance, "DBSubnetGroup.Subnets.SubnetIdentifier"))


def _groups(database: Item) -> tuple[str, ...]:
    return tuple(found(database, "VpcSecurityGroups.VpcSecurityGroupId"))


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
