"""Functions, proxies, clusters and our tasks as places in a network, and the ways between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from umetrics.audit.catalogue.kind import Item, found
from umetrics.verify.catalogue import LAST_UPDATE, STATE
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.values import Hop, Passage, Place, Way
from umetrics.verify.reach.way import leg

POSTGRESQL = "postgresql"
PROXY_PORT = 5432
"""Where a proxy of PostgreSQL listens; it has no setting for that.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html
"""

AVAILABLE = "available"
READY = ("Active", "Successful")
"""State and last update of a function of which something can be said."""
FAILED = "Failed"


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


def functions_in_vpcs(listed: Iterable[Item], wanted: Wanted) -> list[Item]:
    """Those that are asked for, else all in a VPC."""
    return [
        each
        for each in listed
        if each.get("VpcConfig", {}).get("SubnetIds")
        and (not wanted.functions or each["FunctionName"] in wanted.functions)
    ]


def proxies_of(listed: Iterable[Item], wanted: Wanted) -> list[Item]:
    """Those of PostgreSQL that are asked for, else all."""
    return [
        each
        for each in listed
        if each.get("EngineFamily", "").lower() == POSTGRESQL
        and (not wanted.databases or each["DBProxyName"] in wanted.databases)
    ]


def missing_names(
    wanted: Wanted, functions: Iterable[Item], databases: Iterable[str]
) -> tuple[str, ...]:
    """What the configuration names and nobody has; a function outside of VPCs counts as such."""
    there = {each["FunctionName"] for each in functions}
    absent = [f"function {name}" for name in wanted.functions if name not in there]
    known = set(databases)
    return (*absent, *(f"database {name}" for name in wanted.databases if name not in known))


def groups_of_functions(
    ground: Ground, functions: Iterable[Item], health: Health
) -> Iterator[tuple[Place, Hop]]:
    """Functions that are in the same place and state are one: the same holds for all of them."""
    alike: dict[tuple[tuple[str, ...], tuple[str, ...], Hop], list[str]] = defaultdict(list)
    for each in functions:
        name, config = each["FunctionName"], each["VpcConfig"]
        hop = _state(each, health.stateless)
        key = tuple(sorted(config["SubnetIds"])), tuple(sorted(config["SecurityGroupIds"])), hop
        alike[key].append(name)
    for (subnets, groups, hop), names in alike.items():
        yield Place(", ".join(names), ground.named(subnets), groups), hop


def _state(function: Item, stateless: str) -> Hop:
    """https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html."""
    what = "state of the function"
    state, update = (str(function.get(name, "")) for name in (STATE, LAST_UPDATE))
    if stateless or not state:
        return Hop(what, Passage.UNKNOWN, (), stateless or "AWS tells no state of it")
    if state == FAILED:
        return Hop(what, Passage.BLOCKED, (), "it is Failed: AWS cannot run it")
    if (state, update) == READY:
        return Hop(what, Passage.OK)
    reason = f"it is {state}, its last update {update}: nothing can be said until it is Active"
    return Hop(what, Passage.UNKNOWN, (), reason)


@dataclass(frozen=True, slots=True)
class Database:
    """A proxy with what is behind it, or a cluster: where one connects, and what follows."""

    place: Place
    name: str
    behind: tuple[Hop, ...] = ()


def databases(
    ground: Ground, listed: Mapping[str, Sequence[Item]], health: Health, wanted: Wanted
) -> Iterator[Database]:
    """Proxies, and the clusters of PostgreSQL that are asked for, or have no proxy."""
    clusters = {
        each["DBClusterIdentifier"]: _cluster(ground, each, listed["rds-instance"])
        for each in listed["rds-cluster"]
        if POSTGRESQL in each.get("Engine", "")
    }
    served: set[str] = set()
    for proxy in proxies_of(listed["rds-proxy"], wanted):
        name = proxy["DBProxyName"]
        targets = health.targets.get(name, "its targets were not asked for")
        place = Place(
            f"proxy {name}",
            ground.named(proxy.get("VpcSubnetIds", ())),
            tuple(proxy.get("VpcSecurityGroupIds", ())),
            PROXY_PORT,
        )
        if not isinstance(targets, str):
            served.update(str(each.get("RdsResourceId", "")) for each in targets)
        yield Database(place, name, tuple(_behind(ground, proxy, place, targets, clusters)))
    for name, place in clusters.items():
        if name in wanted.databases or (not wanted.databases and name not in served):
            yield Database(place, name)


def _cluster(ground: Ground, cluster: Item, instances: Iterable[Item]) -> Place:
    """A cluster is where its instances may be: it tells its subnets itself by a mere name."""
    name = cluster["DBClusterIdentifier"]
    members = (each for each in instances if each.get("DBClusterIdentifier") == name)
    subnets = {
        str(id_)
        for each in members
        for id_ in found(each, "DBSubnetGroup.Subnets.SubnetIdentifier")
    }
    groups = tuple(found(cluster, "VpcSecurityGroups.VpcSecurityGroupId"))
    return Place(f"cluster {name}", ground.named(sorted(subnets)), groups, int(cluster["Port"]))


def _behind(
    ground: Ground,
    proxy: Item,
    place: Place,
    targets: tuple[Item, ...] | str,
    clusters: Mapping[str, Place],
) -> Iterator[Hop]:
    status = str(proxy.get("Status", ""))
    is_up = status == AVAILABLE
    passage = Passage.OK if is_up else Passage.UNKNOWN
    yield Hop(f"status of {place.name}", passage, (), "" if is_up else f"it is {status}")
    if isinstance(targets, str) or not targets:
        told = targets if isinstance(targets, str) else "it has no targets"
        passage = Passage.UNKNOWN if isinstance(targets, str) else Passage.BLOCKED
        yield Hop(f"targets of {place.name}", passage, (), told)
        return
    for target in targets:
        id_ = str(target.get("RdsResourceId", ""))
        yield _target(place, id_, target.get("TargetHealth", {}))
        if id_ in clusters:
            yield from leg(ground, place, clusters[id_])


def _target(place: Place, id_: str, health: Item) -> Hop:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_TargetHealth.html."""
    state = str(health.get("State", ""))
    what = f"target {id_} of {place.name}"
    if state == "AVAILABLE":
        return Hop(what, Passage.OK)
    reason = (
        f"it is {state or 'in no known state'}: {health.get('Description') or 'no reason told'}"
    )
    return Hop(what, Passage.BLOCKED if state == "UNAVAILABLE" else Passage.UNKNOWN, (), reason)


def ways(
    ground: Ground, sources: Iterable[tuple[Place, Hop | None]], targets: Collection[Database]
) -> Iterator[Way]:
    """From each source to each database."""
    for place, state in sources:
        for database in targets:
            hops = (*leg(ground, place, database.place), *database.behind)
            whole = hops if state is None else (state, *hops)
            yield Way(place.name, database.place.name, whole)
